"""Tables in text: separated values in the encodings of Excel and WPS, and saved web pages.

Many office systems hand out a web page under the name .xls; it is read as what it is.
"""

import csv
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from itertools import islice
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from bihuan.core.refusals import Refused
from bihuan.sheets.rules.containers import (
    MAX_CELLS,
    MAX_COLUMNS,
    MAX_ROWS,
    PIECE,
    damaged,
    no_spreadsheet,
    too_large,
)

HEAD = 2048
ENCODINGS = ("utf-8-sig", "gb18030")
UTF_16 = (b"\xff\xfe", b"\xfe\xff")  # what Excel calls Unicode text
SEPARATORS = (",", "\t", ";", "，", "|")
PAGE = (b"<html", b"<table", b"<!doctype html", b"<meta", b"<head", b"<style")
SPREADSHEET_XML = b"urn:schemas-microsoft-com:office:spreadsheet"  # Excel 2003
CELLS = frozenset({"td", "th", "cell"})
ROWS = frozenset({"tr", "row"})
FEWEST_COLUMNS = 2


def lines_of(path: Path, *, named_text: bool) -> Iterator[list[str]]:
    """Yield the lines of separated text; the separator is the one that makes most columns.

    Many systems hand out such text under the name .xls; refused is there what makes no columns.
    """
    encoding = _encoding(path)
    with path.open(encoding=encoding, newline="") as file:
        sample = list(islice(file, 200))
    separator = max(SEPARATORS, key=lambda it: _columns(sample, it))
    if not named_text and _columns(sample, separator) < FEWEST_COLUMNS:
        raise no_spreadsheet()
    with path.open(encoding=encoding, newline="") as file:
        try:
            for line in csv.reader(file, delimiter=separator):
                yield [_unquoted(it) if it[:2] == '="' else it for it in line]
        except csv.Error as broken:
            raise damaged() from broken


def _unquoted(cell: str) -> str:
    """Return a text that was written as a formula to keep its digits: ="911404…"."""
    return cell[2:-1] if cell[-1] == '"' else cell


def _columns(lines: Iterable[str], separator: str) -> int:
    """Return how many cells a separator makes of a line that has some, in the middle of all."""
    try:
        counts = sorted(len(row) for row in csv.reader(lines, delimiter=separator) if any(row))
    except csv.Error:
        return 0
    return counts[len(counts) // 2] if counts else 0


def _encoding(path: Path) -> str:
    with path.open("rb") as file:
        marked = file.read(2) in UTF_16
    for encoding in ("utf-16",) if marked else ENCODINGS:
        if _decodes(path, encoding):
            return encoding
    raise Refused(_("The text cannot be read. Save the file as .xlsx, or as CSV in UTF-8."))


def _decodes(path: Path, encoding: str) -> bool:
    """Say whether a file is text in an encoding; refuse one with zeros in it, which is none."""
    try:
        with path.open(encoding=encoding, newline="") as file:
            while piece := file.read(PIECE):
                if "\x00" in piece:
                    raise no_spreadsheet()
    except UnicodeError:
        return False
    return True


def is_page(head: bytes) -> bool:
    """Say whether a file that begins so is a web page."""
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    is_xml = start.startswith(b"<?xml") and (b"<html" in start or SPREADSHEET_XML in start)
    return start.startswith(PAGE) or is_xml


def tables_of_page(path: Path) -> list[list[list[str]]]:
    """Return the tables of a web page, or of XML as Excel 2003 wrote it, with several columns."""
    parser = _Tables()
    with path.open(encoding=_encoding(path), newline="") as file:
        while piece := file.read(PIECE):
            parser.feed(piece)
    parser.close()
    found = [table for table in parser.tables if any(len(row) > 1 for row in table)]
    if not found:
        raise Refused(_("The file holds no table."))
    return found


class _Tables(HTMLParser):
    """Gathers the cells of tables, those that span rows or columns in each place they cover."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: list[list[list[str]]] = []
        self._below: dict[int, tuple[int, str]] = {}  # column -> rows still covered, text
        self._text: list[str] | None = None
        self._spans = (1, 1)
        self._cells = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self._finish_cell()
        if tag == "table" or (tag in ROWS and not self.tables):
            self.tables.append([])
            self._below = {}
        if tag in ROWS:
            self._begin_row(dict(attrs))
        elif tag in CELLS and self.tables and self.tables[-1]:
            self._begin_cell(dict(attrs))
        elif tag == "br" and self._text is not None:
            self._text.append("\n")

    def _begin_row(self, told: dict[str, str | None]) -> None:
        self._finish_cell()
        table = self.tables[-1]
        while len(table) + 1 < _count(told.get("ss:index"), MAX_ROWS):
            table.append([])
        table.append([])
        if sum(map(len, self.tables)) > MAX_ROWS:
            raise too_large()
        self._fill_from_above()

    def _begin_cell(self, told: dict[str, str | None]) -> None:
        self._finish_cell()
        further = (_count(told.get(f"ss:merge{way}")) for way in ("down", "across"))
        spans = _span(told.get("rowspan")), _span(told.get("colspan"))
        self._spans = max(spans[0], 1 + next(further)), max(spans[1], 1 + next(further))
        row = self.tables[-1][-1]
        row.extend([""] * (_count(told.get("ss:index")) - len(row) - 1))
        self._text = []

    def handle_endtag(self, tag: str) -> None:
        if tag in CELLS or tag in ROWS or tag == "table":
            self._finish_cell()

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self._text.append(data)

    def close(self) -> None:
        super().close()
        self._finish_cell()

    def _finish_cell(self) -> None:
        if self._text is None:
            return
        text, self._text = "".join(self._text).strip(), None
        down, across = self._spans
        row = self.tables[-1][-1]
        self._cells += across
        if self._cells > MAX_CELLS or len(row) > MAX_COLUMNS:
            raise too_large()
        if down > 1:
            self._below[len(row)] = (down - 1, text)
        row.extend([text, *[""] * (across - 1)])
        self._fill_from_above()

    def _fill_from_above(self) -> None:
        row = self.tables[-1][-1]
        while (found := self._below.get(len(row))) and found[0]:
            self._below[len(row)] = (found[0] - 1, found[1])
            row.append(found[1])


def _span(told: str | None) -> int:
    return max(_count(told), 1)


def _count(told: str | None, most: int = MAX_COLUMNS) -> int:
    return min(int(told), most) if told and told.isdecimal() else 0
