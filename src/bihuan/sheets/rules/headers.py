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
    places, last = _two_rows(rows, best, known) if score else ({}, best)
    missing = [str(c.label) for c in columns if c.required and c.name not in places]
    if missing or not score:
        raise Refused(_not_found(missing, rows[best] if score else _fullest(rows)))
    taken = set(places.values())
    ignored = [str(cell).strip() for n, cell in enumerate(rows[best]) if cell and n not in taken]
    return Layout(last, places, tuple(ignored))


def _not_found(missing: Sequence[str], row: Row) -> str:
    """Say which headings are wanted, and which stand where headings were looked for."""
    words = [str(cell).strip()[:20] for cell in row if cell is not None and str(cell).strip()]
    if not words:
        return _("The sheet is empty.")
    return _(
        "These headings were not found: %(missing)s. Found were: %(found)s. Rename the columns "
        "so, or choose what the sheet holds anew."
    ) % {"missing": "、".join(missing), "found": "、".join(words[:12])}


def _fullest(rows: Sequence[Row]) -> Row:
    """Return the row with the most cells filled among the first ones: the likely headings."""
    return max(rows[:SEARCHED], key=lambda row: sum(cell is not None for cell in row), default=())


def _two_rows(rows: Sequence[Row], best: int, known: dict[str, str]) -> tuple[dict[str, int], int]:
    """Return the columns of the heading row, with those named only above or below it.

    Where headings are merged over two rows, some names stand in the upper and some in the
    lower; returns the number of the lower one too.
    """
    places, last = _places(rows[best], known), best
    for other in (best - 1, best + 1):
        if not 0 <= other < len(rows):
            continue
        more = {
            name: place
            for name, place in _places(rows[other], known).items()
            if name not in places and not _names_a_column(rows[best], place, known)
        }
        places |= more
        last = max(last, other) if more else last
    return places, last


def _names_a_column(row: Row, place: int, known: dict[str, str]) -> bool:
    return place < len(row) and _key(row[place]) in known


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
