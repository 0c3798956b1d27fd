"""Importing a sheet: sent in, read, confirmed, written; nothing is written unconfirmed."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from itertools import chain, islice
from pathlib import PurePath
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from bihuan.accounts.models import Person
from bihuan.core.days import day_of
from bihuan.core.permissions import Permission
from bihuan.core.refusals import Forbidden, Refused
from bihuan.core.stored import put_whole
from bihuan.jobs import actions as jobs
from bihuan.ledger.actions import record
from bihuan.sheets.models import Batch, BatchState, SheetRow
from bihuan.sheets.queries import importer_of, in_language, local_copy, stored_at
from bihuan.sheets.rules import headers, reading
from bihuan.sheets.rules.importing import (
    PIECE,
    Context,
    Importer,
    Judged,
    Parsed,
    Verdict,
    is_blank,
    parse,
)
from bihuan.zones.models import Zone
from bihuan.zones.permissions import require, standing_of


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
    _require(importer, zone, by, at)
    if not content:
        raise Refused(_("The file is empty. Choose it again."), field="file")
    if len(content) > reading.MAX_BYTES:
        raise Refused(
            _("The file is too large: at most %(mb)d MB.") % {"mb": reading.MAX_BYTES >> 20},
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
        _record(batch, "sheet.sent", by, at, {"importer": importer, "size": batch.size})
        if then:
            then(batch)
    return batch


def read(*, batch: Batch, by: Person, at: datetime) -> Batch:
    """Read a waiting batch and judge every row; the preview. May be run again after a crash."""
    if batch.state != BatchState.WAITING:
        return batch
    declared = _require(batch.importer, batch.zone, by, at)
    SheetRow.objects.filter(batch=batch).delete()
    Batch.objects.filter(pk=batch.pk).update(done=0)
    try:
        with in_language(batch), local_copy(batch) as path:
            _read_rows(batch, declared, reading.rows_of(path, batch.name), by, at)
    except Refused as refused:
        SheetRow.objects.filter(batch=batch).delete()
        batch.state, batch.reason = BatchState.REFUSED, str(refused.message)[:500]
    else:
        batch.state = BatchState.READ
    return _keep_preview(batch)


@transaction.atomic
def _keep_preview(batch: Batch) -> Batch:
    """Store what reading came to, unless the batch was discarded meanwhile."""
    stored = Batch.objects.select_for_update().get(pk=batch.pk)
    if stored.state != BatchState.WAITING:
        SheetRow.objects.filter(batch=batch).delete()
        return stored
    batch.save(update_fields=["state", "reason", "counts", "total", "headings", "ignored"])
    return batch


def _read_rows(
    batch: Batch, declared: Importer, rows: Iterator[reading.Row], by: Person, at: datetime
) -> None:
    first = list(islice(rows, headers.SEARCHED + 1))
    layout = headers.find(first, declared.columns)
    batch.headings = [_plain(cell) for cell in first[layout.heading_row]]
    batch.ignored = list(layout.ignored)[:50]
    context = _context(batch, by, at)
    counts: Counter[str] = Counter()
    seen: dict[tuple[Any, ...], int] = {}
    numbered = enumerate(chain(first[layout.heading_row + 1 :], rows), layout.heading_row + 2)
    for piece in _pieces((n, row) for n, row in numbered if not is_blank(row)):
        read_ones = [parse(number, row, layout, declared.columns) for number, row in piece]
        judged = _judge(declared, context, [_once(declared, it, seen) for it in read_ones])
        raw = dict(piece)
        with transaction.atomic():
            jobs.fence()
            SheetRow.objects.bulk_create(_stored(batch, declared, it, raw) for it in judged)
            Batch.objects.filter(pk=batch.pk).update(done=F("done") + len(judged))
        counts.update(it.verdict.value for it in judged)
    batch.counts, batch.total = dict(counts), sum(counts.values())
    if not batch.total:
        raise Refused(_("There is no row under the headings."))


def _pieces(rows: Iterable[tuple[int, reading.Row]]) -> Iterator[list[tuple[int, reading.Row]]]:
    running = iter(rows)
    while piece := list(islice(running, PIECE)):
        yield piece


def _once(
    declared: Importer, row: Parsed | Judged, seen: dict[tuple[Any, ...], int]
) -> Parsed | Judged:
    """Refuse a row that names the same thing as an earlier row of the file."""
    if isinstance(row, Judged):
        return row
    key = tuple(str(row.values.get(name) or "") for name in declared.key)
    if not key[0]:
        return row
    earlier = seen.setdefault(key, row.number)
    if earlier == row.number:
        return row
    reason = _("The same as row %(row)s of this file.") % {"row": earlier}
    return Judged(row, Verdict.REFUSED, reason)


def _judge(declared: Importer, context: Context, rows: Sequence[Parsed | Judged]) -> list[Judged]:
    """Return a verdict for each row, in order; those already refused keep theirs."""
    judged = iter(declared.judge(context, [it for it in rows if isinstance(it, Parsed)]))
    return [it if isinstance(it, Judged) else next(judged) for it in rows]


def _stored(
    batch: Batch, declared: Importer, judged: Judged, raw: dict[int, reading.Row]
) -> SheetRow:
    refused = judged.verdict is Verdict.REFUSED
    label = judged.row.values.get(declared.columns[0].name)
    return SheetRow(
        batch=batch,
        number=judged.row.number,
        verdict=judged.verdict,
        reason=_said(judged),
        label=str(label or "")[:200],
        values=judged.row.values,
        raw=[_plain(cell) for cell in raw[judged.row.number]] if refused else None,
    )


def _said(judged: Judged) -> str:
    """Return why a row is refused, or what it changes, as the preview shows it."""
    return (judged.reason or "；".join(judged.changes))[:1000]


def _plain(cell: reading.Cell) -> str | int | float | bool | None:
    return str(cell) if isinstance(cell, date | datetime | time | timedelta) else cell


@transaction.atomic
def confirm(
    *, batch: Batch, then: Callable[[Batch], object] | None = None, by: Person, at: datetime
) -> Batch:
    """Confirm a preview, so that it is written. Confirming again changes nothing.

    then is done in the same transaction: asking a job to write it.
    """
    batch = Batch.objects.select_for_update().get(pk=batch.pk)
    _require_own(batch, by, at)
    if batch.state in (BatchState.CONFIRMED, BatchState.DONE):
        return batch
    if batch.state != BatchState.READ:
        raise Refused(_("There is nothing to confirm: the file has not been read."))
    batch.state, batch.confirmed_at, batch.done = BatchState.CONFIRMED, at, 0
    batch.save(update_fields=["state", "confirmed_at", "done"])
    _record(batch, "sheet.confirmed", by, at, {"counts": batch.counts})
    if then:
        then(batch)
    return batch


def write(*, batch: Batch, by: Person, at: datetime) -> Batch:
    """Write the rows of a confirmed batch, piece by piece; goes on where it was cut off.

    A row whose subject changed since the preview is refused, not written over.
    """
    declared = _require(batch.importer, batch.zone, by, at)
    with in_language(batch):
        context = _context(batch, by, at)
        while batch.state == BatchState.CONFIRMED and _write_piece(batch, declared, context):
            pass
    _finish(batch, by, at)
    return batch


@transaction.atomic
def _write_piece(batch: Batch, declared: Importer, context: Context) -> bool:
    jobs.fence()
    Batch.objects.select_for_update().get(pk=batch.pk)
    waiting = SheetRow.objects.filter(
        batch=batch, written=False, verdict__in=(Verdict.NEW, Verdict.CHANGED)
    )
    rows = list(waiting.order_by("number")[:PIECE])
    if not rows:
        return False
    fresh = declared.judge(context, [Parsed(row.number, row.values) for row in rows])
    good = [
        now
        for row, now in zip(rows, fresh, strict=True)
        if now.verdict == row.verdict and _said(now) == row.reason
    ]
    reasons = _write_good(declared, context, good)
    written = {it.row.number for it in good} - reasons.keys()
    others = [(row, now) for row, now in zip(rows, fresh, strict=True) if row.number not in written]
    for row, now in others:
        if now.verdict is Verdict.UNCHANGED:  # someone wrote the same meanwhile
            row.verdict, row.written = now.verdict, True
        else:
            row.verdict = Verdict.REFUSED
            row.reason = (
                reasons.get(row.number)
                or now.reason
                or _("The register changed after the preview. Send the file again.")
            )[:1000]
        row.save(update_fields=["written", "verdict", "reason"])
    SheetRow.objects.filter(batch=batch, number__in=written).update(written=True)
    Batch.objects.filter(pk=batch.pk).update(done=F("done") + len(rows))
    return True


def _write_good(declared: Importer, context: Context, good: Sequence[Judged]) -> dict[int, str]:
    """Write rows together, or else one by one; return row number -> why it was refused."""
    try:
        with transaction.atomic():
            declared.write(context, good)
    except Refused:
        return _write_singly(declared, context, good)
    return {}


def _write_singly(declared: Importer, context: Context, good: Sequence[Judged]) -> dict[int, str]:
    reasons = {}
    for it in good:
        try:
            with transaction.atomic():
                declared.write(context, [it])
        except Refused as refused:
            reasons[it.row.number] = str(refused.message)
    return reasons


@transaction.atomic
def _finish(batch: Batch, by: Person, at: datetime) -> None:
    batch.refresh_from_db()
    if batch.state != BatchState.CONFIRMED:
        return
    written = SheetRow.objects.filter(batch=batch, verdict__in=(Verdict.NEW, Verdict.CHANGED))
    refused = SheetRow.objects.filter(batch=batch, verdict=Verdict.REFUSED)
    batch.state, batch.finished_at = BatchState.DONE, at
    batch.counts = {
        **batch.counts,
        "written": written.filter(written=True).count(),
        "left": refused.count(),
    }
    batch.save(update_fields=["state", "finished_at", "counts"])
    _record(batch, "sheet.written", by, at, {"counts": batch.counts})


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
    _record(batch, "sheet.discarded", by, at, {})
    return batch


def _require(importer: str, zone: Zone, by: Person, at: datetime) -> Importer:
    """Return the declaration of an import if by may carry it out."""
    declared = importer_of(importer)
    for permission in (Permission.SHEET_IMPORT, declared.permission):
        require(by, permission, zone=zone, on=day_of(at))
    return declared


def _require_own(batch: Batch, by: Person, at: datetime) -> None:
    """Refuse a batch that somebody else sent, unless by's post reaches the whole zone."""
    _require(batch.importer, batch.zone, by, at)
    standing = standing_of(by, batch.zone, on=day_of(at))
    if not Batch.objects.visible_to(standing).filter(pk=batch.pk).exists():
        raise Forbidden(_("Somebody else sent this file. Only they may go on with it."))


def _context(batch: Batch, by: Person, at: datetime) -> Context:
    return Context(batch.zone, by, at, f"{batch.name} ({batch.sha256[:8]})")


def _record(batch: Batch, kind: str, by: Person, at: datetime, data: dict[str, Any]) -> None:
    record(
        zone_id=batch.zone_id,
        kind=kind,
        about=("batch", str(batch.pk)),
        by=by,
        at=at,
        data=data,
        files=[batch.sha256],
    )
