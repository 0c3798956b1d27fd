"""Functions that sweeps in tests run; in a module of their own, so that workers can import them."""

import os
import sys
import time
from pathlib import Path

from bihuan.engines.sweep import grid, sweep


def square(point):
    return {"square": point["x"] ** 2, "seed": point.get("seed", 0)}


def picky(point):
    if point["x"] == 2:
        raise ValueError("two is not allowed")
    return point["x"]


def slow(point):
    """Leaves a mark each time it runs, so that a test can count the runs."""
    with Path(point["marks"]).open("a") as file:
        file.write(f"{point['x']}\n")
    time.sleep(0.03)
    return point["x"] * 10


def worker_ids(point):
    time.sleep(0.1)
    return {"x": point["x"], "pid": os.getpid()}


def points_of(marks):
    return grid(x=list(range(60)), marks=[str(marks)])


if __name__ == "__main__":
    sweep(slow, points_of(sys.argv[2]), store=Path(sys.argv[1]), workers=2)
