"""Pages of figures: their definitions, and the rows each counts."""

from datetime import date

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from bihuan.cases.tables import CASES
from bihuan.core.permissions import Permission
from bihuan.figures.queries import FIGURES, calendar_year, figure, last_year, values
from bihuan.figures.rules import Of, Period
from bihuan.figures.tables import DOSSIERS, ENTRIES, MOVES
from bihuan.ui.forms import whole_number
from bihuan.ui.pages import needs
from bihuan.zones.permissions import who_asks

TABLES = {Of.DOSSIERS: DOSSIERS, Of.CASES: CASES, Of.ENTRIES: ENTRIES, Of.MOVES: MOVES}


@needs(Permission.FIGURE_READ)
def figure_list(request: HttpRequest) -> HttpResponse:
    """List all figures with their definitions and values."""
    standing = who_asks(request)
    found = values(standing.zone, [it.code for it in FIGURES], on=timezone.localdate())
    return render(request, "figures/list.html", {"values": list(found.values())})


@needs(Permission.FIGURE_READ)
def rows(request: HttpRequest, code: str) -> HttpResponse:
    """Show the rows a figure counts; ?year=2025 counts within that calendar year."""
    standing = who_asks(request)
    try:
        it = figure(code)
    except KeyError:
        raise Http404 from None
    period = _period(request, timezone.localdate())
    page = TABLES[it.of].page(request, it.rows(standing.zone, period))
    context = {"figure": it, "period": period, "standing": standing}
    return page.respond("figures/rows.html", context)


def _period(request: HttpRequest, today: date) -> Period:
    year = whole_number(request.GET.get("year", ""))
    if year is not None and 2000 <= year <= today.year:
        return calendar_year(year)
    return last_year(today)
