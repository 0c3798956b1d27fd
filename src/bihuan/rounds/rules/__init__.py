"""Checklists, coverage and visits: what counts and what is refused. Pure."""
