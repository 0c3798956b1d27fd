"""Claiming, finishing, retrying and recovering jobs; firing schedules."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django_tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from bihuan.core.actors import Actor, System
from bihuan.core.days import day_of
from bihuan.core.permissions import Permission
from bihuan.core.refusals import Refused, Stale
from bihuan.jobs.models import Firing, Lease
from bihuan.jobs.queries import jobs_seen_from
from bihuan.jobs.rules import MOST_TRIES, Schedule, wait_before
from bihuan.ledger.actions import record
from bihuan.ledger.rules.body import NO_ZONE
from bihuan.zones.models import Zone
from bihuan.zones.permissions import require

READY, RUNNING = TaskResultStatus.READY, TaskResultStatus.RUNNING
SUCCESSFUL, FAILED = TaskResultStatus.SUCCESSFUL, TaskResultStatus.FAILED
WORKER = System("worker")
Job = DBTaskResult[Any, Any]


@dataclass(frozen=True)
class Hold:
    """A worker's hold on a job: good while its attempt is the latest."""

    job: UUID
    attempt: int


_held: ContextVar[Hold | None] = ContextVar("_held", default=None)


class Superseded(Exception):
    """The job was given to another worker meanwhile; this one must not write any more."""


@transaction.atomic
def claim(*, worker: str, by: Actor = WORKER, at: datetime) -> tuple[Job, Hold] | None:
    """Take the next job that is due, or return None."""
    job = DBTaskResult.objects.ready().select_for_update(skip_locked=True).first()
    if job is None:
        return None
    job.claim(worker)
    attempt = len(job.worker_ids)
    Lease.objects.update_or_create(
        job=job.pk, defaults={"worker": worker, "attempt": attempt, "beat_at": at}
    )
    return job, Hold(job.pk, attempt)


@contextmanager
def holding(hold: Hold) -> Iterator[None]:
    """Let fence() know, within the block, which hold the running job has."""
    token = _held.set(hold)
    try:
        yield
    finally:
        _held.reset(token)


def fence(*, by: Actor = WORKER, at: datetime | None = None) -> None:
    """Raise Superseded unless the running job is still this worker's; call inside a transaction.

    Locks the lease, so that recovery waits until the transaction is through. Outside a
    job (the command line, a test) it lets everything pass.
    """
    hold = _held.get()
    if hold is not None and not _is_current(hold):
        raise Superseded(f"{hold.job} attempt {hold.attempt}")


def _is_current(hold: Hold) -> bool:
    leases = Lease.objects.select_for_update().filter(job=hold.job, attempt=hold.attempt)
    return leases.values_list("job", flat=True).first() is not None


def beat(*, hold: Hold, by: Actor = WORKER, at: datetime) -> bool:
    """Say that a worker lives; return whether the job is still its own."""
    return bool(Lease.objects.filter(job=hold.job, attempt=hold.attempt).update(beat_at=at))


@transaction.atomic
def succeed(*, job: Job, hold: Hold, by: Actor = WORKER, at: datetime) -> bool:
    """Mark a job as done; return False where another worker took it over."""
    if not _is_current(hold):
        return False
    job.set_successful(None)
    Lease.objects.filter(job=hold.job).delete()
    return True


@transaction.atomic
def fail(*, job: Job, hold: Hold, error: BaseException, by: Actor = WORKER, at: datetime) -> bool:
    """Put a job back to be tried later, or give it up after MOST_TRIES."""
    if not _is_current(hold):
        return False
    Lease.objects.filter(job=hold.job).delete()
    job.set_failed(error)
    if hold.attempt < MOST_TRIES:
        _again(job.pk, at + wait_before(hold.attempt))
    return True


def _again(job: UUID, run_after: datetime) -> None:
    DBTaskResult.objects.filter(pk=job).update(
        status=READY, run_after=run_after, started_at=None, finished_at=None
    )


def recover_lost(*, by: Actor = WORKER, at: datetime) -> int:
    """Give jobs of workers that fell silent to others; return how many.

    A job that has killed its workers MOST_TRIES times is given up, so that a poisoned
    one cannot take them all.
    """
    lost = 0
    for job in DBTaskResult.objects.filter(status=RUNNING).only("pk", "started_at"):
        lost += _recover(job.pk, at)
    return lost


@transaction.atomic
def _recover(job_id: UUID, at: datetime) -> int:
    job = DBTaskResult.objects.select_for_update().filter(pk=job_id, status=RUNNING).first()
    if job is None:
        return 0
    lease = Lease.objects.select_for_update().filter(job=job_id).first()
    heard_at = lease.beat_at if lease else job.started_at
    if heard_at is not None and abs(at - heard_at) < settings.JOB_LEASE:
        return 0  # heard of far in the future: by a clock that went astray
    Lease.objects.filter(job=job_id).delete()
    if len(job.worker_ids) >= MOST_TRIES:
        job.set_failed(RuntimeError(f"its worker was lost {MOST_TRIES} times"))
    else:
        _again(job_id, at)
    return 1


def fire_due(*, schedules: Iterable[Schedule], by: Actor = WORKER, at: datetime) -> list[str]:
    """Enqueue every schedule that is due and was not fired; return their names.

    Whoever inserts the firing enqueues, in one transaction: exactly once for each due
    moment, with any number of workers.
    """
    fired = []
    for schedule in schedules:
        due_at = schedule.last_due(at)
        fired_since = Firing.objects.filter(name=schedule.name, due_at__gte=due_at)
        if fired_since.filter(due_at__lte=at).exists():  # later ones: a clock that went astray
            continue
        try:
            with transaction.atomic():
                Firing.objects.create(name=schedule.name, due_at=due_at, fired_at=at)
                schedule.task.enqueue()
        except IntegrityError:
            continue
        fired.append(schedule.name)
    return fired


@transaction.atomic
def retry(*, job: UUID, zone: Zone, by: Actor, at: datetime) -> None:
    """Let a job that was given up be tried once more, at once; zone is whose operator asks."""
    require(by, Permission.JOB_OPERATE, zone=zone, on=day_of(at))
    row = jobs_seen_from(zone).select_for_update().filter(pk=job, status=FAILED).first()
    if row is None:
        raise Refused(_("Only a job that was given up can be tried again."))
    row.worker_ids = []
    row.save(update_fields=["worker_ids"])
    _again(row.pk, at)
    _record("job.retried", row, by, at)


@transaction.atomic
def drop(*, job: UUID, zone: Zone, by: Actor, at: datetime) -> None:
    """Strike a job that was given up, or waits, from the list; zone is whose operator asks."""
    require(by, Permission.JOB_OPERATE, zone=zone, on=day_of(at))
    row = jobs_seen_from(zone).select_for_update().filter(pk=job).first()
    if row is None or row.status == RUNNING:
        raise Stale(_("This job is running or gone. Look at the list again."))
    _record("job.dropped", row, by, at)
    row.delete()


def _record(kind: str, row: Job, by: Actor, at: datetime) -> None:
    data: dict[str, Any] = {"task": row.task_path}
    record(zone_id=NO_ZONE, kind=kind, about=("job", str(row.pk)), by=by, at=at, data=data)
