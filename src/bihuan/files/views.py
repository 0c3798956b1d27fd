"""Taking evidence in, and showing it to those who may see what it belongs to."""

from typing import Any
from uuid import UUID

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from bihuan.core.composition import listed
from bihuan.core.ids import id_in
from bihuan.core.permissions import Permission
from bihuan.core.refusals import Refused
from bihuan.files import actions
from bihuan.files.models import StoredFile
from bihuan.files.rules import path_of
from bihuan.ui.once import refuse_another
from bihuan.ui.pages import needs
from bihuan.zones.permissions import who_asks


@needs(Permission.WORK)
@require_POST
def keep(request: Any) -> HttpResponse:
    """Keep one file of a form that a device sends piece by piece; answer with its id.

    The file's id is made on the device, so that a try whose answer was lost is repeated
    without a second file.
    """
    if another := refuse_another(request):
        return another
    standing = who_asks(request)
    sent = request.FILES.get("file")
    try:
        kept = actions.keep_one(
            id=id_in(request.POST.get("id")),
            zone=standing.zone,
            upload=sent,
            by=standing.person,
            at=timezone.now(),
        )
    except Refused as refused:
        return JsonResponse({"refused": str(refused.message)}, status=refused.status)
    return JsonResponse({"id": str(kept.pk), "sha256": kept.sha256})


@needs(Permission.WORK)
def show(request: Any, pk: UUID) -> FileResponse:
    """Show the page copy of a photograph."""
    kept = _visible(request, pk)
    if not kept.shown_sha256:
        return original(request, pk)
    content = _content(kept, kept.shown_sha256)
    return _safely(FileResponse(content, content_type="image/jpeg"))


@needs(Permission.WORK)
def original(request: Any, pk: UUID) -> FileResponse:
    """Hand out the file as it was received, as a download."""
    kept = _visible(request, pk)
    content = _content(kept, kept.sha256)
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


def _content(kept: StoredFile, digest: str) -> Any:
    """Open the bytes of this SHA-256; refuse in words where the store has lost them."""
    try:
        return default_storage.open(path_of(kept.zone_id, digest))
    except OSError as lost:
        raise Lost(
            _("The contents of %(name)s are missing from the store. Tell the administrator.")
            % {"name": kept.name}
        ) from lost


class Lost(Refused):
    """What was kept is not there any more."""

    status = 410


def _safely(response: FileResponse) -> FileResponse:
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "private, max-age=3600"
    return response
