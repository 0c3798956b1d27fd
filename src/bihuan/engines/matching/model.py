"""The programme: candidates as 0/1 columns, and what they share as rows.

    maximise    Σ points·x + Σ bonus·w
    subject to  each need at most once (a sitting tenant exactly once)
                each unit at most once on any day
                each utility and each crane within its spare on any day
                two sorts of tenant that must not share a building: a switch per building
                a chain bonus only where both neighbours come close
                at most so many moves

It is kept apart from any solver: the same rows go to HiGHS, to CP-SAT, to the greedy rule
and to the checks of the result.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from bihuan.engines.matching.candidates import (
    NO_CRANE,
    POINTS_PER_M2,
    Candidates,
    overlapping,
)
from bihuan.engines.matching.fit import Fitter
from bihuan.engines.matching.problem import Affinity
from bihuan.engines.matching.vocabulary import FireClass, Verdict

SCALE = 1_000  # shared supplies in thousandths of their unit, draws rounded up: never over


@dataclass(frozen=True, eq=False)
class Row:
    """Σ weight·x ≤ limit over candidate positions; `kind` and `key` name what is shared."""

    kind: str
    key: str
    columns: np.ndarray
    weights: np.ndarray
    limit: int
    is_equal: bool = False


@dataclass(frozen=True, eq=False)
class Switch:
    """Either side may be used, never both: groups of candidates, each at most one anyway."""

    kind: str
    key: str
    one: tuple[np.ndarray, ...]
    other: tuple[np.ndarray, ...]


@dataclass(frozen=True, eq=False)
class Bonus:
    """Worth `points` if one of `here` and one of `there` are chosen."""

    affinity: int
    points: int
    here: np.ndarray
    there: np.ndarray


@dataclass(frozen=True, eq=False)
class Model:
    """All rows over `columns` candidates."""

    columns: Candidates
    rows: tuple[Row, ...]
    switches: tuple[Switch, ...]
    bonuses: tuple[Bonus, ...]

    def value(self, chosen: np.ndarray) -> int:
        """Points of a choice (positions): its candidates and the bonuses it earns.

        One affinity pays once: its first need lies in one building, so at most one of its
        bonuses can be earned.
        """
        taken = np.zeros(len(self.columns), dtype=bool)
        taken[chosen] = True
        earned = sum(
            bonus.points
            for bonus in self.bonuses
            if taken[bonus.here].any() and taken[bonus.there].any()
        )
        return int(self.columns.points[chosen].sum()) + earned

    def violations(self, chosen: np.ndarray) -> dict[str, float]:
        """By kind of row, the largest excess over its limit; 0 everywhere for a plan that holds."""
        taken = np.zeros(len(self.columns), dtype=np.int64)
        taken[chosen] = 1
        worst: dict[str, float] = defaultdict(float)
        for row in self.rows:
            used = int(row.weights @ taken[row.columns])
            excess = abs(used - row.limit) if row.is_equal else used - row.limit
            scale = SCALE if row.kind in ("utility", "crane") else 1
            worst[row.kind] = max(worst[row.kind], excess / scale, 0.0)
        for switch in self.switches:
            both = all(
                any(taken[group].any() for group in side) for side in (switch.one, switch.other)
            )
            worst[switch.kind] = max(worst[switch.kind], float(both))
        return dict(worst)


def build(fitter: Fitter, columns: Candidates) -> Model:
    """The rows of the programme."""
    rows = [
        *_once_per_need(fitter, columns),
        *_once_per_unit(fitter, columns),
        *_utilities(fitter, columns),
        *_cranes(fitter, columns),
        *_moves(fitter, columns),
    ]
    switches = [*_fire(fitter, columns), *_nuisances(fitter, columns)]
    return Model(columns, tuple(rows), tuple(switches), tuple(_bonuses(fitter, columns)))


def _once_per_need(fitter: Fitter, columns: Candidates) -> Iterator[Row]:
    for number, where in _grouped(columns.need).items():
        need = fitter.space.problem.needs[number]
        yield Row("need", need.code, where, np.ones(len(where), int), 1, need.is_sitting)


def _once_per_unit(fitter: Fitter, columns: Candidates) -> Iterator[Row]:
    users = _users_of_units(fitter, columns)
    for unit, where in users.items():
        code = fitter.space.problem.units[unit].code
        for group in overlapping(columns.start_day[where], columns.end_day[where]):
            if len(group) > 1:
                yield Row("unit", code, where[group], np.ones(len(group), int), 1)


def _users_of_units(fitter: Fitter, columns: Candidates) -> dict[int, np.ndarray]:
    users: dict[int, list[int]] = defaultdict(list)
    for position, block in enumerate(columns.block):
        for unit in fitter.space.blocks[block]:
            users[unit].append(position)
    return {unit: np.array(found) for unit, found in sorted(users.items())}


def _utilities(fitter: Fitter, columns: Candidates) -> Iterator[Row]:
    space = fitter.space
    building = space.building_of[columns.block] if len(columns) else np.zeros(0, int)
    for utility in space.problem.utilities:
        if utility.spare is None:
            continue
        drawn = np.array([n.draws.get(utility.resource, 0.0) for n in space.problem.needs])
        fed = np.isin(building, [space.building_at[code] for code in utility.buildings])
        where = np.flatnonzero(fed & (drawn[columns.need] > 0)) if len(columns) else building
        if len(where):
            weights = np.ceil(drawn[columns.need[where]] * SCALE - 1e-6).astype(int)
            limit = int(utility.spare * SCALE + 1e-6)
            yield from _on_any_day("utility", utility.code, columns, where, weights, limit)


def _cranes(fitter: Fitter, columns: Candidates) -> Iterator[Row]:
    hours = np.array([n.crane_hours_per_day for n in fitter.space.problem.needs])
    for number, where in _grouped(columns.crane).items():
        if number == NO_CRANE:
            continue
        crane = fitter.space.problem.cranes[number]
        weights = np.ceil(hours[columns.need[where]] * SCALE - 1e-6).astype(int)
        limit = int(crane.hours_per_day * SCALE + 1e-6)
        yield from _on_any_day("crane", crane.code, columns, where, weights, limit)


def _on_any_day(
    kind: str, key: str, columns: Candidates, where: np.ndarray, weights: np.ndarray, limit: int
) -> Iterator[Row]:
    for group in overlapping(columns.start_day[where], columns.end_day[where]):
        yield Row(kind, key, where[group], weights[group], limit)


def _moves(fitter: Fitter, columns: Candidates) -> Iterator[Row]:
    where = np.flatnonzero(columns.is_move)
    if fitter.params.max_moves is not None and len(where):
        yield Row("moves", "all", where, np.ones(len(where), int), fitter.params.max_moves)


def _fire(fitter: Fitter, columns: Candidates) -> Iterator[Switch]:
    """A building is judged by its most dangerous tenant: units too large for that class stay
    without tenants while one of that class (or a worse one) is in the building.
    """
    if not fitter.params.worst_fire_class_rules or not len(columns):
        return
    space = fitter.space
    rank_of_need = np.array([need.fire_class.rank for need in space.problem.needs])
    rank, building = rank_of_need[columns.need], space.building_of[columns.block]
    users = _users_of_units(fitter, columns)
    for fire_class in FireClass:
        dangerous = np.flatnonzero(rank == fire_class.rank)
        fails = space.unit_fire_verdict(fire_class) == Verdict.FAILS
        for number in np.unique(building[dangerous]):
            code = space.problem.buildings[number].code
            milder = [
                where[rank[where] > fire_class.rank]
                for unit, where in users.items()
                if fails[unit] and space.building_at[space.problem.units[unit].building] == number
            ]
            milder = [where for where in milder if len(where)]
            here = dangerous[building[dangerous] == number]
            if milder:
                one = tuple(here[g] for g in _grouped(columns.need[here]).values())
                yield Switch("fire", f"{code} {fire_class.value}", one, tuple(milder))


def _nuisances(fitter: Fitter, columns: Candidates) -> Iterator[Switch]:
    """Who emits dust, vibration, odour … does not share a building with who cannot bear it."""
    needs = fitter.space.problem.needs
    tags = sorted({t for n in needs for t in n.emits} & {t for n in needs for t in n.sensitive_to})
    building = fitter.space.building_of[columns.block] if len(columns) else np.zeros(0, int)
    for tag in tags:
        emits = np.array([tag in need.emits for need in needs])[columns.need]
        suffers = np.array([tag in need.sensitive_to for need in needs])[columns.need]
        for number in np.intersect1d(building[emits], building[suffers]):
            sides = []
            for side in (emits, suffers):
                here = np.flatnonzero(side & (building == number))
                sides.append(tuple(here[g] for g in _grouped(columns.need[here]).values()))
            code = fitter.space.problem.buildings[number].code
            yield Switch("nuisance", f"{code} {tag}", sides[0], sides[1])


def _bonuses(fitter: Fitter, columns: Candidates) -> Iterator[Bonus]:
    if not len(columns):
        return
    space = fitter.space
    number_of = {need.code: i for i, need in enumerate(space.problem.needs)}
    building = space.building_of[columns.block]
    of_need = _grouped(columns.need)
    for i, affinity in enumerate(space.problem.affinities):
        nothing = np.zeros(0, int)
        first = of_need.get(number_of[affinity.first], nothing)
        second = of_need.get(number_of[affinity.second], nothing)
        for number in np.unique(building[first]):
            there = second[np.isin(building[second], _close(fitter, int(number), affinity))]
            if len(there):
                here = first[building[first] == number]
                yield Bonus(i, round(affinity.bonus_m2 * POINTS_PER_M2), here, there)


def _close(fitter: Fitter, building: int, affinity: Affinity) -> np.ndarray:
    return np.flatnonzero(fitter.distance_m(building) <= affinity.within_m)


def _grouped(keys: np.ndarray) -> dict[int, np.ndarray]:
    """Positions by key, in the order of the keys."""
    if not len(keys):
        return {}
    order = np.argsort(keys, kind="stable")
    values, starts = np.unique(keys[order], return_index=True)
    return {int(v): part for v, part in zip(values, np.split(order, starts[1:]), strict=True)}
