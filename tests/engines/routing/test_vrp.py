"""Classic files are read as published, and small instances reach their known best."""

import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bihuan.engines.routing import vrp
from bihuan.engines.shape import BadProblem, Stop

VRPLIB = """NAME : tiny
TYPE : CVRP
DIMENSION : 5
EDGE_WEIGHT_TYPE : EUC_2D
CAPACITY : 10
NODE_COORD_SECTION
1 0 0
2 0 3
3 4 3
4 4 0
5 -3 0
DEMAND_SECTION
1 0
2 5
3 5
4 5
5 5
DEPOT_SECTION
1
-1
EOF
"""

SOLOMON = """tiny

VEHICLE
NUMBER     CAPACITY
  2         20

CUSTOMER
CUST NO.  XCOORD.   YCOORD.    DEMAND   READY TIME  DUE DATE   SERVICE   TIME

    0      0         0          0          0        100          0
    1      3         4         10          0         50         10
    2      6         8         10         30         40         10
"""


def brute(distance: np.ndarray, demand: np.ndarray, capacity: float) -> float:
    """The shortest set of routes, by every order cut at every place."""
    places = range(1, len(demand))
    best = np.inf
    for order in itertools.permutations(places):
        for cuts in itertools.product([False, True], repeat=len(order) - 1):
            routes, route = [], [order[0]]
            for place, is_cut in zip(order[1:], cuts, strict=True):
                if is_cut:
                    routes.append(route)
                    route = []
                route.append(place)
            routes.append(route)
            if all(demand[list(r)].sum() <= capacity for r in routes):
                legs = (leg for r in routes for leg in itertools.pairwise((0, *r, 0)))
                best = min(best, float(sum(distance[a, b] for a, b in legs)))
    return best


def test_vrplib_file(tmp_path: Path) -> None:
    """Two routes: 3+4+5 round the rectangle's far corner, and the rest."""
    path = tmp_path / "tiny.vrp"
    path.write_text(VRPLIB)
    problem = vrp.read(path)
    result = vrp.solve(problem, stop=Stop(max_iterations=200))
    assert problem.capacity == 10
    assert result.is_ok
    assert result.value == brute(np.rint(problem.distance), problem.demand, 10)


def test_solomon_file(tmp_path: Path) -> None:
    """One vehicle goes 5 + 5 out and 10 back, waiting at the second until 30."""
    path = tmp_path / "tiny.txt"
    path.write_text(SOLOMON)
    problem = vrp.read(path)
    assert problem.rounding is vrp.Rounding.DIMACS
    assert problem.vehicles == 2
    result = vrp.solve(problem, stop=Stop(max_iterations=50))
    assert result.value == 20.0
    assert result.routes == ((1, 2),)
    assert result.is_ok


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10_000))
def test_equals_trying_every_order(seed: int) -> None:
    random = np.random.default_rng(seed)
    place = random.integers(0, 50, (6, 2)).astype(float)
    distance = np.rint(np.hypot(*(place[:, None] - place[None]).transpose(2, 0, 1)))
    demand = np.array([0, *random.integers(1, 6, 5)], dtype=float)
    problem = vrp.VrpProblem(distance=distance, demand=demand, capacity=8.0)
    result = vrp.solve(problem, stop=Stop(max_iterations=300), seed=seed)
    assert result.is_ok
    assert result.value == brute(distance, demand, 8.0)


def test_broken_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "broken.vrp"
    path.write_text("NAME : x\nDIMENSION : many\n")
    with pytest.raises(BadProblem):
        vrp.read(path)
    with pytest.raises(BadProblem, match="no such file"):
        vrp.read(tmp_path / "absent.vrp")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"demand": np.array([0.0, 99.0])}, r"demand\[1\]"),
        ({"due": np.array([100.0, 1.0]), "ready": np.zeros(2)}, r"due\[1\]: cannot be reached"),
        ({"due": np.array([100.0, 5.0]), "ready": np.array([0.0, 9.0])}, r"due\[1\]: is before"),
        ({"distance": np.zeros((3, 3))}, "distance"),
        ({"distance": np.full((2, 2), np.nan)}, "distance"),
        ({"service": np.zeros(5)}, "service"),
    ],
)
def test_bad_arrays_are_refused(change: dict[str, np.ndarray], field: str) -> None:
    good = {
        "distance": np.array([[0.0, 7.0], [7.0, 0.0]]),
        "demand": np.array([0.0, 5.0]),
        "capacity": 10.0,
    }
    with pytest.raises(BadProblem, match=field):
        vrp.VrpProblem(**(good | change))
