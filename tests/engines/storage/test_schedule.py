"""Schedules: by hand, against dynamic programming, and what must hold at any price."""

from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bihuan.engines.shape import BadProblem, Status, Stop
from bihuan.engines.storage import End, Headroom, Regulation, Schedule, Store, solve_schedule
from tests.engines.storage.conftest import series

IDEAL = Store(
    power_in_mw=1.0, power_out_mw=1.0, energy_mwh=3.0, efficiency_in=1.0, efficiency_out=1.0
)
REAL = Store(
    power_in_mw=20.0,
    power_out_mw=20.0,
    energy_mwh=40.0,
    efficiency_in=0.9,
    efficiency_out=0.95,
    wear_cny_per_mwh=10.0,
)


def hourly(values: Any) -> Any:
    return series(values, "CNY/MWh", 3600)


def scheduled(store: Store, price: Any, **changes: Any) -> Any:
    usual: dict[str, Any] = {"soc_start": 0.0, "soc_end": 0.0, "end": End.EQUAL, "window_h": 0.0}
    return solve_schedule(Schedule(store=store, energy_price=hourly(price), **(usual | changes)))


def by_dynamic_programming(price: list[float], levels: int) -> float:
    """The best value of an ideal 1 MW store with whole MWh, from empty to empty."""
    best = {0: 0.0}
    for p in price:
        reached: dict[int, float] = {}
        for (level, value), move in product(best.items(), (-1, 0, 1)):
            if 0 <= level + move <= levels:
                reached[level + move] = max(reached.get(level + move, -1e18), value - move * p)
        best = reached
    return best[0]


def test_buy_low_sell_high_by_hand() -> None:
    """Buy 20 MWh at 100, keep 18, sell 17.1 at 400, each worn at 10."""
    result = scheduled(REAL, [100.0, 400.0])
    assert result.value == pytest.approx(-20 * 100 + 17.1 * (400 - 10))
    assert result.money_cny["wear"] == pytest.approx(-171.0)
    assert result.status is Status.OPTIMAL


def test_regulation_by_hand() -> None:
    """One hour at half charge, wear too dear to sell energy: 20 MW up at 50 and down at 30; a tenth
    is called, up sold at 300 and worn at 300, down bought at 300."""
    sold = Regulation(
        up_price=hourly([50.0]), down_price=hourly([30.0]), up_used=0.1, down_used=0.1
    )
    worn = REAL.replace(wear_cny_per_mwh=300.0)
    result = scheduled(worn, [300.0], regulation=sold, soc_start=0.5, soc_end=0.5, end=End.FREE)
    assert result.up_mw[0] == pytest.approx(20.0)
    assert result.money_cny["regulation"] == pytest.approx(20 * 50)  # down: 30 − 0.1 · 300 = 0
    assert result.value == pytest.approx(20 * 50)


def test_called_energy_may_be_unpaid() -> None:
    """As above, but what is called is neither sold nor bought: only the wear of 2 MWh is left."""
    sold = Regulation(
        up_price=hourly([50.0]),
        down_price=hourly([30.0]),
        up_used=0.1,
        down_used=0.1,
        energy_settled=False,
    )
    worn = REAL.replace(wear_cny_per_mwh=300.0)
    result = scheduled(worn, [300.0], regulation=sold, soc_start=0.5, soc_end=0.5, end=End.FREE)
    assert result.value == pytest.approx(20 * 50 + 20 * 30 - 2 * 300)
    assert result.value == pytest.approx(sum(result.money_cny.values()))


@pytest.mark.parametrize(
    ("headroom", "up", "down"),
    [(Headroom.SEPARATE, 20.0, 0.0), (Headroom.NET, 40.0, 0.0), (Headroom.SHARED, 0.0, 0.0)],
)
def test_the_readings_of_headroom(headroom: Headroom, up: float, down: float) -> None:
    """While charging at full power: nothing more down; up as the reading says."""
    sold = Regulation(up_price=hourly([1.0, 1.0]), down_price=hourly([1.0, 1.0]), headroom=headroom)
    result = scheduled(
        REAL, [-500.0, 5000.0], regulation=sold, soc_start=0.5, soc_end=0.5, end=End.FREE
    )
    assert result.charge_mw[0] == pytest.approx(20.0)
    assert result.up_mw[0] == pytest.approx(up)
    assert result.down_mw[0] == pytest.approx(down)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(-100, 500), min_size=2, max_size=12))
def test_equals_dynamic_programming(price: list[int]) -> None:
    """With binaries, negative prices included."""
    expected = by_dynamic_programming([float(p) for p in price], 3)
    assert scheduled(IDEAL, price).value == pytest.approx(expected, abs=1e-6)


prices = st.lists(st.floats(-100, 900), min_size=24, max_size=24)
payments = st.lists(st.floats(0, 200), min_size=24, max_size=24)
DAY: dict[str, Any] = {"soc_start": 0.5, "soc_end": 0.5}


def sold_at(pay: list[float], **changes: Any) -> Regulation:
    usual: dict[str, Any] = {"up_used": 0.15, "down_used": 0.1, "sustain_h": 0.5}
    return Regulation(up_price=hourly(pay), down_price=hourly(pay), **(usual | changes))


@settings(deadline=None, max_examples=25)
@given(prices, payments)
def test_both_markets_earn_at_least_what_one_does(price: list[float], pay: list[float]) -> None:
    both = scheduled(REAL, price, regulation=sold_at(pay), **DAY)
    arbitrage = scheduled(REAL, price, **DAY)
    assert both.value >= arbitrage.value - 1e-6 * (1 + abs(both.value))
    assert arbitrage.value >= -1e-6  # doing nothing is allowed
    assert both.is_ok, both.checks


@settings(deadline=None, max_examples=25)
@given(prices, payments, st.floats(0.1, 50))
def test_better_paid_regulation_never_earns_less(
    price: list[float], pay: list[float], more: float
) -> None:
    before = scheduled(REAL, price, regulation=sold_at(pay), **DAY)
    after = scheduled(REAL, price, regulation=sold_at([p + more for p in pay]), **DAY)
    assert after.value >= before.value - 1e-6 * (1 + abs(before.value))


@settings(deadline=None, max_examples=25)
@given(prices, st.floats(0.5, 20))
def test_more_store_never_earns_less(price: list[float], more: float) -> None:
    free = {"soc_start": 0.0, "soc_end": 0.0}
    small = scheduled(REAL, price, **free)
    for change in ("energy_mwh", "power_in_mw", "power_out_mw"):
        larger = REAL.replace(**{change: getattr(REAL, change) + more})
        assert scheduled(larger, price, **free).value >= small.value - 1e-6 * (1 + small.value)


def test_worth_of_power_and_energy_is_the_difference_it_makes() -> None:
    price = 300 + 200 * np.sin(np.arange(24) / 3.0) + np.arange(24)
    sold = sold_at([40.0 + 3 * (h % 5) for h in range(24)])
    result = scheduled(REAL, price, regulation=sold, **DAY)
    worth = {binding.name: binding.relief for binding in result.bindings}
    step = 1e-3
    power = REAL.replace(power_in_mw=20.0 + step, power_out_mw=20.0 + step)
    energy = REAL.replace(energy_mwh=40.0 + step)
    for name, store in (("store.power", power), ("store.energy_mwh", energy)):
        more = scheduled(store, price, regulation=sold, **DAY)
        assert (more.value - result.value) / step == pytest.approx(worth[name], rel=1e-3)


def test_burning_energy_is_not_a_business() -> None:
    """At −500 the linear programme alone would charge and discharge at once; exact does not."""
    full = {"soc_start": 1.0, "soc_end": 1.0}
    exact = scheduled(REAL, [-500.0] * 3, **full)
    loose = scheduled(REAL, [-500.0] * 3, exact=False, **full)
    assert exact.is_ok
    assert exact.windows_exact == 1
    assert not loose.is_ok
    assert loose.value >= exact.value


def test_smallest_offers_are_kept() -> None:
    sold = sold_at([5.0] * 24, minimum_mw=15.0, sustain_h=1.0)
    price = 300 + 200 * np.sin(np.arange(24) / 3.0)
    result = scheduled(REAL, price, regulation=sold, **DAY)
    offers = np.concatenate([result.up_mw, result.down_mw])
    assert np.all((offers < 1e-6) | (offers > 15 - 1e-6))
    assert result.windows_exact == 1


def test_one_product_is_sold_both_ways() -> None:
    sold = Regulation(up_price=hourly([30.0] * 24), symmetric=True, up_used=0.1, down_used=0.1)
    result = scheduled(REAL, [300.0] * 24, regulation=sold, **DAY)
    np.testing.assert_allclose(result.up_mw, result.down_mw, atol=1e-9)
    assert result.up_mw.max() > 0


def test_mileage_is_paid_for_capacity() -> None:
    """12 MW/MW/h of mileage at 10 CNY/MW and a score of 1.5 is 180 CNY for a MW and hour."""
    nothing = hourly([0.0] * 24)
    paid = Regulation(
        up_price=nothing,
        symmetric=True,
        mileage_per_h=12.0,
        mileage_cny_per_mw=10.0,
        performance=1.5,
    )
    result = scheduled(REAL, [300.0] * 24, regulation=paid, **DAY)
    assert result.money_cny["mileage"] == pytest.approx(180.0 * 20 * 24)


def test_rolling_days_carry_the_charge() -> None:
    """Three days in windows of 24 h equal the three days one by one; looking 48 h ahead earns more."""
    price = np.concatenate([300 + k * 100 + 150 * np.sin(np.arange(24) / 4.0) for k in range(3)])
    daily = scheduled(REAL, price, window_h=24.0, **DAY)
    apart = sum(scheduled(REAL, price[24 * k : 24 * k + 24], **DAY).value for k in range(3))
    assert daily.value == pytest.approx(apart)
    assert daily.windows == 3
    ahead = scheduled(REAL, price, window_h=48.0, keep_h=24.0, **DAY)
    whole = scheduled(REAL, price, **DAY)
    assert daily.value - 1e-6 <= ahead.value <= whole.value + 1e-6
    assert ahead.bound is None  # windows that overlap prove nothing about the whole


def test_cycles_are_limited() -> None:
    price = [100.0, 500.0] * 12
    free = scheduled(REAL, price)
    tied = scheduled(REAL, price, cycles_per_day=1.0)
    assert tied.discharge_mw.sum() / 0.95 <= 40.0 + 1e-6 < free.discharge_mw.sum() / 0.95


def test_an_end_out_of_reach_says_what_is_in_reach() -> None:
    result = scheduled(REAL, [300.0], soc_start=0.0, soc_end=1.0)
    assert result.status is Status.INFEASIBLE
    assert result.value is None
    (binding,) = result.bindings
    assert "at most 0.450" in binding.words.en  # 20 MW · 1 h · 0.9 of 40 MWh
    assert binding.relief == pytest.approx(0.55)
    assert "nan" not in result.report()


@pytest.mark.parametrize(
    ("changes", "hours", "nearest"),
    [
        ({}, 1, 1 - 20 / 0.95 / 40),  # an hour of discharging at full power
        ({"cycles_per_day": 0.1}, 24, 0.9),
    ],
)
def test_an_end_too_low_says_what_is_in_reach(
    changes: dict[str, float], hours: int, nearest: float
) -> None:
    result = scheduled(REAL, [300.0] * hours, soc_start=1.0, soc_end=0.0, **changes)
    (binding,) = result.bindings
    assert f"at least {nearest:.3f}" in binding.words.en
    assert binding.relief == pytest.approx(nearest)


def test_losses_that_charging_cannot_make_up_name_the_power() -> None:
    leaky = REAL.replace(loss_per_h=0.1, soc_min=0.5, power_in_mw=1.0)
    result = scheduled(leaky, [300.0] * 24, soc_start=0.5, soc_end=0.5, end=End.FREE)
    (binding,) = result.bindings
    assert binding.name == "store.power_in_mw"
    enough = leaky.replace(power_in_mw=1.0 + (binding.relief or 0.0) + 1e-9)
    assert scheduled(enough, [300.0] * 24, soc_start=0.5, soc_end=0.5, end=End.FREE).is_ok


def test_a_stopped_run_shows_no_money() -> None:
    problem = Schedule(store=REAL, energy_price=hourly([300.0] * 240), regulation=None)
    result = solve_schedule(problem, stop=Stop(max_runtime_s=1e-9))
    assert result.value is None
    assert not result.status.has_solution


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"power_in_mw": 20_000.0}, "power_in_mw"),  # kW for MW
        ({"energy_mwh": 400_000.0}, "energy_mwh"),  # kWh for MWh
        ({"efficiency_in": 1.02}, "efficiency_in"),
        ({"efficiency_out": 95.0}, "efficiency_out"),
        ({"soc_min": 0.8, "soc_max": 0.2}, "soc_max"),
        ({"wear_cny_per_mwh": float("nan")}, "wear_cny_per_mwh"),
    ],
)
def test_a_wrong_store_is_refused_by_name(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(BadProblem) as refused:
        REAL.replace(**changes)
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"energy_price": series([0.3] * 24, "CNY/kWh", 3600)}, "energy_price.unit"),
        ({"regulation": Regulation(up_price=hourly([1.0] * 23))}, "regulation.up_price"),
        (
            {"regulation": Regulation(up_price=series([1.0] * 24, "CNY/MWh", 900))},
            "regulation.up_price",
        ),
        ({"soc_start": 1.5}, "soc_start"),
        ({"window_h": 1.5}, "window_h"),
        ({"energy_price": hourly([300.0] * 23)}, "energy_price"),  # a day with a gap
        ({"window_h": 24.0, "keep_h": 48.0}, "keep_h"),
        (
            {"regulation": Regulation(up_price=hourly([1.0] * 24), minimum_mw=1.0), "exact": False},
            "exact",
        ),
    ],
)
def test_a_wrong_schedule_is_refused_by_name(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(BadProblem) as refused:
        Schedule(**({"store": REAL, "energy_price": hourly([300.0] * 24)} | changes))
    assert refused.value.field == field


def test_prices_for_kwh_are_noticed() -> None:
    assert "CNY/kWh" in scheduled(REAL, [0.3, 0.9]).warnings[0].en
    assert not scheduled(REAL, [300.0, 900.0]).warnings


def test_nan_in_a_price_is_refused_with_its_time() -> None:
    with pytest.raises(BadProblem, match="2025-01-01 02:00"):
        hourly([1.0, 2.0, float("nan")])


OUTSIDE = {  # the same mixed-integer programme written row by row for scipy 1.17's milp
    ("separate", 3600): 211140.680583,
    ("separate", 900): 226134.219753,
    ("net", 3600): 213354.211379,
    ("net", 900): 229421.766385,
    ("shared", 3600): 189036.115047,
    ("shared", 900): 198699.629913,
}


@pytest.mark.parametrize(("headroom", "step_s"), list(OUTSIDE))
def test_a_day_with_negative_prices_equals_an_outside_solver(headroom: Any, step_s: int) -> None:
    hour = np.arange(86_400 // step_s) * step_s / 3600
    price = 250 + 300 * np.sin(hour * 1.7) + 150 * np.cos(hour * hour / 5)
    assert price.min() < 0
    store = Store(
        power_in_mw=60.0,
        power_out_mw=50.0,
        energy_mwh=130.0,
        efficiency_in=0.93,
        efficiency_out=0.95,
        loss_per_h=0.002,
        soc_min=0.1,
        soc_max=0.9,
        wear_cny_per_mwh=40.0,
    )
    regulation = Regulation(
        up_price=series(30 + 25 * np.sin(hour / 2), "CNY/MWh", step_s),
        down_price=series(30 + 25 * np.cos(hour / 3), "CNY/MWh", step_s),
        up_used=0.2,
        down_used=0.15,
        sustain_h=0.5,
        headroom=headroom,  # a plain word, as in a file
    )
    result = solve_schedule(
        Schedule(
            store=store,
            energy_price=series(price, "CNY/MWh", step_s),
            regulation=regulation,
            fee_cny_per_mwh=25.0,
        )
    )
    assert result.status is Status.OPTIMAL
    assert result.is_ok
    assert result.value == pytest.approx(OUTSIDE[headroom, step_s], abs=1e-5)


def test_a_word_that_is_no_headroom_is_refused() -> None:
    price = series(np.ones(24), "CNY/MWh", 3600)
    word: Any = "nett"
    with pytest.raises(BadProblem, match="headroom: 'nett' unknown; one of: separate, net, shared"):
        Regulation(up_price=price, headroom=word)
    assert Regulation(up_price=price, headroom=Headroom.NET).headroom is Headroom.NET
