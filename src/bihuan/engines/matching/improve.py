"""Good plans of a large queue: round the relaxation, then re-plan one quarter after another.

A zone is a patchwork: a substation feeds a circle of buildings. With the rest of the zone kept
as it is, the tenants of a circle and of some others drawn at random, and everybody still
waiting, make a small programme which HiGHS solves in a moment. Quarter by quarter the plan
climbs to the bound, as many quarters at a time as there are threads. Circles are drawn, not
taken by distance: who could change places with whom has little to do with the way between.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from bihuan.engines import lp
from bihuan.engines.matching.fit import Fitter
from bihuan.engines.matching.greedy import Ledger
from bihuan.engines.matching.model import Model
from bihuan.engines.matching.problem import MatchingProblem
from bihuan.engines.matching.relaxation import Relaxed, improve_part
from bihuan.engines.shape import OnProgress, Progress, Watch

COLUMNS = 2_000  # candidates of one quarter, at first
NEAR_SHARE = 0.05  # of the gap: candidates with a larger reduced cost are left for later
FIRST_SHARE, FIRST_SECONDS = 0.2, 15.0  # for what the relaxation splits
SECONDS = 4.0  # at most for one quarter
GOOD_ENOUGH = 1e-4  # relative gap at which quarters stop


def round_down(model: Model, relaxed: Relaxed) -> np.ndarray:
    """A plan from the relaxation: whole candidates first, then the least regretted that fit."""
    columns, ledger = model.columns, Ledger(model)
    order = np.lexsort((-columns.points, relaxed.reduced, -np.round(relaxed.x, 6)))
    chosen: list[int] = []
    served: set[int] = set()
    for column in order.tolist():
        need = int(columns.need[column])
        if need not in served and columns.points[column] > 0 and ledger.takes(column):
            ledger.add(column)
            chosen.append(column)
            served.add(need)
    return np.array(sorted(chosen), dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Zone:
    """What does not change while a plan climbs."""

    fitter: Fitter
    model: Model
    whole: lp.Lp
    relaxed: Relaxed
    building: np.ndarray  # of each candidate
    seed: int

    def slack(self, chosen: np.ndarray) -> float:
        """Points between a plan and the bound."""
        return self.relaxed.bound - self.model.value(chosen)

    def useful(self, chosen: np.ndarray, share: float) -> np.ndarray:
        """Candidates of the plan, and those that cost at most a share of the slack."""
        useful: np.ndarray = self.relaxed.reduced <= share * self.slack(chosen) + 1e-6
        useful[chosen] = True
        return useful

    def improve(self, free: np.ndarray, chosen: np.ndarray, seconds: float) -> np.ndarray:
        return improve_part(self.model, self.whole, free, chosen, seconds, self.seed)


def climb(zone: Zone, chosen: np.ndarray, watch: Watch, progress: OnProgress) -> np.ndarray:
    """Re-plan quarters until the gap is small, nothing has improved in a whole tour, or time."""
    goal = max(watch.stop.gap, GOOD_ENOUGH)
    chosen = _settle_split(zone, chosen, watch)
    size, share = COLUMNS, NEAR_SHARE
    threads = zone.fitter.params.workers
    with ThreadPoolExecutor(threads) as pool:
        while True:
            before, tour = zone.model.value(chosen), _Tour(zone, size, share)
            while tour.goes_on:
                value = zone.model.value(chosen)
                if watch.is_over() or zone.relaxed.bound - value <= goal * abs(value):
                    return chosen
                parts = tour.quarters(chosen, threads)
                seconds = min(SECONDS, watch.remaining_s)
                plans = pool.map(zone.improve, parts, [chosen] * len(parts), [seconds] * len(parts))
                chosen = _joined(zone.model, chosen, list(plans))
                told = zone.model.value(chosen), zone.relaxed.bound, watch.elapsed_s
                progress(Progress("matching", "quarters", None, *told))
            if zone.model.value(chosen) == before:
                if size > len(zone.model.columns) and share == 1.0:
                    return chosen
                size, share = size * 2, min(1.0, share * 4)


def _joined(model: Model, chosen: np.ndarray, plans: list[np.ndarray]) -> np.ndarray:
    """The changes of all plans together where they get along, the best first."""
    best = chosen
    for plan in sorted(plans, key=model.value, reverse=True):
        gone, come = np.setdiff1d(chosen, plan), np.setdiff1d(plan, chosen)
        both = np.union1d(np.setdiff1d(best, gone), come)
        is_better = model.value(both) > model.value(best)
        if is_better and not any(model.violations(both).values()):
            best = both
    return best


class _Tour:
    """Quarters that come by every building once; those at work together lie apart."""

    def __init__(self, zone: Zone, size: int, share: float) -> None:
        self._zone, self._size, self._share = zone, size, share
        self._random = np.random.default_rng([zone.seed, size])
        self._circle = circles(zone.fitter.space.problem)
        self._left = list(self._random.permutation(np.unique(zone.building)))

    @property
    def goes_on(self) -> bool:
        return bool(self._left)

    def quarters(self, chosen: np.ndarray, count: int) -> list[np.ndarray]:
        """The free candidates of the next `count` quarters."""
        found: list[np.ndarray] = []
        taken = np.zeros(0, dtype=np.int64)
        for centre in [c for c in self._left if c not in taken]:
            if len(found) == count or centre in taken:
                continue
            inside = self._around(int(centre), chosen)
            inside = inside[~np.isin(inside, taken)]
            taken = np.union1d(taken, inside)
            self._left.remove(centre)
            found.append(self._free(inside, chosen))
        return found

    def _around(self, centre: int, chosen: np.ndarray) -> np.ndarray:
        """The circle of a building, then others, until about `size` useful candidates."""
        drawn = self._random.permutation(len(self._circle))[self._circle]
        order = np.lexsort((drawn, self._circle != self._circle[centre]))
        useful = self._zone.useful(chosen, self._share)
        count = np.bincount(self._zone.building[useful], minlength=len(order))
        return order[: max(2, int(np.searchsorted(np.cumsum(count[order]), self._size)) + 1)]

    def _free(self, inside: np.ndarray, chosen: np.ndarray) -> np.ndarray:
        """Useful candidates inside, of needs that wait or sit there."""
        zone = self._zone
        here = np.isin(zone.building, inside)
        need = zone.model.columns.need
        settled = np.isin(need, need[chosen[~here[chosen]]])
        return np.flatnonzero(zone.useful(chosen, self._share) & here & ~settled)


def _settle_split(zone: Zone, chosen: np.ndarray, watch: Watch) -> np.ndarray:
    """Keep what the relaxation gives whole; plan the needs it splits, all over the zone."""
    need = zone.model.columns.need
    settled = np.isin(need, need[zone.relaxed.x > 1 - 1e-6])
    free = np.flatnonzero(zone.useful(chosen, NEAR_SHARE) & ~settled)
    return zone.improve(free, chosen, min(FIRST_SHARE * watch.remaining_s, FIRST_SECONDS))


def circles(problem: MatchingProblem) -> np.ndarray:
    """For each building the number of its circle: those on its smallest shared utility."""
    at = {building.code: i for i, building in enumerate(problem.buildings)}
    circle = np.arange(len(at))
    for utility in sorted(problem.utilities, key=lambda u: -len(u.buildings)):
        members = [at[code] for code in utility.buildings]
        circle[members] = min(members, default=0)
    return circle
