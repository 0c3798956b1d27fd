"""Which day for which visit: compact quarters, even days, deadlines kept.

A transport problem: every visit to one of its possible days, every day within its
person-minutes (and those of certificate holders), at least distance from the day's centre;
then the centres move to their visits, as in k-means, and it is solved again.
"""

from collections.abc import Sequence

import numpy as np

from bihuan.engines import lp
from bihuan.engines.routing.problem import RoutingProblem, Visit

ROUNDS = 3
LEFT_OUT = 1e7  # price of a visit without a day, in metres-equivalents
LATE = 1.0  # per day of delay: leaves room for what fails early


def possible_days(problem: RoutingProblem, visit: Visit) -> list[int]:
    """Positions of the days on which a visit may take place."""
    if visit.promise is not None:
        return [problem.days.index(visit.promise.day)]
    return [
        number
        for number, day in enumerate(problem.days)
        if (visit.earliest is None or day >= visit.earliest)
        and (visit.deadline is None or day <= visit.deadline)
        and day not in visit.closed_on
    ]


def road_minutes(travel: np.ndarray, problem: RoutingProblem) -> float:
    """Minutes on the road per visit, roughly: to the nearest other, and a share of the way home."""
    count = len(problem.visits)
    if count == 0:
        return 0.0
    between = travel[1:, 1:].astype(float).copy()
    np.fill_diagonal(between, np.inf)
    nearest = float(np.mean(between.min(axis=1))) / 60 if count > 1 else 0.0
    home = float(np.mean(travel[0, 1:] + travel[1:, 0])) / 60
    stay = float(np.mean([v.minutes for v in problem.visits]))
    longest = max(s.ends_s - s.starts_s for s in problem.sessions) / 60
    return nearest + home / max(1.0, longest / (stay + nearest + 1.0))


def spread(problem: RoutingProblem, travel: np.ndarray, seed: int) -> list[int | None]:
    """The day of each visit; None where none has room (or none is possible)."""
    if not problem.visits:
        return []
    visit, day = _pairs(problem)
    if not len(visit):
        return [None] * len(problem.visits)
    road = road_minutes(travel, problem)
    load = np.array([v.people * (v.minutes + road) for v in problem.visits])
    place = _places(problem, travel)
    random = np.random.default_rng(seed)
    centre = place[
        random.choice(len(place), len(problem.days), replace=len(place) < len(problem.days))
    ]
    chosen: list[int | None] = []
    for _ in range(ROUNDS):
        away = np.hypot(*(place[visit] - centre[day]).T)
        chosen = _transport(problem, load, visit, day, away)
        for number in range(len(problem.days)):
            mine = [v for v, d in enumerate(chosen) if d == number]
            if mine:
                centre[number] = place[mine].mean(axis=0)
    return chosen


def _pairs(problem: RoutingProblem) -> tuple[np.ndarray, np.ndarray]:
    pairs = [(i, d) for i, v in enumerate(problem.visits) for d in possible_days(problem, v)]
    table = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return table[:, 0], table[:, 1]


def _places(problem: RoutingProblem, travel: np.ndarray) -> np.ndarray:
    """Coordinates in metres; from travel times to the base and to the first visit if unknown."""
    if problem.travel_minutes is None:
        return np.array([[v.x_m or 0.0, v.y_m or 0.0] for v in problem.visits])
    return np.column_stack([travel[0, 1:], travel[1, 1:]]).astype(float)


def _transport(
    problem: RoutingProblem, load: np.ndarray, visit: np.ndarray, day: np.ndarray, away: np.ndarray
) -> list[int | None]:
    """The cheapest days under each day's capacity; a visit split by the LP goes to its main day."""
    weight = np.array([v.weight for v in problem.visits])
    build = lp.Builder()
    part = build.columns(len(visit), upper=1.0, cost=away + LATE * day)
    out = build.columns(len(problem.visits), upper=1.0, cost=LEFT_OUT * weight)
    once = build.rows(len(problem.visits), lower=1.0, upper=1.0)
    build.put(once.start + visit, part, 1.0)
    build.put(once, out, 1.0)
    for needs, minutes in _capacities(problem, load):
        room = build.rows(len(problem.days), upper=minutes)
        inside = needs[visit]
        if inside.any():
            where = np.flatnonzero(inside)
            build.put(room.start + day[where], part.start + where, load[visit[where]])
    answer = lp.solve(build.arrays())
    best: list[tuple[float, int | None]] = [(0.5, None)] * len(problem.visits)
    share = answer.x[part] if len(answer.x) else np.zeros(len(visit))
    for v, d, amount in zip(visit.tolist(), day.tolist(), share.tolist(), strict=True):
        if amount > best[v][0] - 1e-9:
            best[v] = (amount, d)
    return [d for _, d in best]


def _capacities(problem: RoutingProblem, load: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """(which visits, person-minutes a day): for all, then for each certificate and skill.

    Where there is more time than work, days are kept even: a tenth above the mean.
    """
    everybody = np.ones(len(problem.visits), dtype=bool)
    all_minutes = _minutes(problem, [True] * len(problem.people))
    if all_minutes.sum() > 0:
        even = 1.1 * load.sum() / all_minutes.sum()
        all_minutes = all_minutes * min(1.0, max(even, 0.3))
    found = [(everybody, all_minutes)]
    for name in sorted({v.certificate for v in problem.visits if v.certificate}):
        holders = [name in p.certificates for p in problem.people]
        found.append((_asks(problem.visits, "certificate", name), _minutes(problem, holders)))
    for name in sorted({v.skill for v in problem.visits if v.skill}):
        able = [name in p.skills for p in problem.people]
        found.append((_asks(problem.visits, "skill", name), 2 * _minutes(problem, able)))
    return found


def _asks(visits: Sequence[Visit], field: str, name: str) -> np.ndarray:
    return np.array([getattr(v, field) == name for v in visits], dtype=bool)


def _minutes(problem: RoutingProblem, counts: Sequence[bool]) -> np.ndarray:
    session = sum(s.ends_s - s.starts_s for s in problem.sessions) / 60 * problem.params.fill
    people = [p for p, is_counted in zip(problem.people, counts, strict=True) if is_counted]
    return np.array([session * sum(day not in p.absent for p in people) for day in problem.days])
