"""Composes forecast and best response: a case in, ranked offers out."""
