"""Showing evidence to those who may see what it belongs to."""

from typing import Any
from uuid import UUID

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest
from django.shortcuts import get_object_or_404

from bihuan.core.composition import listed
from bihuan.core.permissions import Permission
from bihuan.files.models import StoredFile
from bihuan.files.rules import path_of
from bihuan.ui.pages import needs
from bihuan.zones.permissions import who_asks


@needs(Permission.WORK)
def show(request: Any, pk: UUID) -> FileResponse:
    """Show the page copy of a photograph."""
    kept = _visible(request, pk)
    if not kept.shown_sha256:
        return original(request, pk)
    content = default_storage.open(path_of(kept.zone_id, kept.shown_sha256))
    return _safely(FileResponse(content, content_type="image/jpeg"))


@needs(Permission.WORK)
def original(request: Any, pk: UUID) -> FileResponse:
    """Hand out the file as it was received, as a download."""
    kept = _visible(request, pk)
    content = default_storage.open(path_of(kept.zone_id, kept.sha256))
    return _safely(
        FileResponse(content, as_attachment=True, filename=kept.name, content_type=kept.mime)
    )


def _visible(request: HttpRequest, pk: UUID) -> StoredFile:
    """Return the file if something that shows it is visible to the person; 404 otherwise."""
    standing = who_asks(request)
    kept = get_object_or_404(StoredFile, pk=pk, zone=standing.zone)
    own = kept.received_by_id == standing.person.pk
    if own or any(holds(standing, kept) for holds in listed("FILE_HOLDERS")):
        return kept
    raise Http404


def _safely(response: FileResponse) -> FileResponse:
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "private, max-age=3600"
    return response
