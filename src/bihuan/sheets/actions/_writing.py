"""Writing a confirmed batch: piece by piece, each judged again and written in one transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from bihuan.accounts.models import Person
from bihuan.core.refusals import Refused
from bihuan.jobs import actions as jobs
from bihuan.sheets.actions._common import require_import, tell
from bihuan.sheets.actions._reading import plain_cells, tables_of
from bihuan.sheets.models import Batch, BatchState, SheetRow
from bihuan.sheets.queries import context_of, in_language, local_copy
from bihuan.sheets.rules import reading
from bihuan.sheets.rules.importing import PIECE, Context, Importer, Judged, Parsed, Verdict

WRITES = (Verdict.NEW, Verdict.CHANGED)


def write(*, batch: Batch, by: Person, at: datetime) -> Batch:
    """Write the rows of a confirmed batch, piece by piece; goes on where it was cut off.

    by is who confirmed it. A row whose subject changed since the preview is refused, not
    written over.
    """
    declared = require_import(batch.importer, batch.zone, by, at)
    with in_language(batch.sent_by):
        while batch.state == BatchState.CONFIRMED and _write_piece(batch, declared, by, at):
            pass
        if batch.state == BatchState.CONFIRMED:
            _keep_cells(batch, declared)
    _finish(batch, by, at)
    return batch


@transaction.atomic
def _write_piece(batch: Batch, declared: Importer, by: Person, at: datetime) -> bool:
    jobs.fence()
    _one_at_a_time(batch)
    waiting = SheetRow.objects.filter(batch=batch, written=False, verdict__in=WRITES)
    rows = [_Waiting(*it) for it in waiting.order_by("pk").values_list(*_Waiting._fields)[:PIECE]]
    if not rows:
        return False
    rows = [row for row in rows if row.sheet == rows[0].sheet]
    context = context_of(batch, by, at, sheet=rows[0].sheet)
    fresh = declared.judge(
        context, [Parsed(row.number, row.values, tuple(row.notes)) for row in rows]
    )
    good = [
        now
        for row, now in zip(rows, fresh, strict=True)
        if now.verdict == row.verdict and now.said == row.reason
    ]
    reasons = _write_good(declared, context, good)
    written = {it.row.number for it in good} - reasons.keys()
    for row, now in zip(rows, fresh, strict=True):
        if row.number not in written:
            _keep_unwritten(row, now, reasons.get(row.number, ""))
    done = [row.pk for row in rows if row.number in written]
    SheetRow.objects.filter(pk__in=done).update(written=True)
    Batch.objects.filter(pk=batch.pk).update(done=F("done") + len(rows))
    return True


def _one_at_a_time(batch: Batch) -> None:
    """Hold what the zone imports, so that two files with the same rows do not both write them."""
    running = Batch.objects.filter(zone=batch.zone_id, state=BatchState.CONFIRMED)
    list(running.select_for_update().order_by("pk").values_list("pk"))


class _Waiting(NamedTuple):
    """What is read of a row that waits to be written."""

    pk: int
    sheet: str
    number: int
    verdict: str
    reason: str
    values: dict[str, Any]
    notes: list[str]


def _keep_unwritten(row: _Waiting, now: Judged, reason: str) -> None:
    """Store why a row was not written: someone wrote the same meanwhile, or it is refused."""
    stored = SheetRow.objects.filter(pk=row.pk)
    if now.verdict is Verdict.UNCHANGED:
        stored.update(verdict=now.verdict, written=True)
    else:
        changed = _("The register changed after the preview. Send the file again.")
        told = (reason or now.reason or changed)[:1000]
        stored.update(verdict=Verdict.REFUSED, reason=told)


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


def _keep_cells(batch: Batch, declared: Importer) -> None:
    """Keep the cells of rows refused after the preview, out of the file, to be mended."""
    lacking = SheetRow.objects.filter(batch=batch, verdict=Verdict.REFUSED, raw__isnull=True)
    rows = {(row.sheet, row.number): row for row in lacking.only("pk", "sheet", "number")}
    if not rows:
        return
    with local_copy(batch) as path:
        book = reading.open_book(path, batch.name)
        for name, opened in tables_of(book, declared, batch.name):
            for line in () if isinstance(opened, Refused) else opened:
                if row := rows.get((name, line.number)):
                    row.raw = plain_cells(line.cells)
    SheetRow.objects.bulk_update(rows.values(), ["raw"], batch_size=PIECE)


@transaction.atomic
def _finish(batch: Batch, by: Person, at: datetime) -> None:
    batch.refresh_from_db()
    if batch.state != BatchState.CONFIRMED:
        return
    written = SheetRow.objects.filter(batch=batch, verdict__in=WRITES)
    refused = SheetRow.objects.filter(batch=batch, verdict=Verdict.REFUSED)
    batch.state, batch.finished_at = BatchState.DONE, at
    batch.counts = {
        **batch.counts,
        "written": written.filter(written=True).count(),
        "left": refused.count(),
    }
    batch.save(update_fields=["state", "finished_at", "counts"])
    tell(batch, "sheet.written", by, at, {"counts": batch.counts, "sent_by": batch.sent_by_id})
