"""Reading tables out of .xlsx, .xls, .csv and saved web pages, however they were made.

Every sheet of a workbook is a table. What is merged downwards is carried down to each row,
as the person who merged it meant it. A cell whose formula failed is a Fault, never empty.
"""

import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TypeVar

import python_calamine
from django.utils.translation import gettext_lazy as _

from bihuan.core.refusals import Refused
from bihuan.sheets.rules import containers, texts
from bihuan.sheets.rules.containers import (
    MAX_BYTES,
    MAX_COLUMNS,
    MAX_ROWS,
    Place,
    damaged,
    locked,
    no_spreadsheet,
    too_large,
)

Cell = str | int | float | bool | date | datetime | time | timedelta | None
Row = Sequence[Cell]
T = TypeVar("T")

TRYING = str(Path(__file__).with_name("trying.py"))
PATIENCE = 300  # seconds
ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")  # what a password makes of an .xlsx
WORKBOOK = python_calamine.SheetTypeEnum.WorkSheet
SHOWN = python_calamine.SheetVisibleEnum.Visible


class Fault(str):
    """What stands in a cell whose formula failed, or was never computed."""

    __slots__ = ()


class Carried(list[Cell]):
    """A row with cells merged from above; carried are their places."""

    carried: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Sheet:
    """One table: its name ("" where the file is one table), and its rows, blank ones too."""

    name: str
    rows: Callable[[], Iterator[Row]]


@dataclass(frozen=True)
class Book:
    """The tables of a file that hold anything, and the names of those hidden from the reader."""

    sheets: tuple[Sheet, ...]
    hidden: tuple[str, ...] = ()


def open_book(path: Path, name: str) -> Book:
    """Return the tables of a file; name is its own name, whose ending says what text it may be.

    Raises Refused for what is too large, damaged, locked by a password, or no spreadsheet.
    """
    size = path.stat().st_size
    if size == 0:
        raise Refused(_("The file is empty. Choose it again."))
    if size > MAX_BYTES:
        raise Refused(_("The file is too large: at most %(mb)d MB.") % {"mb": MAX_BYTES >> 20})
    with path.open("rb") as file:
        head = file.read(texts.HEAD)
    if head.startswith(ZIP):
        return _workbook(path, containers.measure(path))
    if head.startswith(OLE):
        if ENCRYPTED in path.read_bytes():
            raise locked()
        return _workbook(path, {})
    if texts.is_page(head):
        tables = texts.tables_of_page(path)
        names = [""] if len(tables) == 1 else map(str, range(1, len(tables) + 1))
        return Book(tuple(Sheet(*it) for it in zip(names, map(_given, tables), strict=True)))
    is_text = name.lower().endswith((".csv", ".txt", ".tsv"))
    if is_text or name.lower().endswith((".xls", ".xlsx", ".et")):
        return Book((Sheet("", lambda: _bounded(texts.lines_of(path, named_text=is_text))),))
    raise no_spreadsheet()


def _given(table: list[list[str]]) -> Callable[[], Iterator[Row]]:
    return lambda: _bounded(table)


def _try(path: Path) -> None:
    """Let another process open a workbook first; Refused where it did not survive that."""
    words = [sys.executable, "-I", TRYING, str(path), str(MAX_ROWS), str(MAX_COLUMNS)]
    try:
        tried = subprocess.run(  # noqa: S603  our own program, on a path of ours
            words, capture_output=True, timeout=PATIENCE, check=False
        )
    except subprocess.TimeoutExpired:
        raise too_large() from None
    if tried.returncode:
        raise too_large()


def _workbook(path: Path, faults: dict[str, set[Place]]) -> Book:
    _try(path)
    book = _guarded(lambda: python_calamine.CalamineWorkbook.from_path(str(path)))
    tables = [it for it in book.sheets_metadata if it.typ == WORKBOOK]
    shown = [it.name for it in tables if it.visible == SHOWN]
    if not shown:
        raise Refused(_("The file holds no table."))
    sheets = (Sheet(name[:100], _rows_of(book, name, faults.get(name, set()))) for name in shown)
    return Book(tuple(sheets), tuple(it.name for it in tables if it.visible != SHOWN))


def _rows_of(
    book: python_calamine.CalamineWorkbook, name: str, faults: set[Place]
) -> Callable[[], Iterator[Row]]:
    def rows() -> Iterator[Row]:
        sheet = _guarded(lambda: book.get_sheet_by_name(name))
        if not (sheet.height and sheet.width):
            return
        left = sheet.start[1] if sheet.start else 0  # rows come from the first, columns do not
        blank: list[Cell] = [None] * left
        found = ([*blank, *row] for row in sheet.iter_rows())
        downwards = {
            (first[0], first[1]): last[0]
            for first, last in sheet.merged_cell_ranges or ()
            if last[0] > first[0] and first[1] < left + sheet.width
        }
        yield from _bounded(_whole(found, downwards, faults))

    return rows


def _guarded(read: Callable[[], T]) -> T:
    try:
        return read()
    except python_calamine.PasswordError as problem:
        raise locked() from problem
    except (python_calamine.CalamineError, OSError, ValueError) as broken:
        raise damaged() from broken


def _whole(
    rows: Iterable[Iterable[Cell]], downwards: dict[Place, int], faults: set[Place]
) -> Iterator[Row]:
    """Yield rows with what is merged from above, and with faults for what has no value.

    downwards maps the first cell of what is merged to the last row it reaches.
    """
    if not (downwards or faults):
        yield from (list(row) for row in rows)
        return
    broken, starts = _by_line(faults), _by_line(downwards)
    held: dict[int, tuple[Cell, int]] = {}
    for number, row in enumerate(rows):
        held = {place: it for place, it in held.items() if it[1] >= number}
        whole = Carried(row)
        for place in broken.get(number, ()):
            if place < len(whole) and whole[place] in (None, ""):
                whole[place] = Fault("#N/A")
        for place, (cell, _last) in held.items():
            whole[place] = cell
        whole.carried = frozenset(held)
        for place in starts.get(number, ()):
            held[place] = (whole[place], downwards[number, place])
        yield whole


def _by_line(places: Iterable[Place]) -> dict[int, list[int]]:
    """Return the columns of places by their row."""
    found: dict[int, list[int]] = {}
    for line, place in places:
        found.setdefault(line, []).append(place)
    return found


def _bounded(rows: Iterable[Row]) -> Iterator[Row]:
    for count, row in enumerate(rows):
        if count >= MAX_ROWS or len(row) > MAX_COLUMNS:
            raise too_large()
        yield row
