"""The hybrid station: reference = kernel, energy, bounds, causes, a real signal, bad input."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bihuan.engines.series import Series
from bihuan.engines.shape import BadProblem
from bihuan.engines.storage import (
    Controller,
    Flywheel,
    HybridYear,
    HybridYearResult,
    LfpBattery,
    Measure,
    Station,
    Transformer,
    simulate_station,
)
from bihuan.engines.storage.command_kernel import ANSWER_COLUMNS
from bihuan.engines.storage.commands import Answer, answers
from bihuan.engines.storage.limits import Limit
from bihuan.engines.storage.station_kernel import COLUMNS
from bihuan.engines.storage.station_state import StationState, at_the_bus, at_the_grid
from tests.engines.storage.conftest import series

SAME = 1e-9


def problem_of(station: Station, hours: int = 2, **changes: Any) -> HybridYear:
    """Discharge, then charge, with a wave of regulation on it."""
    periods = hours * 4
    wave = np.sin(np.arange(900) / 40.0) * 0.8 + np.sin(np.arange(900) / 7.0) * 0.2
    usual: dict[str, Any] = {
        "station": station,
        "schedule_mw": series(np.where(np.arange(periods) % 8 < 4, 40.0, -45.0), step_s=900),
        "regulation_mw": series(np.full(periods, 60.0), step_s=900),
        "signal": series(wave, "1", 1),
        "command_s": 4,
        "record_s": 1,
    }
    return HybridYear(**(usual | changes))


def commands_of(problem: HybridYear) -> np.ndarray:
    """The command of each second, written out."""
    seconds = np.arange(len(problem.schedule_mw) * problem.schedule_mw.step_s)
    period = seconds // problem.schedule_mw.step_s
    held = seconds - seconds % problem.command_s
    share = problem.signal.values[(held // problem.signal.step_s) % len(problem.signal)]
    return problem.schedule_mw.values[period] + problem.regulation_mw.values[period] * share


def column(result: HybridYearResult, name: str) -> np.ndarray:
    return result.record[:, COLUMNS.index(name)]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"flywheel": Flywheel(power_mw=0.0, energy_mwh=0.0)},
        {"flywheel": Flywheel(power_mw=50.0, energy_mwh=0.5)},  # empty within half a minute
        {"battery": LfpBattery(energy_mwh=30.0, power_mw=100.0, soc_start=0.1)},  # guards
        {"controller": Controller(ramp_mw_per_min=1e6, filter_s=0.0)},
        {"transformer": Transformer(rated_mw=160.0, no_load_share=0.0, full_load_share=0.0)},
        {"grid_mw": 60.0},
    ],
    ids=["usual", "no flywheel", "little flywheel", "guard", "no ramp", "ideal", "small grid"],
)
def test_kernel_equals_reference(taigu: Station, changes: dict[str, Any]) -> None:
    problem = problem_of(taigu.replace(**changes))
    result, state = simulate_station(problem), StationState(problem.station)
    delivered = []
    for step, command in enumerate(commands_of(problem)):
        second = state.step(float(command), 1.0)
        delivered.append(second.delivered_mw)
        row = result.record[step]
        assert row[1] == pytest.approx(second.delivered_mw, abs=150 * SAME)
        assert row[2] == pytest.approx(second.battery_mw, abs=150 * SAME)
        assert row[3] == pytest.approx(second.flywheel_mw, abs=150 * SAME)
        assert row[5] == pytest.approx(state.battery.soc, abs=SAME)
        assert row[6] == pytest.approx(state.flywheel.energy_mwh, abs=SAME)
        assert (row[8] > 0) == bool(second.limit)
    state.battery.finish()
    assert result.capacity_health == pytest.approx(state.battery.capacity_health, abs=SAME)
    assert result.is_ok, result.checks
    judged = answers(
        [float(c) for c in commands_of(problem)], delivered, seconds=1.0, measure=problem.measure
    )
    expected = np.array([[getattr(a, name) for name in ANSWER_COLUMNS] for a in judged])
    np.testing.assert_allclose(result.answers, expected, atol=1e-6)


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.floats(-250, 250), min_size=2, max_size=12),
    st.floats(0.05, 0.95),
    st.floats(0, 1),
    st.floats(1, 600),
)
def test_energy_balances_and_bounds_hold(
    schedule: list[float], soc: float, wheel: float, filter_s: float
) -> None:
    station = Station(
        battery=LfpBattery(energy_mwh=40.0, power_mw=100.0, soc_start=soc),
        flywheel=Flywheel(power_mw=50.0, energy_mwh=5.0, charge_start=wheel),
        transformer=Transformer(rated_mw=160.0),
        grid_mw=150.0,
        auxiliary_mw=1.0,
        controller=Controller(filter_s=filter_s),
    )
    problem = HybridYear(
        station=station,
        schedule_mw=series(schedule, step_s=900),
        regulation_mw=series(np.full(len(schedule), 20.0), step_s=900),
        signal=series([1.0, -0.5, 0.25] * 100, "1", 3),
        record_s=1,
    )
    result = simulate_station(problem)
    assert result.is_ok, result.checks
    assert np.all(np.abs(column(result, "flywheel_mw")) <= 50.0 + 1e-9)
    assert np.all(np.abs(column(result, "battery_mw")) <= 100.0 + 1e-9)
    assert np.all(column(result, "delivered_mw") <= 150.0 + 1e-6)
    lossy = {k: v for k, v in result.energy_mwh.items() if k not in ("out", "in")}
    assert all(value >= 0 for value in lossy.values())


def test_the_ramp_ceiling_is_kept(taigu: Station) -> None:
    """With both devices able, power at the grid never moves faster than 1 MW/s."""
    result = simulate_station(problem_of(taigu, hours=1))
    moves = np.abs(np.diff(column(result, "delivered_mw"), prepend=0.0))
    assert moves.max() <= 1.0 + 1e-6
    assert result.limited_s["RAMP"] > 0


def test_the_flywheel_takes_the_fast_part(taigu: Station) -> None:
    """The battery moves less than without flywheels. (Its wear hardly changes: the depth of a
    cycle counts, and these are shallow.)"""
    with_wheels = simulate_station(problem_of(taigu, hours=8))
    none = taigu.replace(flywheel=Flywheel(power_mw=0.0, energy_mwh=0.0))
    without = simulate_station(problem_of(none, hours=8))
    path = [np.abs(np.diff(column(r, "battery_mw"))).sum() for r in (with_wheels, without)]
    assert path[0] < 0.6 * path[1]


def test_flywheels_come_back_to_their_target(taigu: Station) -> None:
    """Told nothing, the battery carries the standby loss and the flywheels stay near half."""
    quiet = problem_of(
        taigu,
        hours=8,
        schedule_mw=series(np.zeros(32), step_s=900),
        regulation_mw=series(np.zeros(32), step_s=900),
    )
    result = simulate_station(quiet)
    assert result.flywheel_mwh_end == pytest.approx(0.5 * 12.5, abs=0.4)
    assert np.abs(column(result, "delivered_mw")).max() < 1e-6


def test_transformer_there_and_back() -> None:
    transformer = Transformer(rated_mw=160.0)
    for power in (-150.0, -1.0, 0.0, 1.0, 150.0):
        assert at_the_grid(transformer, at_the_bus(transformer, power)) == pytest.approx(power)


def test_each_cause_is_named(taigu: Station) -> None:
    small = taigu.replace(
        battery=LfpBattery(energy_mwh=5.0, power_mw=20.0),
        flywheel=Flywheel(power_mw=10.0, energy_mwh=0.2),
        controller=Controller(ramp_mw_per_min=6000.0),
    )
    result = simulate_station(
        problem_of(small, hours=2, regulation_mw=series([200.0] * 8, step_s=900))
    )
    expected = {
        "GRID",
        "RAMP",
        "CONVERTER",
        "CELL_RATE",
        "FLYWHEEL_ENERGY",
        "FLYWHEEL_POWER",
        "CHARGE_GUARD",
    }
    assert expected <= result.limited_s.keys()
    assert all(Limit[name] for name in result.limited_s)


def test_a_real_day_of_regulation(taigu: Station, regd: Series) -> None:
    """PJM RegD with 60 MW: followed within 6 MW on average under the ramp ceiling, books closed."""
    problem = HybridYear(
        station=taigu,
        schedule_mw=series(np.zeros(96), step_s=900),
        regulation_mw=series(np.full(96, 60.0), step_s=900),
        signal=regd,
        command_s=30,
    )
    result = simulate_station(problem)
    assert result.is_ok, result.checks
    assert result.error_mw < 6.0
    assert len(result.record) == 1440
    assert result.mileage_mw == pytest.approx(result.commanded_mw, rel=0.1)


def test_an_answer_is_measured_by_hand() -> None:
    """Step of 10 MW at 1 MW/s, dead bands 1 MW: leaves after 1 s, arrives after 9 s, no error after 10."""
    power = [min(10.0, float(t)) for t in range(1, 21)]
    (answer,) = answers(
        [10.0] * 20, power, seconds=1.0, measure=Measure(start_band_mw=1.0, target_band_mw=1.0)
    )
    assert answer == Answer(
        start_step=0,
        command_mw=10.0,
        start_mw=0.0,
        end_step=20,
        end_mw=10.0,
        leave_step=1,
        leave_mw=1.0,
        arrive_step=9,
        arrive_mw=9.0,
        error_sum_mw=1.0,
        error_steps=12,
    )


def test_assumed_figures_are_named_until_replaced(taigu: Station) -> None:
    said = " ".join(words.zh for words in simulate_station(problem_of(taigu, hours=1)).warnings)
    assert "飞轮待机损耗" in said
    assert "需核对原文" in said
    own = taigu.replace(
        flywheel=taigu.flywheel.replace(
            standby_share=0.012, efficiency_in=0.94, efficiency_out=0.94
        ),
        transformer=Transformer(rated_mw=160.0, no_load_share=0.0005, full_load_share=0.003),
    )
    assert simulate_station(problem_of(own, hours=1)).warnings == ()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"grid_mw": 150_000.0}, "grid_mw"),  # kW for MW
        ({"grid_mw": 200.0}, "transformer.rated_mw"),  # more than the transformer carries
        ({"auxiliary_mw": -1.0}, "auxiliary_mw"),
    ],
)
def test_a_wrong_station_is_refused_by_name(
    taigu: Station, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(BadProblem) as refused:
        taigu.replace(**changes)
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"efficiency_in": 1.05}, "efficiency_in"),
        ({"efficiency_out": 93.0}, "efficiency_out"),  # per cent
        ({"power_mw": 50_000.0}, "power_mw"),
        ({"energy_mwh": 0.0}, "energy_mwh"),  # power without energy
        ({"standby_share": float("nan")}, "standby_share"),
    ],
)
def test_a_wrong_flywheel_is_refused_by_name(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(BadProblem) as refused:
        Flywheel(**({"power_mw": 50.0, "energy_mwh": 12.5} | changes))
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"signal": series([1.5, 0.0] * 450, "1")}, "signal[0]"),  # more than the capacity
        ({"signal": series([0.5] * 7, "1")}, "signal"),  # does not fit whole times
        ({"signal": series([0.5] * 900, "MW")}, "signal.unit"),
        ({"regulation_mw": series([-1.0] * 8, step_s=900)}, "regulation_mw[0]"),
        ({"regulation_mw": series([1.0] * 7, step_s=900)}, "regulation_mw"),  # a gap
        ({"schedule_mw": series([40_000.0] * 8, step_s=900)}, "schedule_mw"),  # kW for MW
        ({"step_s": 7, "record_s": 7}, "record_s"),
        ({"step_s": 2, "record_s": 2, "command_s": 5}, "signal"),
        ({"record_s": 1000}, "record_s"),
    ],
)
def test_a_wrong_run_is_refused_by_name(
    taigu: Station, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(BadProblem) as refused:
        problem_of(taigu, **changes)
    assert refused.value.field == field
