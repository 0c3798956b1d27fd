"""The tree of grid cells."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _

from bihuan.core.permissions import Permission
from bihuan.ui.charts import Map, Outline
from bihuan.ui.forms import form_data
from bihuan.ui.links import around
from bihuan.ui.once import once
from bihuan.ui.pages import needs
from bihuan.zones import actions
from bihuan.zones.forms import CellChangeForm, CellForm, ReasonForm
from bihuan.zones.models import Cell
from bihuan.zones.permissions import who_asks
from bihuan.zones.views.frame import handled

TITLES: dict[str, Callable[[], str]] = {
    "name": lambda: _("Rename the cell"),
    "leader": lambda: _("Name another leader"),
    "parent": lambda: _("Move the cell"),
    "outline": lambda: _("Draw the outline"),
}


@needs(Permission.ZONE_SETUP)
def tree(request: HttpRequest) -> HttpResponse:
    """Show the tree and the map."""
    zone = who_asks(request).zone
    cells = list(Cell.objects.filter(zone=zone).select_related("leader").order_by("path"))
    rows = [(cell, "　" * (cell.path.count("/") - 2)) for cell in cells]
    context = {"rows": rows, "map": _map(zone.slug, cells)}
    return render(request, "zones/cells.html", context)


def _map(slug: str, cells: list[Cell]) -> Map | None:
    """Return the outlines that are drawn."""
    before, after = around("zones:cell", slug)
    drawn = [
        Outline(
            name=cell.name,
            geometry=cell.outline,
            said=cell.leader.name,
            href=f"{before}{cell.pk}{after}",
        )
        for cell in cells
        if cell.outline and cell.is_open
    ]
    return Map(name="cells", title=_("Outlines"), outlines=drawn, height="high") if drawn else None


@needs(Permission.ZONE_SETUP)
@once
def add(request: HttpRequest) -> HttpResponse:
    """Add a cell."""
    standing = who_asks(request)
    form = CellForm(*form_data(request), zone=standing.zone)

    def act() -> None:
        actions.add_cell(
            zone=standing.zone, **form.cleaned_data, by=standing.person, at=timezone.now()
        )

    return handled(request, form, act, title=_("Add a cell"), back=("zones:cells",))


@needs(Permission.ZONE_SETUP)
def cell(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show one cell and what may be changed of it."""
    found = _cell(request, pk)
    below = Cell.objects.filter(zone=found.zone_id, path__startswith=found.path).exclude(pk=pk)
    context = {
        "cell": found,
        "below": below.order_by("path"),
        "map": _map(found.zone.slug, [found]),
    }
    return render(request, "zones/cell.html", context)


@needs(Permission.ZONE_SETUP)
@once
def change(request: HttpRequest, pk: UUID, what: str) -> HttpResponse:
    """Rename, move or outline a cell, or name another leader."""
    if what not in TITLES:
        raise Http404
    found = _cell(request, pk)
    form = CellChangeForm(*form_data(request), what=what, cell=found)
    acts: dict[str, Callable[..., Any]] = {
        "name": actions.rename_cell,
        "leader": actions.name_leader,
        "parent": actions.move_cell,
        "outline": actions.draw_outline,
    }

    def act() -> None:
        given = {what: form.cleaned_data[what]}
        acts[what](cell=found, **given, by=who_asks(request).person, at=timezone.now())

    return handled(request, form, act, title=TITLES[what](), back=("zones:cell", pk))


@needs(Permission.ZONE_SETUP)
@once
def close(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take an emptied cell out of use."""
    found = _cell(request, pk)
    form = ReasonForm(*form_data(request))
    del form.fields["reason"]

    def act() -> None:
        actions.close_cell(cell=found, by=who_asks(request).person, at=timezone.now())

    title = _("Take %(cell)s out of use") % {"cell": found.name}
    note = _("It must be empty. Its code is not given again, and what was written of it stays.")
    return handled(
        request,
        form,
        act,
        title=title,
        back=("zones:cells",),
        note=note,
        submit=_("Take out of use"),
    )


def _cell(request: HttpRequest, pk: UUID) -> Cell:
    rows = Cell.objects.filter(zone=who_asks(request).zone)
    return get_object_or_404(rows.select_related("zone", "leader", "parent"), pk=pk)
