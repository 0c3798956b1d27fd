"""Pages of checklists: what is asked, and on which clause."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from bihuan.core.composition import listed
from bihuan.core.permissions import Permission
from bihuan.rounds import queries
from bihuan.rounds.models import Checklist
from bihuan.rounds.tables import CHECKLISTS
from bihuan.ui.pages import needs
from bihuan.zones.permissions import who_asks


@needs(Permission.ROUND_READ)
def checklist_list(request: HttpRequest) -> HttpResponse:
    """List the checklists in use."""
    standing = who_asks(request)
    rows = queries.current_checklists(standing.zone)
    return render(
        request,
        "rounds/checklists.html",
        {
            "rows": CHECKLISTS.plain(request, rows),
            "any": rows.exists(),
            "sets": listed("CHECKLIST_SETS") if standing.may(Permission.ROUND_MANAGE) else (),
        },
    )


@needs(Permission.ROUND_READ)
def checklist(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show one version of a checklist, item by item."""
    standing = who_asks(request)
    row = get_object_or_404(Checklist.objects.filter(zone=standing.zone), pk=pk)
    versions = Checklist.objects.filter(zone=standing.zone, code=row.code).order_by("-version")
    return render(request, "rounds/checklist.html", {"checklist": row, "versions": versions})
