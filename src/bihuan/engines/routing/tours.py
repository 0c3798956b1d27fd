"""The tours of one day: PyVRP over the calls of the day and the shifts that may take them.

Every call is optional and carries a prize far above any travel, so that PyVRP serves as many
as it can, the heavier first, and then travels least. A crew that may not take a call sees it
infinitely far away (one travel matrix for each sort of crew).
"""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyvrp
from pyvrp.stop import MaxIterations

from bihuan.engines.shape import Watch

FAR_S = 10_000_000  # travel to a call the crew may not take
PRIZE = 1_000_000  # of a call of weight 1: above any day's travel, below FAR_S
LATE = 100_000.0  # most that a second too late may cost in the search, for a weight of 1
DAY_S = 86_400

Sort = tuple[frozenset[int], int, int, int, int]


@dataclass(frozen=True)
class Call:
    """A visit as the day sees it; windows bound the start of the visit, in seconds."""

    key: int
    place: int
    duration_s: int
    windows: tuple[tuple[int, int], ...]
    weight: float
    crews: frozenset[int]


@dataclass(frozen=True)
class Shift:
    """One session of one crew. `people` counts who travels; no tour is above `longest_s`."""

    crew: int
    begins_s: int
    ends_s: int
    people: int
    longest_s: int = DAY_S


@dataclass(frozen=True)
class Tour:
    """One shift's way: (call key, start of the visit) in order, and when it is back."""

    shift: Shift
    stops: tuple[tuple[int, int], ...]
    leaves_s: int
    returns_s: int
    travel_s: int


@dataclass(frozen=True)
class Search:
    """How long PyVRP may look."""

    iterations: int
    seconds: float
    watch: Watch
    seed: int


class _Until:
    """Stops PyVRP at an iteration count, at the watch's end, or when cancelled."""

    def __init__(self, search: Search) -> None:
        self._count = MaxIterations(search.iterations)
        self._watch, self._end = search.watch, search.watch.elapsed_s + search.seconds
        self.was_cut = False

    def __call__(self, best_cost: int) -> bool:
        if self._watch.elapsed_s >= self._end or self._watch.is_over():
            self.was_cut = True
            return True
        return bool(self._count(best_cost))


def plan_day(
    calls: list[Call],
    shifts: list[Shift],
    travel: np.ndarray,
    *,
    search: Search,
    load_s: dict[int, int] | None = None,
    fixed_cost: int = 0,
) -> tuple[list[Tour], bool]:
    """Tours for a day's calls, and whether time cut the search short.

    Among crews that are alike the longest tour goes to who has worked least (`load_s`).
    `fixed_cost` is paid per shift that goes out, to use few.
    """
    if not calls or not shifts:
        return [], False
    data, owners, keys = _data(calls, shifts, travel, fixed_cost)
    until = _Until(search)
    found = pyvrp.solve(
        data, until, seed=search.seed % 2**31, collect_stats=False, params=_dear_lateness(calls)
    )
    if not found.best.is_feasible():
        return [], True
    load = dict(load_s or {})
    free = [list(group) for group in owners]
    tours = []
    routes = [route for route in found.best.routes() if route.num_clients()]
    for route in sorted(routes, key=lambda r: (r.start_time(), -r.duration())):
        group = free[route.vehicle_type()]
        number = min(group, key=lambda n: (load.get(shifts[n].crew, 0), n))
        group.remove(number)
        crew = shifts[number].crew
        load[crew] = load.get(crew, 0) + route.duration()
        stops = tuple((keys[a.idx], a.start_time) for a in route.schedule() if a.is_client())
        tours.append(
            Tour(
                shifts[number],
                _after_waiting(stops, route),
                route.start_time(),
                route.end_time(),
                route.travel_duration(),
            )
        )
    return tours, until.was_cut


def _dear_lateness(calls: list[Call]) -> pyvrp.SolveParams:
    """Let lateness weigh as much as the heaviest call: or one too many is never left out."""
    heaviest = max(1.0, *(call.weight for call in calls))
    return pyvrp.SolveParams(penalty=pyvrp.PenaltyParams(max_penalty=LATE * heaviest))


def _after_waiting(
    stops: tuple[tuple[int, int], ...], route: pyvrp.Route
) -> tuple[tuple[int, int], ...]:
    """Starts of the visits themselves: PyVRP's start of a stop includes the wait before it."""
    waits = [a.wait_duration for a in route.schedule() if a.is_client()]
    return tuple((key, start + wait) for (key, start), wait in zip(stops, waits, strict=True))


def _data(
    calls: list[Call],
    shifts: list[Shift],
    travel: np.ndarray,
    fixed_cost: int,
) -> tuple[pyvrp.ProblemData, list[list[int]], list[int]]:
    """PyVRP's data, the shifts of each vehicle type, and the call of each client."""
    places = [0, *(call.place for call in calls)]
    near = travel[np.ix_(places, places)]
    clients: list[pyvrp.Client] = []
    groups: list[pyvrp.ClientGroup] = []
    keys: list[int] = []
    for number, call in enumerate(calls):
        numbers = []
        for early, late in call.windows:
            numbers.append(len(clients))
            keys.append(call.key)
            clients.append(
                pyvrp.Client(
                    location=number + 1,
                    service_duration=call.duration_s,
                    tw_early=early,
                    tw_late=late,
                    prize=round(PRIZE * call.weight),
                    required=False,
                    group=len(groups) if len(call.windows) > 1 else None,
                )
            )
        if len(numbers) > 1:
            groups.append(pyvrp.ClientGroup(numbers, required=False))
    sorts = _sorts(calls, shifts)
    matrices: list[Any] = []
    profile_of: dict[frozenset[int], int] = {}
    types, owners = [], []
    for (barred, begins, ends, people, longest_s), members in sorts.items():
        if barred not in profile_of:
            profile_of[barred] = len(matrices)
            matrices.append(_without(near, barred))
        types.append(
            pyvrp.VehicleType(
                num_available=len(members),
                tw_early=begins,
                tw_late=ends,
                fixed_cost=fixed_cost,
                shift_duration=longest_s,
                unit_distance_cost=people,
                profile=profile_of[barred],
            )
        )
        owners.append(members)
    data = pyvrp.ProblemData(
        locations=[pyvrp.Location(0, 0) for _ in places],
        clients=clients,
        depots=[pyvrp.Depot(0)],
        vehicle_types=types,
        distance_matrices=matrices,
        duration_matrices=matrices,
        groups=groups,
    )
    return data, owners, keys


def _sorts(calls: list[Call], shifts: list[Shift]) -> dict[Sort, list[int]]:
    """Shifts that are the same to PyVRP: same hours, size and limit, barred from the same calls."""
    sorts: dict[Sort, list[int]] = defaultdict(list)
    for number, shift in enumerate(shifts):
        barred = frozenset(i for i, call in enumerate(calls) if shift.crew not in call.crews)
        sorts[barred, shift.begins_s, shift.ends_s, shift.people, shift.longest_s].append(number)
    return sorts


def _without(near: np.ndarray, barred: frozenset[int]) -> np.ndarray:
    matrix = near.copy()
    away = [call + 1 for call in barred]
    matrix[away, :] = FAR_S
    matrix[:, away] = FAR_S
    np.fill_diagonal(matrix, 0)
    return matrix
