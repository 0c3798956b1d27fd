"""What a dispatch centre pays for regulation: scores K1, K2, K3, Kp, and the money.

A regime is a dated row of data/settlement.toml turned into a `Rule`; nothing about a region is
written in code. For each judged command (`commands.py`):

    V   speed [MW/min]      K1 by `speed`      standard V_N = share of the rated power a minute
    e   mean error [MW]     K2 by `precision`  standard ΔP_N
    t   response time [s]   K3 by `response`   standard t_N
    D   mileage [MW]        movement towards the command, at most the step asked for

Mileage is power moved, in MW. It is not energy: 15 CNY/MW is not 0.015 CNY/kWh.
The scores of a day are the means of its commands; Kp combines the three means.
"""

import datetime as dt
import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from bihuan.engines import dated
from bihuan.engines.shape import BadProblem, Words
from bihuan.engines.storage import command_kernel as ck
from bihuan.engines.storage.kernel import Floats
from bihuan.engines.storage.station import Measure

SAME = 1 + 1e-6  # a ramp held exactly at the ceiling is not faster than it


@dataclass(frozen=True, kw_only=True)
class Band:
    """Prices allowed in some hours of the day [CNY/MW]."""

    from_hour: int
    to_hour: int
    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One regime: how it measures, scores and pays. Build one with `rule_named`."""

    row: dated.Row
    standard_speed_share_per_min: float
    standard_error_share: float
    standard_error_min_mw: float
    standard_response_s: float
    start_band_share: float
    target_band_share: float
    speed_share: float
    settle_from_s: float
    settle_to_s: float
    speed: str
    precision: str
    response: str
    floor: float
    combine: str
    pay: str
    speed_max: float = np.inf
    speed_ceiling_mw_per_min: float = np.inf
    speed_ceiling_score: float = 0.0
    weights: tuple[float, float, float] = (1 / 3, 1 / 3, 1 / 3)
    normal_low: float = 0.0
    normal_high: float = 0.0
    settle_beta: float = 1.0
    performance_cap: float = np.inf
    price_default: float = 0.0
    bands: tuple[Band, ...] = ()

    def measure(self, rated_mw: float) -> Measure:
        """How the dispatch centre measures a station of this size."""
        return Measure(
            start_band_mw=self.start_band_share * rated_mw,
            target_band_mw=self.target_band_share * rated_mw,
            speed_share=self.speed_share,
            settle_from_s=self.settle_from_s,
            settle_to_s=self.settle_to_s,
        )

    def k1(self, speed_mw_per_min: Floats, rated_mw: float) -> Floats:
        """Score of the speed [1]."""
        standard = self.standard_speed_share_per_min * rated_mw
        if self.speed == "ratio":
            score = speed_mw_per_min / standard
        else:  # standing still is infinitely slow
            moved = speed_mw_per_min > 0.0
            score = np.full(len(speed_mw_per_min), self.floor)
            score[moved] = 2.0 - standard / speed_mw_per_min[moved]
        score = np.clip(score, self.floor, self.speed_max)
        too_fast = speed_mw_per_min > self.speed_ceiling_mw_per_min * SAME
        return np.where(too_fast, self.speed_ceiling_score, score)

    def k2(self, error_mw: Floats, rated_mw: float) -> Floats:
        """Score of the precision [1]."""
        standard = max(self.standard_error_share * rated_mw, self.standard_error_min_mw)
        return self._from(self.precision, error_mw / standard)

    def k3(self, response_s: Floats) -> Floats:
        """Score of the response [1]."""
        return self._from(self.response, response_s / self.standard_response_s)

    def _from(self, form: str, share: Floats) -> Floats:
        return np.maximum((2.0 if form == "two-minus" else 1.0) - share, self.floor)

    def kp(self, k1: float, k2: float, k3: float) -> float:
        """The scores combined [1]."""
        if self.combine == "product":
            return k1 * k2 * k3
        return float(np.dot(self.weights, (k1, k2, k3)))

    def normalised(self, kp: float) -> float:
        """Kp as the market sorts by it: price / normalised. 1 where the regime does not say."""
        if self.normal_high <= self.normal_low:
            return 1.0
        share = (kp - self.normal_low) / (self.normal_high - self.normal_low)
        return float(0.1 + 0.9 * np.clip(share, 0.0, 1.0))

    def payment_cny(self, mileage_mw: float, kp: float, price: float, k_max: float) -> float:
        """Money for a mileage at a score; `k_max` is the best Kp in the market that day."""
        if self.pay == "log":
            return mileage_mw * (math.log(max(kp, 1e-9)) + 1.0) * price
        if self.pay == "shanxi":
            scale = self.performance_cap / max(k_max, kp)
            return mileage_mw * self.settle_beta * scale * kp * price
        return mileage_mw * min(kp, self.performance_cap) * price

    def check_price(self, field: str, price: float, hour: int) -> None:
        """BadProblem where a price lies outside the band of its hour."""
        for band in self.bands:
            if band.from_hour <= hour < band.to_hour and not band.low <= price <= band.high:
                raise BadProblem(
                    field,
                    Words(
                        f"is {price:g} CNY/MW at {hour}:00; {self.row.name.en} allows "
                        f"{band.low:g} to {band.high:g}",
                        f"{hour} 时为 {price:g} 元/MW；{self.row.name.zh}允许 "
                        f"{band.low:g} 至 {band.high:g}",
                    ),
                )


def rule_named(name: str, day: dt.date) -> Rule:
    """The version of a regime in force on a day; BadProblem lists what there is."""
    row = dated.load("bihuan.engines.storage", "settlement").on(name, day, field="rule")
    value: dict[str, Any] = dict(row.value)
    bands = tuple(Band(**band) for band in value.pop("bands", ()))
    weights = tuple(value.pop("weights", (1 / 3, 1 / 3, 1 / 3)))
    return Rule(row=row, bands=bands, weights=weights, **value)


@dataclass(frozen=True, kw_only=True)
class Scores:
    """The judged commands: their lines in the answers, and what was measured."""

    judged: Floats  # indices into the answers
    speed_mw_per_min: Floats
    error_mw: Floats  # NaN where the command ended before its accuracy was measured
    response_s: Floats
    mileage_mw: Floats
    k1: Floats
    k2: Floats
    k3: Floats


def scores(rule: Rule, answers: Floats, *, rated_mw: float, step_s: float) -> Scores:
    """Score each command that asked for more than the start dead band."""
    asked = answers[:, ck.COMMAND_MW] - answers[:, ck.START_MW]
    judged = np.flatnonzero(np.abs(asked) > rule.start_band_share * rated_mw)
    rows, asked = answers[judged], asked[judged]
    left, arrived = rows[:, ck.LEAVE_STEP] > 0, rows[:, ck.ARRIVE_STEP] > 0
    last_step = np.where(arrived, rows[:, ck.ARRIVE_STEP], rows[:, ck.END_STEP])
    last_mw = np.where(arrived, rows[:, ck.ARRIVE_MW], rows[:, ck.END_MW])
    # within one step the movement can only be seen from the beginning
    long = left & (last_step > rows[:, ck.LEAVE_STEP])
    from_step = np.where(long, rows[:, ck.LEAVE_STEP], rows[:, ck.START_STEP])
    from_mw = np.where(long, rows[:, ck.LEAVE_MW], rows[:, ck.START_MW])
    minutes = (last_step - from_step) * step_s / 60.0
    towards = np.where(asked > 0, 1.0, -1.0)
    speed = np.maximum(0.0, (last_mw - from_mw) * towards) / minutes
    measured = rows[:, ck.ERROR_STEPS] > 0
    error = np.full(len(rows), np.nan)
    error[measured] = rows[measured, ck.ERROR_SUM_MW] / rows[measured, ck.ERROR_STEPS]
    never = (rows[:, ck.END_STEP] - rows[:, ck.START_STEP]) * step_s
    response = np.where(left, (rows[:, ck.LEAVE_STEP] - rows[:, ck.START_STEP]) * step_s, never)
    progress = np.clip((rows[:, ck.END_MW] - rows[:, ck.START_MW]) * towards, 0.0, np.abs(asked))
    close = progress >= np.abs(asked) - rule.target_band_share * rated_mw
    reached = arrived if rule.speed_share == 1.0 else close
    return Scores(
        judged=judged.astype(float),
        speed_mw_per_min=speed,
        error_mw=error,
        response_s=response,
        mileage_mw=np.where(reached, np.abs(asked), progress),
        k1=np.where(left, rule.k1(speed, rated_mw), rule.floor),
        k2=rule.k2(error, rated_mw),
        k3=np.where(left, rule.k3(response), rule.floor),
    )
