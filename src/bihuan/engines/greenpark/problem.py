"""A green-power park: what is asked.

Signs: every flow is ≥ 0 and named for its direction (bought, sold, charged, discharged);
a cost is +, an income −. Powers in MW are means over a step, energies in MWh, money in
CNY. Power and efficiency of a storage are at its AC terminals, stored energy is DC.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from bihuan.engines.problem import Problem, quantity
from bihuan.engines.series import (
    Series,
    must_be_whole_days,
    must_be_whole_year,
    must_have_unit,
    must_match,
)
from bihuan.engines.shape import BadProblem, Words

MAX_MW = 10_000.0
YEAR_H = 8760.0
IN_KW = Words("Was it given in kW?", "是否误用 kW？")
IN_YUAN_PER_KWH = Words("Was it given in yuan/kWh?", "是否误用 元/kWh？")
LOWEST_MEAN_PRICE = 20.0  # CNY/MWh; a mean between 0 and this is a slip of units


def unnamed(names: Sequence[str], field: str) -> None:
    """Raise BadProblem unless the names are given and differ."""
    if len(set(names)) < len(names) or not all(names):
        raise BadProblem(field, Words("names must be given and differ", "名称不得为空或重复"))


@dataclass(frozen=True, kw_only=True)
class Invest(Problem):
    """What one more unit of capacity costs, and how much of it may be built."""

    capex_cny: float = quantity("investment for one unit (MW or MWh)", "CNY", low=0)
    om_share_per_yr: float = quantity("yearly O&M over investment", "1", low=0, high=1, default=0.0)
    life_yr: float = quantity("life", "yr", above=0, high=100, default=20.0)
    min_size: float = quantity("least that must be built", "MW or MWh", low=0, default=0.0)
    max_size: float = quantity("most that may be built", "MW or MWh", low=0, default=MAX_MW)

    def check(self) -> None:
        if self.min_size > self.max_size:
            raise BadProblem("min_size", Words("is above max_size", "大于 max_size"))


@dataclass(frozen=True, kw_only=True)
class Source(Problem):
    """Wind, PV or biomass on the park's side of the meter."""

    name: str
    available: Series = quantity("available power over capacity", "1", low=0, high=1)
    capacity_mw: float = quantity("capacity", "MW", low=0, high=MAX_MW, hint=IN_KW)
    technology: Literal["wind", "pv", "biomass"] = "wind"
    variable_cost_cny_per_mwh: float = quantity(
        "cost of one MWh used", "CNY/MWh", low=0, default=0.0
    )
    invest: Invest | None = None

    def check(self) -> None:
        must_have_unit("available", self.available, "1")


@dataclass(frozen=True, kw_only=True)
class Storage(Problem):
    """A storage at the park's bus.

    stored(t) = stored(t−1) · (1 − loss_per_hour)^h + h · (η_c · charged − discharged / η_d)
    """

    name: str
    power_mw: float = quantity("rated power at AC", "MW", low=0, high=MAX_MW, hint=IN_KW)
    energy_mwh: float = quantity("rated energy, DC", "MWh", low=0, high=100_000)
    charge_efficiency: float = quantity("η_c, AC to DC", "1", above=0, high=1, default=0.95)
    discharge_efficiency: float = quantity("η_d, DC to AC", "1", above=0, high=1, default=0.95)
    loss_per_hour: float = quantity(
        "share of the stored energy lost", "1/h", low=0, high=0.5, default=0.0
    )
    soc_min: float = quantity("least stored over rated energy", "1", low=0, high=1, default=0.0)
    soc_max: float = quantity("most stored over rated energy", "1", low=0, high=1, default=1.0)
    soc_start: float | None = quantity(
        "stored over rated at the start; absent: free, and the same at the end",
        "1",
        low=0,
        high=1,
        default=None,
    )
    end_free: bool = False  # with soc_start: the end may differ from the start
    wear_cny_per_mwh: float = quantity("wear of one MWh discharged", "CNY/MWh", low=0, default=0.0)
    grid_charging: bool = False  # may charge with energy bought
    invest_power: Invest | None = None
    invest_energy: Invest | None = None

    def check(self) -> None:
        if self.soc_min >= self.soc_max:
            raise BadProblem("soc_min", Words("must be below soc_max", "必须小于 soc_max"))
        if self.soc_start is not None and not self.soc_min <= self.soc_start <= self.soc_max:
            raise BadProblem(
                "soc_start",
                Words(
                    f"{self.soc_start:g} lies outside [{self.soc_min:g}, {self.soc_max:g}]",
                    f"{self.soc_start:g} 超出 [{self.soc_min:g}, {self.soc_max:g}]",
                ),
            )
        if (self.invest_power is None) != (self.invest_energy is None):
            raise BadProblem(
                "invest_energy",
                Words(
                    "give both invest_power and invest_energy, or neither",
                    "invest_power 与 invest_energy 须同时给出",
                ),
            )


@dataclass(frozen=True, kw_only=True)
class User(Problem):
    """An enterprise that the park supplies."""

    name: str
    load_mw: Series = quantity("consumption", "MW", low=0, high=MAX_MW, hint=IN_KW)
    import_cap_mw: float | None = quantity("most it may buy", "MW", low=0, default=None)
    premium_cny_per_mwh: float = quantity(
        "its price above the park's tariff", "CNY/MWh", default=0.0
    )

    def check(self) -> None:
        must_have_unit("load_mw", self.load_mw, "MW")


@dataclass(frozen=True, kw_only=True)
class Grid(Problem):
    """Access to the public grid."""

    import_cap_mw: float = quantity("most power drawn", "MW", low=0, high=MAX_MW, hint=IN_KW)
    export_cap_mw: float = quantity(
        "most power fed in", "MW", low=0, high=MAX_MW, hint=IN_KW, default=0.0
    )


PART_KINDS = Literal[
    "energy", "line_loss", "transmission", "system", "cross_subsidy", "fund", "other"
]


@dataclass(frozen=True, kw_only=True)
class PricePart(Problem):
    """One part of the tariff: 电量电价, 线损, 输配电价, 系统运行费, 交叉补贴, 政府性基金.

    A part is paid on bought energy; on self-used energy as well where `on_self_use`.
    """

    name: str
    kind: PART_KINDS
    price_cny_per_mwh: Series | float = quantity("price", "CNY/MWh", low=-1000, high=10_000)
    on_self_use: bool = False


@dataclass(frozen=True, kw_only=True)
class Tariff(Problem):
    """What is paid and earned at the meter."""

    parts: tuple[PricePart, ...]
    export_price_cny_per_mwh: Series | float = quantity(
        "income of one MWh sold", "CNY/MWh", low=-1000, high=10_000, default=0.0
    )
    demand_cny_per_mw_month: float = quantity(
        "on the month's highest draw (需量)", "CNY/MW/month", low=0, default=0.0
    )
    capacity_cny_per_mw_month: float = quantity(
        "on the access capacity (容量)", "CNY/MW/month", low=0, default=0.0
    )
    negative_prices: bool = False  # prices below 0 are meant

    def check(self) -> None:
        unnamed([part.name for part in self.parts], "parts")
        if not self.parts:
            raise BadProblem(
                "parts", Words("at least one part is needed", "至少需要一个电价组成部分")
            )


@dataclass(frozen=True, kw_only=True)
class Rules(Problem):
    """Which rules hold and how their unclear words are read. Values: data/rules.toml.

    A limit given here replaces the national one (a province may set its own); -1 removes it.
    """

    regime: Literal["none", "650", "688"] = "none"
    on: dt.date | None = None  # the rules in force on this day; absent: the last day of the series
    spot_market_runs: bool = True  # False: no reverse flow
    self_of_generation_min: float | None = quantity("floor", "1", low=-1, high=1, default=None)
    self_of_consumption_min: float | None = quantity("floor", "1", low=-1, high=1, default=None)
    feed_in_max: float | None = quantity("cap", "1", low=-1, high=1, default=None)
    curtailment_max: float | None = quantity(
        "cap on curtailed over available", "1", low=-1, high=1, default=None
    )
    reading_2030: Literal["from_2030", "now"] = "from_2030"
    reading_generation: Literal["available", "actual"] = "available"
    reading_consumption: Literal["load", "supply"] = "load"
    reading_losses: Literal["self_use", "excluded"] = "self_use"


@dataclass(frozen=True, kw_only=True)
class Finance(Problem):
    """What turns investment into a yearly cost, and what the project pays besides."""

    discount_rate: float = quantity("real discount rate", "1/yr", low=0, high=0.5, default=0.08)
    horizon_yr: int = quantity("evaluation period", "yr", above=0, high=60, default=20)
    staff_cny_per_yr: float = quantity("wages", "CNY/yr", low=0, default=0.0)
    replacement_share: float = quantity(
        "price of a new storage over today's", "1", low=0, high=2, default=0.6
    )
    tax_rate: float = quantity("income tax on the yearly saving", "1", low=0, high=1, default=0.0)


@dataclass(frozen=True, kw_only=True)
class SizingParams(Problem):
    """How sizes are found; the defaults serve. A step as long as the series' own is exact."""

    step_s: int = quantity("step sizes are chosen in", "s", low=60, high=86_400, default=3600)
    corrections: int = quantity("how often sizes are corrected", "1", low=0, high=5, default=0)
    compare: bool = False  # also size without each asset: the second best, some seconds each


@dataclass(frozen=True, kw_only=True)
class Park(Problem):
    """The whole park over one horizon (a year, for anything but a try-out)."""

    name: str = "park"
    users: tuple[User, ...]
    sources: tuple[Source, ...] = ()
    storages: tuple[Storage, ...] = ()
    grid: Grid
    tariff: Tariff
    rules: Rules = quantity("rules", default_factory=Rules)
    finance: Finance = quantity("finance", default_factory=Finance)
    sizing: SizingParams = quantity("sizing", default_factory=SizingParams)

    def check(self) -> None:
        if not self.users:
            raise BadProblem("users", Words("at least one user is needed", "至少需要一个用户"))
        for field, items in (
            ("users", self.users),
            ("sources", self.sources),
            ("storages", self.storages),
        ):
            unnamed([item.name for item in items], field)
        self._check_series()
        self._check_prices()

    def _check_series(self) -> None:
        series = {f"users[{i}].load_mw": user.load_mw for i, user in enumerate(self.users)}
        series |= {
            f"sources[{i}].available": source.available for i, source in enumerate(self.sources)
        }
        prices = {
            f"tariff.parts[{i}].price_cny_per_mwh": p.price_cny_per_mwh
            for i, p in enumerate(self.tariff.parts)
        }
        prices["tariff.export_price_cny_per_mwh"] = self.tariff.export_price_cny_per_mwh
        priced = {name: price for name, price in prices.items() if isinstance(price, Series)}
        for name, price in priced.items():
            must_have_unit(name, price, "CNY/MWh")
        must_be_whole_days("users[0].load_mw", self.load)
        if self.steps * self.hours >= YEAR_H:
            must_be_whole_year("users[0].load_mw", self.load)
        must_match(**series, **priced)

    def _check_prices(self) -> None:
        tariff, bought, sold = self.tariff, self.import_price, self.export_price
        for field, price in (("tariff.parts", bought), ("tariff.export_price_cny_per_mwh", sold)):
            if not tariff.negative_prices and np.any(price < 0):
                step = int(np.argmax(price < 0))
                raise BadProblem(
                    field,
                    Words(
                        f"is {price[step]:g} CNY/MWh at step {step}; say tariff.negative_prices = true if it is meant",
                        f"第 {step} 个时段为 {price[step]:g} 元/MWh；若确为负电价请设 tariff.negative_prices = true",
                    ),
                )
            mean = float(np.mean(np.abs(price)))
            if 0 < mean < LOWEST_MEAN_PRICE:
                raise BadProblem(
                    field,
                    Words(
                        f"averages {mean:.3g} CNY/MWh. {IN_YUAN_PER_KWH.en}",
                        f"平均为 {mean:.3g} 元/MWh。{IN_YUAN_PER_KWH.zh}",
                    ),
                )
        cheapest = bought + min(user.premium_cny_per_mwh for user in self.users)
        if self.grid.export_cap_mw > 0 and np.any(sold > cheapest + 1e-9):
            step = int(np.argmax(sold > cheapest + 1e-9))
            raise BadProblem(
                "tariff.export_price_cny_per_mwh",
                Words(
                    f"is {sold[step]:g} at step {step}, above the price of buying, {cheapest[step]:g} CNY/MWh: "
                    "one meter cannot sell what it buys",
                    f"第 {step} 个时段为 {sold[step]:g}，高于购电价 {cheapest[step]:g} 元/MWh：同一计量点不能买进再卖出",
                ),
            )

    # --- what the numbers mean together ---

    @property
    def load(self) -> Series:
        """The first user's series: the times of everything."""
        return self.users[0].load_mw

    @property
    def steps(self) -> int:
        return len(self.load)

    @property
    def hours(self) -> float:
        """Length of a step."""
        return self.load.hours

    @property
    def year_factor(self) -> float:
        """Years in a horizon, inverted: what turns money of the horizon into CNY/yr."""
        return YEAR_H / (self.steps * self.hours) if self.steps * self.hours < YEAR_H else 1.0

    @property
    def load_mw(self) -> np.ndarray:
        """All users together."""
        total: np.ndarray = np.sum([user.load_mw.values for user in self.users], axis=0)
        return total

    @property
    def import_price(self) -> np.ndarray:
        """All parts of the tariff together, CNY/MWh."""
        total: np.ndarray = np.sum(
            [self.priced(part.price_cny_per_mwh) for part in self.tariff.parts], axis=0
        )
        return total

    @property
    def self_use_price(self) -> np.ndarray:
        """What is paid on self-used energy, CNY/MWh."""
        parts = [self.priced(p.price_cny_per_mwh) for p in self.tariff.parts if p.on_self_use]
        total: np.ndarray = np.sum(parts, axis=0) if parts else np.zeros(self.steps)
        return total

    @property
    def export_price(self) -> np.ndarray:
        return self.priced(self.tariff.export_price_cny_per_mwh)

    def priced(self, price: Series | float) -> np.ndarray:
        """A price for each step."""
        return price.values if isinstance(price, Series) else np.full(self.steps, float(price))

    def months(self) -> np.ndarray:
        """The number, from 0, of the calendar month each step is in."""
        start = np.datetime64(self.load.start.replace(tzinfo=None), "s")
        times = start + np.arange(self.steps) * np.timedelta64(self.load.step_s, "s")
        month: np.ndarray = times.astype("datetime64[M]").astype(np.int64)
        since: np.ndarray = month - month[0]
        return since
