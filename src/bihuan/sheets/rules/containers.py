"""Measuring a workbook before it is opened, so that a small file cannot ask for all memory.

Measured are what it says it unpacks to and the corner its filled cells reach. On the way the
cells are noted whose formula failed or was never computed: a reader would find them empty.
"""

import lzma
import re
import zipfile
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from xml.sax.saxutils import unescape

from django.utils.translation import gettext_lazy as _

from bihuan.core.refusals import Refused

MAX_BYTES = 60 * 1024 * 1024
MAX_UNPACKED = 400 * 1024 * 1024
MAX_RATIO = 200
MAX_PARTS = 500
MAX_ROWS = 200_000
MAX_COLUMNS = 200
MAX_CELLS = 8_000_000
PIECE = 1 << 20
TAIL = 3000  # of a piece, looked at again with the next: longer than a cell's tag and formula
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
WORKBOOKS = frozenset({"xl/workbook.xml", "xl/workbook.bin", "content.xml"})  # .xlsx, .xlsb, .ods
Place = tuple[int, int]  # row and column, from 0

_FILLED = re.compile(rb"<(?:\w+:)?c (?![^>]{0,300}/>)[^>]{0,200}?" rb'r="([A-Z]{1,4})(\d{1,9})')
_ANY = re.compile(rb"<(?:\w+:)?c[ >]")
_FAILED = re.compile(rb"<(?:\w+:)?c " rb'(?=[^>]{0,300}t="e")[^>]{0,200}?r="([A-Z]{1,4})(\d{1,9})"')
_UNCOMPUTED = re.compile(
    rb'<(?:\w+:)?c (?![^>]{0,300}t="str")[^>]{0,200}?r="([A-Z]{1,4})(\d{1,9})"[^>]{0,200}>\s*'
    rb"<(?:\w+:)?f(?:[^>]{0,300}/>|[^>]{0,300}>[^<]{0,2000}</(?:\w+:)?f>)\s*"
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
_SHEET = re.compile(r"<(?:\w+:)?sheet ([^>]*)>")
_LINK = re.compile(r"<(?:\w+:)?Relationship ([^>]*)>")
_ATTRIBUTE = re.compile(r'([\w:]+)="([^"]*)"')


def locked() -> Refused:
    """Return what is said of a file with a password."""
    return Refused(_("The file is locked by a password. Save it without one."))


def damaged() -> Refused:
    """Return what is said of a file that is not whole."""
    return Refused(_("The file is damaged. Open it, save it again as .xlsx and send that."))


def no_spreadsheet() -> Refused:
    """Return what is said of a file that is no table."""
    return Refused(
        _(
            "This is no spreadsheet. Use a file that ends in .xlsx, .xls or .csv; unpack an archive first."
        )
    )


def too_large() -> Refused:
    """Return what is said of a table beyond the bounds."""
    return Refused(
        _(
            "The table is too large: at most %(rows)s rows and %(columns)s columns. Delete empty "
            "rows and columns beyond the data, or split the file."
        )
        % {"rows": f"{MAX_ROWS:,}", "columns": MAX_COLUMNS}
    )


def measure(path: Path) -> dict[str, set[Place]]:
    """Return the cells without a value by sheet; refuse a container that is too large."""
    try:
        with zipfile.ZipFile(path) as container:
            parts = container.infolist()
            total = sum(part.file_size for part in parts)
            packed = max(1, sum(part.compress_size for part in parts))
            if len(parts) > MAX_PARTS or total > MAX_UNPACKED or total / packed > MAX_RATIO:
                raise too_large()
            if any(part.flag_bits & 1 for part in parts):
                raise locked()
            if not any(part.filename in WORKBOOKS for part in parts):
                raise no_spreadsheet()
            extent = _Extent()
            found = {
                part.filename: _measure_sheet(container, part, extent)
                for part in parts
                if part.filename.startswith("xl/worksheets/") and part.filename.endswith(".xml")
            }
            if not any(found.values()):
                return {}
            return {name: found.get(part, set()) for name, part in _named(container).items()}
    except BROKEN as broken:
        raise damaged() from broken


@dataclass
class _Extent:
    """How far the cells of one workbook reach, over all its sheets."""

    rows: int = 0
    cells: int = 0
    letters: set[bytes] = field(default_factory=set)

    def check(self, last: int) -> None:
        width = max(map(column_number, self.letters), default=0)
        rows = self.rows + last
        if rows > MAX_ROWS or width > MAX_COLUMNS or max(rows * width, self.cells) > MAX_CELLS:
            raise too_large()


def _measure_sheet(
    container: zipfile.ZipFile, part: zipfile.ZipInfo, extent: _Extent
) -> set[Place]:
    """Read a sheet in pieces; return its cells without a value, refuse what reaches too far."""
    faults: set[Place] = set()
    last, tail, read = 0, b"", 0
    with container.open(part) as sheet:
        while piece := sheet.read(PIECE):
            read += len(piece)
            if read > MAX_UNPACKED:
                raise too_large()
            text = tail + piece
            for letters, number in set(_FILLED.findall(text)):
                extent.letters.add(letters)
                last = max(last, int(number))
            extent.cells += len(_ANY.findall(piece))
            faults |= _faults(text)
            extent.check(last)
            tail = text[-TAIL:]
    extent.rows += last
    return faults


def _faults(text: bytes) -> set[Place]:
    found = _FAILED.findall(text) if b't="e"' in text else []
    if b"<f" in text or b":f" in text:
        found += _UNCOMPUTED.findall(text)
    return {(int(number) - 1, column_number(letters) - 1) for letters, number in found}


def column_number(letters: bytes) -> int:
    """Return the number of a column: A is 1, AA is 27."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _named(container: zipfile.ZipFile) -> dict[str, str]:
    """Return the name of each sheet -> the part of the container it is kept in."""
    links = {}
    for found in _LINK.findall(_text(container, "xl/_rels/workbook.xml.rels")):
        told = dict(_ATTRIBUTE.findall(found))
        target = told.get("Target", "").removeprefix("/")
        links[told.get("Id")] = target if target.startswith("xl/") else f"xl/{target}"
    named = {}
    for found in _SHEET.findall(_text(container, "xl/workbook.xml")):
        told = dict(_ATTRIBUTE.findall(found))
        named[unescape(told.get("name", ""), {"&quot;": '"'})] = links.get(told.get("r:id"), "")
    return named


def _text(container: zipfile.ZipFile, name: str) -> str:
    try:
        return container.read(name).decode("utf-8", "replace")
    except KeyError:
        return ""
