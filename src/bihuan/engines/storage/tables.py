"""Linear interpolation on evenly spaced tables. Outside the table it raises."""

from bisect import bisect_right
from collections.abc import Sequence


def at(table: Sequence[float], share: float) -> float:
    """The table's value at `share` of its length; 0 is its first entry and 1 its last.

    A share outside [0, 1] raises: holding on to the last entry would hide a state
    that has run away.
    """
    if not 0.0 <= share <= 1.0:
        raise ValueError(f"{share} lies outside the table [0, 1]")
    place = share * (len(table) - 1)
    low = min(int(place), len(table) - 2)
    return table[low] + (table[low + 1] - table[low]) * (place - low)


def where(table: Sequence[float], value: float) -> float:
    """The inverse of `at` for a rising table: the share at which it has `value`."""
    if not table[0] <= value <= table[-1]:
        raise ValueError(f"{value} lies outside the table [{table[0]}, {table[-1]}]")
    low = min(bisect_right(table, value) - 1, len(table) - 2)
    part = (value - table[low]) / (table[low + 1] - table[low])
    return (low + part) / (len(table) - 1)
