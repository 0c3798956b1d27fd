"""Reading the ledger: its pages, an object's history, and whether it is whole."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, OperationalError, connection
from psycopg import Cursor

from bihuan.core.composition import listed
from bihuan.core.ids import id_in
from bihuan.ledger.models import Checkpoint, Event, Head
from bihuan.ledger.rules import notes
from bihuan.ledger.rules.body import SHA256, START
from bihuan.ledger.rules.verify import MOST_DAMAGES, Damage, Examination, Finding, Row

# rows at a time: what stays in the processor's cache; more where each asking is a round trip
CHUNK = {"sqlite": 500, "postgresql": 1_000}
PAGE = 50
MOST_AT_ONCE = 500  # rows looked for by one statement
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
    lines = path.read_text("utf-8", "replace").splitlines() if path.exists() else []
    keys = {}
    for line in lines:
        with suppress(notes.BadNote):  # what is no key vouches for nothing
            name, public = notes.read_verifier_key(line)
            keys[name] = public
    return keys


def kept_note(zone_id: UUID) -> Path:
    """Return where the latest checkpoint lies beside the keys, out of the database's reach."""
    return Path(settings.LEDGER_KEYS) / "latest" / f"{zone_id}.note"


def _zones_with_notes() -> Iterator[UUID]:
    for path in (Path(settings.LEDGER_KEYS) / "latest").glob("*.note"):
        with suppress(ValueError):
            yield UUID(path.stem)


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
    data, files = told_in(body)
    return Line(seq, at, kind, about_type, about_id, actor, origin, data, files)


def told_in(body: str | bytes) -> tuple[Mapping[str, Any], tuple[str, ...]]:
    """Return the data and the evidence of an event's text; nothing where it was tampered with."""
    try:
        said = json.loads(body)
        data, files = said["data"], said["files"]
    except (ValueError, KeyError, TypeError):
        return {}, ()
    digests = files if isinstance(files, list) else []
    return data if isinstance(data, dict) else {}, tuple(
        it for it in digests if isinstance(it, str) and SHA256.fullmatch(it)
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
    """Return every zone that has events, a head, or a checkpoint kept beside the keys.

    The events' are found by skipping along the index.
    """
    found = {*Head.objects.values_list("zone_id", flat=True), *_zones_with_notes()}
    rows = Event.objects.order_by("zone_id").values_list("zone_id", flat=True)
    zone = rows.first()
    while zone is not None:
        found.add(zone)
        zone = rows.filter(zone_id__gt=zone).first()
    return sorted(found)


@dataclass(frozen=True)
class Said:
    """What one event says of a thing."""

    seq: int
    kind: str
    at: datetime
    actor: str
    data: Mapping[str, Any]
    files: Sequence[str]


def said_of(zone_id: UUID, about_type: str, ids: Iterable[UUID]) -> dict[str, list[Said]]:
    """Return id -> the events about some things of one type, in order; one query."""
    rows = Event.objects.filter(
        zone_id=zone_id, about_type=about_type, about_id__in=[str(pk) for pk in ids]
    )
    said: dict[str, list[Said]] = {}
    for name, body, seq, kind, at, actor in rows.order_by("seq").values_list(
        "about_id", "body", "seq", "kind", "at", "actor"
    ):
        said.setdefault(name, []).append(Said(seq, kind, at, actor, *told_in(body)))
    return said


def missing(
    zone_id: UUID, kinds: Sequence[str], found: int, rows: Any
) -> Iterator[tuple[int, str]]:
    """Yield the number and the id of what began by one of these kinds and is in no row any more.

    found is how many rows with such an event there are: where it is all of them, nothing is read.
    """
    begun = Event.objects.filter(zone_id=zone_id, kind__in=kinds)
    if begun.count() <= found:
        return
    names = begun.order_by("seq").values_list("seq", "about_id").iterator(chunk_size=PAGE)
    while piece := list(islice(names, MOST_AT_ONCE)):
        ids = {name: id_in(name) for _seq, name in piece}
        there = set(rows.filter(pk__in=ids.values()).values_list("pk", flat=True))
        yield from ((seq, name) for seq, name in piece if ids[name] not in there)


Contradiction = tuple[int, str]  # the number of the event that says otherwise; the record
Witness = Callable[[UUID], Iterator[Contradiction]]


def verify(zone_id: UUID, *, held: Sequence[str] = ()) -> Verdict:
    """Check every event of a zone: place, text, columns, leaf, chain, tree, checkpoints, records.

    held are checkpoint notes that were kept elsewhere; they count as much as those
    in the database, which whoever owns the database could have replaced. So does the
    latest, which lies beside the keys. Records are what WITNESSES of the composition know.
    """
    head = Head.objects.filter(zone_id=zone_id).values_list("size", "frontier", "chain").first()
    size, frontier, chain = _sound_head(head) if head else (0, b"", START)
    marks, findings = _marks(zone_id, held)
    exam = Examination(zone_id, marks, findings)
    for rows in stored_rows(zone_id, until=size if head else None):
        exam.feed(rows)
    exam.finish(size=size, frontier=frontier, chain=chain)
    _look_beyond(exam, zone_id)
    exam.findings.extend(_contradictions(zone_id))
    return Verdict(zone_id, exam.size, len(marks), exam.confirmed, exam.findings)


def _sound_head(head: tuple[Any, Any, Any]) -> tuple[int, bytes, bytes]:
    """Return a head as it should be typed; SQLite would keep anything in its columns."""
    size, *hashes = head
    frontier, chain = (bytes(it) if isinstance(it, bytes | memoryview) else b"" for it in hashes)
    return size if isinstance(size, int) else 0, frontier, chain


def _contradictions(zone_id: UUID) -> list[Finding]:
    """Return where records and ledger disagree, at most MOST_DAMAGES."""
    found = (
        Finding(zone_id, seq, Damage.ROWS, seq, about)
        for witness in listed("WITNESSES")
        for seq, about in _heard(witness, zone_id)
    )
    return list(islice(found, MOST_DAMAGES))


def _heard(witness: Witness, zone_id: UUID) -> Iterator[Contradiction]:
    """Yield what a witness says; a column that holds what it never should stops only itself."""
    try:
        yield from witness(zone_id)
    except Exception as error:  # whatever somebody put there, it is a finding
        if isinstance(error, DatabaseError) and connection.vendor != "sqlite":
            raise
        yield 0, f"unreadable record: {type(error).__name__} in {witness.__module__}"


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
    size = size if isinstance(size, int) else 0
    if last is None:
        return
    last = last if isinstance(last, int) else size + 1  # SQLite: a text, a blob
    if last > size:
        exam.findings.append(Finding(zone_id, size + 1, Damage.HEAD, last))


def _marks(zone_id: UUID, held: Sequence[str]) -> tuple[list[tuple[int, bytes]], list[Finding]]:
    """Return the signed sizes and roots, ascending, and what is wrong with the notes."""
    keys, marks, findings = public_keys(), set(), []

    def read(note: str, size: int) -> notes.Statement | None:
        try:
            said = notes.opened(note, keys)
        except notes.BadNote:
            findings.append(Finding(zone_id, size, Damage.SIGNATURE, size))
            return None
        if said.zone_id != zone_id:
            findings.append(Finding(zone_id, size, Damage.FOREIGN, size))
            return None
        marks.add((said.size, said.root))
        return said

    rows = Checkpoint.objects.filter(zone_id=zone_id).values_list("size", "root", "chain", "note")
    for size, root, chain, note in rows:
        said = read(note, size)
        if said and (said.size, said.root, said.chain) != (size, bytes(root), bytes(chain)):
            findings.append(Finding(zone_id, size, Damage.COLUMNS, size))
    latest = kept_note(zone_id)
    if latest.exists():
        read(latest.read_text("utf-8", "replace"), 0)
    for note in held:
        read(note, 0)
    return sorted(marks), findings


def stored_rows(
    zone_id: UUID, *, first: int = FIRST, until: int | None = None, chunk: int | None = None
) -> Iterator[list[Row]]:
    """Yield a zone's events between two numbers as they are stored, in order, in bounded lists."""
    zone = Event._meta.get_field("zone_id").get_db_prep_value(zone_id, connection)
    until = LAST if until is None else until
    while True:
        rows = _read((zone, first, until, chunk or CHUNK[connection.vendor]))
        if not rows:
            return
        yield rows
        first = rows[-1][0] + 1
        if first > until:
            return


_ROWS = (
    "SELECT seq, {at}, {kind}, {about_type}, {about_id}, {actor}, {origin}, {body}, leaf, chain"
    " FROM ledger_event WHERE zone_id = %s AND seq >= %s AND seq <= %s ORDER BY seq LIMIT %s"
)
_TEXTS = {name: name for name in ("kind", "about_type", "about_id", "actor", "origin")}
_POSTGRESQL = _ROWS.format(
    **_TEXTS,
    at="coalesce(to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US'), '')",
    body="convert_to(body, 'UTF8')",
)
_SQLITE = _ROWS.format(**_TEXTS, at="substr(at || '.000000', 1, 26)", body="CAST(body AS BLOB)")
_SQLITE_RAW = _ROWS.format(
    **{name: f"CAST({name} AS BLOB)" for name in ("at", "body", *_TEXTS)},
)


def _read(values: tuple[Any, ...]) -> list[Row]:
    if connection.vendor == "postgresql":
        return _read_binary(values)
    with connection.cursor() as cursor:
        try:
            cursor.execute(_SQLITE, values)
            return list(cursor.fetchall())
        except OperationalError:  # a column holds bytes that are no text
            cursor.execute(_SQLITE_RAW, values)
            return [_as_text(row) for row in cursor.fetchall()]


def _read_binary(values: tuple[Any, ...]) -> list[Row]:
    """Read in the server's own form: half the time of text, which both sides must convert."""
    connection.ensure_connection()
    with Cursor(connection.connection) as cursor:
        return cursor.execute(_POSTGRESQL, values, binary=True, prepare=True).fetchall()


def _as_text(row: tuple[Any, ...]) -> Row:
    seq, at, *texts, body, leaf, chain = row
    said = [bytes(text).decode("utf-8", "replace") for text in (at, *texts)]
    said[0] = f"{said[0]}.000000"[:26]
    return (seq, *said, body, leaf, chain)
