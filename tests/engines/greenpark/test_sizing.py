"""Sizing: optima, bounds, the year that proves them, and the reasons."""

import numpy as np
import pytest

from bihuan.engines.greenpark import Grid, Invest, Rules, SizingParams, Source, dispatch, size
from bihuan.engines.greenpark.indicators import cash_flows
from bihuan.engines.greenpark.money import built, grid_only_cny, invest_lines
from bihuan.engines.shape import BadProblem, Status, Stop
from tests.engines.greenpark.parks import constant, flat, tariff, week


def yearly_value(park):
    """CNY/yr of a park of given sizes."""
    return dispatch(park).value * park.year_factor + sum(line.cny for line in invest_lines(park))


def test_a_source_is_built_exactly_as_far_as_it_pays():
    """Flat wind at half output: worth 4,380 h/yr × 500 up to the load of 10 MW, nothing after."""
    wind = Source(
        name="wind",
        capacity_mw=0.0,
        available=constant(0.5, "1"),
        invest=Invest(capex_cny=10e6, life_yr=20.0, max_size=100.0),
    )
    park = flat(sources=(wind,), grid=Grid(import_cap_mw=50.0), tariff=tariff(500.0, 0.0))
    result = size(park)
    assert result.status is Status.OPTIMAL
    assert result.sizes[0].value == pytest.approx(20.0, abs=1e-3)
    dear = park.replace(sources=(wind.replace(invest=Invest(capex_cny=100e6, max_size=100.0)),))
    assert size(dear).sizes[0].value == pytest.approx(0.0, abs=1e-3)
    assert size(dear).sizes[0].at_limit == "least"


@pytest.mark.parametrize("rules", [Rules(), Rules(feed_in_max=0.05, self_of_consumption_min=0.3)])
def test_no_other_sizes_are_better(rules):
    park = week(days=4, rules=rules)
    result = size(park)
    assert result.is_ok, result.report()
    best = result.year.park
    assert yearly_value(best) == pytest.approx(result.value, rel=1e-9)
    for factor in (0.9, 1.1):
        for i, source in enumerate(best.sources):
            moved = list(best.sources)
            moved[i] = source.replace(capacity_mw=source.capacity_mw * factor)
            other = dispatch(best.replace(sources=tuple(moved)))
            if other.value is not None:
                assert yearly_value(best.replace(sources=tuple(moved))) >= result.value - 1
        battery = best.storages[0]
        smaller = (battery.replace(energy_mwh=battery.energy_mwh * factor),)
        if dispatch(best.replace(storages=smaller)).value is not None:
            assert yearly_value(best.replace(storages=smaller)) >= result.value - 1


def test_money_is_the_sum_of_its_lines_and_the_year_is_shown():
    result = size(week(days=3))
    assert sum(line.cny for line in result.money) == pytest.approx(result.value)
    assert {table.name for table in result.tables()} == {
        "sizes",
        "money",
        "ratios",
        "users",
        "ledger",
    }
    assert "wind" in result.report()
    assert set(result.plain()) >= {"sizes", "money", "tables", "report", "regret_at_most"}


def test_quarter_hours_are_sized_on_hours_and_the_regret_is_bounded():
    park = week(days=4, step_s=900)
    quick = size(park)
    exact = size(park.replace(sizing=SizingParams(step_s=900)))
    assert exact.status is Status.OPTIMAL
    assert exact.regret_at_most is None
    assert quick.bound <= exact.value + 1
    true_regret = (quick.value - exact.value) / exact.value
    assert -1e-7 <= true_regret <= quick.regret_at_most
    assert quick.status is Status.FEASIBLE


def test_correcting_the_sizes_gains_what_it_says():
    park = week(days=4, step_s=900)
    first, corrected = size(park), size(park.replace(sizing=SizingParams(corrections=1)))
    assert corrected.value <= first.value
    gain = (first.value - corrected.value) / corrected.value
    assert corrected.regret_estimate == pytest.approx(gain, abs=1e-9)


def test_a_floor_met_on_hours_is_met_in_the_year():
    park = week(
        days=4, step_s=900, rules=Rules(self_of_consumption_min=0.9, reading_losses="excluded")
    )
    result = size(park)
    assert result.is_ok, result.report()
    line = next(line for line in result.year.ratios if line.key == "self_of_consumption")
    assert line.value >= 0.9 - 1e-6


def test_an_impossible_sizing_says_why():
    park = week(days=2, rules=Rules(self_of_consumption_min=0.9))
    small = tuple(s.replace(invest=s.invest.replace(max_size=20.0)) for s in park.sources)
    result = size(park.replace(sources=small))
    assert result.status is Status.INFEASIBLE
    assert result.value is None
    assert "cannot be 90.00%" in result.report()


def test_nothing_to_size_is_said():
    with pytest.raises(BadProblem, match="nothing to size"):
        size(flat())


def test_too_little_time_shows_no_money():
    result = size(week(days=7), stop=Stop(max_runtime_s=1e-5))
    assert result.value is None
    assert not result.status.has_solution


def test_cash_flows_return_the_saving():
    """Without interest the sum of the flows is saving − O&M over the horizon, less capex, plus rest."""
    result = size(week(days=3))
    park = result.year.park
    flows = cash_flows(park, result.year.value * park.year_factor)
    capex = sum(invest.capex_cny * amount for _, invest, amount in built(park))
    assert flows[0] == pytest.approx(-capex)
    upkeep = sum(i.capex_cny * i.om_share_per_yr * amount for _, i, amount in built(park))
    saving = (grid_only_cny(park) - result.year.value) * park.year_factor
    assert flows[1] == pytest.approx(saving - upkeep)


def test_a_return_too_good_to_be_true_is_said():
    cheap = Invest(capex_cny=3e5, max_size=100.0)
    wind = Source(name="wind", capacity_mw=0.0, available=constant(0.5, "1"), invest=cheap)
    result = size(flat(sources=(wind,)))
    assert any("internal rate" in words.en for words in result.warnings)


def test_the_second_best_is_told_when_asked():
    result = size(week(days=3, sizing=SizingParams(compare=True)))
    dearer = {b.name: b.relief for b in result.bindings if b.name.startswith("without:")}
    assert set(dearer) == {"without:wind", "without:pv", "without:lfp"}
    assert all(relief <= 1 for relief in dearer.values())
    park = week(days=3)
    calm = tuple(s.replace(invest=s.invest.replace(max_size=0.0)) for s in park.sources[:1])
    alone = size(park.replace(sources=(*calm, *park.sources[1:])))
    assert alone.value - result.value == pytest.approx(-dearer["without:wind"], rel=1e-6)


def test_storages_are_not_emptied_into_nothing_to_count_their_losses():
    """Where losses count as self-use, a high floor would pay for charging what is thrown away."""
    park = week(
        days=7,
        rules=Rules(self_of_consumption_min=0.999, feed_in_max=0.0),
        grid=Grid(import_cap_mw=120.0),
    )
    result = size(park)
    assert result.is_ok, result.report()
    flows = result.year.flows
    assert np.all(flows.curtailed_mw <= sum(flows.available_mw.values()) + 1e-6)
