"""The nouns and the exact arithmetic; no solver, no web, no database."""
