"""Scores and payments: examples worked by hand, and what must hold in every regime."""

import datetime as dt
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.engines import dated
from bihuan.engines.series import BEIJING, Series
from bihuan.engines.shape import BadProblem
from bihuan.engines.storage import (
    Account,
    Controller,
    Flywheel,
    HybridYear,
    LfpBattery,
    Station,
    Transformer,
    settle,
)
from bihuan.engines.storage.command_kernel import ANSWER_COLUMNS
from bihuan.engines.storage.commands import answers
from bihuan.engines.storage.settlement import Rule, Scores, rule_named, scores
from bihuan.engines.storage.synthetic import regulation_signal
from tests.engines.storage.conftest import series

DAY = dt.date(2025, 6, 1)
RULES = sorted({row.id for row in dated.load("bihuan.engines.storage", "settlement").rows})


def scored(rule: Rule, power: list[float], command_mw: float = 10.0) -> Scores:
    """One command to a station of 100 MW, and the powers it answered with, second by second."""
    found = answers([command_mw] * len(power), power, seconds=1.0, measure=rule.measure(100.0))
    table = np.array([[getattr(a, name) for name in ANSWER_COLUMNS] for a in found])
    return scores(rule, table, rated_mw=100.0, step_s=1.0)


AT_ONE_MW_A_SECOND = [min(10.0, float(t)) for t in range(1, 61)]


def test_north_china_by_hand() -> None:
    """Leaves 1 MW after 1 s, arrives 9 MW after 9 s: 60 MW/min; error 1 MW for one of 52 s."""
    rule = rule_named("north-china-classic", DAY)
    found = scored(rule, AT_ONE_MW_A_SECOND)
    assert found.speed_mw_per_min[0] == pytest.approx(60.0)
    assert found.k1[0] == pytest.approx(2 - 1.5 / 60)
    assert found.k2[0] == pytest.approx(2 - (1 / 52) / 1.0)
    assert found.k3[0] == pytest.approx(2 - 1 / 60)
    kp = rule.kp(found.k1[0], found.k2[0], found.k3[0])
    assert kp == pytest.approx(1.975 * (2 - 1 / 52) * (2 - 1 / 60))
    paid = rule.payment_cny(float(found.mileage_mw[0]), kp, 5.0, 0.0)
    assert paid == pytest.approx(10.0 * (math.log(kp) + 1) * 5.0)


def test_guangdong_by_hand() -> None:
    """Speed to 70 % of the step, capped at 5; response against 300 s; a weighted sum."""
    rule = rule_named("guangdong-2018", DAY)
    found = scored(rule, AT_ONE_MW_A_SECOND)
    assert found.k1[0] == 5.0
    assert found.k2[0] == 1.0  # 20 to 40 s after arrival it is there exactly
    assert found.k3[0] == pytest.approx(1 - 1 / 300)
    kp = rule.kp(found.k1[0], found.k2[0], found.k3[0])
    assert kp == pytest.approx(0.5 * 5 + 0.25 + 0.25 * (1 - 1 / 300))
    assert rule.payment_cny(10.0, kp, 12.0, 0.0) == pytest.approx(120 * kp)


def test_shanxi_scores_too_fast_a_station_low() -> None:
    """1 MW/s is allowed; 2 MW/s scores 0.1 (independent storage, since June 2024)."""
    rule = rule_named("shanxi-2025", DAY)
    assert scored(rule, AT_ONE_MW_A_SECOND).k1[0] > 1.9
    assert scored(rule, [min(10.0, 2.0 * t) for t in range(1, 61)]).k1[0] == 0.1


def test_shanxi_pays_the_bid_scaled_to_the_best() -> None:
    """0.8 · 2/4 · 3 · 100 MW · 10 CNY/MW."""
    rule = rule_named("shanxi-2025", DAY)
    assert rule.payment_cny(100.0, 3.0, 10.0, 4.0) == pytest.approx(0.8 * 2 / 4 * 3 * 100 * 10)
    assert rule.normalised(6.0) == rule.normalised(9.0) == 1.0
    assert rule.normalised(1.0) == pytest.approx(0.1)
    assert rule.normalised(3.5) == pytest.approx(0.55)


def test_a_station_that_does_not_answer_gets_the_floor() -> None:
    rule = rule_named("north-china-classic", DAY)
    found = scored(rule, [0.0] * 60)
    assert (found.k1[0], found.k3[0], found.mileage_mw[0]) == (0.1, 0.1, 0.0)
    assert math.isnan(found.k2[0])


@pytest.mark.parametrize("name", RULES)
def test_a_station_that_goes_the_wrong_way_gets_the_floor(name: str) -> None:
    """Leaves the dead band and comes back: no speed, no mileage, and never an infinite score."""
    rule = rule_named(name, DAY)
    found = scored(rule, [2.0, 0.0, -3.0] + [-3.0] * 57)
    assert found.k1[0] == pytest.approx(rule.floor)
    assert found.mileage_mw[0] == 0.0


def test_in_guangdong_seventy_per_cent_is_not_arrival() -> None:
    """The speed is measured to 70 % of the step; the mileage is what was moved."""
    rule = rule_named("guangdong-2018", DAY)
    found = scored(rule, [min(8.0, float(t)) for t in range(1, 61)])
    assert found.mileage_mw[0] == 8.0


def test_a_command_inside_the_dead_band_is_not_judged() -> None:
    rule = rule_named("north-china-classic", DAY)
    assert len(scored(rule, [0.5] * 60, command_mw=0.5).judged) == 0


@pytest.mark.parametrize("name", RULES)
def test_mileage_is_power_moved(name: str) -> None:
    """Up and down by 10 MW is 20 MW of mileage, however long it stays there."""
    rule = rule_named(name, DAY)
    power = [*AT_ONE_MW_A_SECOND, *(10.0 - p for p in AT_ONE_MW_A_SECOND)]
    command = [10.0] * 60 + [0.0] * 60
    found = answers(command, power, seconds=1.0, measure=rule.measure(100.0))
    table = np.array([[getattr(a, column) for column in ANSWER_COLUMNS] for a in found])
    assert scores(rule, table, rated_mw=100.0, step_s=1.0).mileage_mw.sum() == pytest.approx(20.0)


@pytest.mark.parametrize("name", RULES)
@given(st.floats(0.1, 59), st.floats(0.1, 59), st.floats(0, 5), st.floats(0, 400))
def test_better_never_scores_less(
    name: str, slow: float, fast: float, error: float, response: float
) -> None:
    rule = rule_named(name, DAY)
    low, high = sorted((slow, fast))
    k1 = rule.k1(np.array([low, high]), 100.0)
    assert k1[0] <= k1[1]
    k2 = rule.k2(np.array([error, error + 0.5]), 100.0)
    assert k2[0] >= k2[1]
    k3 = rule.k3(np.array([response, response + 10]))
    assert k3[0] >= k3[1]


@pytest.mark.parametrize("name", RULES)
def test_every_rule_says_where_it_comes_from(name: str) -> None:
    row = rule_named(name, DAY).row
    assert row.doc
    assert row.source
    assert row.name.zh


def account_of(station: Station, signal: Series, **changes: Any) -> Account:
    run = HybridYear(
        station=station,
        schedule_mw=series(np.zeros(96), step_s=900),
        regulation_mw=series(np.full(96, 60.0), step_s=900),
        signal=signal,
    )
    run = run.replace(
        **{
            name: Series(
                start=dt.datetime(2025, 6, 1, tzinfo=BEIJING),
                step_s=s.step_s,
                unit=s.unit,
                values=s.values,
            )
            for name in ("schedule_mw", "regulation_mw", "signal")
            for s in (getattr(run, name),)
        }
    )
    return Account(**({"run": run, "bid_cny_per_mw": 12.0} | changes))


WAVE = series(np.sin(np.arange(1800) / 60.0), "1", 2)


def test_a_day_adds_up(taigu: Station) -> None:
    """Money = regulation + energy; negative prices are allowed."""
    problem = account_of(taigu, WAVE)
    price = problem.run.schedule_mw.with_values(np.linspace(-50.0, 500.0, 96), "CNY/MWh")
    result = settle(problem.replace(energy_price=price))
    assert result.is_ok, result.checks
    assert result.value == pytest.approx(sum(result.money_cny.values()))
    assert result.money_cny["energy bought"] < 0 < result.money_cny["regulation"]
    assert 0 < result.kp_mean < 8
    assert any("需核对原文" in words.zh for words in result.warnings)


def test_bids_may_differ_by_hour(taigu: Station) -> None:
    """12 in every hour is 12; 15 from 12 to 21 pays more."""
    one = settle(account_of(taigu, WAVE))
    same = settle(account_of(taigu, WAVE, bid_cny_per_mw=(12.0,) * 24))
    assert same.value == pytest.approx(one.value)
    more = settle(account_of(taigu, WAVE, bid_cny_per_mw=(12.0,) * 12 + (15.0,) * 9 + (12.0,) * 3))
    assert more.value == pytest.approx(one.value * (15 * 12 + 9 * 15) / (24 * 12), rel=0.02)


def test_a_faster_controller_earns_less_in_shanxi(taigu: Station) -> None:
    """The ceiling cancels the flywheel's speed: 120 MW/min is scored 0.1."""
    slow = settle(account_of(taigu, WAVE))
    quick = taigu.replace(controller=taigu.controller.replace(ramp_mw_per_min=120.0))
    fast = settle(account_of(quick, WAVE))
    assert fast.days["k1"][0] < 0.5 < slow.days["k1"][0]
    assert any("MW/min" in words.en for words in fast.warnings)


def test_a_real_day_is_settled(taigu: Station, regd: Series) -> None:
    result = settle(account_of(taigu, regd))
    assert result.is_ok, result.checks
    assert 1.0 < result.kp_mean < 8.0
    assert result.money_cny["regulation"] > 0


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"bid_cny_per_mw": 15_000.0}, "bid_cny_per_mw"),  # CNY/GW
        ({"bid_cny_per_mw": 20.0}, "bid_cny_per_mw"),  # over the band of Shanxi
        ({"bid_cny_per_mw": 7.0}, "bid_cny_per_mw"),  # under the afternoon's
        ({"bid_cny_per_mw": (12.0,) * 23}, "bid_cny_per_mw"),
        ({"bid_cny_per_mw": (9.0,) * 24}, "bid_cny_per_mw"),  # the afternoon's floor is 10
        ({"rule": "atlantis"}, "rule"),
        ({"energy_price": series(np.ones(96), "CNY/kWh", 900)}, "energy_price.unit"),
        ({"energy_price": series(np.ones(95), "CNY/MWh", 900)}, "energy_price"),
    ],
)
def test_a_wrong_account_is_refused_by_name(
    taigu: Station, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(BadProblem) as refused:
        account_of(taigu, WAVE, **changes)
    assert refused.value.field == field


def test_a_rule_before_its_time_is_refused(taigu: Station) -> None:
    """Shanxi's rule of 2025-04 does not settle January."""
    problem = account_of(taigu, WAVE).run
    run = problem.replace(
        **{
            name: series(
                getattr(problem, name).values,
                getattr(problem, name).unit,
                getattr(problem, name).step_s,
            )
            for name in ("schedule_mw", "regulation_mw", "signal")
        }
    )
    with pytest.raises(BadProblem, match="2025-04-01"):
        Account(run=run, bid_cny_per_mw=12.0)


@pytest.mark.parametrize("seed", range(8))
def test_any_station_closes_its_books_under_any_rule(seed: int) -> None:
    """Odd sizes, empty or full starts, wild controllers, hot cells: checks hold, money is finite."""
    random = np.random.default_rng(seed)
    day = series(np.zeros(96), step_s=900)
    start = dt.datetime(2025, 6, 1, tzinfo=BEIJING)
    day = Series(start=start, step_s=900, unit="MW", values=day.values)
    wheels_mw = float(random.choice([0.0, 10.0, 75.0]))
    station = Station(
        battery=LfpBattery(
            power_mw=random.uniform(5, 200),
            energy_mwh=random.uniform(5, 400),
            soc_min=0.0,
            soc_max=1.0,
            soc_start=random.uniform(0, 1),
            resistance_factor=random.uniform(0.3, 3),
        ),
        flywheel=Flywheel(
            power_mw=wheels_mw,
            energy_mwh=wheels_mw * random.uniform(0.02, 0.5),
            charge_start=random.uniform(0, 1),
        ),
        transformer=Transformer(rated_mw=250.0),
        grid_mw=random.uniform(20, 250),
        controller=Controller(
            ramp_mw_per_min=float(random.choice([6, 60, 600, 6e4])),
            filter_s=float(random.choice([0, 1, 60, 900])),
            recentre_s=float(random.choice([1.0, 60, 600, 7200])),
            guard_band=float(random.choice([0, 0.02, 0.2])),
        ),
    )
    run = HybridYear(
        station=station,
        schedule_mw=day.with_values(random.uniform(-80, 80, 96)),
        regulation_mw=day.with_values(random.uniform(0, 80, 96)),
        signal=regulation_signal(seed, start=start, step_s=2, memory_s=30.0),
        command_s=int(random.choice([2, 4, 30, 60])),
        temperature_c=day.with_values(random.uniform(10, 60, 96), "°C"),
    )
    price = day.with_values(random.uniform(-100, 500, 96), "CNY/MWh")
    for name in RULES:
        bid = 12.0 if name == "shanxi-2025" else 5.0
        result = settle(Account(run=run, rule=name, bid_cny_per_mw=bid, energy_price=price))
        assert result.is_ok, result.checks
        assert np.isfinite(result.value)
