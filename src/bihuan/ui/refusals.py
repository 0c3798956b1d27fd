"""How the platform says no: one page, or one note for a request made by HTMX."""

import errno
import sys
from http import HTTPStatus
from typing import Any

from django.db import (
    DatabaseError,
    IntegrityError,
    InterfaceError,
    OperationalError,
    ProgrammingError,
)
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


def trouble(error: BaseException | None) -> int:
    """Return 507 where a disk is full, 503 where the database is away, 500 for anything else."""
    code = getattr(getattr(error, "__cause__", None), "sqlstate", None)
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return 507
    if not isinstance(error, DatabaseError | InterfaceError):
        return 500
    if code == "53100" or "disk is full" in str(error):
        return 507
    from_server = type(error.__cause__).__module__.startswith("psycopg")
    gone = code is None or code[:2] in _AWAY
    return 503 if from_server and gone and not isinstance(error, ProgrammingError) else 500


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer when all else failed: in both languages, asking nothing of the database."""
    status = trouble(sys.exc_info()[1])
    chinese, said, english, words = _TROUBLES[status]
    texts = {
        "status": status, "chinese": chinese, "said": said, "english": english, "words": words,
    }  # fmt: skip
    response = HttpResponse(_PLAIN.format(**texts), status=status)
    if status == 503:
        response["Retry-After"] = "30"
    return response


_AWAY = frozenset({"08", "57"})  # connection lost; server shutting down or taking over
_TAKEN = "23505"  # unique violation
_LOST_RACES = frozenset({"40P01", "40001", "55P03"})  # deadlock, serialisation, lock wait
_TOO_LARGE = frozenset({"RequestDataTooBig", "TooManyFilesSent", "TooManyFieldsSent"})
_TROUBLES = {
    500: (
        "系统出错了",
        "未保存的内容没有写入一半。请重试；如再次出现，请把时间告诉管理员。",
        "Something went wrong on our side",
        "Nothing was half-saved. Try again; if it happens again, tell the administrator the time.",
    ),
    503: (
        "数据库暂时连接不上",
        "本次提交没有保存。请过半分钟返回原页面再提交一次，填写的内容还在。",
        "The database cannot be reached",
        "What you sent was not saved. Go back in half a minute and send it again.",
    ),
    507: (
        "服务器磁盘已满",
        "本次提交没有保存，填写的内容还在原页面。请告知管理员清理磁盘，然后再提交一次。",
        "The server's disk is full",
        "What you sent was not saved. Tell the administrator to make room, then go back and send it again.",
    ),
}
_PLAIN = """<!doctype html><html lang="zh-hans"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{status} · 闭环 Bihuan</title><link rel="stylesheet" href="/static/ui/bihuan.css">
<main class="bh-refusal"><p class="bh-status">{status}</p><h1>{chinese}</h1>
<p>{said}</p>
<div lang="en"><h2>{english}</h2>
<p>{words}</p></div>
<p><a class="btn" href="/">返回首页 Home</a></p></main></html>
"""
