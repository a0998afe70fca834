"""Fills in what is not known yet: the load that nobody has seen."""
