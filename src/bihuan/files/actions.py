"""Keeping evidence: whole or not at all, under its hash, as it was received."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from bihuan.accounts.models import Person
from bihuan.core.actors import Actor
from bihuan.core.days import day_of
from bihuan.core.ids import id_in, new_id
from bihuan.core.permissions import Permission
from bihuan.core.refusals import Forbidden, Refused, Stale
from bihuan.core.stored import put_whole
from bihuan.files import rules
from bihuan.files.models import StoredFile
from bihuan.ledger.actions import record
from bihuan.zones.models import Zone
from bihuan.zones.permissions import require

MAY_KEEP = (
    Permission.CASE_REPORT,
    Permission.CASE_RECTIFY,
    Permission.VISIT_RECORD,
    Permission.DOSSIER_EDIT,
    Permission.SHEET_IMPORT,
    Permission.CASE_DECIDE,
)


def keep(
    *,
    id: UUID | None = None,  # noqa: A002  the file's own name, made where it was taken
    zone: Zone,
    name: str,
    content: bytes,
    by: Actor,
    at: datetime,
    synthetic: bool = False,
) -> StoredFile:
    """Keep one uploaded file and return its row.

    The original bytes are stored untouched under their SHA-256; of a photograph a
    second copy without its hidden data is made for pages. The same id sent again with the
    same bytes returns the row that is there. Raises Refused for what is empty, too large,
    damaged or of a kind that is not evidence, Stale where the id names another file.
    """
    _require_any(by, zone, at)
    if id and (there := _there(id, zone, content, by)):
        return there
    if not content:
        raise Refused(_("The file is empty. Choose it again."))
    if len(content) > rules.MAX_BYTES:
        raise _too_large()
    photo = rules.read_photo(content)
    mime = photo.mime if photo else rules.document_type(name, content)
    digest = _store(zone.pk, content)
    row = StoredFile(
        id=id or new_id(),
        zone=zone,
        sha256=digest,
        name=PurePath(name).name[:255],
        mime=mime,
        size=len(content),
        shown_sha256=_store(zone.pk, photo.shown) if photo else "",
        taken_at=photo.taken_at if photo else None,
        lat=photo.lat if photo else None,
        lng=photo.lng if photo else None,
        received_at=at,
        received_by=by if isinstance(by, Person) else None,
        is_synthetic=synthetic,
    )
    try:
        return _written(row, by, at)
    except IntegrityError:  # the same file was being sent twice at this moment
        there = _there(row.pk, zone, content, by)
        if there is None:
            raise
        return there


@transaction.atomic
def _written(row: StoredFile, by: Actor, at: datetime) -> StoredFile:
    row.save(force_insert=True)
    record(
        zone_id=row.zone_id,
        kind="file.kept",
        about=("file", str(row.pk)),
        by=by,
        at=at,
        data={
            "size": row.size,
            "mime": row.mime,
            "shown": row.shown_sha256 or None,
            "taken_at": row.taken_at,
        },
        files=[row.sha256],
    )
    return row


def _there(id: UUID, zone: Zone, content: bytes, by: Actor) -> StoredFile | None:  # noqa: A002
    """Return the file that an earlier try of the same sending kept; Stale if it is another."""
    there = StoredFile.objects.filter(pk=id).first()
    if there is None:
        return None
    same = there.sha256 == hashlib.sha256(content).hexdigest()
    own = isinstance(by, Person) and there.received_by_id == by.pk and there.zone_id == zone.pk
    if same and own:
        return there
    raise Stale(_("This file was already sent with other contents. Take or choose it again."))


@dataclass(frozen=True)
class Kept:
    """What became of the files of one sending: those kept, and a sentence for each refused."""

    files: list[StoredFile]
    refused: list[str]


def keep_all(
    *, zone: Zone, sent: Iterable[Any], earlier: Iterable[str], by: Person, at: datetime
) -> Kept:
    """Keep the uploads of a form, and find again those that an earlier try kept.

    sent are Django's uploaded files, earlier the ids a form carries while its mistakes are
    mended; only the person's own are taken.
    """
    ids = [known for text in earlier if (known := id_in(text))]
    found = StoredFile.objects.filter(zone=zone, received_by=by).in_bulk(ids)
    files = [found[known] for known in dict.fromkeys(ids) if known in found]
    refused = []
    for upload in sent:
        try:
            files.append(keep_one(zone=zone, upload=upload, by=by, at=at))
        except Refused as refusal:
            refused.append(f"{upload.name}: {refusal.message}")
    return Kept(files, refused)


def keep_one(
    *,
    id: UUID | None = None,  # noqa: A002
    zone: Zone,
    upload: Any,
    by: Person,
    at: datetime,
) -> StoredFile:
    """Keep one of Django's uploaded files (None: nothing arrived), as keep() does."""
    if upload is None:
        raise Refused(_("The file is empty. Choose it again."))
    if upload.size > rules.MAX_BYTES:
        raise _too_large()
    return keep(id=id, zone=zone, name=upload.name, content=upload.read(), by=by, at=at)


def _too_large() -> Refused:
    return Refused(_("The file is too large: at most %(mb)d MB.") % {"mb": rules.MAX_BYTES >> 20})


def _store(zone_id: UUID, content: bytes) -> str:
    """Write content under its hash; return the hash."""
    digest = hashlib.sha256(content).hexdigest()
    put_whole(rules.path_of(zone_id, digest), content)
    return digest


def _require_any(by: Actor, zone: Zone, at: datetime) -> None:
    """Let through whoever holds one of the permissions that involve evidence."""
    refusals = []
    for permission in MAY_KEEP:
        try:
            require(by, permission, zone=zone, on=day_of(at))
        except Forbidden as refusal:
            refusals.append(refusal)
        else:
            return
    raise refusals[0]
