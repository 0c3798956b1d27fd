"""What counts against whoever tries to sign in: under which name, from where, how often."""

import unicodedata
from datetime import datetime
from typing import Any

from axes.models import AccessAttempt
from django.conf import settings
from django.db.models import Sum
from django.http import HttpRequest

from bihuan.accounts.models import Person


def name_tried(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str:
    """Return the sign-in name somebody tries, for counting failures: in one spelling.

    A database that ignores case also takes "ſ" for "s" and "ı" for "i": so does the count.
    """
    name = (credentials or {}).get("username") or request.POST.get("login", "")
    return unicodedata.normalize("NFKC", str(name)).strip().upper().lower()[:255]


def codes_of(person: Person) -> str:
    """Return the name under which a person's wrong codes of the second factor are counted."""
    return f"second factor of {person.pk}"


def tries_at(name: str, *, since: datetime) -> int:
    """Return how many wrong passwords were tried for a name since then, from anywhere."""
    tries = AccessAttempt.objects.filter(username=name, attempt_time__gte=since)
    return tries.aggregate(tries=Sum("failures_since_start"))["tries"] or 0


def address_of(request: HttpRequest) -> str:
    """Return where a request comes from: what the nearest trusted proxy saw, if there is one."""
    trusted: int = settings.PROXIES
    seen: list[str] = [
        part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    ]
    if trusted and len(seen) >= trusted and seen[-trusted]:
        return seen[-trusted]
    return str(request.META.get("REMOTE_ADDR", ""))
