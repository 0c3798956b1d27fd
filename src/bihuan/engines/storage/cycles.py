"""Finding the cycles in a state of charge: rainflow, and the reversal counter to compare.

Rainflow is ASTM E1049-85 (2017) section 5.4.4: of the last three turning points, the
earlier range Y is a cycle once the later range X is at least as large; a range that holds
the start, or is still open at the end, counts as half a cycle. A shallow cycle inside a
deep one is taken out and the deep one goes on, whereas a reversal counter cuts the deep
one in pieces at every reversal: with arbitrage and regulation together it finds no deep
cycle at all and understates the wear of such a battery two to three times.

Each range carries the time during which the battery really moved (rest does not count).
A full cycle is Y and the equal part of X: it takes Y's time and that share of X's, the
rest of X's time stays with what is left, so no time is lost or used twice.
"""

import copy
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise


@dataclass(frozen=True)
class Cycle:
    """`count` 1 is a full cycle (down and up), 0.5 half of one."""

    depth: float  # range of the state of charge [1]
    count: float
    hours: float  # time in movement [h]

    @property
    def full_equivalent_cycles(self) -> float:
        """Charge moved, as full cycles of depth 1 [1]."""
        return self.depth * self.count

    @property
    def rate_per_h(self) -> float:
        """Mean C-rate [1/h]; 0 where no time is known."""
        return 2.0 * self.count * self.depth / self.hours if self.hours > 0 else 0.0


@dataclass
class RainflowCounter:
    """Rainflow one value after another: `feed` gives the cycles each value closes."""

    first: float
    _levels: list[float] = field(init=False)  # turning points not yet paired
    _hours: list[float] = field(init=False)  # time of the range that ends at each
    _last: float = field(init=False)
    _direction: int = field(init=False, default=0)
    _moving_h: float = field(init=False, default=0.0)

    def __post_init__(self) -> None:
        self._levels, self._hours, self._last = [self.first], [0.0], self.first

    def feed(self, value: float, hours: float = 0.0) -> list[Cycle]:
        """Cycles closed by this value, reached `hours` after the one before."""
        if value == self._last:
            return []
        direction = 1 if value > self._last else -1
        closed: list[Cycle] = []
        if direction == -self._direction:
            self._levels.append(self._last)
            self._hours.append(self._moving_h)
            self._moving_h = 0.0
            closed = self._close()
        self._direction = direction
        self._moving_h += hours
        self._last = value
        return closed

    def _close(self) -> list[Cycle]:
        closed, levels, hours = [], self._levels, self._hours
        while len(levels) >= 3:
            later, earlier = abs(levels[-1] - levels[-2]), abs(levels[-2] - levels[-3])
            if later < earlier:
                break
            if len(levels) == 3:  # the earlier range holds the start
                closed.append(Cycle(earlier, 0.5, hours[1]))
                del levels[0], hours[0]
                hours[0] = 0.0
            else:
                taken = hours[-1] * earlier / later
                closed.append(Cycle(earlier, 1.0, hours[-2] + taken))
                hours[-3] += hours[-1] - taken
                levels[-3] = levels[-1]
                del levels[-2:], hours[-2:]
        return closed

    def residue(self) -> list[Cycle]:
        """What the end of the series closes, and the ranges still open as half cycles.

        Asking does not change the counter.
        """
        end = copy.deepcopy(self)
        end._levels.append(end._last)
        end._hours.append(end._moving_h)
        closed = end._close() if end._direction else []
        depths = [abs(b - a) for a, b in pairwise(end._levels)]
        halves = zip(depths, end._hours[1:], strict=True)
        return closed + [Cycle(depth, 0.5, hours) for depth, hours in halves if depth > 0.0]


def rainflow(values: Iterable[float], *, step_h: float = 0.0) -> list[Cycle]:
    """Every cycle of a series, residue included, in the order of closing."""
    series = iter(values)
    first = next(series, None)
    if first is None:
        return []
    counter = RainflowCounter(first)
    cycles = [cycle for value in series for cycle in counter.feed(value, step_h)]
    return cycles + counter.residue()


@dataclass
class ReversalCounter:
    """Half a cycle at each change of direction, as SimSES 2 counts. Only to compare."""

    first: float
    _start: float = field(init=False)
    _last: float = field(init=False)
    _direction: int = field(init=False, default=0)
    _moving_h: float = field(init=False, default=0.0)

    def __post_init__(self) -> None:
        self._start = self._last = self.first

    def feed(self, value: float, hours: float = 0.0) -> list[Cycle]:
        """The half cycle that this value closes, if any."""
        if value == self._last:
            return []
        direction = 1 if value > self._last else -1
        closed: list[Cycle] = []
        if direction == -self._direction:
            closed = [Cycle(abs(self._last - self._start), 0.5, self._moving_h)]
            self._start, self._moving_h = self._last, 0.0
        self._direction = direction
        self._moving_h += hours
        self._last = value
        return closed

    def residue(self) -> list[Cycle]:
        """Nothing: SimSES drops the half cycle that is still open."""
        return []
