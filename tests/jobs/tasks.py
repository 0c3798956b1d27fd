"""Jobs for tests: each leaves a mark in the ledger of no zone, once."""

import time
from datetime import UTC, datetime

from django.db import transaction
from django_tasks import task

from bihuan.core.actors import System
from bihuan.jobs import actions as jobs
from bihuan.ledger.actions import record
from bihuan.ledger.models import Event
from bihuan.ledger.rules.body import NO_ZONE

TESTER = System("tester")


def mark(name: str) -> None:
    """Write a mark, once, as a job of ours does: fenced, in one transaction."""
    with transaction.atomic():
        jobs.fence()
        if not Event.objects.filter(kind="test.marked", about_id=name).exists():
            record(
                zone_id=NO_ZONE, kind="test.marked", about=("mark", name), by=TESTER,
                at=datetime.now(UTC),
            )  # fmt: skip


@task()
def slow(name: str, seconds: float) -> None:
    """Work for a while, then leave a mark."""
    time.sleep(seconds)
    mark(name)


@task()
def poison() -> None:
    """Fail."""
    raise ValueError("poison")


@task()
def scheduled() -> None:
    """Be due."""
    mark("scheduled")


@task()
def for_zone(zone: str) -> None:
    """Do nothing, for one zone."""
