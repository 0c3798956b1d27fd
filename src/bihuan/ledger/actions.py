"""Writing the ledger. Everything else only reads it."""

import logging
import os
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils.translation import gettext as _

from bihuan.core.actors import Actor
from bihuan.core.refusals import Refused
from bihuan.ledger.models import Checkpoint, Event
from bihuan.ledger.queries import Verdict, kept_note, public_keys, stored_rows
from bihuan.ledger.rules import rfc6962
from bihuan.ledger.rules.body import JSON, START, Entry, Origin, canonical, chain_hash
from bihuan.ledger.rules.notes import Statement, opened, signed, verifier_key
from bihuan.ledger.rules.verify import Examination

log = logging.getLogger("bihuan.ledger")

_HEAD = "SELECT size, frontier, chain FROM ledger_head WHERE zone_id = %s"
_NEW_HEAD = (
    "INSERT INTO ledger_head (zone_id, size, frontier, chain) VALUES (%s, 0, %s, %s)"
    " ON CONFLICT (zone_id) DO NOTHING"
)
_EVENT = (
    "INSERT INTO ledger_event (zone_id, seq, at, kind, about_type, about_id, actor, origin,"
    " body, leaf, chain) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
)
_MOVE_HEAD = "UPDATE ledger_head SET size = %s, frontier = %s, chain = %s WHERE zone_id = %s"
_CHECKPOINT = (
    "INSERT INTO ledger_checkpoint (zone_id, size, at, root, chain, note)"
    " VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT (zone_id, size) DO NOTHING"
)
_BOTH = f"WITH event AS ({_EVENT}) {_MOVE_HEAD}"  # one round trip, PostgreSQL only


class LedgerDamaged(Refused):
    """The head points before events that are there: someone changed the ledger from outside."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "The ledger of this zone is damaged and nothing can be recorded in it. Nothing was "
                "changed. Tell the administrator: `bihuan ledger verify` says where."
            )
        )


def record(
    *,
    zone_id: UUID,
    kind: str,
    about: tuple[str, str],
    by: Actor,
    at: datetime,
    data: Mapping[str, JSON] | None = None,
    files: Sequence[str] = (),
    origin: Origin = "here",
) -> int:
    """Write one event in the transaction of what it tells of; return its number in the zone.

    kind is noun.past_verb ("case.closed"), about the type and id of the thing, files
    the SHA-256 of the evidence as it was uploaded. Personal data goes in only through
    rules.body.sealed. What belongs to no zone is recorded under rules.body.NO_ZONE.
    Raises ValueError or TypeError where a part cannot be written.
    """
    return record_many(
        zone_id=zone_id, entries=(Entry(kind, about, data, files),), by=by, at=at, origin=origin
    )


@transaction.atomic(savepoint=False)
def record_many(
    *, zone_id: UUID, entries: Iterable[Entry], by: Actor, at: datetime, origin: Origin = "here"
) -> int:
    """Write events in order, moving the zone's head once; return the number of the last.

    Holds the zone's head until the transaction ends: keep pieces to 500 or so.
    """
    zone, moment = _stored_uuid(zone_id), connection.ops.adapt_datetimefield_value(at)
    actor = by.actor_id
    with connection.cursor() as cursor:
        size, frontier, chain = _lock_head(cursor, zone)
        rows: list[tuple[Any, ...]] = []
        for entry in entries:
            body = canonical(
                entry, actor=actor, at=at, seq=size + 1, zone_id=zone_id, origin=origin
            )
            leaf = rfc6962.leaf_hash(body.encode())
            rfc6962.append(frontier, size, leaf)
            chain = chain_hash(chain, leaf)
            size += 1
            rows.append(
                (zone, size, moment, entry.kind, *entry.about, actor, origin, body, leaf, chain)
            )
        if not rows:
            return size
        _insert(cursor, rows, (size, b"".join(frontier), chain, zone))
    return size


def _insert(cursor: CursorWrapper, rows: list[tuple[Any, ...]], head: tuple[Any, ...]) -> None:
    try:
        if len(rows) == 1 and connection.vendor == "postgresql":
            cursor.execute(_BOTH, (*rows[0], *head))
            return
        if len(rows) == 1:
            cursor.execute(_EVENT, rows[0])
        else:
            cursor.executemany(_EVENT, rows)
        cursor.execute(_MOVE_HEAD, head)
    except IntegrityError as error:
        raise LedgerDamaged from error


class NotSigned(LedgerDamaged):
    """What happened since the last checkpoint does not hang together: it is not vouched for."""

    def __init__(self) -> None:
        Refused.__init__(
            self,
            _(
                "The ledger of this zone was changed from outside, so it is not signed or handed "
                "out. Tell the administrator: `bihuan ledger verify` says where."
            ),
        )


class StrangeKey(Refused):
    """The key in place is not one this site is known by."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            _(
                "signing.key in %(folder)s is damaged, or not one that keys.txt lists. Nothing was "
                "signed. Bring it back from a backup, or move it aside to begin with a new one."
            )
            % {"folder": folder}
        )


@transaction.atomic
def checkpoint(*, zone_id: UUID, by: Actor, at: datetime) -> Checkpoint | None:
    """Sign the zone's ledger as it stands; None where it holds nothing.

    A size that was signed before keeps its first note. by is not written down: the
    signature is the site's, made with the key in LEDGER_KEYS. The latest note is kept
    beside the key, too, where whoever owns only the database cannot reach it. Raises
    NotSigned where the events since do not lead to the head: what was changed from
    outside is not signed; StrangeKey where the key was exchanged.
    """
    zone = _stored_uuid(zone_id)
    with connection.cursor() as cursor:
        cursor.execute(_HEAD, (zone,))
        row = cursor.fetchone()
        if row is None or row[0] == 0:
            return None
        size, frontier, chain = row[0], bytes(row[1]), bytes(row[2])
        _refuse_unless_grown(zone_id, size, frontier, chain)
        root = rfc6962.frontier_root(_unpacked(frontier))
        said = Statement(zone_id, size, root, chain, at)
        moment = connection.ops.adapt_datetimefield_value(at)
        note = signed(said, _signing_key())
        cursor.execute(_CHECKPOINT, (zone, size, moment, root, chain, note))
    made = Checkpoint.objects.get(zone_id=zone_id, size=size)
    transaction.on_commit(partial(_keep_note, zone_id, made.note, frontier))
    return made


def _refuse_unless_grown(zone_id: UUID, size: int, frontier: bytes, chain: bytes) -> None:
    """Walk the events since the checkpoint that was kept; they must lead to the head."""
    exam = _as_signed(zone_id)
    for rows in stored_rows(zone_id, first=exam.size + 1, until=size):
        exam.feed(rows)
    exam.finish(size=size, frontier=frontier, chain=chain)
    if exam.findings:
        log.error("the ledger is not signed: %s", exam.findings[0])
        raise NotSigned


def _as_signed(zone_id: UUID) -> Examination:
    """Return an examination that stands at the kept checkpoint; at the beginning without one."""
    note, trunk = kept_note(zone_id), kept_note(zone_id).with_suffix(".frontier")
    try:
        said = opened(note.read_text("utf-8"), public_keys())
        frontier = _unpacked(bytes.fromhex(trunk.read_text("ascii")))
    except (OSError, ValueError):  # none yet, or damaged, which verifying tells
        return Examination(zone_id)
    if said.zone_id != zone_id or rfc6962.frontier_root(frontier) != said.root:
        return Examination(zone_id)
    return Examination(zone_id, size=said.size, frontier=frontier, chain=said.chain)


def _keep_note(zone_id: UUID, note: str, frontier: bytes) -> None:
    """Keep a checkpoint beside the keys, with what is needed to go on from it."""
    path = kept_note(zone_id)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    for target, text in ((path, note), (path.with_suffix(".frontier"), frontier.hex())):
        handle, name = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(target)


@transaction.atomic
def note_verdict(*, verdict: Verdict, by: Actor, at: datetime) -> None:
    """Write in the ledger that it was verified, and what was found."""
    record(
        zone_id=verdict.zone_id,
        kind="ledger.verified" if verdict.is_whole else "ledger.found_damaged",
        about=("ledger", str(verdict.zone_id)),
        by=by,
        at=at,
        data={
            "size": verdict.size,
            "confirmed": verdict.confirmed,
            "checkpoints": verdict.checkpoints,
            "damages": [f"{it.seq}-{it.last} {it.damage}" for it in verdict.findings[:20]],
        },
    )


def note_download(
    *, zone_id: UUID, size: int, about: tuple[str, str] | None, by: Actor, at: datetime
) -> None:
    """Write in the ledger that it, or one thing's part of it, left the house."""
    record(
        zone_id=zone_id,
        kind="ledger.exported",
        about=about or ("ledger", str(zone_id)),
        by=by,
        at=at,
        data={"size": size, "scope": "object" if about else "zone"},
    )


def _signing_key() -> Ed25519PrivateKey:
    """Return the site's key; make and keep one (0600) at the first use.

    To change it, move the file signing.key aside: the next checkpoint makes a new
    one, and keys.txt goes on naming the old.
    """
    folder = Path(settings.LEDGER_KEYS)
    path = folder / "signing.key"
    if not path.exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _keep_new_key(folder, path)
    try:
        key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(path.read_text("ascii")))
    except ValueError as damaged:
        raise StrangeKey(folder) from damaged
    if key.public_key().public_bytes_raw() not in public_keys().values():
        raise StrangeKey(folder)
    return key


def _keep_new_key(folder: Path, path: Path) -> None:
    """Make a key whole or not at all, whoever else is doing the same."""
    key = Ed25519PrivateKey.generate()
    handle, name = tempfile.mkstemp(dir=folder)  # 0600
    with os.fdopen(handle, "w") as file:
        file.write(key.private_bytes_raw().hex())
        file.flush()
        os.fsync(file.fileno())
    with (folder / "keys.txt").open("a", encoding="utf-8") as known:  # known before it signs
        known.write(verifier_key(key.public_key().public_bytes_raw()) + "\n")
    with suppress(FileExistsError):  # another process was first: its key is the site's
        os.link(name, path)
    Path(name).unlink()


def _stored_uuid(value: UUID) -> Any:
    return Event._meta.get_field("zone_id").get_db_prep_value(value, connection)


def _lock_head(cursor: CursorWrapper, zone: Any) -> tuple[int, list[bytes], bytes]:
    """Return size, frontier and chain of a zone, locked until the transaction ends.

    On SQLite the lock is the transaction itself, which is IMMEDIATE.
    """
    query = _HEAD + " FOR UPDATE" if connection.vendor == "postgresql" else _HEAD
    cursor.execute(query, (zone,))
    row = cursor.fetchone()
    if row is None:
        cursor.execute(_NEW_HEAD, (zone, b"", START))
        cursor.execute(query, (zone,))
        row = cursor.fetchone()
    return row[0], _unpacked(row[1]), bytes(row[2])


def _unpacked(frontier: bytes | memoryview) -> list[bytes]:
    packed = bytes(frontier)
    return [packed[at : at + 32] for at in range(0, len(packed), 32)]
