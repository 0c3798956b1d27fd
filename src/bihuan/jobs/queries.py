"""How the background work is doing."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Min, Q, QuerySet
from django_tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from bihuan.jobs.models import Firing
from bihuan.zones.models import Zone


@dataclass(frozen=True)
class Health:
    """Waiting, running and given-up jobs, and how long the oldest due one has waited."""

    waiting: int
    running: int
    given_up: int
    oldest_wait: timedelta | None


def jobs_seen_from(zone: Zone) -> QuerySet[Any]:
    """Return the jobs an operator of a zone looks after: its own, and those of no zone.

    A job that works for one zone names it in its keyword argument "zone".
    """
    named = "args_kwargs__kwargs__zone"
    return DBTaskResult.objects.filter(Q(**{named: str(zone.pk)}) | Q(**{f"{named}__isnull": True}))


def has_given_up(zone: Zone, **told: str) -> bool:
    """Say whether a zone's job that was told these words was given up after all its tries."""
    words = {f"args_kwargs__kwargs__{name}": value for name, value in told.items()}
    jobs = DBTaskResult.objects.filter(status=TaskResultStatus.FAILED, **words)
    return jobs.filter(args_kwargs__kwargs__zone=str(zone.pk)).exists()


def health(*, now: datetime) -> Health:
    """Return the state of the queue."""
    jobs = DBTaskResult.objects
    due = jobs.filter(status=TaskResultStatus.READY, run_after__lte=now)
    oldest = due.aggregate(oldest=Min("run_after"))["oldest"]
    undated = jobs.filter(status=TaskResultStatus.READY, run_after__year=9999)
    first = undated.aggregate(oldest=Min("enqueued_at"))["oldest"]
    since = min((moment for moment in (oldest, first) if moment), default=None)
    return Health(
        jobs.filter(status=TaskResultStatus.READY).count(),
        jobs.filter(status=TaskResultStatus.RUNNING).count(),
        jobs.filter(status=TaskResultStatus.FAILED).count(),
        now - since if since else None,
    )


def last_firings() -> dict[str, datetime]:
    """Return when each schedule was last due and fired."""
    found: dict[str, datetime] = {}
    for name, due_at in Firing.objects.order_by("name", "due_at").values_list("name", "due_at"):
        found[name] = due_at
    return found
