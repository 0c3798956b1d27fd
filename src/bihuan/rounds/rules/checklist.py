"""What a checklist is made of and what its answers mean."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

UNREAD = frozenset({"C", "U"})  # not seen in the original: shown as 需核对原文
CONFIDENCES = ("A", "B", "C", "U")


class Faulty(ValueError):
    """A checklist's data cannot be used; the message names the item."""


class AnswerKind(StrEnum):
    """What an item asks for."""

    YES_NO = "yes_no"
    NUMBER = "number"
    TEXT = "text"


class Answer(StrEnum):
    """The answers to a yes/no item. No answer at all means: not looked at."""

    YES = "yes"
    NO = "no"
    NOT_APPLICABLE = "na"


ANSWER_NAMES: dict[Answer, Promise] = {
    Answer.YES: _("in order"),
    Answer.NO: _("not in order"),
    Answer.NOT_APPLICABLE: _("does not apply"),
}


@dataclass(frozen=True)
class Clause:
    """What an item rests on. rule is the id of a row of the rulebook, where there is one.

    confidence: A the text was read, B a second source agrees, C from memory, U unverified.
    """

    document: str
    article: str = ""
    number: str = ""
    confidence: str = "U"
    rule: str = ""

    @property
    def unread(self) -> bool:
        """Say whether the original must still be checked before anyone relies on it."""
        return self.confidence in UNREAD

    def __str__(self) -> str:
        return f"《{self.document}》{self.article}"


@dataclass(frozen=True)
class Finds:
    """What a "no" finds, unless the finder says otherwise. grade is general or major."""

    category: str
    phrase: str
    grade: str = "general"


@dataclass(frozen=True)
class Item:
    """One line of a checklist."""

    code: str
    text: str
    section: str = ""
    kind: AnswerKind = AnswerKind.YES_NO
    unit: str = ""
    hint: str = ""
    clauses: tuple[Clause, ...] = ()
    finds: Finds | None = None

    @property
    def clause(self) -> str:
        """The clauses in one line."""
        return "；".join(map(str, self.clauses))

    @property
    def unread(self) -> bool:
        """Say whether any clause still waits to be checked against the original."""
        return any(clause.unread for clause in self.clauses)


@dataclass(frozen=True)
class Content:
    """A checklist as it is written in a data file."""

    code: str
    version: int
    name: str
    sector: str = ""
    note: str = ""
    items: tuple[Item, ...] = field(default_factory=tuple)


def items_of(rows: Iterable[Mapping[str, Any]]) -> tuple[Item, ...]:
    """Return the items of a checklist's data. Raises Faulty naming the item."""
    items = tuple(_item(row) for row in rows)
    codes = [item.code for item in items]
    for code in codes:
        if codes.count(code) > 1:
            raise Faulty(f"{code}: two items have this code")
    return items


def rows_of(items: Iterable[Item]) -> list[dict[str, Any]]:
    """Return items as plain data, the way they are stored; items_of reads it back."""
    return [asdict(item) for item in items]


def content_of(data: Mapping[str, Any]) -> Content:
    """Return a checklist read from its data file. Raises Faulty."""
    try:
        head = {name: data[name] for name in ("code", "version", "name")}
    except KeyError as missing:
        raise Faulty(f"the checklist has no {missing}") from missing
    documents = data.get("documents", {})
    rows = [_with_documents(row, documents) for row in data.get("items", ())]
    if not rows:
        raise Faulty(f"{head['code']}: the checklist has no items")
    return Content(
        **head,
        sector=data.get("sector", ""),
        note=data.get("note", ""),
        items=items_of(rows),
    )


def _with_documents(row: Mapping[str, Any], documents: Mapping[str, Any]) -> dict[str, Any]:
    """Fill in the documents that clauses name by their short name (by = "law")."""
    clauses = []
    for clause in row.get("clauses", ()):
        short = clause.get("by", "")
        if short and short not in documents:
            raise Faulty(f"{row.get('code')}: no document is called {short}")
        rest = {name: value for name, value in clause.items() if name != "by"}
        clauses.append({**documents.get(short, {}), **rest})
    return {**row, "clauses": clauses}


def _item(row: Mapping[str, Any]) -> Item:
    code = str(row.get("code", ""))
    text = str(row.get("text", "")).strip()
    if not code or not text:
        raise Faulty(f"{code or row!r}: an item needs a code and a text")
    try:
        kind = AnswerKind(row.get("kind", AnswerKind.YES_NO))
        clauses = tuple(Clause(**clause) for clause in row.get("clauses", ()))
        finds = Finds(**row["finds"]) if row.get("finds") else None
    except (TypeError, ValueError) as wrong:
        raise Faulty(f"{code}: {wrong}") from wrong
    if kind is AnswerKind.YES_NO and finds is None:
        raise Faulty(f'{code}: say what a "no" finds')
    if finds and finds.grade not in ("general", "major"):
        raise Faulty(f"{code}: {finds.grade} is no grade")
    for clause in clauses:
        if clause.confidence not in CONFIDENCES:
            raise Faulty(f"{code}: {clause.confidence} is no confidence")
    words = {name: str(row.get(name, "")) for name in ("section", "unit", "hint")}
    return Item(code, text, kind=kind, clauses=clauses, finds=finds, **words)


def answer_faults(items: Iterable[Item], answers: Mapping[str, str]) -> dict[str, Promise]:
    """Return, by item code, what is wrong with the answers; empty if nothing is."""
    known = {item.code: item for item in items}
    wrong: dict[str, Promise] = {
        code: _("This item is not on the checklist.") for code in answers if code not in known
    }
    for code, value in answers.items():
        item = known.get(code)
        if item and item.kind is AnswerKind.YES_NO and value not in tuple(Answer):
            wrong[code] = _("Choose one of the answers.")
        if item and item.kind is AnswerKind.NUMBER and not _is_number(value):
            wrong[code] = _("Enter a number.")
    return wrong


def noes(items: Iterable[Item], answers: Mapping[str, str]) -> list[str]:
    """Return the codes of the items answered "no"."""
    return [
        item.code
        for item in items
        if item.kind is AnswerKind.YES_NO and answers.get(item.code) == Answer.NO
    ]


def _is_number(value: str) -> bool:
    try:
        return Decimal(value).is_finite()
    except InvalidOperation:
        return False
