"""Jobs are claimed once, retried, recovered and given up; schedules fire once."""

from datetime import datetime, time, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from hypothesis import given
from hypothesis import strategies as st

from bihuan.core.refusals import Forbidden, Refused, Stale
from bihuan.jobs import actions
from bihuan.jobs.models import Firing, Lease
from bihuan.jobs.queries import health
from bihuan.jobs.rules import MOST_TRIES, Schedule, wait_before
from bihuan.jobs.worker import Worker
from bihuan.ledger.models import Event
from tests.factories.zones import PostFactory
from tests.jobs import tasks

pytestmark = pytest.mark.django_db
HERE = ZoneInfo("Asia/Shanghai")
LEASE = settings.JOB_LEASE


def enqueue(task, *args, **kwargs) -> DBTaskResult:
    return DBTaskResult.objects.get(pk=task.enqueue(*args, **kwargs).id)


def marks():
    return list(Event.objects.filter(kind="test.marked").values_list("about_id", flat=True))


@pytest.mark.django_db(transaction=True)
def test_a_job_is_run_once():
    enqueue(tasks.slow, "a", 0)
    assert Worker([]).run(until_empty=True) == 1
    assert marks() == ["a"]
    assert DBTaskResult.objects.get().status == "SUCCESSFUL"
    assert not Lease.objects.exists()


def test_a_job_that_fails_is_tried_again_later_and_at_last_given_up():
    job, now = enqueue(tasks.poison), timezone.now()
    for attempt in range(1, MOST_TRIES + 1):
        claimed, hold = actions.claim(worker="w", at=now)
        assert hold.attempt == attempt
        actions.fail(job=claimed, hold=hold, error=ValueError("poison"), at=now)
        job.refresh_from_db()
        if attempt < MOST_TRIES:
            assert (job.status, job.run_after) == ("READY", now + wait_before(attempt))
            DBTaskResult.objects.update(run_after=now)
    assert job.status == "FAILED"
    assert "poison" in job.traceback
    assert health(now=now).given_up == 1


def test_a_lost_worker_s_job_is_given_to_another_and_its_late_word_is_void():
    enqueue(tasks.slow, "a", 0)
    now = timezone.now()
    job, late_hold = actions.claim(worker="lost", at=now)
    assert actions.recover_lost(at=now + LEASE / 2) == 0
    assert actions.recover_lost(at=now + LEASE) == 1
    DBTaskResult.objects.update(run_after=now)
    _again, hold = actions.claim(worker="other", at=now + LEASE)
    assert hold.attempt == 2
    with actions.holding(late_hold), pytest.raises(actions.Superseded):
        tasks.mark("a")
    assert not actions.succeed(job=job, hold=late_hold, at=now)
    assert not actions.beat(hold=late_hold, at=now)
    with actions.holding(hold):
        tasks.mark("a")
    assert marks() == ["a"]


def test_a_heartbeat_keeps_a_long_job():
    enqueue(tasks.slow, "a", 0)
    now = timezone.now()
    _job, hold = actions.claim(worker="w", at=now)
    for _ in range(5):
        now += LEASE / 2
        assert actions.beat(hold=hold, at=now)
        assert actions.recover_lost(at=now) == 0


def test_a_job_that_kills_its_workers_is_given_up():
    enqueue(tasks.slow, "a", 0)
    now = timezone.now()
    for _ in range(MOST_TRIES):
        DBTaskResult.objects.update(run_after=timezone.now())
        assert actions.claim(worker="w", at=now)
        now += LEASE
        actions.recover_lost(at=now)
    assert actions.claim(worker="w", at=now) is None
    assert DBTaskResult.objects.get().status == "FAILED"


HOURLY = Schedule("hourly", tasks.scheduled, every=timedelta(hours=1))
DAILY = Schedule("daily", tasks.scheduled, at=time(3, 30))


def test_a_schedule_fires_once_for_each_moment_with_any_number_of_workers():
    at = datetime(2026, 9, 15, 9, 5, tzinfo=HERE)
    assert actions.fire_due(schedules=[HOURLY, DAILY], at=at) == ["hourly", "daily"]
    assert actions.fire_due(schedules=[HOURLY, DAILY], at=at + timedelta(minutes=50)) == []
    assert actions.fire_due(schedules=[HOURLY, DAILY], at=at + timedelta(hours=1)) == ["hourly"]
    assert DBTaskResult.objects.count() == 3


@pytest.mark.parametrize("jump", [timedelta(days=400), timedelta(days=-3)])
def test_a_clock_that_jumps_causes_one_catch_up_at_most(jump):
    at = datetime(2026, 9, 15, 9, 5, tzinfo=HERE)
    actions.fire_due(schedules=[HOURLY], at=at)
    fired = actions.fire_due(schedules=[HOURLY], at=at + jump)
    assert fired == ["hourly"]
    actions.fire_due(schedules=[HOURLY], at=at)
    assert Firing.objects.count() == len(fired) + 1


@given(st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2030, 1, 1)))  # noqa: DTZ001
def test_what_is_due_was_due_within_its_period(naive):
    now = naive.replace(tzinfo=HERE)
    assert timedelta() <= now - HOURLY.last_due(now) < timedelta(hours=1)
    assert timedelta() <= now - DAILY.last_due(now) < timedelta(days=1)


def test_enqueueing_rolls_back_with_the_change_it_belongs_to():
    with transaction.atomic():
        enqueue(tasks.slow, "a", 0)
        transaction.set_rollback(True)
    assert not DBTaskResult.objects.exists()


def test_an_operator_retries_and_drops():
    job, now = enqueue(tasks.poison), timezone.now()
    post = PostFactory(role="administrator")
    zone, person = post.zone, post.person
    with pytest.raises(Refused):
        actions.retry(job=job.pk, zone=zone, by=person, at=now)
    DBTaskResult.objects.update(status="FAILED", worker_ids=["w"] * MOST_TRIES)
    actions.retry(job=job.pk, zone=zone, by=person, at=now)
    assert actions.claim(worker="w", at=now)[1].attempt == 1
    with pytest.raises(Stale):
        actions.drop(job=job.pk, zone=zone, by=person, at=now)
    DBTaskResult.objects.update(status="FAILED")
    actions.drop(job=job.pk, zone=zone, by=person, at=now)
    assert not DBTaskResult.objects.exists()
    kinds = Event.objects.filter(about_type="job").values_list("kind", flat=True)
    assert list(kinds.order_by("seq")) == ["job.retried", "job.dropped"]


def test_jobs_are_for_operators_and_those_of_a_zone_for_its_own(client):
    mine, theirs = PostFactory(role="administrator"), PostFactory(role="administrator")
    leader = PostFactory(zone=mine.zone, role="leader").person
    job, now = enqueue(tasks.for_zone, zone=str(theirs.zone.pk)), timezone.now()
    DBTaskResult.objects.update(status="FAILED")
    with pytest.raises(Forbidden):
        actions.retry(job=job.pk, zone=mine.zone, by=leader, at=now)
    with pytest.raises(Refused):
        actions.retry(job=job.pk, zone=mine.zone, by=mine.person, at=now)
    with pytest.raises(Stale):
        actions.drop(job=job.pk, zone=mine.zone, by=mine.person, at=now)
    client.force_login(mine.person)
    assert client.get(f"/z/{mine.zone.slug}/jobs/{job.pk}/").status_code == 404
    client.force_login(theirs.person)
    assert client.get(f"/z/{theirs.zone.slug}/jobs/{job.pk}/").status_code == 200
    actions.drop(job=job.pk, zone=theirs.zone, by=theirs.person, at=now)
    assert not DBTaskResult.objects.exists()


def test_a_clock_that_ran_ahead_does_not_keep_schedules_from_firing(now):
    """A year ahead everything fires once, and once more when the clock is put right."""
    every = [
        Schedule("hourly", tasks.scheduled, every=timedelta(hours=1)),
        Schedule("daily", tasks.scheduled, at=time(4, 30)),
    ]
    fire = partial(actions.fire_due, schedules=every)
    assert fire(at=now) == ["hourly", "daily"]
    assert fire(at=now + timedelta(days=400)) == ["hourly", "daily"]
    assert fire(at=now) == []
    assert fire(at=now + timedelta(days=1)) == ["hourly", "daily"]
    assert fire(at=now + timedelta(days=1)) == []
    assert fire(at=now - timedelta(days=3)) == ["hourly", "daily"]
    assert fire(at=now + timedelta(days=400)) == []


def test_a_worker_last_heard_of_in_the_future_is_lost(now):
    enqueue(tasks.slow, "a", 0)
    claimed, _hold = actions.claim(worker="ahead", at=now + timedelta(days=400))
    assert actions.recover_lost(at=now) == 1
    claimed.refresh_from_db()
    assert claimed.status == "READY"
