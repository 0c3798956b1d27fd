"""Many runs of one function: sizes × years × scenarios, on all cores, resumable.

    points = grid(energy_mwh=[60, 90, 120], seed=[1, 2, 3])
    done = sweep(run_point, points, store=Path("sweep.sqlite"))

`run(point)` takes a mapping of plain values and returns plain values; it must be a
module's function, so that other processes can import it. Each point is stored once under
its key (the SHA-256 of the function's name, `version` and the point) the moment it is
done, in its own transaction. A sweep that was killed goes on where it was: finished
points are read, the others are run. Order of results is order of points, whatever the
number of workers, so the answer does not depend on the machine.

Workers are this machine's cores; with `scheduler=` the address of a Dask scheduler
(extra `bihuan[dask]`) the same function runs on a cluster.
"""

import importlib
import itertools
import json
import os
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import closing
from dataclasses import dataclass
from multiprocessing import get_context, parent_process
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import bihuan
from bihuan.engines import wire
from bihuan.engines.shape import BadProblem, OnProgress, Progress, Stop, Words, ignore

Point = Mapping[str, Any]
Run = Callable[[Point], Any]
SCHEDULER_SETTING = "BIHUAN_DASK"
AHEAD = 4  # points handed out for each worker: none waits, few are lost when killed


@dataclass(frozen=True)
class Done:
    """One finished point: `value` is what the function returned, or None and `error`."""

    point: Point
    key: str
    value: Any
    error: str = ""
    was_stored: bool = False


def grid(**axes: Sequence[Any]) -> list[dict[str, Any]]:
    """Every combination of the axes, the last one changing fastest."""
    return [dict(zip(axes, values, strict=True)) for values in itertools.product(*axes.values())]


def key_of(run: Run, point: Point, version: str = bihuan.__version__) -> str:
    """The identity of a point: function, version and values."""
    name = f"{_module_of(run)}:{run.__qualname__}"
    return wire.digest({"run": name, "version": version, "point": dict(point)})


def _module_of(run: Run) -> str:
    """The module's importable name, also where it was started as a script with -m."""
    spec = getattr(sys.modules.get(run.__module__), "__spec__", None)
    return spec.name if run.__module__ == "__main__" and spec else run.__module__


class Store:
    """Finished points in one SQLite file; safe against kill -9 at any moment."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with closing(self._connect()) as database, database:
            database.execute("PRAGMA journal_mode=WAL")
            database.execute(
                "CREATE TABLE IF NOT EXISTS point "
                "(key TEXT PRIMARY KEY, point TEXT NOT NULL, value TEXT, error TEXT NOT NULL)"
            )

    def _connect(self) -> sqlite3.Connection:
        database = sqlite3.connect(self.path, timeout=60)
        database.execute("PRAGMA synchronous=FULL")
        return database

    def get(self, keys: Sequence[str]) -> dict[str, tuple[Any, str]]:
        """Value and error of those keys that are stored."""
        wanted = set(keys)
        with closing(self._connect()) as database:
            rows = database.execute("SELECT key, value, error FROM point").fetchall()
        return {key: (json.loads(value), error) for key, value, error in rows if key in wanted}

    def put(self, done: Done) -> None:
        """Store one point; a point that is there already stays as it is."""
        row = (done.key, wire.to_json(dict(done.point)), wire.to_json(done.value), done.error)
        with closing(self._connect()) as database, database:
            database.execute("INSERT OR IGNORE INTO point VALUES (?, ?, ?, ?)", row)

    def forget_errors(self) -> None:
        """Points that failed will be run again."""
        with closing(self._connect()) as database, database:
            database.execute("DELETE FROM point WHERE error <> ''")


def sweep(
    run: Run,
    points: Sequence[Point],
    *,
    store: Path | None = None,
    workers: int | None = None,
    scheduler: str | None = None,
    version: str = bihuan.__version__,
    stop: Stop | None = None,
    progress: OnProgress = ignore,
) -> list[Done]:
    """Run every point that is not stored yet; results in the order of the points.

    A point whose function raises is a Done with its error, and stops no other. When
    `stop` says so, the points that are not done are left out of the answer.
    """
    watch = (stop or Stop()).begin()
    keys = [key_of(run, point, version) for point in points]
    if len(set(keys)) < len(keys):
        raise BadProblem("points", Words("a point is given twice", "存在重复的点"))
    kept = Store(store) if store else None
    known = kept.get(keys) if kept else {}
    done = {
        key: Done(point, key, *known[key], was_stored=True)
        for key, point in zip(keys, points, strict=True)
        if key in known
    }
    todo = [(key, point) for key, point in zip(keys, points, strict=True) if key not in done]
    for found in _run_all(run, todo, workers, scheduler or os.environ.get(SCHEDULER_SETTING)):
        done[found.key] = found
        if kept:
            kept.put(found)
        share = len(done) / len(points)
        progress(
            Progress("sweep", f"{len(done)} of {len(points)}", share, elapsed_s=watch.elapsed_s)
        )
        if watch.is_over(len(done)):
            break
    return [done[key] for key in keys if key in done]


def _run_all(
    run: Run, todo: Sequence[tuple[str, Point]], workers: int | None, scheduler: str | None
) -> Iterator[Done]:
    if not todo:
        return iter(())
    if scheduler:
        return _on_cluster(run, todo, scheduler)
    count = workers or os.cpu_count() or 1
    return _here(run, todo) if count == 1 else _on_cores(run, todo, count)


def one(run: Run, key: str, point: Point) -> Done:
    """Run one point; an error becomes a sentence. Happens in the worker."""
    try:
        return Done(point, key, wire.plain(run(point)))
    except Exception as problem:  # noqa: BLE001 - one bad point must not stop the others
        return Done(point, key, None, f"{type(problem).__name__}: {problem}")


def _here(run: Run, todo: Sequence[tuple[str, Point]]) -> Iterator[Done]:
    for key, point in todo:
        yield one(run, key, point)


def _on_cores(run: Run, todo: Sequence[tuple[str, Point]], count: int) -> Iterator[Done]:
    """One process for each core; solver threads do not multiply, each process has one."""
    waiting = iter(todo)
    with ProcessPoolExecutor(
        count, mp_context=get_context("spawn"), initializer=_prepare_worker
    ) as pool:
        running: set[Future[Done]] = set()
        try:
            for key, point in itertools.islice(waiting, AHEAD * count):
                running.add(pool.submit(one, run, key, point))
            while running:
                finished, running = wait(running, return_when=FIRST_COMPLETED)
                for future in finished:
                    yield future.result()  # stored by the caller before another is handed out
                    for key, point in itertools.islice(waiting, 1):
                        running.add(pool.submit(one, run, key, point))
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _prepare_worker() -> None:
    """A worker computes on one core, and ends when whoever started it was killed."""
    parent = parent_process()
    assert parent is not None
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
        os.environ.setdefault(name, "1")


def _end_with(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)


def _on_cluster(run: Run, todo: Sequence[tuple[str, Point]], scheduler: str) -> Iterator[Done]:
    distributed = importlib.import_module("distributed")
    with distributed.Client(scheduler) as client:
        futures = [client.submit(one, run, key, point, pure=False) for key, point in todo]
        for future in distributed.as_completed(futures):
            yield future.result()
