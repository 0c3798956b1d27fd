"""Whether evidence is still what was received."""

import hashlib
from collections.abc import Iterator
from itertools import islice
from typing import Any, BinaryIO
from uuid import UUID

from django.core.files.storage import default_storage

from bihuan.files.models import StoredFile
from bihuan.files.rules import path_of
from bihuan.ledger.queries import Said, missing, said_of
from bihuan.ledger.rules.body import plain

PIECE = 500


def contradictions(zone_id: UUID) -> Iterator[tuple[int, str]]:
    """Say where the row of a stored file differs from what the ledger says; for WITNESSES.

    Yields the number of the event and which file. Whether the bytes are still those:
    altered().
    """
    found = 0
    for rows in _pieces(zone_id):
        said = {
            name: it
            for name, events in said_of(zone_id, "file", [row.pk for row in rows]).items()
            for it in events
            if it.kind == "file.kept"
        }
        found += len(said)
        for row in rows:
            it = said.get(str(row.pk))
            if it is None or not _is_told(row, it):
                yield (it.seq if it else 0), f"file {row.pk}"
    for seq, name in missing(
        zone_id, ("file.kept",), found, StoredFile.objects.filter(zone=zone_id)
    ):
        yield seq, f"file {name} missing"


def _is_told(row: StoredFile, said: Said) -> bool:
    by = f"person:{row.received_by_id}" if row.received_by_id else "system:"
    told = {name: said.data.get(name) for name in ("size", "mime", "shown", "taken_at")}
    stands = plain(
        {
            "size": row.size,
            "mime": row.mime,
            "shown": row.shown_sha256 or None,
            "taken_at": row.taken_at,
        }
    )
    of_it = (said.files, said.at) == ((row.sha256,), row.received_at)
    return told == stands and of_it and said.actor.startswith(by)


def altered(zone_id: UUID) -> Iterator[tuple[int, str]]:
    """Say which stored files lack bytes or hold others than were received; reads them all."""
    for rows in _pieces(zone_id):
        for row in rows:
            if digest_of(row) != row.sha256:
                yield 0, f"bytes of file {row.pk} ({row.name})"
            if row.shown_sha256 and digest_of(row, row.shown_sha256) != row.shown_sha256:
                yield 0, f"picture shown of file {row.pk} ({row.name})"


def opened(zone_id: UUID, digest: str) -> BinaryIO | None:
    """Open the bytes that a zone keeps under a SHA-256; None where there are none."""
    path = path_of(zone_id, digest)
    if not default_storage.exists(path):
        return None
    found: Any = default_storage.open(path)
    return found  # type: ignore[no-any-return]


def digest_of(kept: StoredFile, named: str = "") -> str:
    """Return the SHA-256 of a file's bytes in the store, or of those kept under another name.

    Nothing where there are none.
    """
    try:
        with default_storage.open(path_of(kept.zone_id, named or kept.sha256)) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def _pieces(zone_id: UUID) -> Iterator[list[Any]]:
    rows = StoredFile.objects.filter(zone=zone_id).order_by("pk")
    walk = rows.iterator(chunk_size=2000)
    while piece := list(islice(walk, PIECE)):
        yield piece
