"""The sheet of a visit: one form for answers, findings, photos and signatures.

It is read by hand and not by django.forms, because its parts depend on the checklist and
a checklist of twenty items would be two hundred form fields. Whatever is refused, every
word typed and every file that arrived is there again.
"""

import base64
import binascii
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from bihuan.files.models import StoredFile
from bihuan.rounds.rules.checklist import Answer, AnswerKind, Item
from bihuan.rounds.rules.visiting import OURS, THEIRS, Attendee, Found, Told

FREE = ("x1", "x2", "x3")  # findings that no item of the checklist asked for
PEOPLE = 3  # names there is room for on each side
CLAUSE_LENGTH = 80
LONGEST_TEXT = 4000  # characters kept of anything typed; pages allow less
PNG = "data:image/png;base64,"
LARGEST_SIGNATURE = 400_000  # characters of base64


@dataclass
class Finding:
    """A finding as typed. key is the item's code, or x1, x2, x3."""

    key: str
    title: str = ""
    place: str = ""
    clause: str = ""
    category: str = ""
    grade: str = "general"
    due_on: str = ""
    known: str = ""
    measures: str = ""
    before: list[StoredFile] = field(default_factory=list)
    after: list[StoredFile] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    @property
    def is_told(self) -> bool:
        """Say whether anything of it was filled in."""
        return bool(self.title.strip() or self.known or self.before)


@dataclass
class Line:
    """An item of the checklist and what was answered."""

    item: Item
    value: str = ""
    note: str = ""
    finding: Finding | None = None
    errors: list[str] = field(default_factory=list)


@dataclass
class Someone:
    """A person present as typed."""

    name: str = ""
    title: str = ""
    certificate: str = ""


Kept = Mapping[str, list[StoredFile]]


class VisitSheet:
    """What is on the sheet: as it was sent, or as it is handed out."""

    def __init__(
        self,
        items: Iterable[Item],
        *,
        data: QueryDict | None,
        kept: Kept,
        recorder: Someone,
        now: datetime,
    ) -> None:
        self.is_blank = data is None
        self.data: Mapping[str, Any] = {} if data is None else data
        self.kept = kept
        self.errors: dict[str, str] = {}
        local = timezone.localtime(now).strftime("%Y-%m-%dT%H:%M")
        self.started_at = self._text("started_at", local)
        self.ended_at = self._text("ended_at")
        self.summary = self._text("summary")
        self.refusal = self._text("refusal")
        self.now = now
        self.ours = self._people(OURS, recorder)
        self.theirs = self._people(THEIRS, Someone())
        self.lines = [self._line(item) for item in items]
        self.free = [self._finding(key) for key in FREE]

    # --- reading ---------------------------------------------------------------------

    def _text(self, name: str, otherwise: str = "") -> str:
        if self.is_blank:
            return otherwise
        return str(self.data.get(name, "")).replace("\0", "").strip()[:LONGEST_TEXT]

    def _people(self, side: str, first: Someone) -> list[Someone]:
        if self.is_blank:
            return [first, *(Someone() for _place in range(PEOPLE - 1))]
        return [
            Someone(*(self._text(f"{side}-{place}-{part}") for part in SOMEONE))
            for place in range(PEOPLE)
        ]

    def _line(self, item: Item) -> Line:
        line = Line(item, self._text(f"answer-{item.code}"), self._text(f"note-{item.code}"))
        if item.finds:
            clause = cited(item)
            line.finding = self._finding(
                item.code, item.finds.phrase, clause, item.finds.category, item.finds.grade
            )
        return line

    def _finding(
        self,
        key: str,
        title: str = "",
        clause: str = "",
        category: str = "",
        grade: str = "general",
    ) -> Finding:
        def text(part: str, otherwise: str = "") -> str:
            return self._text(f"{part}-{key}", otherwise)

        return Finding(
            key,
            title=text("title", title),
            place=text("place"),
            clause=text("clause", clause),
            category=text("category", category) or category,
            grade=text("grade", grade) or grade,
            due_on=text("due_on"),
            known=text("known"),
            measures=text("measures"),
            before=list(self.kept.get(f"before-{key}", ())),
            after=list(self.kept.get(f"after-{key}", ())),
        )

    # --- what it says ----------------------------------------------------------------

    def told(self) -> Told | None:
        """Return the visit as told, or None where a date or time cannot be read."""
        started = self._moment("started_at", self.started_at)
        ended = self._moment("ended_at", self.ended_at) if self.ended_at else self.now
        findings = tuple(self._found(line) for line in self.findings())
        if self.errors or started is None or ended is None:
            self.show_errors()
            return None
        return Told(
            started_at=started,
            ended_at=ended,
            present=self._present(),
            answers={line.item.code: line.value for line in self.lines if line.value},
            notes={line.item.code: line.note for line in self.lines if line.note},
            findings=findings,
            photos=tuple(kept.sha256 for kept in self.photos),
            summary=self.summary,
            refusal=self.refusal,
        )

    def findings(self) -> list[Finding]:
        """Return the findings that count: of items answered no, and the free ones begun."""
        asked = [
            line.finding
            for line in self.lines
            if line.finding and line.value == Answer.NO and line.item.kind is AnswerKind.YES_NO
        ]
        return [*asked, *(one for one in self.free if one.is_told)]

    def _found(self, one: Finding) -> Found:
        item = "" if one.key in FREE else one.key
        if one.known:
            return Found(item=item, known=one.known)
        return Found(
            title=one.title,
            place=one.place,
            category=one.category,
            clause=one.clause,
            grade=one.grade if one.grade in ("general", "major") else "general",
            due_on=self._day(f"due_on-{one.key}", one),
            item=item,
            corrected=one.measures,
            before=tuple(kept.sha256 for kept in one.before),
            after=tuple(kept.sha256 for kept in one.after),
        )

    def _present(self) -> tuple[Attendee, ...]:
        present = []
        for side, people in ((OURS, self.ours), (THEIRS, self.theirs)):
            signature = self.signature(side)
            for one in people:
                if one.name or one.title:
                    present.append(Attendee(side, one.name, one.title, one.certificate, signature))
                    signature = ""
        return tuple(present)

    def signature(self, side: str) -> str:
        """Return the SHA-256 of a side's signature, or nothing."""
        files = self.kept.get(f"signature-{side}", ())
        return files[-1].sha256 if files else ""

    @property
    def photos(self) -> list[StoredFile]:
        return list(self.kept.get("photos", ()))

    @property
    def files(self) -> list[StoredFile]:
        """Everything that arrived with the sheet."""
        return [kept for files in self.kept.values() for kept in files]

    @property
    def arrived(self) -> list[tuple[str, StoredFile]]:
        """Each file with the slot it was sent in, for the form to carry while it is mended."""
        return [(slot, kept) for slot, files in self.kept.items() for kept in files]

    @property
    def sections(self) -> list[tuple[str, list[Line]]]:
        """The items by the checklist's headings."""
        return [
            (name, list(lines)) for name, lines in groupby(self.lines, lambda it: it.item.section)
        ]

    def _moment(self, name: str, text: str) -> datetime | None:
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            self.errors[name] = _("Enter a date and a time.")
            return None
        return moment if moment.tzinfo else timezone.make_aware(moment)

    def _day(self, name: str, one: Finding) -> date | None:
        try:
            return date.fromisoformat(one.due_on) if one.due_on else None
        except ValueError:
            self.errors[name] = _("Enter a date.")
            return None

    # --- what was wrong --------------------------------------------------------------

    def refuse(self, name: str, sentence: str | Promise) -> None:
        """Show a refusal at the place it is about (as rules.visiting names them)."""
        parts = name.split("-", 2)
        if parts[0] == "finding" and len(parts) == 3 and parts[1].isdigit():
            told = self.findings()
            place = int(parts[1])
            name = f"{parts[2]}-{told[place].key}" if place < len(told) else name
        self.errors[name or "all"] = str(sentence)
        self.show_errors()

    @property
    def summary_of_errors(self) -> list[tuple[str, str, str]]:
        """Each error with the id of what it is about, and that finding's words."""
        known = {line.item.code: line.item.text for line in self.lines}
        known |= {one.key: one.title for one in self.findings() if one.title}
        return [
            (f"title-{key}" if part != "item" and key in known else name, known.get(key, ""), why)
            for name, why in self.errors.items()
            for part, _dash, key in [name.partition("-")]
        ]

    def show_errors(self) -> None:
        """Hand each error to the item or finding it is about."""
        homes = {line.item.code: line.errors for line in self.lines}
        for one in [*(line.finding for line in self.lines if line.finding), *self.free]:
            homes.setdefault(one.key, one.errors)
        for name, sentence in self.errors.items():
            home = homes.get(name.partition("-")[2])
            if home is not None and sentence not in home:
                home.append(sentence)


SOMEONE = ("name", "title", "certificate")


def cited(item: Item) -> str:
    """Return the clauses of an item as a case cites them, as many as there is room for.

    What waits to be checked against the original says so wherever it is quoted.
    """
    said, unread = "", _("(check the original text)")
    for clause in item.clauses:
        one = str(clause) + (unread if clause.unread else "")
        longer = f"{said}；{one}" if said else one
        if len(longer) > CLAUSE_LENGTH:
            break
        said = longer
    return said


def slots(items: Iterable[Item]) -> list[str]:
    """Return the names under which a sheet sends files."""
    keys = [*(item.code for item in items if item.finds), *FREE]
    return [
        "photos",
        *(f"{part}-{key}" for key in keys for part in ("before", "after")),
    ]


def drawn_signature(data: Mapping[str, Any], side: str) -> SimpleUploadedFile | None:
    """Return the signature drawn on the sheet as a PNG file, or None."""
    text = data.get(f"signature-{side}", "")
    if not text.startswith(PNG) or len(text) > LARGEST_SIGNATURE:
        return None
    try:
        content = base64.b64decode(text.removeprefix(PNG), validate=True)
    except binascii.Error:
        return None
    return SimpleUploadedFile(f"signature-{side}.png", content, "image/png")


def sent_slots(
    items: Iterable[Item], data: QueryDict, files: MultiValueDict[str, Any]
) -> dict[str, tuple[list[Any], list[str]]]:
    """Return, by slot, the uploads of this sending and the ids kept from earlier ones."""
    found: dict[str, tuple[list[Any], list[str]]] = {}
    for slot in slots(items):
        sent, earlier = files.getlist(slot), data.getlist(f"kept_{slot}")
        if sent or earlier:
            found[slot] = sent, earlier
    for side in (OURS, THEIRS):
        drawn = drawn_signature(data, side)
        earlier = [] if drawn else data.getlist(f"kept_signature-{side}")
        if drawn or earlier:
            found[f"signature-{side}"] = ([drawn] if drawn else []), earlier
    return found
