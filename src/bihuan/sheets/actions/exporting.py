"""Writing a list as the office's ledger form (台账), and noting that it left the house."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from html import unescape
from itertools import islice
from tempfile import TemporaryFile
from typing import IO, Any

import xlsxwriter
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.html import strip_tags
from django.utils.translation import gettext as _

from bihuan.accounts.models import Person
from bihuan.core.days import day_of
from bihuan.core.permissions import Permission
from bihuan.ledger.actions import record
from bihuan.sheets.rules.containers import MAX_ROWS
from bihuan.ui.cells import Kind
from bihuan.ui.tables import Column, Table
from bihuan.zones.models import Zone
from bihuan.zones.permissions import require

PIECE = 500
LONGEST_NAME = 31  # of a sheet, as Excel takes it
WIDTHS = {Kind.DATE: 12, Kind.DUE: 12, Kind.DATETIME: 17, Kind.NUMBER: 10, Kind.BADGE: 12}


def export(
    *, zone: Zone, title: str, table: Table, rows: QuerySet[Any], by: Person, at: datetime
) -> IO[bytes]:
    """Return rows (visible, filtered, ordered) as an .xlsx in the form of a ledger.

    The title stands over the table, then zone, day and who made it, then a running
    number and the table's columns. Text stays text: nothing becomes a formula or a link.
    The export is recorded: who took which list with how many rows.
    """
    require(by, Permission.SHEET_EXPORT, zone=zone, on=day_of(at))
    file: IO[bytes] = TemporaryFile()  # noqa: SIM115  the response closes it
    count = _Sheet(table, title).write(file, _lines(table, rows), _line_below(zone, by, at))
    record(
        zone_id=zone.pk,
        kind="list.exported",
        about=("list", table.name),
        by=by,
        at=at,
        data={"title": title, "rows": count},
    )
    file.seek(0)
    return file


def save_tables(
    *,
    tables: Iterable[tuple[str, Sequence[str], Iterable[Sequence[Any]]]],
    by: Person,
    at: datetime,
) -> IO[bytes]:
    """Return plain tables as the sheets of an .xlsx: refused rows to be mended, or a template.

    A table is its name ("" for none), its headings and its rows.
    """
    file: IO[bytes] = TemporaryFile()  # noqa: SIM115  the response closes it
    with _workbook(file) as book:
        bold = book.add_format({"bold": True, "bg_color": "#eef2f6"})
        for name, headings, rows in tables:
            sheet = book.add_worksheet(_name_of_sheet(book, name))
            sheet.freeze_panes(1, 0)
            sheet.set_column(0, max(0, len(headings) - 1), 16)
            sheet.write_row(0, 0, headings, bold)
            for number, row in enumerate(rows, 1):
                for place, value in enumerate(row):
                    _put(sheet, number, place, value)
    file.seek(0)
    return file


def _name_of_sheet(book: Any, wanted: str) -> str | None:
    """Return a name as Excel takes it, which no sheet of the book has; None for its own choice."""
    plain = re.sub(r"[\[\]:*?/\\]", " ", wanted)[:LONGEST_NAME].strip("' ")
    taken = {sheet.get_name().lower() for sheet in book.worksheets()}
    others = (f"{plain[: LONGEST_NAME - 4]} {number}" for number in range(2, 1000))
    return next((it for it in (plain, *others) if it.lower() not in taken), None) if plain else None


def _workbook(file: IO[bytes]) -> Any:
    return xlsxwriter.Workbook(
        file,
        {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "default_date_format": "yyyy-mm-dd",
        },
    )


def _line_below(zone: Zone, by: Person, at: datetime) -> str:
    day = timezone.localtime(at).strftime("%Y-%m-%d %H:%M")
    return _("Zone: %(zone)s    Made by: %(name)s    %(day)s") % {
        "zone": zone.name,
        "name": by.display_name,
        "day": day,
    }


def _lines(table: Table, rows: QuerySet[Any]) -> Iterator[list[Any]]:
    """Yield the values of each row in the order of the columns, a few queries per piece."""
    own = [path for column in table.columns for path in column.paths]
    fills = dict.fromkeys(column.fill for column in table.columns if column.fill)
    running = rows.values_list("pk", *own)[:MAX_ROWS].iterator(chunk_size=PIECE)
    while piece := list(islice(running, PIECE)):
        filled = {fill: fill([row[0] for row in piece]) for fill in fills}
        for row in piece:
            yield _values(table.columns, row, filled)


def _values(
    columns: Sequence[Column], row: Sequence[Any], filled: Mapping[Any, Mapping[Any, Any]]
) -> list[Any]:
    own = iter(row[1:])
    read = [tuple(next(own) for _path in column.paths) for column in columns]
    return [
        _shown(c, filled[c.fill].get(row[0]) if c.fill else told if c.reads else told[0])
        for c, told in zip(columns, read, strict=True)
    ]


def _shown(column: Column, value: Any) -> Any:
    """Return a value as a cell holds it: words for codes, dates and numbers as such."""
    if value is None:
        return None
    if column.kind is Kind.BADGE:
        badge = column.badges.get(value)
        return str(badge.label) if badge else str(value)
    if column.kind is Kind.YES:
        return "√" if value else ""
    if column.draw or column.as_of:
        drawn = column.drawing(timezone.localdate())(value)
        return unescape(strip_tags(drawn.replace("</span><span", "</span>、<span")))
    return value


class _Sheet:
    """One worksheet in the ledger's form."""

    def __init__(self, table: Table, title: str) -> None:
        self.table = table
        self.title = title

    def write(self, file: IO[bytes], lines: Iterator[list[Any]], below: str) -> int:
        """Write title, headings and lines; return how many lines."""
        with _workbook(file) as book:
            sheet = book.add_worksheet()
            grid = {"border": 1, "valign": "vcenter", "text_wrap": True}
            plain = book.add_format(grid)
            dated = book.add_format({**grid, "num_format": "yyyy-mm-dd"})
            timed = book.add_format({**grid, "num_format": "yyyy-mm-dd hh:mm"})
            self._head(book, sheet, below)
            count = 0
            for count, line in enumerate(lines, 1):
                sheet.write_number(count + 2, 0, count, plain)
                for place, value in enumerate(line, 1):
                    form = (
                        timed
                        if isinstance(value, datetime)
                        else dated
                        if isinstance(value, date)
                        else plain
                    )
                    _put(sheet, count + 2, place, value, form)
        return count

    def _head(self, book: Any, sheet: Any, below: str) -> None:
        columns = self.table.columns
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0, 2)
        sheet.set_column(0, 0, 6)
        for place, column in enumerate(columns, 1):
            sheet.set_column(place, place, 36 if column.wide else WIDTHS.get(column.kind, 18))
        large = book.add_format({"bold": True, "font_size": 16, "align": "center"})
        sheet.merge_range(0, 0, 0, len(columns), self.title, large)
        sheet.write_string(1, 0, below)
        heading = book.add_format(
            {"bold": True, "border": 1, "bg_color": "#eef2f6", "align": "center", "text_wrap": True}
        )
        sheet.write_row(2, 0, [_("No."), *(str(column.label) for column in columns)], heading)
        sheet.freeze_panes(3, 0)


def _put(sheet: Any, row: int, place: int, value: Any, form: Any = None) -> None:
    """Write one cell by its type; whatever is neither number nor date is text."""
    write: Callable[..., Any] = sheet.write_string
    if isinstance(value, bool) or value is None:
        value = "" if value is None else _("yes") if value else _("no")
    elif isinstance(value, int | float):
        write = sheet.write_number
    elif isinstance(value, datetime):
        value, write = timezone.localtime(value).replace(tzinfo=None), sheet.write_datetime
    elif isinstance(value, date):
        write = sheet.write_datetime
    write(row, place, value if not isinstance(value, str) else value[:32000], form)
