"""Finding the row of headings, and which column is which."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from bihuan.core.refusals import Refused
from bihuan.sheets.rules.cells import Reader
from bihuan.sheets.rules.reading import Cell, Row

SEARCHED = 30  # headings stand within the first so many rows
SERIAL = frozenset({"序号", "no", "no.", "序"})
PLAIN_PARTS = frozenset({"姓名", "名称", "名字"})  # below 主要负责人 they say nothing more
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
    """Where things are: the last heading row (from 0), column places, the heading of each place,
    those not taken over, and where the rows are numbered (None: nowhere)."""

    heading_row: int
    places: dict[str, int]
    headings: tuple[str, ...]
    ignored: tuple[str, ...]
    serial: int | None = None


def find(rows: Sequence[Row], columns: Sequence[Column]) -> Layout:
    """Return the layout of a sheet from its first rows.

    The headings are the row, or the two rows with merged cells, that name the most known
    columns. Raises Refused naming the required headings that are missing, and what was found.
    """
    known = {_key(word): column.name for column in columns for word in _names(column)}
    searched = rows[:SEARCHED]
    best = max(range(len(searched)), key=lambda n: len(_places([searched[n]], known)), default=0)
    block, last = _block(rows, best, known) if searched else ([], 0)
    places = _places(block, known)
    missing = [str(c.label) for c in columns if c.required and c.name not in places]
    if missing or not places:
        raise Refused(_not_found(missing, block[-1] if places else _fullest(rows)))
    headings = tuple(_said(readings, known) for readings in _readings(block))
    taken = set(places.values())
    serial = next((n for n, it in enumerate(headings) if it.lower() in SERIAL), None)
    ignored = [it for n, it in enumerate(headings) if it and n not in taken and n != serial]
    return Layout(last, places, headings, tuple(dict.fromkeys(ignored)), serial)


def _block(rows: Sequence[Row], best: int, known: Mapping[str, str]) -> tuple[list[Row], int]:
    """Return the rows of headings around the best one, and the number of the last."""
    alone = len(_places([rows[best]], known))
    options = []
    if best + 1 < len(rows):
        repeats = _repeats(rows[best], rows[best + 1], known)
        gained = len(_places([rows[best], rows[best + 1]], known)) - alone
        options.append((gained + repeats, [rows[best], rows[best + 1]], best + 1))
    if best > 0:
        gained = len(_places([rows[best - 1], rows[best]], known)) - alone
        options.append((gained, [rows[best - 1], rows[best]], best))
    value, block, last = max(options, key=lambda it: it[0], default=(0, [], 0))
    return (block, last) if value > 0 else ([rows[best]], best)


def _repeats(upper: Row, lower: Row, known: Mapping[str, str]) -> int:
    """Return how many headings stand again in the row below: merged over both."""
    return sum(_key(a) in known and _key(a) == _key(b) for a, b in zip(upper, lower, strict=False))


def _readings(block: Sequence[Row]) -> list[tuple[str, ...]]:
    """Return, for each place, how its heading can be read, the most exact reading first.

    A heading merged over several columns names those below it too: 主要负责人 over 联系电话.
    """
    if len(block) == 1:
        return [(_text(cell),) for cell in block[0]]
    upper, lower = block
    found: list[tuple[str, ...]] = []
    group = ""
    for place in range(max(len(upper), len(lower))):
        above = _text(upper[place]) if place < len(upper) else ""
        below = _text(lower[place]) if place < len(lower) else ""
        group = above or group
        if not below or below == above:
            found.append((above,))
        elif _key(below) in PLAIN_PARTS:
            found.append((group + below, group, below))
        else:
            found.append((group + below, below))
    return found


def _places(block: Sequence[Row], known: Mapping[str, str]) -> dict[str, int]:
    places: dict[str, int] = {}
    for place, readings in enumerate(_readings(block)):
        name = next((known[_key(it)] for it in readings if _key(it) in known), None)
        if name:
            places.setdefault(name, place)
    return places


def _said(readings: Sequence[str], known: Mapping[str, str]) -> str:
    """Return a heading as it was understood, or in full where it was not."""
    return next((it for it in readings if _key(it) in known), readings[0])


def _not_found(missing: Sequence[str], row: Row) -> str:
    """Say which headings are wanted, and which stand where headings were looked for."""
    words = [_text(cell)[:20] for cell in row if _text(cell)]
    if not words:
        return _("The sheet is empty.")
    return _(
        "These headings were not found: %(missing)s. Found were: %(found)s. Rename the columns "
        "so, or choose what the sheet holds anew."
    ) % {"missing": "、".join(missing), "found": "、".join(words[:12])}


def _fullest(rows: Sequence[Row]) -> Row:
    """Return the row with the most cells filled among the first ones: the likely headings."""
    return max(rows[:SEARCHED], key=lambda row: sum(map(bool, map(_text, row))), default=())


def is_heading(row: Row, layout: Layout) -> bool:
    """Say whether a row below is the heading again, as printed on every page."""
    places = list(layout.places.values())
    if not _is_same(row, layout, places[0]):
        return False
    same = sum(_is_same(row, layout, place) for place in places)
    return same >= max(2, len(places) // 2)


def _is_same(row: Row, layout: Layout, place: int) -> bool:
    return place < len(row) and _key(row[place]) == _key(layout.headings[place])


def _names(column: Column) -> tuple[str, ...]:
    return (str(column.label), column.name, *column.synonyms)


def _text(cell: Cell) -> str:
    return "" if cell is None else " ".join(str(cell).split())


def _key(cell: Cell) -> str:
    """Return a heading as it is compared: no spaces, notes in brackets, stars or colons."""
    if cell is None:
        return ""
    plain = unicodedata.normalize("NFKC", str(cell))
    plain = re.sub(r"[(（\[【].*?[)）\]】]", "", plain)
    return re.sub(r"[\s*:：、/_\-]", "", plain).lower()
