"""Programs that the worker tests start and kill: work, enqueue, check.

A worker here gives a job up after three tries; how soon it believes its fellows lost is
said by the environment.
"""

import os
import signal
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import django

django.setup()

from django.core.management import call_command  # noqa: E402  settings come first
from django.db import transaction  # noqa: E402
from django_tasks import task  # noqa: E402
from django_tasks_db.models import DBTaskResult  # noqa: E402

from bihuan.core.actors import System  # noqa: E402
from bihuan.jobs import actions, worker  # noqa: E402
from bihuan.ledger.actions import record  # noqa: E402
from bihuan.ledger.models import Event  # noqa: E402
from bihuan.ledger.rules.body import NO_ZONE  # noqa: E402

TRIES = 3
TESTER = System("tester")


def begun(notes: str) -> None:
    """Say, outside the database, that a job has begun."""
    with Path(notes).open("a") as file:
        file.write(f"{os.getpid()}\n")


@task()
def once(notes: str, seconds: float) -> None:
    """Leave a mark at the end, guarded by nothing but the fence."""
    begun(notes)
    time.sleep(seconds)
    with transaction.atomic():
        actions.fence()
        record(
            zone_id=NO_ZONE, kind="test.marked", about=("mark", "once"), by=TESTER,
            at=datetime.now(UTC),
        )  # fmt: skip


@task()
def poison(notes: str) -> None:
    """Take the worker down."""
    begun(notes)
    os.kill(os.getpid(), signal.SIGKILL)


def prepare() -> None:
    call_command("migrate", verbosity=0)


def enqueue(name: str, *words: str) -> None:
    {"once": once, "poison": poison}[name].enqueue(words[0], *map(float, words[1:]))


def work() -> None:
    """Work until nothing is left that may yet be done."""
    changed: Any = actions
    changed.MOST_TRIES = TRIES
    while DBTaskResult.objects.filter(status__in=("READY", "RUNNING")).exists():
        worker.Worker([], interval=0.1).run(until_empty=True)
        time.sleep(0.1)


def check() -> None:
    job = DBTaskResult.objects.get()
    marks = Event.objects.filter(kind="test.marked").count()
    sys.stdout.write(f"{job.status} {marks} {len(job.worker_ids)}\n")


if __name__ == "__main__":
    # the tasks are named by this module's own name, not by __main__
    from tests.faults import workers

    getattr(workers, sys.argv[1])(*sys.argv[2:])
