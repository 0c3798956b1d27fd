"""The route of a day: which visits fit, in which order, and why the others wait. Pure.

Planned by engines.routing. Ways are straight lines made longer by DETOUR, at a steady
speed; opening hours are not known to anybody here, so none are assumed.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, time
from enum import StrEnum
from itertools import groupby
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

DETOUR = 1.3  # road over straight line in a grid of streets; the engine's own default
SEED = 0
ITERATIONS = 100  # bounds the search, so that the same question has the same answer
SECONDS = 3.0  # only a machine under load gets so far; the answer then says so
SPARE = 15  # visits weighed beyond those there could be time for
MOST = 60  # visits weighed for one day
METRES = 111_320.0  # of one degree of latitude


class Way(StrEnum):
    """How one goes."""

    CAR = "car"
    BIKE = "bike"
    WALK = "walk"


WAY_NAMES: dict[Way, Promise] = {
    Way.CAR: pgettext_lazy("way", "by car"),
    Way.BIKE: pgettext_lazy("way", "by bicycle"),
    Way.WALK: pgettext_lazy("way", "on foot"),
}
SPEEDS_KM_PER_H: dict[Way, float] = {Way.CAR: 25.0, Way.BIKE: 12.0, Way.WALK: 4.5}


class Cause(StrEnum):
    """Why a visit is not on the route of the day; in the order they are told."""

    TIME = "time"
    TURN = "turn"
    SEARCH = "search"
    FAR = "far"
    PLACE = "place"
    EXCUSE = "excuse"


CAUSE_NAMES: dict[Cause, Promise] = {
    Cause.TIME: _("The day is full."),
    Cause.TURN: _("Others are due earlier, or lie nearer; they fill the day."),
    Cause.SEARCH: _("The search was cut short before its turn. Compute again."),
    Cause.FAR: _("Too far: the way there and back and the visit take longer than the session."),
    Cause.PLACE: _("Place unknown: the dossier has no coordinates."),
    Cause.EXCUSE: _("An excuse waits for approval."),
}


@dataclass(frozen=True)
class Point:
    """A place in WGS-84 / CGCS2000 degrees."""

    lat: float
    lng: float


@dataclass(frozen=True)
class Errand:
    """A dossier to go to. rounds is how many open rounds ask for it: each is a record of its own."""

    key: str
    due_on: date
    risk: str = ""
    place: Point | None = None
    rounds: int = 1
    excuse_waits: bool = False


Hours = tuple[tuple[time, time], ...]


@dataclass(frozen=True)
class Day:
    """A day out: from where, in which hours, how long a visit takes, how one goes, how many go."""

    on: date
    start: Point
    hours: Hours
    minutes: int
    way: Way = Way.CAR
    people: int = 1


@dataclass(frozen=True)
class Leg:
    """A way from one place to the next."""

    metres: int
    seconds: int

    @property
    def km(self) -> float:
        return self.metres / 1000

    @property
    def minutes(self) -> int:
        """Begun minutes, so that nobody comes late by rounding."""
        return -(-self.seconds // 60)


@dataclass(frozen=True)
class Call:
    """A visit on the route: the way to it, when one arrives and leaves."""

    key: str
    leg: Leg
    arrives: time
    leaves: time


@dataclass(frozen=True)
class Tour:
    """One session: out from the start, its calls, and back."""

    sets_out: time
    calls: tuple[Call, ...]
    back: Leg
    returns: time


@dataclass(frozen=True)
class Route:
    """The plan of a day. Every errand is in a tour, or in left under its cause.

    more_days is how many more such days would take those left for lack of time, where
    all of them were weighed.
    """

    tours: tuple[Tour, ...] = ()
    left: Mapping[Cause, tuple[str, ...]] = field(default_factory=dict)
    more_days: int | None = None
    was_cut: bool = False

    @property
    def calls(self) -> tuple[Call, ...]:
        return tuple(call for tour in self.tours for call in tour.calls)

    @property
    def metres(self) -> int:
        calls = sum(call.leg.metres for call in self.calls)
        return calls + sum(tour.back.metres for tour in self.tours)


def hours_of(begin: time, end: time, pause: tuple[time, time] | None) -> Hours:
    """Return the hours from begin to end without the pause; empty if nothing is left."""
    if pause is None:
        spans = [(begin, end)]
    else:
        spans = [(begin, min(end, pause[0])), (max(begin, pause[1]), end)]
    return tuple((a, b) for a, b in spans if a < b)


def longest_minutes(hours: Hours) -> int:
    """Return the length of the longest session in minutes."""
    return max((_minutes(b) - _minutes(a) for a, b in hours), default=0)


def urgency(errand: Errand, on: date) -> int:
    """Return how pressing a visit is: 0 due that day or late, then within 3, within 7 days, later."""
    days = (errand.due_on - on).days
    return next((rank for rank, limit in enumerate((0, 3, 7)) if days <= limit), 3)


WORTHS = (60.0, 3.0, 0.15, 0.0125)  # by urgency: one outweighs whatever else fits into a day
RISKS = {"red": 1.5, "orange": 1.2}


def worth(errand: Errand, on: date) -> float:
    """Return what a visit weighs where not all can be made that day."""
    return WORTHS[urgency(errand, on)] * RISKS.get(errand.risk, 1.0)


def plan(day: Day, errands: Iterable[Errand]) -> Route:
    """Return the route of the day. The same question has the same answer, unless it was cut."""
    left: dict[Cause, list[str]] = {cause: [] for cause in Cause}
    able = []
    for errand in errands:
        if cause := _hindrance(day, errand):
            left[cause].append(errand.key)
        else:
            able.append(errand)
    able.sort(key=lambda it: (urgency(it, day.on), -worth(it, day.on), _metres(day, it), it.key))
    room = sum((_minutes(b) - _minutes(a)) // day.minutes for a, b in day.hours)
    weighed = able[: min(MOST, room + SPARE)]
    left[Cause.TURN] = [it.key for it in able[len(weighed) :]]
    result = _solved(day, weighed) if weighed else None
    for it in result.unplanned if result else ():
        left[Cause.SEARCH if it.cause == "search" else Cause.TIME].append(it.visit)
    short = result.shortage if result else None
    booked = _early(day, weighed, result.appointments) if result else ()
    return Route(
        tours=_tours(day, weighed, booked),
        left={cause: tuple(keys) for cause, keys in left.items() if keys},
        more_days=short.days if short and not left[Cause.TURN] else None,
        was_cut=bool(result and len(result.warnings) > 1),
    )


def _hindrance(day: Day, errand: Errand) -> Cause | None:
    if errand.excuse_waits:
        return Cause.EXCUSE
    if errand.place is None:
        return Cause.PLACE
    out = _metres(day, errand) * DETOUR / (SPEEDS_KM_PER_H[day.way] * 1000 / 60)
    needed = 2 * out + day.minutes * errand.rounds
    return Cause.FAR if needed > longest_minutes(day.hours) - 1 else None


def _early(day: Day, errands: Sequence[Errand], booked: Sequence[Any]) -> Sequence[Any]:
    """Return the same visits with each session filled before the next, where that is possible.

    The least way alone would as soon leave the morning empty as the end of the day.
    """
    waiting = [it for it in errands if it.key in {stop.visit for stop in booked}]
    early: list[Any] = []
    for number, hours in enumerate(day.hours):
        session = replace(day, hours=(hours,))
        able = [it for it in waiting if _hindrance(session, it) is None]
        if able:
            stops = _solved(session, able).appointments
            early += [replace(stop, session=number) for stop in stops]
            there = {stop.visit for stop in stops}
            waiting = [it for it in waiting if it.key not in there]
    return booked if waiting else early


def _solved(day: Day, errands: Sequence[Errand]) -> Any:
    from bihuan.engines.routing import (  # noqa: PLC0415  half a second that other pages do without
        Person,
        RoutingParams,
        RoutingProblem,
        Session,
        Visit,
        solve,
    )
    from bihuan.engines.shape import Stop  # noqa: PLC0415

    visits = []
    for it in errands:
        x_m, y_m = _flat(day.start, _known(it))
        visits.append(
            Visit(
                code=it.key,
                x_m=x_m,
                y_m=y_m,
                minutes=float(day.minutes * it.rounds),
                people=min(day.people, 2),
                weight=worth(it, day.on),
            )
        )
    problem = RoutingProblem(
        days=(day.on,),
        people=tuple(Person(code=str(number)) for number in range(day.people)),
        visits=tuple(visits),
        sessions=tuple(Session(starts=a, ends=b) for a, b in day.hours),
        params=RoutingParams(
            iterations_per_day=ITERATIONS, speed_km_per_h=SPEEDS_KM_PER_H[day.way], detour=DETOUR
        ),
    )
    return solve(problem, stop=Stop(max_runtime_s=SECONDS), seed=SEED)


def _tours(day: Day, errands: Sequence[Errand], booked: Iterable[Any]) -> tuple[Tour, ...]:
    """Return the tours of what the engine planned, each leg told."""
    places = {it.key: _known(it) for it in errands}
    tours = []
    in_order = sorted(booked, key=lambda it: (it.session, it.starts_s))
    for _session, stops in groupby(in_order, key=lambda it: it.session):
        here = day.start
        calls: list[Call] = []
        sets_out = returns = 0
        for it in stops:
            there = places[it.visit]
            leg = _leg(day.way, here, there)
            sets_out = sets_out if calls else it.starts_s - leg.seconds
            calls.append(Call(it.visit, leg, _clock(it.starts_s), _clock(it.ends_s)))
            here, returns = there, it.ends_s
        back = _leg(day.way, here, day.start)
        tours.append(Tour(_clock(sets_out), tuple(calls), back, _clock(returns + back.seconds)))
    return tuple(tours)


def _leg(way: Way, a: Point, b: Point) -> Leg:
    metres = math.hypot(*_flat(a, b)) * DETOUR
    seconds = metres / (SPEEDS_KM_PER_H[way] / 3.6)
    return Leg(round(metres), math.ceil(seconds - 1e-6))


def _flat(start: Point, place: Point) -> tuple[float, float]:
    """Return metres east and north of start; good to a few metres within a zone."""
    east = (place.lng - start.lng) * METRES * math.cos(math.radians(start.lat))
    return east, (place.lat - start.lat) * METRES


def _metres(day: Day, errand: Errand) -> float:
    return math.hypot(*_flat(day.start, _known(errand)))


def _known(errand: Errand) -> Point:
    assert errand.place is not None, "errands of unknown place are never weighed"
    return errand.place


def _minutes(clock: time) -> int:
    return clock.hour * 60 + clock.minute


def _clock(seconds: int) -> time:
    minutes = min(max(seconds // 60, 0), 24 * 60 - 1)
    return time(minutes // 60, minutes % 60)


def middle(outline: Any) -> Point | None:
    """Return the middle of a GeoJSON outline's frame, or None where there is none."""
    corners = list(_corners((outline or {}).get("coordinates", ())))
    if not corners:
        return None
    lngs, lats = zip(*corners, strict=True)
    return Point((min(lats) + max(lats)) / 2, (min(lngs) + max(lngs)) / 2)


def _corners(shape: Any) -> Iterable[tuple[float, float]]:
    if shape and isinstance(shape[0], int | float):
        yield float(shape[0]), float(shape[1])
        return
    for part in shape:
        yield from _corners(part)
