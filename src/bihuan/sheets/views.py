"""Pages of imports."""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from bihuan.core.composition import listed
from bihuan.core.permissions import Permission
from bihuan.core.refusals import Refused
from bihuan.jobs.queries import has_given_up
from bihuan.sheets import actions, tasks
from bihuan.sheets.models import Batch, BatchState, SheetRow
from bihuan.sheets.queries import importer_of, refused_rows, remarks_on
from bihuan.sheets.rules.containers import MAX_BYTES
from bihuan.sheets.rules.importing import VERDICT_NAMES, Importer, Verdict
from bihuan.sheets.tables import BATCHES, ROWS, ROWS_OF_SHEETS, VERDICT_BADGES
from bihuan.ui.components import Tile
from bihuan.ui.forms import form_data, refuse, show_form
from bihuan.ui.once import once
from bihuan.ui.pages import needs
from bihuan.ui.tables import Page
from bihuan.zones.permissions import who_asks

RUNNING = (BatchState.WAITING, BatchState.CONFIRMED)
TONES = {Verdict.NEW: "green", Verdict.CHANGED: "blue", Verdict.REFUSED: "red"}


class SendForm(forms.Form):
    """What the sheet holds, and the sheet."""

    importer = forms.ChoiceField(label=gettext_lazy("What the sheet holds"))
    file = forms.FileField(
        label=gettext_lazy("Spreadsheet"),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xlsm,.xlsb,.xls,.et,.ods,.csv,.txt,.tsv"}),
        help_text=gettext_lazy(
            "Any order of columns, title rows and blank rows are fine. Nothing is written "
            "before you have seen what will change."
        ),
    )

    def __init__(self, *args: Any, importers: Sequence[Importer], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice: Any = self.fields["importer"]
        choice.choices = [(it.code, it.name) for it in importers]


@needs(Permission.SHEET_IMPORT)
@once
def batches(request: HttpRequest) -> HttpResponse:
    """List the imports, and take in another file."""
    standing = who_asks(request)
    importers = [it for it in listed("IMPORTERS") if standing.may(it.permission)]
    form = SendForm(*form_data(request), importers=importers)
    if request.method == "POST" and form.is_valid():
        sent = form.cleaned_data["file"]
        try:
            batch = actions.send(
                zone=standing.zone,
                importer=form.cleaned_data["importer"],
                name=sent.name,
                content=sent.read(MAX_BYTES + 1),
                then=tasks.ask_to_read,
                by=standing.person,
                at=timezone.now(),
            )
        except Refused as refused:
            refuse(form, refused)
        else:
            return redirect("sheets:batch", standing.zone.slug, batch.pk)
    context = {"form": form, "importers": importers}
    page = BATCHES.page(request, Batch.objects.visible_to(standing))
    if request.method == "POST":
        return show_form(request, "sheets/batches.html", {**context, "page": page})
    return page.respond("sheets/batches.html", context)


@needs(Permission.SHEET_IMPORT)
def batch(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show how far an import is, what it would change, and what it did."""
    row = _batch(request, pk)
    table = ROWS_OF_SHEETS if len(row.sheets) > 1 else ROWS
    page = table.page(request, SheetRow.objects.filter(batch=row), total=None)
    running = row.state in RUNNING
    context = {
        "batch": row,
        "importer": importer_of(row.importer),
        "running": running,
        "given_up": running and has_given_up(row.zone, batch=str(row.pk)),
        "remarks": remarks_on(row),
        "goal": _goal(row),
        "tiles": _tiles(row),
        "nothing_fits": row.state == BatchState.READ
        and row.counts.get(Verdict.REFUSED, 0) == row.total,
        "may_confirm": row.state == BatchState.READ and _writes(row) > 0,
        "writes": _writes(row),
    }
    return page.respond("sheets/batch.html", context)


def _writes(row: Batch) -> int:
    return sum(row.counts.get(verdict, 0) for verdict in (Verdict.NEW, Verdict.CHANGED))


def _goal(row: Batch) -> int | None:
    """Return how many rows the running step has to do, where that is known."""
    return _writes(row) if row.state == BatchState.CONFIRMED else row.total or None


def _tiles(row: Batch) -> list[Tile]:
    tiles = [
        Tile(
            label=VERDICT_NAMES[verdict],
            value=row.counts.get(verdict, 0),
            href=f"?verdict={verdict}",
            tone=TONES.get(verdict, ""),
        )
        for verdict in VERDICT_BADGES
    ]
    if row.state == BatchState.DONE:
        tiles.append(Tile(label=_("written"), value=row.counts.get("written", 0), tone="green"))
    return tiles if row.total else []


@needs(Permission.SHEET_IMPORT)
@require_POST
def confirm(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Confirm a preview."""
    actions.confirm(
        batch=_batch(request, pk),
        then=tasks.ask_to_write,
        by=who_asks(request).person,
        at=timezone.now(),
    )
    messages.success(request, _("Confirmed. The rows are being written."))
    return redirect("sheets:batch", who_asks(request).zone.slug, pk)


@needs(Permission.SHEET_IMPORT)
@require_POST
def discard(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give up a preview."""
    actions.discard(batch=_batch(request, pk), by=who_asks(request).person, at=timezone.now())
    messages.success(request, _("Discarded. Nothing was written."))
    return redirect("sheets:batches", who_asks(request).zone.slug)


@needs(Permission.SHEET_IMPORT)
def refused(request: HttpRequest, pk: UUID) -> FileResponse:
    """Hand out the refused rows with their reasons, to be mended and sent again."""
    row = _batch(request, pk)
    tables = [_refused_of(row, it) for it in row.sheets if it.get("rows")]
    book = actions.save_tables(tables=tables, by=who_asks(request).person, at=timezone.now())
    return FileResponse(book, as_attachment=True, filename=_("refused rows") + f" {row.name}.xlsx")


def _refused_of(row: Batch, table: dict[str, Any]) -> tuple[str, list[str], Iterator[list[Any]]]:
    """Return the refused rows of one sheet under its own headings, with the reasons."""
    headings = [*table["headings"], _("Why it was refused")]
    width = len(headings) - 1
    rows = (
        [*(list(it.raw or []) + [None] * width)[:width], it.reason]
        for it in refused_rows(row, table["name"])
    )
    return table["name"], headings, rows


@needs(Permission.SHEET_IMPORT)
def template(request: HttpRequest, code: str) -> FileResponse:
    """Hand out an empty sheet with the headings and one example row."""
    try:
        importer = importer_of(code)
    except KeyError:
        raise Http404 from None
    headings = [str(column.label) for column in importer.columns]
    example = [column.example for column in importer.columns]
    book = actions.save_tables(
        tables=[("", headings, [example])],
        by=who_asks(request).person,
        at=timezone.now(),
    )
    return FileResponse(book, as_attachment=True, filename=f"{importer.name}.xlsx")


def _batch(request: HttpRequest, pk: UUID) -> Batch:
    rows = Batch.objects.visible_to(who_asks(request)).select_related(
        "zone", "sent_by", "confirmed_by"
    )
    return get_object_or_404(rows, pk=pk)


def as_sheet(page: Page) -> FileResponse:
    """Write a list as its page shows it, filtered and ordered, but whole, as a spreadsheet."""
    standing = who_asks(page.request)
    title = str(page.table.sheet)
    book = actions.export(
        zone=standing.zone,
        title=title,
        table=page.table,
        rows=page.table.filtered(page.request, page.rows_given),
        by=standing.person,
        at=timezone.now(),
    )
    name = f"{title} {timezone.localdate()}.xlsx"
    return FileResponse(book, as_attachment=True, filename=name)
