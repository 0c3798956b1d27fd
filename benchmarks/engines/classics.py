"""Published instances, where a folder of them is given; the project ships none.

BIHUAN_INSTANCES names a folder with `gap/` (OR-Library text files, one instance each, and
bounds.txt: name_Max or name_Min, lower, upper) and `vrp/` (Solomon .txt and VRPLIB .vrp files, each
with its .sol). Without it the rows use instances made by the published recipes.
"""

import os
from pathlib import Path

import numpy as np

from bihuan.engines.matching import gap
from bihuan.engines.routing import classics, vrp

SIZES = ((5, 3), (8, 3), (10, 3))  # agents, and jobs from 3 to 6 times as many


def folder(name: str) -> Path | None:
    home = os.environ.get("BIHUAN_INSTANCES")
    found = Path(home) / name if home else None
    return found if found is not None and found.is_dir() else None


def small_gaps() -> list[tuple[gap.GapProblem, float | None]]:
    """The sixty small instances with their optima, or sixty of the same sizes and type."""
    home = folder("gap")
    if home is not None:
        best = _bounds(home)
        files = sorted(home.glob("c*_?"))
        read = [gap.read(f.read_text(), gap.Sense.MAXIMISE, f.name)[0] for f in files]
        return [(problem, best[f"{problem.name}_Max"]) for problem in read]
    return [
        (gap.published("C", agents, agents * times, seed), None)
        for agents, _ in SIZES
        for times in (3, 4, 5, 6)
        for seed in range(5)
    ]


def large_gaps() -> list[tuple[gap.GapProblem, float | None]]:
    """Large and hard: types D and E."""
    home = folder("gap")
    if home is not None:
        best = _bounds(home)
        names = ("d20200", "e20200", "d40400", "e401600")
        read = [gap.read((home / name).read_text(), name=name)[0] for name in names]
        return [(problem, best[f"{problem.name}_Min"]) for problem in read]
    sizes = (("D", 20, 200), ("E", 20, 200), ("D", 40, 400), ("E", 40, 1600))
    return [(gap.published(kind, agents, jobs), None) for kind, agents, jobs in sizes]


def _bounds(home: Path) -> dict[str, float]:
    lines = (home / "bounds.txt").read_text().splitlines()
    return {line.split()[0]: float(line.split()[-1]) for line in lines if line.split()}


def routings() -> list[tuple[vrp.VrpProblem, float | None]]:
    """VRPTW with 100 customers and CVRP with about 200, with their best known values."""
    home = folder("vrp")
    if home is None:
        return [(windows(100), None), (plain(200), None)]
    files = [home / name for name in ("C101.txt", "R112.txt", "RC208.txt", "X-n200-k36.vrp")]
    return [(classics.read(file), _cost(file.with_suffix(".sol"))) for file in files]


def _cost(file: Path) -> float:
    said = [line.split()[-1] for line in file.read_text().splitlines() if line.startswith("Cost")]
    return float(said[0])


def plain(customers: int, seed: int = 0) -> vrp.VrpProblem:
    """Customers at random in a square of 1,000, depot in the middle, about 12 to a vehicle."""
    random = np.random.default_rng(seed)
    place = np.vstack([[500.0, 500.0], random.integers(0, 1001, (customers, 2))])
    demand = np.array([0, *random.integers(1, 101, customers)], dtype=float)
    return vrp.VrpProblem(
        distance=np.hypot(*(place[:, None] - place[None]).transpose(2, 0, 1)),
        demand=demand,
        capacity=float(round(12 * demand[1:].mean())),
        name=f"plain-{customers}",
    )


def windows(customers: int, seed: int = 0) -> vrp.VrpProblem:
    """As Solomon's R1: a square of 100, ten minutes on the spot, windows of 60 within 230."""
    random = np.random.default_rng(seed)
    place = np.vstack([[35.0, 35.0], random.integers(0, 71, (customers, 2))])
    distance = np.hypot(*(place[:, None] - place[None]).transpose(2, 0, 1))
    ready = np.zeros(customers + 1)
    due = np.full(customers + 1, 230.0)
    for number in range(1, customers + 1):
        earliest, latest = distance[0, number], 230.0 - distance[0, number] - 10.0
        centre = random.uniform(earliest, max(latest, earliest + 1))
        ready[number], due[number] = max(0.0, centre - 30.0), max(centre + 30.0, earliest)
        due[number] = min(due[number], max(latest, earliest))
        ready[number] = min(np.floor(ready[number]), np.floor(due[number]))
    return vrp.VrpProblem(
        distance=distance,
        demand=np.array([0, *random.integers(5, 30, customers)], dtype=float),
        capacity=200.0,
        ready=ready,
        due=due,
        service=np.array([0.0] + [10.0] * customers),
        rounding=vrp.Rounding.DIMACS,
        name=f"windows-{customers}",
    )
