"""What every request passes: its language, and how HTMX is told to go elsewhere."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import trans_real

from bihuan.ui import refusals

GetResponse = Callable[[HttpRequest], HttpResponse]
LANGUAGES = frozenset(code for code, _ in settings.LANGUAGES)


class LanguageMiddleware:
    """Speak the language chosen on the page (a cookie), else the deployment's own.

    The browser's own wish is not asked: an office computer set up in English still
    belongs to a Chinese office.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        for language in LANGUAGES:
            merge_catalogues(language)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        language = chosen if chosen in LANGUAGES else settings.LANGUAGE_CODE
        translation.activate(language)
        request.LANGUAGE_CODE = language
        response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response


def merge_catalogues(language: str) -> None:
    """Look a language's words up in one catalogue and not in each app's in turn.

    Django means to merge those with the same rule of plurals, but compares a rule with what
    it compiled to (TranslationCatalog.update, 5.2). A page asks for some hundred words.
    """
    found: Any = trans_real.translation(language)
    words, plurals = found._catalog._catalogs, found._catalog._plurals
    for place in range(len(words) - 2, -1, -1):
        if plurals[place].__code__ == plurals[place + 1].__code__:
            above = words.pop(place)
            words[place] |= above
            del plurals[place]


class PlainAddressMiddleware:
    """Refuse an address with a NUL in it: no field holds one, and no database looks for it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "%00" in request.META.get("QUERY_STRING", ""):
            return refusals.page(request, 400)
        return self.get_response(request)


class GoMiddleware:
    """Turn a redirect into one that HTMX follows with the whole page."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        htmx = getattr(request, "htmx", None)
        if htmx and 300 <= response.status_code < 400 and "Location" in response:
            gone = HttpResponse(status=204, headers={"HX-Redirect": response["Location"]})
            gone.cookies = response.cookies
            return gone
        return response
