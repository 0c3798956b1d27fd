"""Small classic instances reach their known best; wrong ones are refused."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bihuan.engines.routing import vrp
from bihuan.engines.shape import BadProblem, Stop


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


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"demand": np.array([0.0, 99.0])}, r"demand\[1\]"),
        ({"due": np.array([100.0, 1.0]), "ready": np.zeros(2)}, r"due\[1\]: cannot be reached"),
        ({"due": np.array([100.0, 5.0]), "ready": np.array([0.0, 9.0])}, r"due\[1\]: is before"),
        ({"distance": np.zeros((3, 3))}, "distance"),
        ({"distance": np.full((2, 2), np.nan)}, "distance"),
        ({"service": np.zeros(5)}, "service"),
        ({"ready": np.zeros(2)}, "due: goes with ready"),
        ({"due": np.array([9.0, 8.0]), "ready": np.zeros(2)}, r"due\[1\]: leaves no time"),
        ({"demand": np.array([1.0, 5.0])}, r"demand\[0\]: the depot"),
        ({"demand": np.array([0.0, 2.5])}, "demand: must be whole"),
        ({"capacity": 9.5}, "capacity: must be whole"),
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
