"""Finding the row of headings, and which column is which."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from bihuan.core.refusals import Refused
from bihuan.sheets.rules.cells import Reader
from bihuan.sheets.rules.reading import Cell, Row

SEARCHED = 30  # headings stand within the first so many rows
Words = str | Promise


@dataclass(frozen=True)
class Column:
    """A fact a sheet may hold: its name, its heading and the other headings it goes by."""

    name: str
    label: Words
    read: Reader
    synonyms: tuple[str, ...] = ()
    required: bool = False
    example: str = ""


@dataclass(frozen=True)
class Layout:
    """Where things are: the number of the heading row (from 0), column places, unknown headings."""

    heading_row: int
    places: dict[str, int]
    ignored: tuple[str, ...]


def find(rows: Sequence[Row], columns: Sequence[Column]) -> Layout:
    """Return the layout of a sheet from its first rows.

    The heading row is the one that names the most known columns; two rows of headings
    (merged cells above) are read as one. Raises Refused naming the required headings that
    are missing, and what headings were found.
    """
    known = {_key(word): column.name for column in columns for word in _names(column)}
    best, score = 0, 0
    for number, row in enumerate(rows[:SEARCHED]):
        names = {known[_key(cell)] for cell in row if _key(cell) in known}
        if len(names) > score:
            best, score = number, len(names)
    places = _places(rows[best], known) if score else {}
    if best + 1 < len(rows):
        for name, place in _places(rows[best + 1], known).items():
            if name not in places and _is_under_a_heading(rows[best], place, known):
                places[name] = place
    missing = [str(c.label) for c in columns if c.required and c.name not in places]
    if missing or not score:
        raise Refused(
            _("These headings were not found: %(missing)s. Name the columns so, in one row.")
            % {"missing": "、".join(missing or [str(c.label) for c in columns if c.required])}
        )
    ignored = [
        str(cell).strip()
        for place, cell in enumerate(rows[best])
        if cell and place not in places.values()
    ]
    below = best + 1 if any(place for place in _places_below(rows, best, known, places)) else best
    return Layout(below, places, tuple(ignored))


def _places_below(
    rows: Sequence[Row], best: int, known: dict[str, str], places: dict[str, int]
) -> list[str]:
    """Return the columns named only in the row under the headings."""
    if best + 1 >= len(rows):
        return []
    above = _places(rows[best], known)
    return [n for n in _places(rows[best + 1], known) if n in places and n not in above]


def _is_under_a_heading(row: Row, place: int, known: dict[str, str]) -> bool:
    """Say whether the cell above names no column itself (a merged group heading, or nothing)."""
    return place >= len(row) or _key(row[place]) not in known


def _places(row: Row, known: dict[str, str]) -> dict[str, int]:
    places: dict[str, int] = {}
    for place, cell in enumerate(row):
        name = known.get(_key(cell))
        if name:
            places.setdefault(name, place)
    return places


def _names(column: Column) -> tuple[str, ...]:
    return (str(column.label), column.name, *column.synonyms)


def _key(cell: Cell) -> str:
    """Return a heading as it is compared: no spaces, notes in brackets, stars or colons."""
    if cell is None:
        return ""
    plain = unicodedata.normalize("NFKC", str(cell))
    plain = re.sub(r"[(（\[【].*?[)）\]】]", "", plain)
    return re.sub(r"[\s*:：、/_\-]", "", plain).lower()
