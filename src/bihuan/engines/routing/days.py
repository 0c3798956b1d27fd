"""One day of the round: its crews, its calls, its tours."""

import datetime as dt
import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from bihuan.engines.routing.crews import Crew, form, is_someone_able, pairs_wanted
from bihuan.engines.routing.problem import Person, RoutingProblem, Visit, seconds_of
from bihuan.engines.routing.squeezing import squeeze
from bihuan.engines.routing.tours import DAY_S, Call, Search, Shift, Tour, plan_day
from bihuan.engines.shape import Watch

PROMISED = 20.0  # times the weight of the same visit without a promise
FEWER = 4  # smaller numbers of spare crews that are tried
TRIES = 3  # numbers of pairs that are tried, as a rule
CATCH_UP = 2.0  # sessions over which a lead or lag in work is made good
LEAST, MOST = 0.4, 1.6  # of the fair share
STEP_S = 900  # limits are rounded up to a quarter of an hour
WORKING = 0.85  # of a session that is neither waiting nor the way home


@dataclass(frozen=True)
class DayPlan:
    """Crews and tours of a day; `served` are positions of visits."""

    crews: tuple[Crew, ...]
    tours: tuple[Tour, ...]
    was_cut: bool = False

    @property
    def served(self) -> set[int]:
        return {key for tour in self.tours for key, _ in tour.stops}

    @property
    def travel_s(self) -> int:
        return sum(tour.travel_s * tour.shift.people for tour in self.tours)

    def weight(self, visits: tuple[Visit, ...]) -> float:
        return sum(worth(visits[number]) for number in self.served)

    def work_s(self) -> dict[str, int]:
        """Seconds away from the base, by person."""
        work: dict[str, int] = {}
        for tour in self.tours:
            for code in self.crews[tour.shift.crew].codes:
                work[code] = work.get(code, 0) + tour.returns_s - tour.leaves_s
        return work


EMPTY = DayPlan((), ())


@dataclass(frozen=True, eq=False)
class Planner:
    """What every day is planned with."""

    problem: RoutingProblem
    travel: np.ndarray
    road_minutes: float
    watch: Watch
    seed: int

    def plan(
        self,
        day: dt.date | None,
        numbers: Iterable[int],
        load_s: dict[str, int],
        seconds: float,
        iterations: int | None = None,
    ) -> DayPlan:
        """Tours for these visits on a day; None is a spare day on which everybody works.

        Where visits for two are left over, more pairs are tried; for one, a pair less.
        """
        present = [p for p in self.problem.people if day is None or day not in p.absent]
        wanted = [n for n in sorted(numbers) if is_someone_able(present, self.problem.visits[n])]
        visits = [self.problem.visits[n] for n in wanted]
        if not visits or not present:
            return EMPTY
        crew_minutes = WORKING * sum(s.ends_s - s.starts_s for s in self.problem.sessions) / 60
        pairs = pairs_wanted(visits, len(present), crew_minutes, self.road_minutes)
        best = EMPTY
        for count in (pairs, pairs + 1, pairs + 2, pairs - 1):
            left = [n for n in wanted if n not in best.served]
            lacking = 1 if count < pairs else 2
            is_needed = any(self.problem.visits[n].people == lacking for n in left)
            if count != pairs and not (0 <= count <= len(present) // 2 and is_needed):
                continue
            crews = form(present, visits, count, load_s)
            found = self._tours(crews, wanted, load_s, seconds / TRIES, iterations, day is None)
            best = max(best, found, key=lambda p: (p.weight(self.problem.visits), -p.travel_s))
        return best

    def _tours(
        self,
        crews: list[Crew],
        numbers: list[int],
        load_s: dict[str, int],
        seconds: float,
        iterations: int | None,
        is_spare: bool,
    ) -> DayPlan:
        calls = [call for n in numbers if (call := self._call(n, crews, is_spare)) is not None]
        shifts = shifts_of(self.problem, crews)
        load = {i: max(load_s.get(c, 0) for c in crew.codes) for i, crew in enumerate(crews)}
        count = iterations or self.problem.params.iterations_per_day
        search = Search(count, seconds, self.watch, self.seed)
        plan = EMPTY
        for limited in (self._fairly(calls, shifts, load), shifts):
            tours, was_cut = plan_day(calls, limited, self.travel, search=search, load_s=load)
            plan = DayPlan(tuple(crews), tuple(tours), was_cut)
            if len(plan.served) == len(calls):
                return plan
        tours = squeeze(plan.tours, shifts, calls, self.travel, self.watch)
        return replace(plan, tours=tuple(tours))

    def _fairly(self, calls: list[Call], shifts: list[Shift], load: dict[int, int]) -> list[Shift]:
        """Shifts limited to a fair share of the day's work, less for who has worked more."""
        people = {call.key: self.problem.visits[call.key].people for call in calls}
        road_s = 60 * self.road_minutes
        work = sum(people[call.key] * (call.duration_s + road_s) for call in calls)
        mean = work / max(1, sum(shift.people for shift in shifts))
        alone = max(
            (self.travel[0, c.place] + c.duration_s + self.travel[c.place, 0] for c in calls),
            default=0,
        )
        if len(load) == 1:
            return shifts
        usual = sum(load.values()) / max(1, len(load))
        limited = []
        for shift in shifts:
            behind = (usual - load.get(shift.crew, 0)) / max(mean, 1.0) / CATCH_UP
            share = self.problem.params.even * min(max(1.0 + behind, LEAST), MOST)
            longest = STEP_S * math.ceil(max(mean * share, alone) / STEP_S)
            limited.append(replace(shift, longest_s=longest))
        return limited

    def _call(self, number: int, crews: list[Crew], is_spare: bool) -> Call | None:
        visit = self.problem.visits[number]
        if is_spare:
            visit = visit.replace(promise=None)
        able = frozenset(i for i, crew in enumerate(crews) if crew.may_take(visit))
        windows = starts(visit)
        if not able or not windows:
            return None
        return Call(
            key=number,
            place=number + 1,
            duration_s=round(visit.minutes * 60),
            windows=windows,
            weight=worth(visit),
            crews=able,
        )

    def alone(self, numbers: Iterable[int]) -> int:
        """Person-days of fresh crews that take all these visits on spare days, few as found."""
        total = 0
        for people in (1, 2):
            mine = [n for n in numbers if self.problem.visits[n].people == people]
            if mine:
                total += people * self._fresh_crews(mine, people)
        return total

    def _fresh_crews(self, numbers: list[int], people: int) -> int:
        """First as few tours as possible; then as few crews that can walk them."""
        tours = self._fresh(numbers, people, len(numbers), DAY_S)
        by_session = Counter(tour.shift.begins_s for tour in tours)
        enough = max(by_session.values(), default=len(numbers))
        few = math.ceil(len(tours) / len(self.problem.sessions))
        for crews in range(few, min(enough, few + FEWER)):
            walked = self._fresh(numbers, people, crews, 0)
            if sum(len(tour.stops) for tour in walked) == len(numbers):
                return crews
        return enough

    def _fresh(self, numbers: list[int], people: int, count: int, fixed_cost: int) -> list[Tour]:
        crews = [Crew((_able_person(self.problem.visits),) * people) for _ in range(count)]
        calls = [call for n in numbers if (call := self._call(n, crews, True)) is not None]
        seconds = max(1.0, min(10.0, self.watch.remaining_s))
        search = Search(self.problem.params.iterations_per_day, seconds, self.watch, self.seed)
        shifts = shifts_of(self.problem, crews)
        return plan_day(calls, shifts, self.travel, search=search, fixed_cost=fixed_cost)[0]


def _able_person(visits: tuple[Visit, ...]) -> Person:
    """Somebody who holds everything that is asked for."""
    return Person(
        code="spare",
        skills=tuple(sorted({v.skill for v in visits if v.skill})),
        certificates=tuple(sorted({v.certificate for v in visits if v.certificate})),
    )


def shifts_of(problem: RoutingProblem, crews: list[Crew]) -> list[Shift]:
    """Every crew in every session."""
    return [
        Shift(number, session.starts_s, session.ends_s, len(crew.people))
        for session in problem.sessions
        for number, crew in enumerate(crews)
    ]


def starts(visit: Visit) -> tuple[tuple[int, int], ...]:
    """Spans in which the visit may begin: open for its whole length, and as promised."""
    length = round(visit.minutes * 60)
    spans = [(s.starts_s, s.ends_s - length) for s in visit.opens] or [(0, DAY_S - length)]
    if visit.promise is not None:
        early, late = seconds_of(visit.promise.earliest), seconds_of(visit.promise.latest)
        spans = [(max(a, early), min(b, late)) for a, b in spans]
    return tuple((a, b) for a, b in spans if a <= b)


def worth(visit: Visit) -> float:
    return visit.weight * (PROMISED if visit.promise is not None else 1.0)
