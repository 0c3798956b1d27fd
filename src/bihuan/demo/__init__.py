"""A province of seven zones with a year of history, made through the actions."""
