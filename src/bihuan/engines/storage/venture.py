"""A station as an investment: what it costs, earns and loses, year by year. The problem."""

from dataclasses import dataclass

from bihuan.engines.problem import Problem, quantity
from bihuan.engines.shape import BadProblem, Words


@dataclass(frozen=True, kw_only=True)
class Capex(Problem):
    """One part of the investment, paid today."""

    name: str
    cny: float = quantity("cost", "CNY", low=0)
    worn_by_cycles: bool = False  # replaced when the health of the battery runs out
    life_years: int = quantity(
        "replaced at this age; 0: lasts", "years", low=0, high=100, default=0
    )
    replacement_share: float = quantity(
        "cost of its replacement against today's", "1", low=0, high=3, default=1.0
    )


@dataclass(frozen=True, kw_only=True)
class Revenue(Problem):
    """Money of the first full year; below 0 for what must be bought, such as energy."""

    name: str
    cny: float = quantity("money of the first year", "CNY/year")
    change_per_year: float = quantity(
        "change of it from year to year", "1", low=-1, high=1, default=0.0
    )
    follows_health: bool = False  # in proportion to the capacity left


@dataclass(frozen=True, kw_only=True)
class Scenario(Problem):
    """Another course of the revenues: prices erode as more storage is built."""

    name: str
    factor: float = quantity(
        "revenue of the first year against the base", "1", low=0, high=5, default=1.0
    )
    change_per_year: float = quantity(
        "further change from year to year", "1", low=-1, high=1, default=0.0
    )
    lines: tuple[str, ...] = ()  # names of revenues it concerns; empty: all above 0


EROSION = (
    Scenario(name="价格每年 −5 % (prices −5 % a year)", change_per_year=-0.05),
    Scenario(name="价格每年 −10 % (prices −10 % a year)", change_per_year=-0.10),
    Scenario(name="市场减半 (market halved)", factor=0.5),
)


@dataclass(frozen=True, kw_only=True)
class Venture(Problem):
    """The money of a station over its life. Without loans: the return of the project itself.

    Health: the loss of capacity grows with √t (Naumann), from `loss_first_year`; below
    `replace_at` the parts worn by cycles are replaced at the end of that year. Tax is on
    revenue − O&M − depreciation, losses carried forward five years (企业所得税法 art. 18).
    """

    capex: tuple[Capex, ...]
    revenue: tuple[Revenue, ...]
    years: int = quantity("life of the station", "years", low=1, high=60, default=15)
    om_share: float = quantity(
        "operation and maintenance a year, of the capex", "1", low=0, high=0.5, default=0.02
    )
    om_change_per_year: float = quantity(
        "change of it a year", "1", low=-0.5, high=0.5, default=0.0
    )
    discount_rate: float = quantity("discount rate", "1", low=0, high=0.5, default=0.06)
    tax_rate: float = quantity("income tax", "1", low=0, high=0.6, default=0.25)
    depreciation_years: int = quantity(
        "straight-line depreciation", "years", low=1, high=60, default=15
    )
    salvage_share: float = quantity(
        "worth at the end, of the capex", "1", low=0, high=1, default=0.03
    )
    loss_first_year: float = quantity(
        "capacity lost in the first year", "1", low=0, high=0.5, default=0.0
    )
    replace_at: float = quantity(
        "health at which cells are replaced", "1", above=0, high=1, default=0.7
    )
    discharged_mwh_per_year: float = quantity(
        "energy given in the first year", "MWh", low=0, default=0.0
    )
    power_mw: float = quantity(
        "rated power, for figures per kW", "MW", low=0, high=50_000, default=0.0
    )
    total_cny: float = quantity(
        "the whole investment, if known: parts must add up", "CNY", low=0, default=0.0
    )
    scenarios: tuple[Scenario, ...] = EROSION
    swing: float = quantity(
        "change of each input in the tornado", "1", above=0, high=0.9, default=0.2
    )

    def check(self) -> None:
        if not self.capex:
            raise BadProblem("capex", Words("at least one part is needed", "至少需要一项投资"))
        added = sum(part.cny for part in self.capex)
        if self.total_cny and abs(added - self.total_cny) > max(1.0, 1e-6 * self.total_cny):
            raise BadProblem(
                "total_cny",
                Words(
                    f"is {self.total_cny:,.0f} CNY, but the parts add up to {added:,.0f}; "
                    f"{self.total_cny - added:+,.0f} CNY missing or too much",
                    f"为 {self.total_cny:,.0f} 元，而分项合计 {added:,.0f} 元，"
                    f"相差 {self.total_cny - added:+,.0f} 元",
                ),
            )
        names = {line.name for line in self.revenue}
        for number, scenario in enumerate(self.scenarios):
            unknown = set(scenario.lines) - names
            if unknown:
                raise BadProblem(
                    f"scenarios[{number}].lines",
                    Words(
                        f"no revenue is named {min(unknown)!r}", f"没有名为 {min(unknown)!r} 的收入"
                    ),
                )

    @property
    def capex_cny(self) -> float:
        return sum(part.cny for part in self.capex)
