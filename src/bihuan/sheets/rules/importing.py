"""How a domain declares what can be imported, and what becomes of a row."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bihuan.core.permissions import Permission
from bihuan.sheets.rules.cells import Plain, Unreadable
from bihuan.sheets.rules.headers import Column, Layout
from bihuan.sheets.rules.reading import Row

Words = str | Promise


class Verdict(StrEnum):
    """What confirming will do with a row."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


VERDICT_NAMES: dict[Verdict, Words] = {
    Verdict.NEW: _("new"),
    Verdict.CHANGED: _("changed"),
    Verdict.UNCHANGED: _("unchanged"),
    Verdict.REFUSED: _("refused"),
}


@dataclass(frozen=True)
class Parsed:
    """A row that could be read: its number in the file, and its values by column name.

    A column the sheet does not have is absent; an empty cell is None.
    """

    number: int
    values: dict[str, Plain]


@dataclass(frozen=True)
class Judged:
    """What is to become of a row: why it is refused, or what it changes ("a → b")."""

    row: Parsed
    verdict: Verdict
    reason: str = ""
    changes: tuple[str, ...] = ()
    target: str = ""


@dataclass(frozen=True)
class Context:
    """Where rows are judged and written: the zone, the importing person, when, from what."""

    zone: Any
    by: Any
    at: datetime
    reference: str
    options: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Importer:
    """What a domain takes from sheets.

    judge(context, rows) says what is to become of up to PIECE rows without writing; the
    same number of queries however many. write(context, judged) writes those judged new
    or changed, through the domain's own action, inside the caller's transaction.
    key names the columns that make two rows of one file the same thing.
    """

    code: str
    name: Words
    description: Words
    columns: tuple[Column, ...]
    judge: Callable[[Context, Sequence[Parsed]], list[Judged]]
    write: Callable[[Context, Sequence[Judged]], None]
    key: tuple[str, ...]
    permission: Permission = Permission.SHEET_IMPORT


PIECE = 500


def parse(number: int, row: Row, layout: Layout, columns: Sequence[Column]) -> Parsed | Judged:
    """Return the values of a row, or its refusal naming every cell that is wrong."""
    values: dict[str, Plain] = {}
    wrong = []
    for column in columns:
        place = layout.places.get(column.name)
        if place is None:
            continue
        try:
            values[column.name] = column.read(row[place] if place < len(row) else None)
        except Unreadable as problem:
            wrong.append(f"{column.label}：{problem}")
            continue
        if column.required and values[column.name] in (None, "", []):
            wrong.append(str(_("%(column)s is missing.") % {"column": column.label}))
    parsed = Parsed(number, values)
    return Judged(parsed, Verdict.REFUSED, " ".join(wrong)) if wrong else parsed


SUMS = frozenset({"合计", "总计", "小计", "共计"})


def is_blank(row: Row) -> bool:
    """Say whether a row holds nothing, or only sums up those above it."""
    if any(isinstance(cell, str) and "".join(cell.split()) in SUMS for cell in row[:3]):
        return True
    return all(cell is None or str(cell).strip() == "" for cell in row)
