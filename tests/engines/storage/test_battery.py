"""The battery: reference = kernel, SimSES, energy, limits, and input that is refused."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bihuan.engines.shape import BadProblem
from bihuan.engines.storage.battery import BatteryState, LfpBattery, run
from bihuan.engines.storage.limits import Limit
from bihuan.engines.storage.year import LfpYear, LfpYearResult, simulate
from bihuan.engines.storage.year_kernel import COLUMNS
from tests.engines.storage.conftest import series

SIMSES = json.loads(Path(__file__).with_name("simses_2_1_1.json").read_text())


SAME_MW = 150.0 * 1e-9  # equal to 1e-9 of the rated power


def duty(steps: int, seed: int) -> np.ndarray:
    """A wave, a ripple and a plain arithmetic noise, the same on every machine."""
    x = np.arange(steps)
    noise = ((x * 1103515245 + 12345 + seed * 7919) % 2147483648) / 2147483648 - 0.5
    return 140 * np.sin(2 * np.pi * x / 5400) + 60 * np.sin(x / 37.0) + 40 * noise


def column(result: LfpYearResult, name: str) -> np.ndarray:
    return result.record[:, COLUMNS.index(name)]


@pytest.mark.parametrize("case", SIMSES["cases"], ids=lambda case: f"{case['seed']}")
def test_states_equal_those_of_simses(case: dict[str, Any]) -> None:
    """SimSES 2.1.1 on the same input, reversal counter as it has it: 1e-9 in every state."""
    battery = LfpBattery(
        energy_mwh=SIMSES["energy_mwh"],
        power_mw=SIMSES["power_mw"],
        cycles="reversals",
        soc_start=case["soc_start"],
        soc_min=case["soc_min"],
        soc_max=case["soc_max"],
    )
    power = duty(case["steps"], case["seed"])
    power[3000:3600] = 0.0
    for place, steps in enumerate(case["at"]):
        if place % 8 == 7:  # the health at the end of runs of three lengths
            result = simulated(battery, power[: steps + 1], case)
            assert result.soc_end == pytest.approx(case["soc"][place], abs=1e-9)
            assert result.capacity_health == pytest.approx(case["capacity_health"][place], abs=1e-9)
            assert result.resistance_health == pytest.approx(
                case["resistance_health"][place], abs=1e-9
            )
    np.testing.assert_allclose(
        column(result, "soc_end")[np.array(case["at"])], case["soc"], atol=1e-9, rtol=0
    )


def simulated(battery: LfpBattery, power: np.ndarray, case: dict[str, Any]) -> LfpYearResult:
    step_s = case["step_s"]
    return simulate(
        LfpYear(
            battery=battery,
            power_mw=series(power, step_s=step_s),
            temperature_c=series([case["temperature_c"]], "°C", step_s * len(power)),
            record_s=step_s,
        )
    )


@pytest.mark.parametrize("cycles", ["rainflow", "reversals"])
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {
            "soc_min": 0.0,
            "soc_max": 1.0,
            "soc_start": 0.02,
            "resistance_factor": 4.0,
        },  # the voltage window
        {"energy_mwh": 60.0},  # the cell's largest charge current
        {"capacity_start": 0.8, "resistance_start": 1.6, "resistance_factor": 2.0},
    ],
    ids=["usual", "empty", "small", "old"],
)
def test_kernel_equals_reference(cycles: str, changes: dict[str, float]) -> None:
    battery = LfpBattery(energy_mwh=240.0, power_mw=150.0, cycles=cycles).replace(**changes)
    power = duty(8000, 3)
    power[1000:1500] = 0.0
    result = simulate(LfpYear(battery=battery, power_mw=series(power), record_s=1))
    limited = 0
    for step, (state, delivered) in enumerate(run(battery, power, step_s=1)):
        assert column(result, "soc_end")[step] == pytest.approx(state.soc, abs=1e-9)
        assert column(result, "delivered_mw")[step] == pytest.approx(delivered.ac_mw, abs=SAME_MW)
        assert column(result, "cell_loss_mw")[step] == pytest.approx(
            delivered.joule_mw, abs=SAME_MW
        )
        limited += bool(delivered.limit)
    state.finish()
    assert result.capacity_health == pytest.approx(state.capacity_health, abs=1e-9)
    assert result.resistance_health == pytest.approx(state.resistance_health, abs=1e-9)
    assert column(result, "limited_share").sum() == limited
    assert result.is_ok


def test_temperature_may_change_in_steps() -> None:
    """Two halves at two temperatures are two runs one after the other."""
    power, battery = duty(4000, 1), LfpBattery(energy_mwh=240.0, power_mw=150.0)
    problem = LfpYear(
        battery=battery,
        power_mw=series(power),
        temperature_c=series([15.0, 35.0], "°C", 2000),
        record_s=1,
    )
    state = BatteryState(battery, 15.0)
    for step, asked_mw in enumerate(power):
        state.temperature_c = 15.0 if step < 2000 else 35.0
        state.step(asked_mw, 1.0)
    state.finish()
    result = simulate(problem)
    assert result.soc_end == pytest.approx(state.soc, abs=1e-9)
    assert result.capacity_health == pytest.approx(state.capacity_health, abs=1e-9)


def test_rainflow_sees_the_deep_cycle_that_reversals_miss() -> None:
    """Arbitrage with a regulation ripple on it: the reversal counter understates the wear."""
    x = np.arange(86_400)
    power = 60 * np.sign(np.sin(2 * np.pi * x / 43_200)) + 90 * np.sin(2 * np.pi * x / 60)
    battery = LfpBattery(energy_mwh=400.0, power_mw=150.0, soc_start=0.85)
    problem = LfpYear(battery=battery, power_mw=series(power))
    flow = simulate(problem)
    cut = simulate(problem.replace(battery=battery.replace(cycles="reversals")))
    assert flow.cyclic_loss > 1.3 * cut.cyclic_loss
    assert flow.soc_end == pytest.approx(cut.soc_end, abs=1e-3)


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.floats(-300, 300), min_size=10, max_size=200),
    st.floats(0.05, 0.95),
    st.floats(0.6, 1.0),
)
def test_energy_balances_and_bounds_hold(
    powers: list[float], soc_start: float, capacity: float
) -> None:
    """Bus energy = stored energy moved + losses; charge inside its window; never more power
    than asked for, and none in the other direction."""
    battery = LfpBattery(
        energy_mwh=100.0, power_mw=150.0, soc_start=soc_start, capacity_start=capacity
    )
    asked = np.repeat(powers, 60)
    result = simulate(LfpYear(battery=battery, power_mw=series(asked), record_s=1))
    assert result.is_ok, result.checks
    assert np.all(column(result, "soc_end") >= battery.soc_min)
    assert np.all(column(result, "soc_end") <= battery.soc_max)
    given_mw = column(result, "delivered_mw")
    assert np.all(np.abs(given_mw) <= np.abs(asked) + 1e-9)
    assert np.all(given_mw * asked >= 0)
    assert np.all(column(result, "converter_loss_mw") >= -1e-9)
    assert np.all(column(result, "cell_loss_mw") >= 0)


def test_every_limit_is_named() -> None:
    battery = LfpBattery(energy_mwh=100.0, power_mw=150.0)
    state = BatteryState(battery)
    assert state.step(200.0, 1.0).limit == Limit.CONVERTER
    assert state.step(-149.0, 1.0).limit == Limit.CELL_RATE
    state.soc = battery.soc_min
    assert state.step(50.0, 1.0).limit == Limit.CELL_CHARGE
    low = BatteryState(battery.replace(soc_min=0.0, soc_start=0.01, resistance_factor=4.0))
    assert low.step(149.0, 1.0).limit == Limit.CELL_VOLTAGE


BATTERY = {"energy_mwh": 300.0, "power_mw": 150.0}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"power_mw": 150_000.0}, "power_mw"),  # kW for MW
        ({"energy_mwh": 300_000.0}, "energy_mwh"),  # kWh for MWh
        ({"energy_mwh": 0.0}, "energy_mwh"),
        ({"power_mw": float("nan")}, "power_mw"),
        ({"soc_min": 0.9, "soc_max": 0.1}, "soc_max"),
        ({"soc_start": 0.99}, "soc_start"),
        ({"capacity_start": 1.2}, "capacity_start"),  # a battery better than new
        ({"resistance_factor": 0.0}, "resistance_factor"),
        ({"cycles": "guess"}, "cycles"),
        ({"cell": "nmc"}, "cell"),
        ({"converter": "perfect"}, "converter"),
    ],
)
def test_a_wrong_battery_is_refused_by_name(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(BadProblem) as refused:
        LfpBattery(**(BATTERY | changes))
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"power_mw": series([1.0] * 120, "kW")}, "power_mw.unit"),
        ({"power_mw": series([150_000.0] * 120)}, "power_mw"),  # kW under the name of MW
        ({"temperature_c": series([25.0, 25.0], "°C", 30)}, "temperature_c"),  # too short
        ({"temperature_c": series([25.0, -20.0], "°C", 60)}, "temperature_c[1]"),
        ({"temperature_c": series([298.0], "°C", 120)}, "temperature_c[0]"),  # kelvin
        ({"record_s": 70}, "record_s"),
    ],
)
def test_a_wrong_run_is_refused_by_name(changes: dict[str, Any], field: str) -> None:
    usual: dict[str, Any] = {"battery": LfpBattery(**BATTERY), "power_mw": series([1.0] * 120)}
    with pytest.raises(BadProblem) as refused:
        LfpYear(**(usual | changes))
    assert refused.value.field == field
