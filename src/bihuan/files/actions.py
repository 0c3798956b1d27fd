"""Keeping evidence: whole or not at all, under its hash, as it was received."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.accounts.models import Person
from bihuan.core.actors import Actor
from bihuan.core.days import day_of
from bihuan.core.ids import id_in
from bihuan.core.permissions import Permission
from bihuan.core.refusals import Forbidden, Refused
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
    *, zone: Zone, name: str, content: bytes, by: Actor, at: datetime, synthetic: bool = False
) -> StoredFile:
    """Keep one uploaded file and return its row.

    The original bytes are stored untouched under their SHA-256; of a photograph a
    second copy without its hidden data is made for pages. Raises Refused for what is
    empty, too large, damaged or of a kind that is not evidence.
    """
    _require_any(by, zone, at)
    if not content:
        raise Refused(_("The file is empty. Choose it again."))
    if len(content) > rules.MAX_BYTES:
        raise _too_large()
    photo = rules.read_photo(content)
    mime = photo.mime if photo else rules.document_type(name, content)
    digest = _store(zone.pk, content)
    shown = _store(zone.pk, photo.shown) if photo else ""
    with transaction.atomic():
        kept = StoredFile.objects.create(
            zone=zone,
            sha256=digest,
            name=PurePath(name).name[:255],
            mime=mime,
            size=len(content),
            shown_sha256=shown,
            taken_at=photo.taken_at if photo else None,
            lat=photo.lat if photo else None,
            lng=photo.lng if photo else None,
            received_at=at,
            received_by=by if isinstance(by, Person) else None,
            is_synthetic=synthetic,
        )
        record(
            zone_id=zone.pk,
            kind="file.kept",
            about=("file", str(kept.pk)),
            by=by,
            at=at,
            data={"size": kept.size, "mime": mime},
            files=[digest],
        )
    return kept


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
    files = list(StoredFile.objects.filter(zone=zone, received_by=by, pk__in=ids))
    refused = []
    for upload in sent:
        try:
            content = upload.read() if upload.size <= rules.MAX_BYTES else b""
            if not content and upload.size:
                raise _too_large()
            files.append(keep(zone=zone, name=upload.name, content=content, by=by, at=at))
        except Refused as refusal:
            refused.append(f"{upload.name}: {refusal.message}")
    return Kept(files, refused)


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
