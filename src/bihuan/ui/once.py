"""A form is carried out once, however often it is sent."""

import json
import time
from collections.abc import Callable
from functools import wraps
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _

from bihuan.core.ids import new_id
from bihuan.ui import actions, refusals
from bihuan.ui.models import Sending

View = Callable[..., HttpResponse]
PATIENCE = 5.0  # seconds a second sending waits for the first one's answer
AGAIN_AFTER = 30  # seconds after which a device may ask again what became of the first


def sent_key(request: HttpRequest) -> UUID:
    """Return the id the form names itself by: the id of the record it makes."""
    return _key(request) or new_id()


def once(view: View) -> View:
    """Answer a second POST with the same form_key as the first was answered.

    An answer is a redirect; a form shown again with its errors may be sent again. The same
    key with other contents is refused (409): what was sent first stands. Works
    for forms of signed-in people that carry {% form_key %}; others pass unchanged.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        key = _key(request) if request.method == "POST" else None
        if key is None or not request.user.is_authenticated:
            return view(request, *args, **kwargs)
        if another := refuse_another(request):
            return another
        by: Any = request.user
        said = _digest(request)
        if actions.begin_sending(key=key, by=by, at=timezone.now(), said=said) is None:
            return _second(request, key, by, said)
        answer = ""
        try:
            response = view(request, *args, **kwargs)
            answer = response["Location"] if 300 <= response.status_code < 400 else ""
        finally:
            actions.finish_sending(key=key, answer=answer, by=by, at=timezone.now())
        return response

    return guarded


def refuse_another(request: HttpRequest) -> HttpResponse | None:
    """Refuse what one person filled in on a device where another is signed in now.

    form_by is the id of whoever filled it in; forms that do not say it pass.
    """
    filled_by = request.POST.get("form_by", "")
    if not filled_by or filled_by == str(request.user.pk):
        return None
    message = _("This was filled in by someone else on this device. They must sign in to send it.")
    return refusals.page(request, 409, message=message)


def _key(request: HttpRequest) -> UUID | None:
    try:
        return UUID(request.POST.get("form_key", ""))
    except ValueError:
        return None


def _digest(request: HttpRequest) -> str:
    """Return a digest of what a form says: its fields, and its files by name and size."""
    fields = [(name, request.POST.getlist(name)) for name in sorted(request.POST)]
    files = [
        (name, [(it.name, it.size) for it in request.FILES.getlist(name)])
        for name in sorted(request.FILES)
    ]
    said = [[it for it in fields if it[0] != "csrfmiddlewaretoken"], files]
    return sha256(json.dumps(said).encode()).hexdigest()


def _second(request: HttpRequest, key: UUID, by: Any, said: str) -> HttpResponse:
    """Wait for the first sending's answer and give the same."""
    patience = time.monotonic() + PATIENCE
    while time.monotonic() < patience:
        sending = Sending.objects.filter(key=key, person=by.actor_id).first()
        if sending is None:
            break
        if sending.said and sending.said != said:
            words = _(
                "This form was sent before with other contents, and those stand. Look at them."
            )
            return refusals.page(request, 409, message=words)
        if sending.answer:
            return HttpResponseRedirect(sending.answer)
        time.sleep(0.1)
    busy = refusals.page(
        request,
        409,
        message=_("This form is already being carried out. Look at the list before sending again."),
    )
    busy["Retry-After"] = str(AGAIN_AFTER)
    return busy
