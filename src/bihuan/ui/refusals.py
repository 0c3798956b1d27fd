"""How the platform says no: one page, or one note for a request made by HTMX."""

from http import HTTPStatus
from typing import Any

from django.db import IntegrityError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bihuan.core.refusals import Refused

Text = str | Promise

TITLES: dict[int, Text] = {
    400: gettext_lazy("The request could not be read"),
    403: gettext_lazy("You may not do this"),
    404: gettext_lazy("There is no such page"),
    405: gettext_lazy("This cannot be done here"),
    409: gettext_lazy("Someone else was first"),
    410: gettext_lazy("This is gone"),
    413: gettext_lazy("This is too large"),
    422: gettext_lazy("This was not carried out"),
    429: gettext_lazy("Too many attempts"),
    500: gettext_lazy("Something went wrong on our side"),
    503: gettext_lazy("The service is being looked after"),
}
ADVICE: dict[int, Text] = {
    400: gettext_lazy("Go back, reload the page and try again."),
    403: gettext_lazy("Ask the zone's administrator if you need it for your work."),
    404: gettext_lazy(
        "It may have been moved, or it is not yours to see. Start from your work page."
    ),
    405: gettext_lazy("Go back and use the buttons of the page."),
    409: gettext_lazy("Go back, reload the page to see what changed, then decide again."),
    410: gettext_lazy("`bihuan doctor` names every file that is missing."),
    413: gettext_lazy("Send fewer or smaller files."),
    422: gettext_lazy("Go back and mend it; what you typed is still there."),
    429: gettext_lazy("Wait a while before you try again."),
    500: gettext_lazy(
        "Nothing was half-saved. Try again; if it happens again, tell the administrator the time."
    ),
    503: gettext_lazy("Try again in a few minutes."),
}


def page(
    request: HttpRequest, status: int, *, message: Text = "", title: Text = "", advice: Text = ""
) -> HttpResponse:
    """Return the page that refuses with status, or a note when HTMX asked."""
    context: dict[str, Any] = {
        "status": status,
        "title": title or TITLES.get(status, HTTPStatus(status).phrase),
        "message": message,
        "advice": advice or ADVICE.get(status, ""),
    }
    htmx = getattr(request, "htmx", None)
    if htmx and not htmx.boosted:
        response = render(request, "ui/note.html", context, status=status)
        response["HX-Retarget"] = "#messages"
        response["HX-Reswap"] = "innerHTML show:top"
        return response
    return render(request, "ui/refusal.html", context, status=status)


def answer(request: HttpRequest, refused: Refused) -> HttpResponse:
    """Return the answer to an action that refused."""
    return page(request, refused.status, message=refused.message)


def is_lost_race(error: Exception) -> bool:
    """Say whether the database gave up a write because others were writing the same.

    That is a deadlock, a lock not got in time, or a name or number that somebody else took
    between our look and our write.
    """
    code = getattr(error.__cause__, "sqlstate", None)
    if isinstance(error, IntegrityError):
        return code == _TAKEN or str(error).startswith("UNIQUE constraint failed")
    return isinstance(error, OperationalError) and (
        code in _LOST_RACES or "database is locked" in str(error)
    )


def lost_race(request: HttpRequest) -> HttpResponse:
    """Answer a write that was given up whole, and may be sent again."""
    message = _("Others were writing the same at that moment. Nothing of yours was kept.")
    lost = page(request, 409, message=message, advice=_("Go back and send it again."))
    lost["Retry-After"] = "1"
    return lost


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    status = 413 if type(exception).__name__ in _TOO_LARGE else 400
    return page(request, status)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return page(request, 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return page(request, 404)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Refuse a form whose token is missing or old: usually a page left open too long."""
    return page(
        request,
        403,
        title=_("This page was open for too long"),
        message=_("Nothing was saved."),
        advice=_("Go back, reload the page and send the form again."),
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer when all else failed: in both languages, asking nothing of the database."""
    return HttpResponse(_PLAIN, status=500)


_TAKEN = "23505"  # unique violation
_LOST_RACES = frozenset({"40P01", "40001", "55P03"})  # deadlock, serialisation, lock wait
_TOO_LARGE = frozenset({"RequestDataTooBig", "TooManyFilesSent", "TooManyFieldsSent"})
_PLAIN = """<!doctype html><html lang="zh-hans"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>500 · 闭环 Bihuan</title><link rel="stylesheet" href="/static/ui/bihuan.css">
<main class="bh-refusal"><p class="bh-status">500</p><h1>系统出错了</h1>
<p>未保存的内容没有写入一半。请重试；如再次出现，请把时间告诉管理员。</p>
<div lang="en"><h2>Something went wrong on our side</h2>
<p>Nothing was half-saved. Try again; if it happens again, tell the administrator the time.</p></div>
<p><a class="btn" href="/">返回首页 Home</a></p></main></html>
"""
