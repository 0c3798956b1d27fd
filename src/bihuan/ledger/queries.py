"""Reading the ledger: its pages, an object's history, and whether it is whole."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection

from bihuan.ledger.models import Checkpoint, Event, Head
from bihuan.ledger.rules import notes
from bihuan.ledger.rules.body import START
from bihuan.ledger.rules.verify import Damage, Examination, Finding, Row

# rows at a time: what stays in the processor's cache; more where each asking is a round trip
CHUNK = {"sqlite": 500, "postgresql": 2_000}
PAGE = 50
VERIFIED, DAMAGED = "ledger.verified", "ledger.found_damaged"
FIRST, LAST = -(2**63), 2**63 - 1


@dataclass(frozen=True)
class Line:
    """One event as a page shows it."""

    seq: int
    at: datetime
    kind: str
    about_type: str
    about_id: str
    actor: str
    origin: str
    data: Mapping[str, Any]
    files: Sequence[str]


@dataclass(frozen=True)
class Page:
    """Events, newest first; newer and older are what to ask for next, None at an end."""

    lines: list[Line]
    newer: int | None
    older: int | None


@dataclass(frozen=True)
class Verdict:
    """What verifying one zone's ledger came to."""

    zone_id: UUID
    size: int
    checkpoints: int
    confirmed: int  # the largest size that a signed root confirmed
    findings: list[Finding]

    @property
    def is_whole(self) -> bool:
        return not self.findings


def public_keys() -> dict[str, bytes]:
    """Return the keys this site has signed with, by name; retired ones stay listed."""
    path = Path(settings.LEDGER_KEYS) / "keys.txt"
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    return dict(notes.read_verifier_key(line) for line in lines if line.strip())


def history(zone_id: UUID, about: tuple[str, str], *, limit: int = 200) -> list[Line]:
    """Return what happened to one thing, newest first."""
    rows = _lines(zone_id).filter(about_type=about[0], about_id=about[1])
    return [_line(*row) for row in rows.order_by("-seq")[:limit]]


def page(
    zone_id: UUID,
    *,
    kind: str = "",
    actor: str = "",
    about: tuple[str, str] | None = None,
    before: int | None = None,
    after: int | None = None,
    size: int = PAGE,
) -> Page:
    """Return a page of a zone's ledger: what stands before or after a number, newest first."""
    rows = _lines(zone_id)
    wanted = {"kind": kind, "actor": actor}
    if about:
        wanted |= {"about_type": about[0], "about_id": about[1]}
    rows = rows.filter(**{name: value for name, value in wanted.items() if value})
    if after is not None:
        found = list(rows.filter(seq__gt=after).order_by("seq")[: size + 1])
        lines = [_line(*row) for row in reversed(found[:size])]
        more_newer, more_older = len(found) > size, True
    else:
        past = rows.filter(seq__lt=before) if before is not None else rows
        found = list(past.order_by("-seq")[: size + 1])
        lines = [_line(*row) for row in found[:size]]
        more_newer, more_older = before is not None, len(found) > size
    return Page(
        lines,
        newer=lines[0].seq if lines and more_newer else None,
        older=lines[-1].seq if lines and more_older else None,
    )


def _lines(zone_id: UUID) -> Any:
    return Event.objects.filter(zone_id=zone_id).values_list(
        "seq", "at", "kind", "about_type", "about_id", "actor", "origin", "body"
    )


def _line(seq: int, at: datetime, kind: str, *rest: str) -> Line:
    about_type, about_id, actor, origin, body = rest
    said = json.loads(body)
    return Line(
        seq, at, kind, about_type, about_id, actor, origin, said["data"], tuple(said["files"])
    )


@dataclass(frozen=True)
class State:
    """How a zone's ledger stands: its size, what was last signed, when it was last verified."""

    size: int
    checkpoint: Checkpoint | None
    verified: Line | None
    is_whole: bool | None  # None: never verified


def state(zone_id: UUID) -> State:
    """Return how a zone's ledger stands; four queries. Damaged at once where the head is off."""
    size = Head.objects.filter(zone_id=zone_id).values_list("size", flat=True).first() or 0
    signed = Checkpoint.objects.filter(zone_id=zone_id).order_by("-size").first()
    about = ("ledger", str(zone_id))
    rows = _lines(zone_id).filter(
        about_type=about[0], about_id=about[1], kind__in=(VERIFIED, DAMAGED)
    )
    last = rows.order_by("-seq").first()
    line = _line(*last) if last else None
    newest = Event.objects.filter(zone_id=zone_id).order_by("-seq").values_list("seq", flat=True)
    if (newest.first() or 0) != size:
        return State(size, signed, line, False)
    return State(size, signed, line, line.kind == VERIFIED if line else None)


def event(zone_id: UUID, seq: int) -> Event | None:
    """Return one event as it is stored."""
    found: Event | None = Event.objects.filter(zone_id=zone_id, seq=seq).first()
    return found


def zones_with_events() -> list[UUID]:
    """Return every zone that has events or a head, found by skipping along the index."""
    found = set(Head.objects.values_list("zone_id", flat=True))
    rows = Event.objects.order_by("zone_id").values_list("zone_id", flat=True)
    zone = rows.first()
    while zone is not None:
        found.add(zone)
        zone = rows.filter(zone_id__gt=zone).first()
    return sorted(found)


def verify(zone_id: UUID, *, held: Sequence[str] = ()) -> Verdict:
    """Check every event of a zone: place, text, columns, leaf, chain, tree, checkpoints.

    held are checkpoint notes that were kept elsewhere; they count as much as those
    in the database, which whoever owns the database could have replaced.
    """
    head = Head.objects.filter(zone_id=zone_id).values_list("size", "frontier", "chain").first()
    size, frontier, chain = head or (0, b"", START)
    marks, findings = _marks(zone_id, held)
    exam = Examination(zone_id, marks, findings)
    for rows in stored_rows(zone_id, until=size if head else None):
        exam.feed(rows)
    exam.finish(size=size, frontier=bytes(frontier), chain=bytes(chain))
    _look_beyond(exam, zone_id)
    return Verdict(zone_id, exam.size, len(marks), exam.confirmed, exam.findings)


def _look_beyond(exam: Examination, zone_id: UUID) -> None:
    """Report events that lie past the head; one statement, so that writers cannot interfere."""
    with connection.cursor() as cursor:
        zone = Event._meta.get_field("zone_id").get_db_prep_value(zone_id, connection)
        cursor.execute(
            "SELECT (SELECT max(seq) FROM ledger_event WHERE zone_id = %s),"
            " (SELECT size FROM ledger_head WHERE zone_id = %s)",
            (zone, zone),
        )
        last, size = cursor.fetchone()
    if (last or 0) > (size or 0):
        exam.findings.append(Finding(zone_id, (size or 0) + 1, Damage.HEAD, last))


def _marks(zone_id: UUID, held: Sequence[str]) -> tuple[list[tuple[int, bytes]], list[Finding]]:
    """Return the signed sizes and roots, ascending, and what is wrong with the notes."""
    keys, marks, findings = public_keys(), set(), []
    kept = Checkpoint.objects.filter(zone_id=zone_id).values_list("size", "note")
    for size, note in [*kept, *((0, note) for note in held)]:
        try:
            said = notes.opened(note, keys)
        except notes.BadNote:
            findings.append(Finding(zone_id, size, Damage.SIGNATURE, size))
            continue
        if said.zone_id == zone_id:
            marks.add((said.size, said.root))
        elif size:
            findings.append(Finding(zone_id, size, Damage.FOREIGN, size))
    return sorted(marks), findings


def stored_rows(
    zone_id: UUID, *, until: int | None = None, chunk: int | None = None
) -> Iterator[list[Row]]:
    """Yield a zone's events up to a number as they are stored, in order, in bounded lists."""
    if connection.vendor == "postgresql":
        at = "to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')"
        body = "convert_to(body, 'UTF8')"
    else:
        at = "substr(at || '.000000', 1, 26)"
        body = "CAST(body AS BLOB)"
    statement = (
        f"SELECT seq, {at}, kind, about_type, about_id, actor, origin, {body}, leaf, chain"  # noqa: S608
        " FROM ledger_event WHERE zone_id = %s AND seq > %s AND seq <= %s ORDER BY seq LIMIT %s"
    )
    zone = Event._meta.get_field("zone_id").get_db_prep_value(zone_id, connection)
    last, until = FIRST, LAST if until is None else until
    with connection.cursor() as cursor:
        while True:
            cursor.execute(statement, (zone, last, until, chunk or CHUNK[connection.vendor]))
            rows = cursor.fetchall()
            if not rows:
                return
            yield rows
            last = rows[-1][0]
