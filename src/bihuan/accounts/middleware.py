"""A session ends when nobody uses it, and at the latest after a working day."""

import time
from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from bihuan.ui import refusals

GetResponse = Callable[[HttpRequest], HttpResponse]
GRAIN = 60  # seconds between two writes of "last seen": a page view is not a write


class SessionLimitMiddleware:
    """Sign people out after SESSION_IDLE_SECONDS unused or SESSION_COOKIE_AGE in all."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated and self._over(request):
            logout(request)
            words = _("You were signed out because the page was not used for a long time.")
            if request.method == "POST":
                advice = _("Sign in in another tab, come back here and send again.")
                return refusals.page(request, 403, title=words, message=advice)
            messages.info(request, words)
        response = self.get_response(request)
        if request.user.is_authenticated:  # nobody goes back to it after signing out
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    def _over(self, request: HttpRequest) -> bool:
        now, session = int(time.time()), request.session
        began, seen = session.get("began"), session.get("seen")
        if began is None or seen is None:
            session["began"] = session["seen"] = now
            return False
        if now - began > settings.SESSION_COOKIE_AGE or now - seen > settings.SESSION_IDLE_SECONDS:
            return True
        if abs(now - seen) >= GRAIN:
            session["seen"] = now
        return False
