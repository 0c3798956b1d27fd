"""`bihuan doctor` finds what is wrong."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.db import connection
from django.utils import timezone
from django_tasks import task

from bihuan.config import doctor
from bihuan.core.actors import System
from bihuan.core.ids import new_id
from bihuan.ledger.actions import record

pytestmark = pytest.mark.django_db


@task()
def nothing_much() -> None:
    pass


@pytest.fixture
def _jobs_are_kept(settings):
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}


def faults(part):
    return [finding.text for finding in part() if not finding.is_ok]


def test_the_database_of_the_tests_is_well():
    assert faults(doctor.database) == []
    assert faults(doctor.migrations) == []


def test_a_ledger_that_ends_where_it_says_is_well():
    zone = new_id()
    record(
        zone_id=zone,
        kind="case.closed",
        about=("case", "1"),
        by=System("test"),
        at=timezone.now(),
    )
    assert faults(doctor.ledgers) == []


def test_a_ledger_whose_last_event_is_gone_is_named():
    zone = new_id()
    for number in range(2):
        record(
            zone_id=zone,
            kind="case.closed",
            about=("case", str(number)),
            by=System("test"),
            at=timezone.now(),
        )
    seal = import_module("bihuan.ledger.migrations.0002_seal")
    with connection.cursor() as cursor:
        for statement in seal.off(connection.vendor):
            cursor.execute(statement)
        cursor.execute("DELETE FROM ledger_event WHERE seq = 2")
    (text,) = faults(doctor.ledgers)
    assert str(zone) in text


@pytest.mark.usefixtures("_jobs_are_kept")
@pytest.mark.parametrize(("minutes", "is_ok"), [(0, True), (9, True), (11, False)])
def test_a_job_that_nobody_takes_is_reported(minutes, is_ok):
    nothing_much.enqueue()
    later = timezone.now() + timedelta(minutes=minutes)
    assert doctor.waiting_jobs(later).is_ok is is_ok


def test_no_job_waiting_is_well():
    assert doctor.waiting_jobs(timezone.now()).is_ok


def test_a_full_disk_is_reported(monkeypatch):
    monkeypatch.setattr(doctor, "LEAST_FREE_BYTES", 1 << 60)
    assert len(faults(doctor.data_folder)) == 1


def test_missing_parts_of_the_pages_are_named(monkeypatch):
    monkeypatch.setattr(doctor, "SERVED", ("vendor/nothing.css",))
    assert "vendor/nothing.css" in faults(doctor.assets)[0]


def test_what_cannot_be_examined_is_a_finding(monkeypatch):
    def broken():
        raise OSError("the disk is gone")
        yield

    monkeypatch.setattr(doctor, "PARTS", (broken,))
    (finding,) = doctor.examine()
    assert not finding.is_ok
    assert "the disk is gone" in finding.line()
