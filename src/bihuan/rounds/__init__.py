"""Everyone on the list is visited: rounds, visits, checklists, coverage."""
