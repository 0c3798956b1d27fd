"""The kit's own pages: the language switch, what waits on a device, and its worker."""

from functools import cache
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache

from bihuan.ui.middleware import LANGUAGES
from bihuan.ui.pages import for_everyone_signed_in, open_to_strangers

YEAR = 365 * 24 * 60 * 60
WORKER = Path(__file__).parent / "static" / "ui" / "worker.js"


@open_to_strangers
def language(request: HttpRequest, code: str) -> HttpResponse:
    """Choose the language of this browser and go back to the page it was chosen on."""
    if code not in LANGUAGES:
        raise Http404
    wanted = request.GET.get("next", "/")
    own = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, request.is_secure())
    response = HttpResponseRedirect(wanted if own else "/")
    set_language(response, code)
    return response


def set_language(response: HttpResponse, code: str) -> None:
    """Remember the language in the browser."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        code,
        max_age=YEAR,
        samesite="Lax",
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
    )


@for_everyone_signed_in
@never_cache
def who(request: HttpRequest) -> JsonResponse:
    """Tell a device that the line is up, and who is signed in; hand out the token to send with."""
    get_token(request)
    return JsonResponse({"person": str(request.user.pk)})


@for_everyone_signed_in
def waiting(request: HttpRequest) -> HttpResponse:
    """Show what is kept on this device: the page is empty, its script fills it there."""
    return render(request, "ui/waiting.html")


@open_to_strangers
def worker(request: HttpRequest) -> HttpResponse:
    """Hand out the script that opens kept pages without a line, at the root it works for."""
    response = HttpResponse(_worker(), content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    return response


@cache
def _worker() -> bytes:
    return WORKER.read_bytes()
