"""One index over everything, one search page."""
