"""Day-ahead and rolling schedules: arbitrage and regulation together. The problem.

In each period of length Δ [h] the store charges c, discharges d, and sells regulation up u and
down w [MW]. Of each MW sold the shares r_u, r_w are really called, on average
(with `energy_settled = false` that energy moves but is not paid):

    e' = e (1 − σΔ) + η_c (c + r_w w) Δ − (d + r_u u) Δ / η_d
    revenue = Δ [ p (d + r_u u) − (p + fee)(c + r_w w) + q_u u + q_w w − wear (d + r_u u) ]

Power is limited by one of three readings (`headroom`), which markets and papers differ on:

    separate   d + u ≤ P_out            c + w ≤ P_in       (Byrne and Silva-Monroy 2012)
    net        d − c + u ≤ P_out        c − d + w ≤ P_in   (charging less is also regulation up)
    shared     c + d + u + w ≤ min(P_in, P_out)

With `exact` a store never charges and discharges at once, and offers are 0 or at least the
smallest. The linear programme is tried first: where its answer already keeps to that, it is the
exact one, and binaries are needed only for the other windows (prices below 0, small offers).

A reserve of `sustain_h` hours of u and w must be in the store at both ends of the period.
"""

from dataclasses import dataclass
from enum import StrEnum

from bihuan.engines.problem import Problem, quantity
from bihuan.engines.series import Series, must_have_unit, must_match
from bihuan.engines.shape import BadProblem, Words

KW = Words("Was it given in kW?", "是否误填为 kW？")
PRICE = "CNY/MWh"


class Headroom(StrEnum):
    SEPARATE = "separate"
    NET = "net"
    SHARED = "shared"


class End(StrEnum):
    """What must hold for the charge at the end of each window."""

    EQUAL = "equal"
    AT_LEAST = "at-least"
    FREE = "free"


@dataclass(frozen=True, kw_only=True)
class Store(Problem):
    """A storage station as the market sees it: linear, at the grid."""

    power_in_mw: float = quantity("charging power", "MW", above=0, high=5000, hint=KW)
    power_out_mw: float = quantity("discharging power", "MW", above=0, high=5000, hint=KW)
    energy_mwh: float = quantity(
        "energy between empty and full",
        "MWh",
        above=0,
        high=50_000,
        hint=Words("Was it given in kWh?", "是否误填为 kWh？"),
    )
    efficiency_in: float = quantity("charging efficiency", "1", above=0, high=1, default=0.94)
    efficiency_out: float = quantity("discharging efficiency", "1", above=0, high=1, default=0.94)
    loss_per_h: float = quantity(
        "share of the energy lost in an hour", "1/h", low=0, high=0.1, default=0.0
    )
    soc_min: float = quantity("lowest state of charge", "1", low=0, high=1, default=0.0)
    soc_max: float = quantity("highest state of charge", "1", low=0, high=1, default=1.0)
    wear_cny_per_mwh: float = quantity(
        "cost of wear for each MWh discharged", "CNY/MWh", low=0, high=10_000, default=0.0
    )

    def check(self) -> None:
        if not self.soc_min < self.soc_max:
            raise BadProblem(
                "soc_max",
                Words(
                    f"{self.soc_max:g} must be above soc_min {self.soc_min:g}",
                    f"{self.soc_max:g} 必须大于 soc_min {self.soc_min:g}",
                ),
            )


@dataclass(frozen=True, kw_only=True)
class Regulation(Problem):
    """The regulation market. Prices are for capacity kept ready for one hour.

    Where the market pays for mileage, the capacity price is mileage a MW moves in an hour ×
    price of mileage × performance: give those three, and they are added to the capacity price.
    """

    up_price: Series | None = None  # CNY/MWh of capacity; absent: not sold
    down_price: Series | None = None
    symmetric: bool = False  # one product: as much up as down
    up_used: float = quantity(
        "share of the capacity up that is called", "1", low=0, high=1, default=0.0
    )
    down_used: float = quantity(
        "share of the capacity down that is called", "1", low=0, high=1, default=0.0
    )
    mileage_per_h: float = quantity(
        "mileage that a MW sold moves in an hour", "MW/MW/h", low=0, default=0.0
    )
    mileage_cny_per_mw: float = quantity(
        "price of mileage", "CNY/MW", low=0, high=1000, default=0.0
    )
    performance: float = quantity(
        "score by which mileage is paid", "1", low=0, high=10, default=1.0
    )
    energy_settled: bool = True  # what is called is sold and bought at the price of energy
    sustain_h: float = quantity(
        "hours of the capacity kept in the store", "h", low=0, high=24, default=0.0
    )
    minimum_mw: float = quantity("smallest offer; needs exact", "MW", low=0, default=0.0)
    headroom: Headroom = Headroom.SEPARATE

    def check(self) -> None:
        must_have_unit("up_price", self.up_price, PRICE)
        must_have_unit("down_price", self.down_price, PRICE)
        must_match(up_price=self.up_price, down_price=self.down_price)
        if self.up_price is None and self.down_price is None:
            raise BadProblem(
                "up_price",
                Words("give a price up or down, or no regulation", "请给出上调或下调价格"),
            )
        if self.symmetric and self.down_price is not None and self.up_price is None:
            raise BadProblem(
                "up_price",
                Words("one product needs its price here", "对称产品的价格须填于此"),
            )

    @property
    def mileage_cny_per_mwh(self) -> float:
        """Paid for mileage, for each MW kept ready for an hour."""
        return self.mileage_per_h * self.mileage_cny_per_mw * self.performance


@dataclass(frozen=True, kw_only=True)
class Schedule(Problem):
    """When to charge, discharge and sell regulation, at known prices."""

    store: Store
    energy_price: Series = quantity("price of energy; may be negative", PRICE)
    regulation: Regulation | None = None
    fee_cny_per_mwh: float = quantity("fees on energy bought", PRICE, low=0, default=0.0)
    soc_start: float = quantity("state of charge at the start", "1", low=0, high=1, default=0.5)
    soc_end: float = quantity(
        "state of charge at the end of a window", "1", low=0, high=1, default=0.5
    )
    end: End = End.EQUAL
    end_value_cny_per_mwh: float = quantity(
        "worth of energy left at the end of a window", PRICE, default=0.0
    )
    window_h: float = quantity("hours that are planned at once; 0: all", "h", low=0, default=24.0)
    keep_h: float = quantity(
        "hours kept of each window; 0: the whole window", "h", low=0, default=0.0
    )
    cycles_per_day: float = quantity(
        "most full discharges a day; 0: no limit", "1", low=0, default=0.0
    )
    exact: bool = True  # with binaries where the linear programme alone is not physical

    def check(self) -> None:
        must_have_unit("energy_price", self.energy_price, PRICE)
        if self.regulation is not None:
            for name in ("up_price", "down_price"):
                try:
                    must_match(
                        energy_price=self.energy_price, **{name: getattr(self.regulation, name)}
                    )
                except BadProblem as mismatch:
                    raise mismatch.under("regulation") from mismatch
            if self.regulation.minimum_mw > 0 and not self.exact:
                raise BadProblem(
                    "exact",
                    Words("a smallest offer needs exact = true", "设最小申报量时须 exact = true"),
                )
        low, high = self.store.soc_min, self.store.soc_max
        for name in ("soc_start", "soc_end"):
            if not low <= getattr(self, name) <= high:
                raise BadProblem(
                    name,
                    Words(
                        f"{getattr(self, name):g} lies outside [{low:g}, {high:g}] of the store",
                        f"{getattr(self, name):g} 超出储能范围 [{low:g}, {high:g}]",
                    ),
                )
        self._check_windows()

    def _check_windows(self) -> None:
        step_h = self.energy_price.hours
        for name in ("window_h", "keep_h"):
            steps = getattr(self, name) / step_h
            if abs(steps - round(steps)) > 1e-9:
                raise BadProblem(
                    name,
                    Words(
                        f"{getattr(self, name):g} h is not a whole number of periods of {step_h:g} h",
                        f"{getattr(self, name):g} 小时不是 {step_h:g} 小时时段的整数倍",
                    ),
                )
        if self.keep_h > self.window_h > 0:
            raise BadProblem("keep_h", Words("must be at most window_h", "不得大于 window_h"))
        rest = len(self.energy_price) % self.keep_steps
        if rest:
            raise BadProblem(
                "energy_price",
                Words(
                    f"{len(self.energy_price)} points are windows of {self.keep_steps} and {rest} more: "
                    "a day is incomplete, or choose another window_h or keep_h",
                    f"{len(self.energy_price)} 个点按每窗口 {self.keep_steps} 点多出 {rest} 点："
                    "某天不完整，或请改用其他 window_h、keep_h",
                ),
            )

    @property
    def window_steps(self) -> int:
        return round(self.window_h / self.energy_price.hours) or len(self.energy_price)

    @property
    def keep_steps(self) -> int:
        return round(self.keep_h / self.energy_price.hours) or self.window_steps
