"""Sweeps: same answers on any number of workers, each point once, and no loss by kill -9."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter

import pytest

from bihuan.engines.shape import BadProblem, MaxIterations
from bihuan.engines.sweep import AHEAD, Store, grid, key_of, sweep
from tests.engines import sweep_points
from tests.engines.sweep_points import picky, points_of, slow, square, worker_ids

POINTS = grid(x=[1, 2, 3], seed=[0, 1])


def test_every_combination_in_order():
    assert POINTS[:3] == [{"x": 1, "seed": 0}, {"x": 1, "seed": 1}, {"x": 2, "seed": 0}]
    assert len(POINTS) == 6


def test_one_and_two_workers_agree():
    alone = sweep(square, POINTS, workers=1)
    together = sweep(square, POINTS, workers=2)
    assert alone == together
    assert [done.value["square"] for done in alone] == [1, 1, 4, 4, 9, 9]


def test_work_is_shared():
    done = sweep(worker_ids, grid(x=list(range(8))), workers=2)
    assert len({found.value["pid"] for found in done}) == 2


def test_a_stored_point_is_not_run_again(tmp_path):
    store = tmp_path / "sweep.sqlite"
    first = sweep(square, POINTS[:4], store=store, workers=1)
    second = sweep(square, POINTS, store=store, workers=1)
    assert [done.was_stored for done in second] == [True] * 4 + [False] * 2
    assert [done.value for done in second[:4]] == [done.value for done in first]


def test_another_version_or_function_is_another_point():
    point = {"x": 1}
    keys = {key_of(square, point), key_of(square, point, "2"), key_of(picky, point)}
    assert len(keys) == 3


def test_a_failing_point_stops_no_other(tmp_path):
    store = tmp_path / "sweep.sqlite"
    done = sweep(picky, grid(x=[1, 2, 3]), store=store, workers=1)
    assert [found.value for found in done] == [1, None, 3]
    assert done[1].error == "ValueError: two is not allowed"
    Store(store).forget_errors()
    again = sweep(picky, grid(x=[1, 2, 3]), store=store, workers=1)
    assert [found.was_stored for found in again] == [True, False, True]


def test_a_sweep_can_be_stopped_and_goes_on(tmp_path):
    store = tmp_path / "sweep.sqlite"
    assert len(sweep(square, POINTS, store=store, workers=1, stop=MaxIterations(2))) == 2
    assert sum(done.was_stored for done in sweep(square, POINTS, store=store, workers=1)) == 2


def test_progress_is_told():
    told = []
    sweep(square, POINTS, workers=1, progress=told.append)
    assert [progress.stage for progress in told][-1] == "6 of 6"
    assert told[-1].fraction == 1.0


def test_a_point_given_twice_is_refused():
    with pytest.raises(BadProblem, match="twice"):
        sweep(square, [{"x": 1}, {"x": 1}])


def stored(store):
    if not store.exists():
        return 0
    with sqlite3.connect(store) as database:
        tables = database.execute("SELECT name FROM sqlite_master WHERE name = 'point'").fetchall()
        return database.execute("SELECT count(*) FROM point").fetchone()[0] if tables else 0


def children_of(pid):
    found = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False
    )
    return [int(line) for line in found.stdout.split()]


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    with open(f"/proc/{pid}/stat") as file:  # noqa: PTH123
        return file.read().rsplit(")", 1)[1].split()[0] != "Z"


@pytest.mark.skipif(not os.path.isdir("/proc"), reason="looks at processes in /proc")  # noqa: PTH112
def test_kill_9_loses_no_finished_point_and_leaves_no_worker(tmp_path):
    store, marks = tmp_path / "sweep.sqlite", tmp_path / "marks"
    process = subprocess.Popen(
        [sys.executable, "-m", sweep_points.__name__, str(store), str(marks)],
        env={**os.environ, "PYTHONPATH": ":".join(sys.path)},
    )
    deadline = time.monotonic() + 60
    while stored(store) < 8 and time.monotonic() < deadline:
        time.sleep(0.02)
    workers = children_of(process.pid)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    survived = stored(store)
    assert 8 <= survived < 60
    deadline = time.monotonic() + 20
    while any(alive(pid) for pid in workers) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(alive(pid) for pid in workers)

    done = sweep(slow, points_of(marks), store=store, workers=2)
    assert [found.value for found in done] == [x * 10 for x in range(60)]
    assert sum(found.was_stored for found in done) == survived
    runs = Counter(marks.read_text().split())
    assert len(runs) == 60
    assert sum(runs.values()) - 60 <= AHEAD * 2  # only what was handed out when it was killed


def test_a_cluster_gives_the_same(tmp_path):
    distributed = pytest.importorskip(
        "distributed", reason="the extra bihuan[dask] is not installed"
    )
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None
    ) as cluster:
        found = sweep(
            square, POINTS, scheduler=cluster.scheduler_address, store=tmp_path / "a.sqlite"
        )
    assert found == sweep(square, POINTS, workers=1)
