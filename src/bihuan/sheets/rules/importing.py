"""How a domain declares what can be imported, and what becomes of a row."""

import re
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import islice
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bihuan.core.permissions import Permission
from bihuan.sheets.rules.cells import Noted, Plain, Unreadable
from bihuan.sheets.rules.headers import Column, Layout
from bihuan.sheets.rules.reading import Carried, Cell, Fault, Row
from bihuan.sheets.rules.sharing import cells_of

Words = str | Promise


class Verdict(StrEnum):
    """What confirming will do with a row."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


VERDICT_NAMES: dict[Verdict, Words] = {
    Verdict.NEW: gettext_lazy("new"),
    Verdict.CHANGED: gettext_lazy("changed"),
    Verdict.UNCHANGED: gettext_lazy("unchanged"),
    Verdict.REFUSED: gettext_lazy("refused"),
}


@dataclass(frozen=True)
class Parsed:
    """A row that could be read: its number in the sheet, its values by column name, and
    what was not taken quite as written.

    A column the sheet does not have is absent; an empty cell is None.
    """

    number: int
    values: dict[str, Plain]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Judged:
    """What is to become of a row: why it is refused, or what it changes ("a → b").

    plan is what judge made of it for write, which follows in the same transaction.
    """

    row: Parsed
    verdict: Verdict
    reason: str = ""
    changes: tuple[str, ...] = ()
    target: str = ""
    plan: Any = None

    @property
    def said(self) -> str:
        """What the preview shows: why not, or what changes and what is to be noted."""
        parts = (it.rstrip("。.") for it in (*self.changes, *self.row.notes))
        return (self.reason or "；".join(parts))[:1000]


@dataclass(frozen=True)
class Context:
    """Where rows are judged and written: the zone, the importing person, when, from what."""

    zone: Any
    by: Any
    at: datetime
    reference: str
    options: dict[str, str] = field(default_factory=dict)


Values = Mapping[str, Plain]


@dataclass(frozen=True)
class Importer:
    """What a domain takes from sheets.

    judge(context, rows) says what is to become of up to PIECE rows without writing; the
    same number of queries however many. write(context, judged) writes those judged new
    or changed, just before and in the same transaction, through the domain's own action.
    key names the columns that make two rows of one file the same thing, or is a function
    from the values of a row to (what it is, what would be the same). carries are the columns that
    a row takes from the one above where it goes on with the same subject (the first of key).
    """

    code: str
    name: Words
    description: Words
    columns: tuple[Column, ...]
    judge: Callable[[Context, Sequence[Parsed]], list[Judged]]
    write: Callable[[Context, Sequence[Judged]], None]
    key: tuple[str, ...] | Callable[[Values], tuple[list[Hashable], list[Hashable]]]
    permission: Permission = Permission.SHEET_IMPORT
    carries: tuple[str, ...] = ()

    def keys(self, values: Values) -> tuple[list[Hashable], list[Hashable]]:
        """Return what a row is known by, and by what an earlier row would be the same."""
        if callable(self.key):
            return self.key(values)
        key = tuple(str(values.get(name) or "") for name in self.key)
        return ([key], [key]) if key[0] else ([], [])


PIECE = 500


def parse(
    number: int, row: Row, layout: Layout, columns: Sequence[Column], notes: Sequence[str] = ()
) -> Parsed | Judged:
    """Return the values of a row, or its refusal naming every cell that is wrong."""
    values: dict[str, Plain] = {}
    wrong: list[str] = []
    told, assumed = cells_of(row, layout, columns)
    said = [*notes, *assumed]
    for column in columns:
        if column.name not in told:
            continue
        try:
            found = _value(column, told[column.name])
        except Unreadable as problem:
            wrong.append(f"{column.label}：{problem}")
            continue
        if isinstance(found, Noted):
            said.append(f"{column.label}：{found.note}")
            found = found.value
        values[column.name] = found
        if column.required and found in (None, "", []):
            wrong.append(str(_("%(column)s is missing.") % {"column": column.label}))
    parsed = Parsed(number, values, tuple(said))
    return Judged(parsed, Verdict.REFUSED, " ".join(wrong)) if wrong else parsed


def _value(column: Column, cell: Cell) -> Plain | Noted:
    if isinstance(cell, str) and cell[:1] == "#" and (isinstance(cell, Fault) or cell in FAULTS):
        raise Unreadable(
            _("the formula in this cell gives no value. Replace it by the value itself.")
        )
    return column.read(cell)


FAULTS = frozenset({"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!"})
DITTO = frozenset({"同上", "〃", "″", "同前", "同上行", "“", "”", '"', "''", "..", "--〃--"})


@dataclass
class Above:
    """What the rows above say, for rows that leave it out: merged cells, blanks, 同上.

    A row goes on with the subject above where its subject is merged from there, or where
    subject, serial number and every other column of carries are all blank.
    """

    layout: Layout
    columns: Sequence[Column]
    carries: tuple[str, ...] = ()
    _last: list[Cell] = field(default_factory=list)

    def complete(self, row: Row) -> tuple[Row, tuple[str, ...]]:
        """Return a row with what it leaves out, and a note that says so."""
        whole = [*row, *[None] * (len(self.layout.headings) - len(row))]
        taken = [name for name, place in self._left_out(row, whole) if self._take(whole, place)]
        self._last = whole
        if not taken:
            return row, ()
        labels = "、".join(str(it.label) for it in self.columns if it.name in taken)
        return whole, (_("From the row above: %(columns)s.") % {"columns": labels},)

    def _left_out(self, row: Row, whole: Sequence[Cell]) -> list[tuple[str, int]]:
        places = self.layout.places
        goes_on = [(name, places[name]) for name in self.carries if name in places]
        if not goes_on or not self._goes_on(row, whole, goes_on):
            goes_on = []
        blank = [(name, place) for name, place in goes_on if _empty(whole[place])]
        ditto = [
            (name, place)
            for name, place in places.items()
            if isinstance(cell := whole[place], str) and cell.strip() in DITTO
        ]
        return blank + ditto

    def _goes_on(self, row: Row, whole: Sequence[Cell], goes_on: Sequence[tuple[str, int]]) -> bool:
        subject = goes_on[0][1]
        if isinstance(row, Carried) and subject in row.carried:
            return True
        serial = self.layout.serial
        numbered = serial is not None and not _empty(whole[serial])
        others = all(_empty(whole[place]) for _name, place in goes_on[1:])
        if _empty(whole[subject]):
            return others and not numbered
        return others and self._last[subject : subject + 1] == [whole[subject]]

    def _take(self, whole: list[Cell], place: int) -> bool:
        if place >= len(self._last) or _empty(self._last[place]):
            return False
        whole[place] = self._last[place]
        return True


def _empty(cell: Cell) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def is_blank(row: Row) -> bool:
    """Say whether a row holds nothing."""
    return all(map(_empty, row))


_SUM = re.compile(
    r"(本页|本表|全区|全县|全市|园区|累计)?(合计|总计|小计|共计|累计|总数)([:：(（\d].*)?"
)
_REMARK = re.compile(
    r"(备?注|说明|(填表|填报|制表|统计)(说明|人|单位|日期|时间)?|审核(人|签字)?|复核(人)?|经办人|"
    r"(单位)?(主要)?(负责人|领导)(签字|签名|（签字）|\(签字\))|联系人|日期|盖章)"
    r"(（.{0,8}）|\(.{0,8}\))?[\d一二三]*[:：].*",
    re.DOTALL,
)
_GROUP = re.compile(r"[(（]?[一二三四五六七八九十]{1,3}[)）]?[、.．:：].{1,50}")
SUMS = frozenset({"合计", "总计", "小计", "共计"})
MOST_ASIDES = 100


MOST_OF_A_REMARK = 6  # cells
MOST_OF_A_TITLE = 2


def _is_sum(first: Sequence[str]) -> bool:
    return bool(_SUM.fullmatch(first[0])) or any(it in SUMS for it in first)


def _counts_columns(first: str, row: Row) -> bool:
    """Say whether a row numbers the columns of a return: 甲 乙 丙 1 2 3."""
    if first not in ("甲", "1", "1.0"):
        return False
    told = ["".join(str(it).split()).removesuffix(".0") for it in _filled(row)]
    numbers = [it for it in told if it.isdecimal()]
    stems = "".join(it for it in told if not it.isdecimal())
    counted = numbers == [str(it) for it in range(1, len(numbers) + 1)]
    return counted and len(told) > MOST_OF_A_TITLE and "甲乙丙丁戊己庚辛壬癸".startswith(stems)


def _filled(row: Row) -> Iterator[Cell]:
    return (cell for cell in row if not _empty(cell))


@dataclass
class Asides:
    """Rows that are no data, kept so that they can be told: sums, notes, repeated headings."""

    rows: list[tuple[int, str]] = field(default_factory=list)
    count: int = 0
    _noted: bool = False

    def takes(self, number: int, row: Row) -> bool:
        """Say whether a row is none of the data, and remember it."""
        first = ["".join(str(it).split()) for it in islice(_filled(row), 3)]
        remark = bool(_REMARK.fullmatch(first[0])) and len(list(_filled(row))) <= MOST_OF_A_REMARK
        alone = len(set(map(str, _filled(row)))) == 1
        only = alone and (self._noted or bool(_GROUP.fullmatch(first[0])))
        if remark or only or _is_sum(first) or _counts_columns(first[0], row):
            self._noted = remark or self._noted
            self.note(number, " ".join(first))
            return True
        return False

    def above(self, number: int, row: Row) -> None:
        """Remember a row above the headings that holds more than a title."""
        told = list(dict.fromkeys("".join(str(it).split()) for it in _filled(row)))
        if len(told) > MOST_OF_A_TITLE:
            self.note(number, " ".join(told))

    def note(self, number: int, text: str) -> None:
        self.count += 1
        if len(self.rows) < MOST_ASIDES:
            self.rows.append((number, text[:60]))
