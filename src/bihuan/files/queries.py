"""Whether evidence is still what was received."""

import hashlib
from collections.abc import Iterator
from itertools import islice
from typing import Any, BinaryIO
from uuid import UUID

from django.core.files.storage import default_storage

from bihuan.files.models import StoredFile
from bihuan.files.rules import path_of
from bihuan.ledger.models import Event
from bihuan.ledger.queries import told_in

PIECE = 500


def contradictions(zone_id: UUID) -> Iterator[tuple[int, str]]:
    """Say where the row of a stored file differs from what the ledger says; for WITNESSES.

    Yields the number of the event and which file. Whether the bytes are still those:
    altered().
    """
    received = Event.objects.filter(zone_id=zone_id, kind="file.kept")
    found = 0
    for rows in _pieces(zone_id):
        found += len(rows)
        about = [str(row.pk) for row in rows]
        said = {
            name: (seq, *told_in(body))
            for name, seq, body in received.filter(about_type="file", about_id__in=about)
            .values_list("about_id", "seq", "body")
        }  # fmt: skip
        for row in rows:
            seq, data, files = said.get(str(row.pk), (0, {}, ()))
            told = (files, data.get("size"), data.get("mime"))
            if told != ((row.sha256,), row.size, row.mime):
                yield seq, f"file {row.pk}"
    if received.count() > found:
        for seq, name in received.order_by("seq").values_list("seq", "about_id"):
            if not StoredFile.objects.filter(zone=zone_id, pk=name).exists():
                yield seq, f"file {name} missing"


def altered(zone_id: UUID) -> Iterator[tuple[int, str]]:
    """Say which stored files lack bytes or hold others than were received; reads them all."""
    for rows in _pieces(zone_id):
        for row in rows:
            if digest_of(row) != row.sha256:
                yield 0, f"bytes of file {row.pk} ({row.name})"


def opened(zone_id: UUID, digest: str) -> BinaryIO | None:
    """Open the bytes that a zone keeps under a SHA-256; None where there are none."""
    path = path_of(zone_id, digest)
    if not default_storage.exists(path):
        return None
    found: Any = default_storage.open(path)
    return found  # type: ignore[no-any-return]


def digest_of(kept: StoredFile) -> str:
    """Return the SHA-256 of the bytes in the store; nothing where there are none."""
    try:
        with default_storage.open(path_of(kept.zone_id, kept.sha256)) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def _pieces(zone_id: UUID) -> Iterator[list[Any]]:
    rows = StoredFile.objects.filter(zone=zone_id).order_by("pk")
    walk = rows.iterator(chunk_size=2000)
    while piece := list(islice(walk, PIECE)):
        yield piece
