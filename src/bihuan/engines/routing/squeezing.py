"""What the route search left over: put it in, or let one visit change its tour to make room.

PyVRP's local search now and then ends where no single move places one more visit, though two
moves would: this one goes to another tour, that one takes its place. Here just these are tried.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from bihuan.engines.routing.tours import Call, Shift, Tour
from bihuan.engines.shape import Watch

MOST = 12  # visits left over that are tried on a day: beyond, people are short, not luck

Order = tuple[int, ...]  # keys of calls


@dataclass(frozen=True, eq=False)
class Day:
    """The calls of a day by key, and the way between their places."""

    calls: dict[int, Call]
    travel: np.ndarray

    def tour(self, shift: Shift, order: Order) -> Tour | None:
        """The tour in this order, begun as late as can be; None where it does not fit."""
        starts: list[int] = []
        latest: list[int] = []
        place, when = 0, shift.begins_s
        for key in order:
            call = self.calls[key]
            there = when + int(self.travel[place, call.place])
            spans = [(max(a, there), b) for a, b in call.windows if max(a, there) <= b]
            if shift.crew not in call.crews or not spans:
                return None
            start, end = min(spans)
            starts.append(start)
            latest.append(end)
            place, when = call.place, start + call.duration_s
        returns = when + int(self.travel[place, 0])
        for i in range(len(order) - 2, -1, -1):
            call, after = self.calls[order[i]], self.calls[order[i + 1]]
            way = call.duration_s + int(self.travel[call.place, after.place])
            starts[i] = min(latest[i], starts[i + 1] - way)
        leaves = starts[0] - int(self.travel[0, self.calls[order[0]].place]) if order else 0
        if order and (returns > shift.ends_s or returns - leaves > shift.longest_s):
            return None
        stops = tuple(zip(order, starts, strict=True))
        return Tour(shift, stops, leaves, returns if order else 0, self._road(order))

    def _road(self, order: Order) -> int:
        places = [0, *(self.calls[key].place for key in order), 0]
        return int(sum(self.travel[a, b] for a, b in pairwise(places)))

    def with_one_more(self, shift: Shift, order: Order, key: int) -> Tour | None:
        """The shortest way to take one more call on a tour."""
        call = self.calls[key]
        work = sum(self.calls[k].duration_s for k in order) + call.duration_s
        if shift.crew not in call.crews or work > shift.ends_s - shift.begins_s:
            return None
        tours = (self.tour(shift, (*order[:i], key, *order[i:])) for i in range(len(order) + 1))
        return min(filter(None, tours), key=lambda tour: tour.travel_s, default=None)


def squeeze(
    tours: Sequence[Tour],
    shifts: Sequence[Shift],
    calls: Sequence[Call],
    travel: np.ndarray,
    watch: Watch,
) -> list[Tour]:
    """The tours with as many of the calls left over as go in by one or two moves, heavy first."""
    day = Day({call.key: call for call in calls}, travel)
    now = dict.fromkeys(shifts, ()) | {tour.shift: _keys(tour) for tour in tours}
    made = {tour.shift: tour for tour in tours}
    served = {key for order in now.values() for key in order}
    left = sorted((c for c in calls if c.key not in served), key=lambda c: (-c.weight, c.key))
    for call in left[:MOST]:
        if watch.is_over():
            break
        for tour in next(_ways_in(day, now, call.key), ()):
            now[tour.shift], made[tour.shift] = _keys(tour), tour
    return [tour for tour in made.values() if tour.stops]


def _keys(tour: Tour) -> Order:
    return tuple(key for key, _ in tour.stops)


def _ways_in(day: Day, now: dict[Shift, Order], key: int) -> Iterator[tuple[Tour, ...]]:
    """Changed tours that take one more call: one tour, or two where another call moves over."""
    for shift, order in now.items():
        tour = day.with_one_more(shift, order, key)
        if tour is not None:
            yield (tour,)
    for shift, order in now.items():
        for moved in order:
            tour = day.with_one_more(shift, tuple(k for k in order if k != moved), key)
            if tour is None:
                continue
            for other, others in now.items():
                to = day.with_one_more(other, others, moved) if other != shift else None
                if to is not None:
                    yield tour, to
