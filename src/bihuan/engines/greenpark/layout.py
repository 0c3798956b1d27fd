"""Where everything is in a park's programme, and the groupings that keep it small."""

from dataclasses import dataclass, field

import numpy as np

from bihuan.engines.cash import annuity_factor
from bihuan.engines.greenpark.forms import Form
from bihuan.engines.greenpark.limits import Limit
from bihuan.engines.greenpark.problem import Invest, Park, Source, User
from bihuan.engines.lp import INF, Lp

TIE_CNY_PER_MWH = 1e-3  # on charging: where spare energy may be curtailed or lost in a
# storage at the same cost, it is curtailed. Left out of all money; within solver tolerance.


@dataclass(frozen=True)
class UserGroup:
    """Users who buy at one price; `stores` marks purchases that charge storages."""

    members: tuple[int, ...]
    load_mw: np.ndarray
    premium_cny_per_mwh: float
    columns: slice
    stores: bool = False


@dataclass(frozen=True)
class SourceGroup:
    """Sources of one variable cost."""

    members: tuple[int, ...]
    cost_cny_per_mwh: float
    curtailed: slice


@dataclass(frozen=True)
class StorageColumns:
    charge: slice
    discharge: slice
    stored: slice
    row: int  # of the first step's stored energy
    end_row: int | None = None  # "the end as the start", where that is a row
    power: int | None = None  # size columns, when sizing
    energy: int | None = None


@dataclass
class Model:
    """A built programme and where everything is in it."""

    park: Park
    sizing: bool
    lp: Lp
    users: list[UserGroup]
    groups: list[SourceGroup]
    storages: list[StorageColumns]
    sources: list[int]  # size columns of the sources, when sizing
    sold: slice
    balance: slice
    peaks: slice | None
    import_rows: slice | None  # Σ bought ≤ access, where it is a row
    slack: bool  # the slack of the balance is the curtailed
    rule_rows: list[tuple[Limit, int, Form]] = field(default_factory=list)
    forms: dict[str, Form] = field(default_factory=dict)
    slacks: dict[str, int] = field(default_factory=dict)  # columns that relieve, see diagnose


def tie_cny(model: Model, x: np.ndarray) -> float:
    """What the tie-breaker adds to the objective; no money."""
    factor = model.park.hours * (model.park.year_factor if model.sizing else 1.0)
    return TIE_CNY_PER_MWH * factor * sum(float(x[at.charge].sum()) for at in model.storages)


def spare_is_curtailed(park: Park) -> bool:
    """The balance may be ≥ and its slack be the curtailed: n rows and n columns fewer.

    Right where generation costs nothing and throwing bought or stored energy away never
    pays; a cap on curtailment can make the latter pay, so it asks for the columns. So can, now
    and then, a floor on self-use that counts losses: `throws_away_mw` finds out.
    """
    if (park.rules.curtailment_max or -1.0) >= 0:
        return False
    free = all(source.variable_cost_cny_per_mwh == 0 for source in park.sources)
    least = min(user.premium_cny_per_mwh for user in park.users)
    return free and bool(np.all(park.import_price - park.self_use_price + least >= 0))


def spare_mw(model: Model, x: np.ndarray) -> np.ndarray:
    """Supplied less taken at each step: what is curtailed."""
    taken = model.park.load_mw + x[model.sold]
    supplied = generation_mw(model, x)
    for group in model.users:
        supplied = supplied + x[group.columns]
    for at in model.storages:
        supplied, taken = supplied + x[at.discharge], taken + x[at.charge]
    spare: np.ndarray = supplied - taken
    return spare


def generation_mw(model: Model, x: np.ndarray) -> np.ndarray:
    """What all sources could produce at each step."""
    park = model.park
    if not model.sizing:
        return available_mw(park.sources, park.steps)
    total: np.ndarray = np.zeros(park.steps)
    for column, source in zip(model.sources, park.sources, strict=True):
        total = total + x[column] * source.available.values
    return total


def throws_away_mw(model: Model, x: np.ndarray) -> float:
    """The most that is curtailed at a step above what could be generated then.

    Above 0 the storages are emptied into nothing, so that their losses count as self-use: the
    programme must then be written with `curtails_own`.
    """
    return float(np.max(spare_mw(model, x) - generation_mw(model, x), initial=0.0))


def grouped(users: tuple[User, ...]) -> list[tuple[tuple[int, ...], float, float]]:
    """Users as (members, premium, cap): alike ones together, capped ones alone."""
    alike: dict[float, list[int]] = {}
    alone = []
    for index, user in enumerate(users):
        if user.import_cap_mw is None:
            alike.setdefault(user.premium_cny_per_mwh, []).append(index)
        else:
            alone.append(((index,), user.premium_cny_per_mwh, user.import_cap_mw))
    return [(tuple(found), premium, INF) for premium, found in sorted(alike.items())] + alone


def available_mw(sources: "tuple[Source, ...] | list[Source]", steps: int = 1) -> np.ndarray:
    """Power the sources could produce, MW at each step."""
    parts = [source.capacity_mw * source.available.values for source in sources]
    total_mw: np.ndarray = np.sum(parts, axis=0) if parts else np.zeros(steps)
    return total_mw


def yearly_cost(invest: Invest, discount_rate: float) -> float:
    """Yearly cost of one unit: annuity of the investment and O&M, CNY/yr."""
    annuity = annuity_factor(discount_rate, invest.life_yr)
    return invest.capex_cny * (annuity + invest.om_share_per_yr)
