"""Ids, actors, permissions, money, units, working days, codes, rulebook; no tables."""
