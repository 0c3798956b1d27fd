"""Reading a batch into its preview: every table of the file, every row judged."""

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import chain, islice
from pathlib import PurePath
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from bihuan.accounts.models import Person
from bihuan.core.models import insert_many
from bihuan.core.refusals import Refused
from bihuan.jobs import actions as jobs
from bihuan.sheets.actions._common import require_import
from bihuan.sheets.models import Batch, BatchState, SheetRow
from bihuan.sheets.queries import context_of, in_language, local_copy, place_of
from bihuan.sheets.rules import headers, reading
from bihuan.sheets.rules.containers import too_large
from bihuan.sheets.rules.importing import (
    PIECE,
    Above,
    Asides,
    Context,
    Importer,
    Judged,
    Parsed,
    Verdict,
    is_blank,
    parse,
)

MOST_IGNORED = 50


class Line(NamedTuple):
    """A row of data: its number in the sheet, its cells, and what they take from above."""

    number: int
    cells: reading.Row
    notes: tuple[str, ...]


class Opened:
    """A table whose headings are found; yields its rows of data, the others go to asides.

    names are those of its sheet and its file; above is how many rows of the sheet come before.
    """

    def __init__(
        self, declared: Importer, rows: Iterator[reading.Row], names: Sequence[str], above: int = 0
    ) -> None:
        first = list(islice(rows, 2 if above else headers.SEARCHED + 1))
        self.layout = headers.find(first, declared.columns, names)
        self.asides = Asides()
        for number, row in enumerate(first[: self.layout.top], above + 1):
            self.asides.above(number, row)
        self._declared, self._names = declared, names
        self._above = Above(self.layout, declared.columns, declared.carries)
        below = self.layout.heading_row + 1
        self._rows = enumerate(chain(first[below:], rows), above + below + 1)
        self._next: tuple[int, reading.Row] | None = None

    def __iter__(self) -> Iterator[Line]:
        for number, row in self._rows:
            if is_blank(row):
                continue
            if headers.is_heading(row, self.layout):
                self.asides.note(number, _("heading"))
            elif headers.starts_table(row, self.layout):
                self._next = number, row
                return
            elif not self.asides.takes(number, row):
                yield Line(number, *self._above.complete(row))

    def below(self) -> "Opened | None":
        """Return the table that follows on the same sheet, once all rows of this one are read."""
        if self._next is None:
            return None
        number, row = self._next
        rest = chain([row], (row for _number, row in self._rows))
        return Opened(self._declared, rest, self._names, number - 1)


MOST_TABLES = 50


def tables_of(
    book: reading.Book, declared: Importer, file: str
) -> Iterator[tuple[str, Opened | Refused]]:
    """Yield every table of a file with its name ("" where it is the only one), or why it could not
    be understood. Several on one sheet are numbered; each is to be read before the next."""
    for sheet in book.sheets:
        name = sheet.name if len(book.sheets) > 1 else ""
        try:
            opened: Opened | None = Opened(
                declared, sheet.rows(), (sheet.name, PurePath(file).stem)
            )
            for count in range(1, MOST_TABLES + 1):
                if opened is None:
                    break
                yield _name_of(name, count), opened
                opened = opened.below()
            else:
                raise too_large()
        except Refused as reason:
            yield name, reason


def read(*, batch: Batch, by: Person, at: datetime) -> Batch:
    """Read a waiting batch and judge every row; the preview. May be run again after a crash."""
    if batch.state != BatchState.WAITING:
        return batch
    declared = require_import(batch.importer, batch.zone, by, at)
    SheetRow.objects.filter(batch=batch).delete()
    Batch.objects.filter(pk=batch.pk).update(done=0)
    with in_language(batch.sent_by):
        try:
            with local_copy(batch) as path:
                book = reading.open_book(path, batch.name)
                _Reading(batch, declared, context_of(batch, by, at)).read(book)
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
    batch.save(update_fields=["state", "reason", "counts", "total", "sheets", "hidden"])
    return batch


def _name_of(sheet: str, count: int) -> str:
    if count == 1:
        return sheet
    named = _("%(sheet)s, table %(count)d") if sheet else _("table %(count)d")
    return named % {"sheet": sheet[:80], "count": count}


@dataclass
class _Reading:
    """One reading of a file. seen knows every row that was there, over all its sheets."""

    batch: Batch
    declared: Importer
    context: Context
    counts: Counter[str] = field(default_factory=Counter)
    seen: dict[Hashable, str] = field(default_factory=dict)
    total: int = 0

    def read(self, book: reading.Book) -> None:
        """Store the preview of every table; Refused where none could be understood."""
        self.batch.hidden = list(book.hidden)[:MOST_IGNORED]
        self.batch.sheets, refused = [], []
        for name, opened in tables_of(book, self.declared, self.batch.name):
            try:
                if isinstance(opened, Refused):
                    raise opened
                told = self._read_table(name, opened)
            except Refused as reason:
                told = {"name": name, "reason": str(reason.message)}
                refused.append(reason)
            self.batch.sheets.append(told)
        self.batch.counts, self.batch.total = dict(self.counts), self.total
        if not self.total:
            raise refused[0] if refused else Refused(_("There is no row under the headings."))

    def _read_table(self, name: str, opened: Opened) -> dict[str, Any]:
        columns, before = self.declared.columns, self.total
        for piece in _pieces(opened):
            parsed = [parse(it.number, it.cells, opened.layout, columns, it.notes) for it in piece]
            self._store(name, parsed, {it.number: it.cells for it in piece})
        return {
            "name": name,
            "headings": list(opened.layout.headings),
            "ignored": list(opened.layout.ignored)[:MOST_IGNORED],
            "asides": opened.asides.rows,
            "left_out": opened.asides.count,
            "rows": self.total - before,
        }

    def _store(self, name: str, parsed: list[Parsed | Judged], raw: dict[int, reading.Row]) -> None:
        judged = _judge(self.declared, self.context, [self._once(name, it) for it in parsed])
        with transaction.atomic():
            jobs.fence()
            insert_many([_stored(self.batch, self.declared, name, it, raw) for it in judged])
            Batch.objects.filter(pk=self.batch.pk).update(done=F("done") + len(judged))
        self.counts.update(it.verdict.value for it in judged)
        self.total += len(judged)

    def _once(self, sheet: str, row: Parsed | Judged) -> Parsed | Judged:
        """Refuse a row that names the same thing as an earlier row of the file."""
        if isinstance(row, Judged):
            return row
        names, same = self.declared.keys(row.values)
        earlier = next((self.seen[key] for key in same if key in self.seen), None)
        if earlier is None:
            name = row.values.get(self.declared.columns[0].name)
            here = f"{place_of(sheet, row.number)}（{str(name or '')[:60]}）"
            self.seen.update((key, here) for key in names)
            return row
        reason = _("The same as %(row)s of this file. Correct it if another is meant.")
        reason %= {"row": earlier}
        return Judged(row, Verdict.REFUSED, reason)


def _pieces(rows: Iterable[Line]) -> Iterator[list[Line]]:
    running = iter(rows)
    while piece := list(islice(running, PIECE)):
        yield piece


def _judge(declared: Importer, context: Context, rows: list[Parsed | Judged]) -> list[Judged]:
    """Return a verdict for each row, in order; those already refused keep theirs."""
    judged = iter(declared.judge(context, [it for it in rows if isinstance(it, Parsed)]))
    return [it if isinstance(it, Judged) else next(judged) for it in rows]


def _stored(
    batch: Batch, declared: Importer, sheet: str, judged: Judged, raw: dict[int, reading.Row]
) -> SheetRow:
    refused = judged.verdict is Verdict.REFUSED
    label = judged.row.values.get(declared.columns[0].name)
    return SheetRow(
        batch=batch,
        sheet=sheet[:100],
        number=judged.row.number,
        verdict=judged.verdict,
        reason=judged.said,
        label=str(label or "")[:200],
        values=judged.row.values,
        notes=list(judged.row.notes),
        raw=plain_cells(raw[judged.row.number]) if refused else None,
    )


def plain_cells(row: reading.Row) -> list[Any]:
    """Return cells as JSON keeps them."""
    return [str(it) if isinstance(it, date | datetime | time | timedelta) else it for it in row]
