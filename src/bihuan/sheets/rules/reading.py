"""Reading rows out of .xlsx, .xls and .csv files, however they were made.

A file is measured before it is opened: what it says it unpacks to, and the corner its
cells reach, so that a small file cannot ask for all the memory of the machine.
"""

import csv
import lzma
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path

import python_calamine
from django.utils.translation import gettext_lazy as _

from bihuan.core.refusals import Refused

Cell = str | int | float | bool | date | datetime | time | timedelta | None
Row = Sequence[Cell]

MAX_BYTES = 60 * 1024 * 1024
MAX_UNPACKED = 400 * 1024 * 1024
MAX_RATIO = 200
MAX_PARTS = 500
MAX_ROWS = 200_000
MAX_COLUMNS = 200
MAX_CELLS = 8_000_000
PIECE = 1 << 20
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    OSError,
    ValueError,
    NotImplementedError,
    RuntimeError,
)
ENCODINGS = ("utf-8-sig", "gb18030")

_COLUMN = re.compile(rb'<(?:\w+:)?c [^>]{0,200}?r="([A-Z]{1,4})\d')
_LINE = re.compile(rb'<(?:\w+:)?row [^>]{0,200}?r="(\d{1,9})"')


def rows_of(path: Path, name: str) -> Iterator[Row]:
    """Yield the rows of the first sheet that has any, as they stand, blank ones too.

    name is the file's own name, whose ending must fit the contents. Raises Refused for
    what is too large, damaged, locked by a password, or no spreadsheet at all.
    """
    size = path.stat().st_size
    if size == 0:
        raise Refused(_("The file is empty. Choose it again."))
    if size > MAX_BYTES:
        raise Refused(_("The file is too large: at most %(mb)d MB.") % {"mb": MAX_BYTES >> 20})
    with path.open("rb") as file:
        head = file.read(8)
    if head.startswith(b"PK\x03\x04"):
        _measure(path)
        return _workbook(path)
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return _workbook(path)
    if name.lower().endswith((".csv", ".txt", ".tsv")):
        return _text(path)
    raise Refused(_("This is no spreadsheet. Use a file that ends in .xlsx, .xls or .csv."))


def _measure(path: Path) -> None:
    """Refuse a container that unpacks to too much or whose cells lie too far out."""
    try:
        with zipfile.ZipFile(path) as container:
            parts = container.infolist()
            total = sum(part.file_size for part in parts)
            packed = max(1, sum(part.compress_size for part in parts))
            if len(parts) > MAX_PARTS or total > MAX_UNPACKED or total / packed > MAX_RATIO:
                raise _too_large()
            if any(part.flag_bits & 1 for part in parts):
                raise Refused(_("The file is locked by a password. Save it without one."))
            for part in parts:
                if part.filename.startswith("xl/worksheets/") and part.filename.endswith(".xml"):
                    _measure_sheet(container, part)
    except BROKEN as broken:
        raise _damaged() from broken


def _measure_sheet(container: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """Find the corner the cells reach, reading in pieces; refuse if a grid to it is too large."""
    letters: set[bytes] = set()
    last, tail, read = 0, b"", 0
    with container.open(part) as sheet:
        while piece := sheet.read(PIECE):
            read += len(piece)
            if read > MAX_UNPACKED:
                raise _too_large()
            text = tail + piece
            letters.update(_COLUMN.findall(text))
            last = max(last, *map(int, _LINE.findall(text) or [0]))
            tail = text[-300:]
            width = max(map(_number, letters), default=0)
            if last > MAX_ROWS or width > MAX_COLUMNS or last * width > MAX_CELLS:
                raise _too_large()


def _number(letters: bytes) -> int:
    """Return the number of a column: A is 1, AA is 27."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _too_large() -> Refused:
    return Refused(
        _(
            "The table is too large: at most %(rows)s rows and %(columns)s columns. Delete empty "
            "rows and columns beyond the data, or split the file."
        )
        % {"rows": f"{MAX_ROWS:,}", "columns": MAX_COLUMNS}
    )


def _damaged() -> Refused:
    return Refused(_("The file is damaged. Open it, save it again as .xlsx and send that."))


def _workbook(path: Path) -> Iterator[Row]:
    try:
        book = python_calamine.CalamineWorkbook.from_path(str(path))
        for place in range(len(book.sheet_names)):
            sheet = book.get_sheet_by_index(place)
            if sheet.height and sheet.width:
                top = sheet.start[0] if sheet.start else 0
                return _bounded([[]] * top, sheet.iter_rows())
    except python_calamine.PasswordError as locked:
        raise Refused(_("The file is locked by a password. Save it without one.")) from locked
    except (python_calamine.CalamineError, OSError, ValueError) as broken:
        raise _damaged() from broken
    raise Refused(_("The file holds no table."))


def _bounded(before: Iterable[Row], rows: Iterable[Row]) -> Iterator[Row]:
    yield from before
    for count, row in enumerate(rows):
        if count >= MAX_ROWS or len(row) > MAX_COLUMNS:
            raise _too_large()
        yield row


def _text(path: Path) -> Iterator[Row]:
    """Read comma, tab or semicolon separated text in UTF-8 or GBK."""
    encoding = _encoding(path)
    with path.open(encoding=encoding, newline="") as file:
        sample = file.read(4096)
    try:
        dialect: type[csv.Dialect] = csv.Sniffer().sniff(sample, ",\t;，")
    except csv.Error:
        dialect = csv.excel
    return _bounded([], _lines(path, encoding, dialect))


def _lines(path: Path, encoding: str, dialect: type[csv.Dialect]) -> Iterator[Row]:
    with path.open(encoding=encoding, newline="") as file:
        try:
            for row in csv.reader(file, dialect):
                yield list(row)
        except csv.Error as broken:
            raise _damaged() from broken


def _encoding(path: Path) -> str:
    for encoding in ENCODINGS:
        try:
            with path.open(encoding=encoding, newline="") as file:
                while piece := file.read(PIECE):
                    if "\x00" in piece:
                        raise Refused(
                            _(
                                "This is no spreadsheet. Use a file that ends in .xlsx, .xls or .csv."
                            )
                        )
        except UnicodeDecodeError:
            continue
        return encoding
    raise Refused(_("The text cannot be read. Save the file as .xlsx, or as CSV in UTF-8."))
