"""The search page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from bihuan.core.permissions import Permission
from bihuan.search import queries
from bihuan.ui.pages import needs


@needs(Permission.WORK)
def find(request: HttpRequest) -> HttpResponse:
    """Show what a query finds among the things the person may see."""
    query = request.GET.get("q", "").strip()[:100]
    found = queries.find(request.standing, query)  # type: ignore[attr-defined]
    return render(request, "search/find.html", {"query": query, "found": found})
