"""Answers how a plant would run its plan if these were its prices."""
