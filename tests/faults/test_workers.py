"""Fault 10: a worker is killed, or stands still past its lease. Each effect comes once."""

import os
import shutil
import signal
import time

import pytest

from tests.faults.conftest import environment, run, start

pytestmark = pytest.mark.fault
PROGRAM = "tests.faults.workers"


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    """An SQLite database with nothing in it."""
    folder = tmp_path_factory.mktemp("empty")
    run(environment(folder), "prepare", program=PROGRAM)
    return folder / "db.sqlite3"


@pytest.fixture(params=["sqlite", "postgresql"])
def env(request, tmp_path):
    """Where a worker finds its jobs, and that it believes others lost after a second."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("empty"), tmp_path / "db.sqlite3")
        known = environment(tmp_path)
    else:
        known = environment(tmp_path, request.getfixturevalue("postgres_url"))
        run(known, "prepare", program=PROGRAM)
    return known | {"BIHUAN_JOB_LEASE_SECONDS": "1"}


def pids(notes, count):
    """Wait until a job has begun so many times; return who began it."""
    deadline = time.monotonic() + 60
    while not notes.exists() or notes.read_text().count("\n") < count:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return [int(line) for line in notes.read_text().split()]


def test_a_killed_worker_is_replaced(env, tmp_path, fault_rounds):
    notes = tmp_path / "notes"
    run(env, "enqueue", "once", notes, 1, program=PROGRAM)
    for killed in range(1, min(fault_rounds, 2) + 1):
        worker = start(env, "work", program=PROGRAM)
        pids(notes, killed)
        worker.kill()
        worker.communicate()
    run(env, "work", program=PROGRAM)
    assert run(env, "check", program=PROGRAM).split()[:2] == ["SUCCESSFUL", "1"]


def test_a_worker_that_stood_still_may_not_write_late(env, tmp_path):
    notes = tmp_path / "notes"
    run(env, "enqueue", "once", notes, 1, program=PROGRAM)
    late = start(env, "work", program=PROGRAM)
    (pid,) = pids(notes, 1)
    os.kill(pid, signal.SIGSTOP)
    try:
        run(env, "work", program=PROGRAM)
        assert run(env, "check", program=PROGRAM).split() == ["SUCCESSFUL", "1", "2"]
    finally:
        os.kill(pid, signal.SIGCONT)
    said, _ = late.communicate(timeout=60)
    assert late.returncode == 0, said
    assert run(env, "check", program=PROGRAM).split() == ["SUCCESSFUL", "1", "2"]


def test_a_job_that_kills_its_workers_is_given_up(env, tmp_path):
    notes = tmp_path / "notes"
    run(env, "enqueue", "poison", notes, program=PROGRAM)
    for killed in (1, 2, 3):
        worker = start(env, "work", program=PROGRAM)
        worker.communicate(timeout=60)
        assert worker.returncode == -signal.SIGKILL
        assert len(pids(notes, killed)) == killed
    run(env, "work", program=PROGRAM)
    assert run(env, "check", program=PROGRAM).split() == ["FAILED", "0", "3"]
