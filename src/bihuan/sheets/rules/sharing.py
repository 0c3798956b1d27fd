"""Cells that hold two columns, and columns that together hold one. Pure."""

import re
import unicodedata
from collections.abc import Sequence

from django.utils.translation import gettext as _

from bihuan.sheets.rules import cells, dates
from bihuan.sheets.rules.headers import Column, Layout
from bihuan.sheets.rules.reading import Cell, Row

_MONTH_AND_DAY = re.compile(
    r"(?:限期?|于)?(\d{1,2})(?:月(底|末)|[月./](\d{1,2})[日号]?)((之?前|以前)?(整改)?(完成|完毕)?)"
)
DATED = frozenset({dates.day, dates.exact_day, dates.day_or_span})


def cells_of(
    row: Row, layout: Layout, columns: Sequence[Column]
) -> tuple[dict[str, Cell], list[str]]:
    """Return the cell of each column that a row has, and what is not quite as written."""
    found = {name: _at(row, place) for name, place in layout.places.items()}
    notes: list[str] = []
    for column in columns:
        if column.name in layout.further:
            _join(found, column.name, [_at(row, it) for it in layout.further[column.name]])
        if column.name in layout.ticked:
            _join(found, column.name, _ticks(row, layout, column, notes))
        if column.beside:
            _split(found, column, notes)
        if layout.year and column.read in DATED:
            _complete(found, column, layout.year, notes)
    return found, notes


def _at(row: Row, place: int) -> Cell:
    return row[place] if place < len(row) else None


def _join(found: dict[str, Cell], name: str, more: Sequence[Cell]) -> None:
    said = [it for it in map(cells.text, (found.get(name), *more)) if it]
    found[name] = "、".join(dict.fromkeys(said)) or None


def _ticks(row: Row, layout: Layout, column: Column, notes: list[str]) -> list[Cell]:
    """Return the words whose column is ticked; what is neither tick nor blank is noted."""
    ticked: list[Cell] = []
    for place, word in layout.ticked[column.name].items():
        try:
            if cells.yes_no(_at(row, place)):
                ticked.append(word)
        except cells.Unreadable as problem:
            if cells.text(_at(row, place)):
                notes.append(f"{layout.headings[place]}：{problem}")
    return ticked


def _split(found: dict[str, Cell], phone: Column, notes: list[str]) -> None:
    """Part the telephone from the name of a person that stands in one cell with it."""
    people = [it for it in phone.beside if it in found]
    for person in people or phone.beside[:1]:
        source = person if people else phone.name
        parts = person_and_phones(found.get(source))
        if parts is None or not (people or parts[0]):
            continue
        told = found[source]
        found[person] = parts[0]
        first = next((it for it in people if cells.text(found[it])), person)
        own = source != phone.name and cells.text(found.get(phone.name))
        kept = [] if own or first != person else [parts[1][0]]
        if kept:
            found[phone.name] = kept[0]
        if left := [it for it in parts[1] if it not in kept and it != own]:
            notes.append(cells.no_room_for(left, str(told)))


def person_and_phones(cell: Cell) -> tuple[str | None, list[str]] | None:
    """Return the name before the first telephone number of a cell, and its numbers; else None."""
    if not isinstance(cell, str):
        return None
    plain = unicodedata.normalize("NFKC", " ".join(cell.split()))
    numbers = [it.group() for it in cells.PHONE.finditer(plain)]
    if not numbers:
        return None
    name = re.split(r"[;；]", cells.PHONE.sub(";", plain).strip(" ;；"))[0]
    name = re.sub(r"(联系)?(电话|手机号?码?|tel|方式)\s*[:：]?\s*$", "", name.strip(), flags=re.I)
    name = name.strip(" :：/,，、.-")
    return name.removesuffix("(").removesuffix("（").strip() or None, numbers


def _complete(found: dict[str, Cell], column: Column, year: int, notes: list[str]) -> None:
    """Give a day without its year the one that the titles of the sheet name."""
    cell = found.get(column.name)
    day = _MONTH_AND_DAY.fullmatch("".join(str(cell).split())) if isinstance(cell, str) else None
    if day:
        found[column.name] = f"{year}年{day[1]}月{day[2] or day[3] + '日'}{day[4]}"
        said = {"text": cell, "year": year}
        notes.append(
            f"{column.label}："
            + _("“%(text)s”: the year %(year)s is from the title or the name.") % said
        )
