"""Serves: the command line, the HTTP interface, the reports."""
