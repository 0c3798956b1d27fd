"""Importing a sheet: sent in, confirmed or discarded; nothing is written unconfirmed.

What the jobs do between is in _reading.py and _writing.py.
"""

import hashlib
from collections.abc import Callable
from datetime import datetime
from pathlib import PurePath

from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.accounts.models import Person
from bihuan.core.days import day_of
from bihuan.core.refusals import Forbidden, Refused
from bihuan.core.stored import put_whole
from bihuan.sheets.actions._common import require_import, tell
from bihuan.sheets.models import Batch, BatchState, SheetRow
from bihuan.sheets.queries import stored_at
from bihuan.sheets.rules.containers import MAX_BYTES
from bihuan.zones.models import Zone
from bihuan.zones.permissions import standing_of


def send(
    *,
    zone: Zone,
    importer: str,
    name: str,
    content: bytes,
    then: Callable[[Batch], object] | None = None,
    by: Person,
    at: datetime,
) -> Batch:
    """Take in a file to be read. Raises Refused for what cannot be a spreadsheet.

    then is done in the transaction that stores the batch: asking a job to read it.
    """
    require_import(importer, zone, by, at)
    if not content:
        raise Refused(_("The file is empty. Choose it again."), field="file")
    if len(content) > MAX_BYTES:
        raise Refused(
            _("The file is too large: at most %(mb)d MB.") % {"mb": MAX_BYTES >> 20},
            field="file",
        )
    batch = Batch(
        zone=zone,
        importer=importer,
        name=PurePath(name).name[:255],
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
        sent_at=at,
        sent_by=by,
    )
    put_whole(stored_at(batch), content)
    with transaction.atomic():
        batch.save(force_insert=True)
        tell(batch, "sheet.sent", by, at, {"importer": importer, "size": batch.size})
        if then:
            then(batch)
    return batch


@transaction.atomic
def confirm(
    *, batch: Batch, then: Callable[[Batch], object] | None = None, by: Person, at: datetime
) -> Batch:
    """Confirm a preview, so that it is written, by whoever confirmed it. Again changes nothing.

    then is done in the same transaction: asking a job to write it.
    """
    batch = Batch.objects.select_for_update().get(pk=batch.pk)
    _require_own(batch, by, at)
    if batch.state in (BatchState.CONFIRMED, BatchState.DONE):
        return batch
    if batch.state != BatchState.READ:
        raise Refused(_("There is nothing to confirm: the file has not been read."))
    batch.state, batch.confirmed_at, batch.done = BatchState.CONFIRMED, at, 0
    batch.confirmed_by = by
    batch.save(update_fields=["state", "confirmed_at", "confirmed_by", "done"])
    tell(batch, "sheet.confirmed", by, at, {"counts": batch.counts, "sent_by": batch.sent_by_id})
    if then:
        then(batch)
    return batch


@transaction.atomic
def discard(*, batch: Batch, by: Person, at: datetime) -> Batch:
    """Give up a preview; what it would have written is forgotten."""
    batch = Batch.objects.select_for_update().get(pk=batch.pk)
    _require_own(batch, by, at)
    if batch.state not in (BatchState.READ, BatchState.WAITING, BatchState.REFUSED):
        raise Refused(_("It is confirmed already and cannot be discarded."))
    SheetRow.objects.filter(batch=batch).delete()
    batch.state = BatchState.DISCARDED
    batch.save(update_fields=["state"])
    tell(batch, "sheet.discarded", by, at, {})
    return batch


def _require_own(batch: Batch, by: Person, at: datetime) -> None:
    """Refuse a batch that somebody else sent, unless by's post reaches the whole zone."""
    require_import(batch.importer, batch.zone, by, at)
    standing = standing_of(by, batch.zone, on=day_of(at))
    if not Batch.objects.visible_to(standing).filter(pk=batch.pk).exists():
        raise Forbidden(_("Somebody else sent this file. Only they may go on with it."))
