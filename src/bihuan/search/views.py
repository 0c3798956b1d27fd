"""The search page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from bihuan.core.permissions import Permission
from bihuan.search import queries
from bihuan.ui.pages import needs
from bihuan.zones.permissions import who_asks


@needs(Permission.WORK)
def find(request: HttpRequest) -> HttpResponse:
    """Show what a query finds among the things the person may see."""
    query = request.GET.get("q", "").strip()[:100]
    found = queries.find(who_asks(request), query)
    return render(request, "search/find.html", {"query": query, "found": found})
