"""Dispatch: optima known by hand, an independent model, and properties of any park."""

import highspy
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bihuan.engines.greenpark import Grid, PricePart, Rules, Source, User, dispatch, priced
from bihuan.engines.shape import Status, Stop
from tests.engines.greenpark.parks import constant, flat, lfp, series, tariff, week

FEW = settings(max_examples=12, deadline=None)


def ok(result):
    assert result.is_ok, result.report()
    return result


# --- by hand ---


def test_the_grid_alone_costs_load_times_price():
    assert ok(dispatch(flat())).value == pytest.approx(10 * 24 * 500)


def test_spare_wind_is_sold_and_what_cannot_be_sold_is_curtailed():
    wind = Source(name="wind", capacity_mw=100.0, available=constant(0.3, "1"))
    result = ok(dispatch(flat(sources=(wind,), grid=Grid(import_cap_mw=50.0, export_cap_mw=5.0))))
    assert result.value == pytest.approx(-5 * 24 * 200)
    assert result.flows.curtailed_mw == pytest.approx(np.full(24, 15.0))
    assert result.flows.marginal_cny_per_mwh == pytest.approx(np.zeros(24), abs=1e-6)


def test_a_battery_shifts_from_a_dear_hour_to_a_cheap_one():
    price = np.full(24, 500.0)
    price[3], price[19] = 100.0, 900.0
    park = flat(
        tariff=tariff(series(price, "CNY/MWh"), 0.0),
        storages=(
            lfp(5.0, 4.0, charge_efficiency=0.9, discharge_efficiency=0.8, grid_charging=True),
        ),
    )
    # Full once: 4/0.9 MWh bought at 100, 4·0.8 MWh saved at 900; other hours pay too little.
    gain = 4 * 0.8 * 900 - 4 / 0.9 * 100
    assert ok(dispatch(park)).value == pytest.approx(10 * price.sum() - gain)


def test_only_green_power_is_stored_unless_grid_charging_is_allowed():
    price = np.full(24, 500.0)
    price[3], price[19] = 100.0, 900.0
    park = flat(tariff=tariff(series(price, "CNY/MWh"), 0.0), storages=(lfp(),))
    assert ok(dispatch(park)).value == pytest.approx(10 * price.sum())


def test_fees_on_self_used_energy_are_paid():
    wind = Source(name="wind", capacity_mw=10.0, available=constant(0.4, "1"))
    parts = (
        PricePart(name="energy", kind="energy", price_cny_per_mwh=400.0),
        PricePart(name="funds", kind="fund", price_cny_per_mwh=50.0, on_self_use=True),
    )
    result = ok(dispatch(flat(sources=(wind,), tariff=tariff().replace(parts=parts))))
    assert result.value == pytest.approx(24 * (6 * 450 + 4 * 50))


def test_a_storage_loses_what_it_keeps():
    free = np.zeros(24)
    free[0] = 1.0  # wind in the first hour only
    wind = Source(name="wind", capacity_mw=20.0, available=series(free, "1"))
    load = series(np.where(np.arange(24) == 2, 10.0, 0.0))
    park = flat(
        users=(User(name="works", load_mw=load),),
        sources=(wind,),
        tariff=tariff(500.0, 0.0),
        storages=(
            lfp(
                20.0,
                20.0,
                charge_efficiency=1.0,
                discharge_efficiency=1.0,
                loss_per_hour=0.1,
                soc_start=0.0,
            ),
        ),
    )
    flow = ok(dispatch(park)).flows.storages["lfp"]
    assert flow.charged_mw[0] == pytest.approx(10 / 0.9**2)


def test_prices_below_zero_do_not_make_a_storage_burn_energy():
    price = np.full(24, 300.0)
    price[10:14] = -200.0
    park = flat(
        tariff=tariff(series(price, "CNY/MWh"), -300.0, negative_prices=True),
        storages=(lfp(5.0, 10.0, grid_charging=True),),
    )
    result = dispatch(park)
    assert all(check.ok for check in result.checks), result.report()
    assert result.bound <= result.value


def test_the_demand_charge_is_on_each_months_peak():
    load = np.full(24 * 35, 10.0)
    load[5], load[24 * 33] = 20.0, 16.0
    park = flat(
        users=(User(name="works", load_mw=series(load)),),
        tariff=tariff(demand_cny_per_mw_month=30_000.0),
    )
    result = ok(dispatch(park))
    demand = next(line.cny for line in result.money if line.key == "demand")
    assert demand == pytest.approx((20 + 16) * 30_000)


# --- against a model written without any of our code ---


def independent_optimum(park):
    """The same park in HiGHS's own modelling language, one column per source."""
    h = highspy.Highs()
    h.setOptionValue("output_flag", False)
    n, step = park.steps, park.hours
    inf = highspy.kHighsInf

    def column(upper, cost):
        return [
            h.addVariable(0, float(u), float(c))
            for u, c in zip(np.broadcast_to(upper, n), np.broadcast_to(cost, n), strict=True)
        ]

    load = park.users[0].load_mw.values
    buy = column(
        np.minimum(load, park.grid.import_cap_mw), step * (park.import_price - park.self_use_price)
    )
    sell = column(park.grid.export_cap_mw, -step * park.export_price)
    used = [
        column(s.capacity_mw * s.available.values, step * s.variable_cost_cny_per_mwh)
        for s in park.sources
    ]
    s = park.storages[0]
    charge, discharge = column(s.power_mw, 0), column(s.power_mw, step * s.wear_cny_per_mwh)
    level = column(s.soc_max * s.energy_mwh, 0)
    for t in range(n):
        h.addConstr(
            sum(u[t] for u in used) + buy[t] + discharge[t] - charge[t] - sell[t] == float(load[t])
        )
        h.addConstr(
            level[t]
            - level[t - 1]
            - step * s.charge_efficiency * charge[t]
            + step / s.discharge_efficiency * discharge[t]
            == 0
        )
    h.run()
    assert inf > 0
    return h.getObjectiveValue() + step * float(load @ park.self_use_price)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_an_independent_model_agrees(seed):
    park = week(seed=seed, days=3)
    assert ok(dispatch(park)).value == pytest.approx(independent_optimum(park), rel=1e-7)


def test_costs_of_generation_are_in_the_optimum_too():
    park = week(days=2)
    dear = tuple(
        s.replace(variable_cost_cny_per_mwh=cost)
        for s, cost in zip(park.sources, (0.0, 250.0), strict=True)
    )
    park = park.replace(sources=dear)
    assert ok(dispatch(park)).value == pytest.approx(independent_optimum(park), rel=1e-7)


# --- properties of any park ---

PARKS = st.builds(
    week,
    seed=st.integers(1, 10_000),
    days=st.just(2),
    rules=st.sampled_from(
        [Rules(), Rules(feed_in_max=0.1), Rules(feed_in_max=0.2, reading_generation="actual")]
    ),
)


@FEW
@given(PARKS)
def test_energy_and_money_add_up(park):
    ok(dispatch(park))


@FEW
@given(PARKS, st.floats(0, 300))
def test_cost_never_falls_when_the_grid_gets_dearer(park, more):
    dearer = (*park.tariff.parts, PricePart(name="more", kind="other", price_cny_per_mwh=more))
    before = dispatch(park).value
    assert dispatch(park.replace(tariff=park.tariff.replace(parts=dearer))).value >= before - 1


@FEW
@given(PARKS, st.floats(1, 3), st.floats(1, 3))
def test_more_storage_never_costs_more(park, power, energy):
    larger = park.storages[0].replace(power_mw=30 * power, energy_mwh=90 * energy)
    before = dispatch(park).value
    assert dispatch(park.replace(storages=(larger,))).value <= before + 1


@FEW
@given(PARKS, st.floats(0.0, 60.0))
def test_more_access_never_costs_more(park, more):
    wider = Grid(import_cap_mw=120.0, export_cap_mw=80.0 + more)
    before = dispatch(park).value
    assert dispatch(park.replace(grid=wider)).value <= before + 1


@FEW
@given(PARKS, st.floats(0.0, 0.2))
def test_a_looser_ratio_never_costs_more(park, more):
    tight = park.replace(rules=Rules(feed_in_max=0.05))
    loose = park.replace(rules=Rules(feed_in_max=0.05 + more))
    assert dispatch(loose).value <= dispatch(tight).value + 1


@FEW
@given(st.integers(1, 10_000))
def test_users_together_never_pay_more_than_apart(seed):
    whole, other = week(seed=seed, days=2), week(seed=seed + 1, days=2)
    second = User(name="foundry", load_mw=other.users[0].load_mw)
    half = tuple(s.replace(capacity_mw=s.capacity_mw / 2) for s in whole.sources)
    battery = tuple(s.replace(power_mw=15.0, energy_mwh=45.0) for s in whole.storages)
    alone = {
        "sources": half,
        "storages": battery,
        "grid": Grid(import_cap_mw=120.0, export_cap_mw=40.0),
    }
    first_alone = dispatch(whole.replace(**alone)).value
    second_alone = dispatch(whole.replace(users=(second,), **alone)).value
    shared = Grid(import_cap_mw=240.0, export_cap_mw=80.0)
    together = dispatch(whole.replace(users=(*whole.users, second), grid=shared)).value
    assert together <= first_alone + second_alone + 1


# --- shadow prices are what they say ---


def test_worths_are_those_of_a_small_step():
    park = week(days=3)
    base = dispatch(park)
    step = 1e-3

    def saved(**changes):
        return (base.value - dispatch(park.replace(**changes)).value) / step

    for i, source in enumerate(park.sources):
        more = list(park.sources)
        more[i] = source.replace(capacity_mw=source.capacity_mw + step)
        assert saved(sources=tuple(more)) == pytest.approx(base.worths[source.name], rel=2e-2)
    battery = park.storages[0]
    for name, change in (("power", {"power_mw": 30 + step}), ("energy", {"energy_mwh": 90 + step})):
        found = saved(storages=(battery.replace(**change),))
        assert found == pytest.approx(base.worths[f"lfp {name}"], rel=2e-2, abs=1)


def test_a_point_of_a_ratio_is_worth_what_it_says():
    def at(cap):
        return dispatch(week(days=4, rules=Rules(feed_in_max=cap)))

    tight, looser = at(0.02), at(0.0201)
    line = next(line for line in tight.ratios if line.key == "feed_in")
    assert line.value == pytest.approx(0.02)
    gained = (tight.value - looser.value) * tight.park.year_factor * 100
    assert gained == pytest.approx(line.worth_cny_per_yr_per_point, rel=0.05)
    said = next(b for b in tight.bindings if b.name == "feed_in")
    assert "each point of relaxation is worth" in said.words.en
    assert "每放宽 1 个百分点" in said.words.zh


@pytest.mark.parametrize(
    "rules",
    [
        Rules(feed_in_max=0.08),
        Rules(regime="650"),
        Rules(self_of_consumption_min=0.55, reading_consumption="supply"),
        Rules(feed_in_max=0.1, curtailment_max=0.03, reading_generation="actual"),
    ],
)
def test_pricing_the_ratios_changes_nothing(rules, monkeypatch):
    park = week(days=7, rules=rules)
    direct = dispatch(park)
    monkeypatch.setattr(priced, "DIRECT_STEPS", 1)
    quick = dispatch(park)
    assert quick.value == pytest.approx(direct.value, rel=1e-7)
    for one, other in zip(quick.ratios, direct.ratios, strict=True):
        worths = [line.worth_cny_per_yr_per_point or 0.0 for line in (one, other)]
        assert worths[0] == pytest.approx(worths[1], rel=1e-3, abs=1)


def test_a_wrong_price_of_a_ratio_is_taken_back():
    park = week(days=3, rules=Rules(feed_in_max=0.9))
    right = dispatch(park)
    misled = dispatch(park, rule_prices={"feed_in": 400.0})
    assert misled.value == pytest.approx(right.value, rel=1e-7)


# --- ends that are not optimal ---


def test_a_stopped_run_shows_no_money():
    result = dispatch(week(days=7), stop=Stop(max_runtime_s=1e-6))
    assert result.status is Status.STOPPED
    assert result.value is None
    assert result.money == ()
    assert result.is_provisional


def test_same_problem_same_answer():
    one, other = dispatch(week(days=3)), dispatch(week(days=3))
    assert one.value == other.value
    assert np.array_equal(one.flows.bought_mw, other.flows.bought_mw)
    assert one.provenance == other.provenance
