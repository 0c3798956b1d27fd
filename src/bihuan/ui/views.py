"""The kit's own pages: the language switch and, while developing, the gallery."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme

from bihuan.ui.middleware import LANGUAGES
from bihuan.ui.pages import open_to_strangers

YEAR = 365 * 24 * 60 * 60


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
