"""What routing is asked: who must be visited, by whom, when, and what was promised."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass

import numpy as np

from bihuan.engines.problem import Problem, quantity
from bihuan.engines.shape import BadProblem, Words

DETOUR = 1.3  # road over straight line in a grid of streets (B; a setting)


@dataclass(frozen=True, kw_only=True)
class Session(Problem):
    """A span of the day, such as 8:30 to 12:00."""

    starts: dt.time
    ends: dt.time

    def check(self) -> None:
        if self.ends <= self.starts:
            raise BadProblem("ends", Words("must be after starts", "必须晚于 starts"))

    @property
    def starts_s(self) -> int:
        return seconds_of(self.starts)

    @property
    def ends_s(self) -> int:
        return seconds_of(self.ends)


@dataclass(frozen=True, kw_only=True)
class Person(Problem):
    """Somebody who visits."""

    code: str
    skills: tuple[str, ...] = quantity("e.g. fire, hazardous chemicals", default=())
    certificates: tuple[str, ...] = quantity("e.g. law enforcement", default=())
    absent: tuple[dt.date, ...] = quantity("days off", default=())


@dataclass(frozen=True, kw_only=True)
class Promise(Problem):
    """What the enterprise was told: a day, a span for the start, and perhaps who comes."""

    day: dt.date
    earliest: dt.time
    latest: dt.time
    people: tuple[str, ...] = quantity("codes of those who were announced", default=())

    def check(self) -> None:
        if self.latest < self.earliest:
            raise BadProblem("latest", Words("is before earliest", "早于 earliest"))


@dataclass(frozen=True, kw_only=True)
class Visit(Problem):
    """One enterprise on the list of a round."""

    code: str
    x_m: float | None = quantity("easting", "m", default=None)
    y_m: float | None = quantity("northing", "m", default=None)
    minutes: float = quantity("on the spot", "min", above=0, high=600)
    people: int = quantity("who go together", low=1, high=2, default=1)
    certificate: str | None = quantity("all who go must hold it", default=None)
    skill: str | None = quantity("one who goes must have it", default=None)
    opens: tuple[Session, ...] = quantity(
        "the visit lies within one of these; none: any", default=()
    )
    closed_on: tuple[dt.date, ...] = quantity("days it cannot be visited", default=())
    earliest: dt.date | None = quantity("first possible day", default=None)
    deadline: dt.date | None = quantity("last day", default=None)
    weight: float = quantity(
        "worth of visiting it, if not all can be", above=0, high=100, default=1.0
    )
    promise: Promise | None = quantity("kept in every plan", default=None)

    def check(self) -> None:
        spans = [session.ends_s - session.starts_s for session in self.opens]
        if spans and max(spans) < self.minutes * 60:
            raise BadProblem(
                "opens",
                Words(
                    f"longest span is {max(spans) / 60:g} min, the visit takes {self.minutes:g} min",
                    f"最长开放时段 {max(spans) / 60:g} 分钟，而走访需要 {self.minutes:g} 分钟",
                ),
            )
        first, last = self.earliest, self.deadline
        if first is not None and last is not None and last < first:
            raise BadProblem("deadline", Words("is before earliest", "早于 earliest"))


@dataclass(frozen=True, kw_only=True)
class RoutingParams(Problem):
    """How the plan is sought; every number is a setting."""

    iterations_per_day: int = quantity("of the route search", low=1, high=1_000_000, default=300)
    speed_km_per_h: float = quantity("on the road", "km/h", above=0, high=120, default=30.0)
    detour: float = quantity("road over straight line", low=1, high=3, default=DETOUR)
    even: float = quantity(
        "longest tour over the mean, while all can be served so", low=1, high=100, default=1.3
    )
    fill: float = quantity("share of the day planned at first", above=0, high=1, default=0.9)


@dataclass(frozen=True, kw_only=True)
class RoutingProblem(Problem):
    """A round: the list, the people, the working days. All start and end at the base.

    Travel comes from coordinates, or from `travel_minutes`: row and column 0 the base, then
    the visits in order.
    """

    days: tuple[dt.date, ...] = quantity("working days of the plan, in order")
    people: tuple[Person, ...]
    visits: tuple[Visit, ...]
    sessions: tuple[Session, ...] = quantity(
        "working hours; people return to the base after each",
        default=(
            Session(starts=dt.time(8, 30), ends=dt.time(12)),
            Session(starts=dt.time(14), ends=dt.time(18)),
        ),
    )
    base_x_m: float = quantity("easting of the base", "m", default=0.0)
    base_y_m: float = quantity("northing of the base", "m", default=0.0)
    travel_minutes: tuple[tuple[float, ...], ...] | None = quantity(
        "measured travel", "min", default=None
    )
    params: RoutingParams = quantity("how to search", default_factory=RoutingParams)

    def check(self) -> None:
        if list(self.days) != sorted(set(self.days)) or not self.days:
            raise BadProblem("days", Words("must be in order, each once", "必须按序且不重复"))
        for name in ("people", "visits"):
            _refuse_twice(name, [item.code for item in getattr(self, name)])
        if not self.sessions:
            raise BadProblem("sessions", Words("there must be one", "至少需要一个时段"))
        self._check_travel()
        for number, visit in enumerate(self.visits):
            self._check_visit(f"visits[{number}]", number, visit)

    def _check_travel(self) -> None:
        if self.travel_minutes is None:
            return
        size = len(self.visits) + 1
        if len(self.travel_minutes) != size or any(len(r) != size for r in self.travel_minutes):
            raise BadProblem(
                "travel_minutes",
                Words(
                    f"must be {size} × {size} (base first)",
                    f"必须为 {size} × {size}（首行为出发地）",
                ),
            )
        matrix = np.array(self.travel_minutes, dtype=float)
        bad = np.argwhere(~np.isfinite(matrix) | (matrix < 0))
        if len(bad):
            row, column = (int(n) for n in bad[0])
            raise BadProblem(
                f"travel_minutes[{row}][{column}]",
                Words(
                    "no way is given: must be finite and at least 0", "无法到达：必须为有限非负数"
                ),
            )

    def _check_visit(self, field: str, number: int, visit: Visit) -> None:
        if self.travel_minutes is None and (visit.x_m is None or visit.y_m is None):
            raise BadProblem(
                f"{field}.x_m",
                Words("no place is known, nor travel_minutes", "未知位置，也没有 travel_minutes"),
            )
        out, back = self._from_base(number)
        longest = max(s.ends_s - s.starts_s for s in self.sessions) / 60
        if out + visit.minutes + back > longest:
            raise BadProblem(
                field,
                Words(
                    f"cannot be reached: {out:.0f} min out + {visit.minutes:g} + {back:.0f} back is more "
                    f"than the longest session of {longest:g} min",
                    f"无法到达：去程 {out:.0f} + 走访 {visit.minutes:g} + 返程 {back:.0f} 分钟，"
                    f"超过最长时段 {longest:g} 分钟",
                ),
            )
        if visit.opens and not self._fits(visit, out, back):
            raise BadProblem(
                f"{field}.opens",
                Words(
                    f"no opening leaves {visit.minutes:g} min within a session, with the way "
                    f"there and back ({out:.0f} + {back:.0f} min)",
                    f"没有一个开放时段能在工作时段内完成 {visit.minutes:g} 分钟走访及往返"
                    f"（{out:.0f} + {back:.0f} 分钟）",
                ),
            )
        promise = visit.promise
        if promise is not None and promise.day not in self.days:
            raise BadProblem(
                f"{field}.promise.day",
                Words(f"{promise.day} is not a day of the plan", f"{promise.day} 不在计划日内"),
            )
        known = {person.code for person in self.people}
        for code in promise.people if promise is not None else ():
            if code not in known:
                raise BadProblem(
                    f"{field}.promise.people", Words(f"{code!r} does not exist", f"{code!r} 不存在")
                )

    def _fits(self, visit: Visit, out: float, back: float) -> bool:
        """Whether some opening and some session leave time for the visit and the way to it."""
        return any(
            max(opening.starts_s, session.starts_s + 60 * out) + 60 * visit.minutes
            <= min(opening.ends_s, session.ends_s - 60 * back) + 1
            for opening in visit.opens
            for session in self.sessions
        )

    def _from_base(self, number: int) -> tuple[float, float]:
        """Minutes from the base to a visit and back."""
        if self.travel_minutes is not None:
            return self.travel_minutes[0][number + 1], self.travel_minutes[number + 1][0]
        visit = self.visits[number]
        metres = float(np.hypot((visit.x_m or 0) - self.base_x_m, (visit.y_m or 0) - self.base_y_m))
        minutes = metres * self.params.detour / (self.params.speed_km_per_h * 1000 / 60)
        return minutes, minutes


def travel_s(problem: RoutingProblem) -> np.ndarray:
    """Whole seconds of travel, rounded up; row and column 0 are the base."""
    if problem.travel_minutes is not None:
        seconds = np.array(problem.travel_minutes, dtype=float) * 60
    else:
        x = np.array([problem.base_x_m, *(v.x_m or 0.0 for v in problem.visits)])
        y = np.array([problem.base_y_m, *(v.y_m or 0.0 for v in problem.visits)])
        metres = np.hypot(x[:, None] - x[None, :], y[:, None] - y[None, :])
        seconds = metres * problem.params.detour / (problem.params.speed_km_per_h / 3.6)
    whole: np.ndarray = np.ceil(seconds - 1e-9).astype(np.int64)
    np.fill_diagonal(whole, 0)
    return whole


def seconds_of(time: dt.time) -> int:
    """Seconds since midnight."""
    return time.hour * 3600 + time.minute * 60 + time.second


def _refuse_twice(field: str, codes: list[str]) -> None:
    for code, count in Counter(codes).items():
        if count > 1:
            raise BadProblem(
                field, Words(f"{code!r} is given {count} times", f"{code!r} 出现 {count} 次")
            )
