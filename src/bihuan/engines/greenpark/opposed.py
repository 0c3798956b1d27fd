"""Flows that cannot be at once: charging and discharging, buying and selling.

An LP has both in one step where wasting energy pays: at a negative price, or under a
ratio that counts storage losses as self-use or caps what is curtailed.
"""

import numpy as np

from bihuan.engines.greenpark.layout import Model
from bihuan.engines.lp import LpAnswer
from bihuan.engines.shape import Words

OPPOSED_MW = 1e-6
BURNING = Words(
    "the ratios are only kept by burning energy inside a storage (charging while discharging), "
    "which no plant does: relax a ratio, build less, or exclude losses from self-use",
    "只有让储能同时充放电空耗才能满足比例，实际不可行：请放宽比例、减少装机，或将损耗排除在自用之外",
)


def opposed(model: Model, answer: LpAnswer) -> np.ndarray:
    """Columns to close where the solution has both of two opposed flows; empty if nowhere.

    The smaller of the two; and where storages burn energy, discharging at every step at
    which energy is worth less than nothing, or the burning would only move there.
    """
    x = answer.x
    closed = []
    for at in model.storages:
        smaller, larger = _closed(x[at.charge], x[at.discharge], [at.charge], [at.discharge])
        closed += [smaller, larger]
        if len(smaller) + len(larger) and len(answer.row_dual):
            worthless = answer.row_dual[model.balance] < -OPPOSED_MW
            closed.append(_places(at.discharge)[worthless])
    groups = [group.columns for group in model.users]
    bought = np.sum([x[columns] for columns in groups], axis=0)
    closed += _closed(bought, x[model.sold], groups, [model.sold])
    return np.unique(np.concatenate(closed))


def _closed(
    one: np.ndarray, other: np.ndarray, ones: list[slice], others: list[slice]
) -> tuple[np.ndarray, np.ndarray]:
    both = np.minimum(one, other) > OPPOSED_MW
    first = [_places(columns)[both & (one < other)] for columns in ones]
    second = [_places(columns)[both & (one >= other)] for columns in others]
    return np.concatenate(first), np.concatenate(second)


def _places(columns: slice) -> np.ndarray:
    return np.arange(columns.start, columns.stop)
