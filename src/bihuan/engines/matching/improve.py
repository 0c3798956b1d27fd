"""Good plans of a large queue: round the relaxation, then re-plan one quarter after another.

A zone is a patchwork: a substation feeds a few buildings, a sewer a few more. With the rest
of the zone kept as it is, the tenants of some neighbouring buildings and everybody still
waiting make a small programme which HiGHS solves in a moment. Quarter by quarter the plan
climbs to the bound.
"""

import math

import numpy as np

from bihuan.engines import lp
from bihuan.engines.matching.fit import Fitter
from bihuan.engines.matching.greedy import Ledger
from bihuan.engines.matching.model import Model
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


def climb(
    fitter: Fitter,
    model: Model,
    whole: lp.Lp,
    relaxed: Relaxed,
    chosen: np.ndarray,
    watch: Watch,
    *,
    seed: int,
    progress: OnProgress,
) -> np.ndarray:
    """Re-plan quarters until the gap is small, nothing has improved in a whole tour, or time."""
    random = np.random.default_rng(seed)
    building = fitter.space.building_of[model.columns.block]
    places = np.unique(building)
    goal = max(watch.stop.gap, GOOD_ENOUGH)
    size, share = COLUMNS, NEAR_SHARE
    chosen = _settle_split(model, whole, relaxed, chosen, watch, seed)
    while True:
        before = model.value(chosen)
        for centre in random.permutation(places):
            value = model.value(chosen)
            if watch.is_over() or relaxed.bound - value <= goal * abs(value):
                return chosen
            seconds = min(SECONDS, watch.remaining_s)
            free = _quarter(fitter, model, relaxed, chosen, building, int(centre), size, share)
            chosen = improve_part(model, whole, free, chosen, seconds, seed)
            progress(Progress("matching", "quarters", None, value, relaxed.bound, watch.elapsed_s))
        if model.value(chosen) == before:
            if size > len(model.columns) and share == 1.0:
                return chosen
            size, share = size * 2, min(1.0, share * 4)


def _settle_split(
    model: Model, whole: lp.Lp, relaxed: Relaxed, chosen: np.ndarray, watch: Watch, seed: int
) -> np.ndarray:
    """Keep what the relaxation gives whole; plan the needs it splits, all over the zone."""
    is_whole = relaxed.x > 1 - 1e-6
    settled = np.zeros(int(model.columns.need.max()) + 1, dtype=bool)
    settled[model.columns.need[is_whole]] = True
    slack = relaxed.bound - model.value(chosen)
    useful = relaxed.reduced <= NEAR_SHARE * slack + 1e-6
    useful[chosen] = True
    free = np.flatnonzero(useful & ~settled[model.columns.need])
    seconds = min(FIRST_SHARE * watch.remaining_s, FIRST_SECONDS)
    return improve_part(model, whole, free, chosen, seconds, seed)


def _quarter(
    fitter: Fitter,
    model: Model,
    relaxed: Relaxed,
    chosen: np.ndarray,
    building: np.ndarray,
    centre: int,
    size: int,
    share: float,
) -> np.ndarray:
    """About `size` candidates near one building whose need waits or sits near it as well."""
    slack = relaxed.bound - model.value(chosen)
    useful = relaxed.reduced <= share * slack + 1e-6
    useful[chosen] = True
    order = neighbourhood(fitter, centre)
    count = np.bincount(building[useful], minlength=len(order))
    inside = order[: max(2, int(np.searchsorted(np.cumsum(count[order]), size)) + 1)]
    here = np.isin(building, inside)
    settled = np.zeros(len(fitter.space.problem.needs), dtype=bool)
    settled[model.columns.need[chosen[~here[chosen]]]] = True
    return np.flatnonzero(useful & here & ~settled[model.columns.need])


def neighbourhood(fitter: Fitter, centre: int) -> np.ndarray:
    """All buildings, first those on a utility of `centre`, each group by distance."""
    space = fitter.space
    code = space.problem.buildings[centre].code
    mates = {c for u in space.problem.utilities if code in u.buildings for c in u.buildings}
    strange = np.array([b.code not in mates for b in space.problem.buildings])
    metres = np.nan_to_num(fitter.distance_m(centre), nan=math.inf)
    strange[centre] = False
    metres[centre] = -1.0
    return np.lexsort((metres, strange))
