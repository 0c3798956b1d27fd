"""Zones, units, grid cells, and who holds which post in them."""
