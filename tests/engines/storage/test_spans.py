"""A long run goes in spans: they add up to one run, tell how far it is, and can be stopped."""

from typing import Any

import numpy as np
import pytest

from bihuan.engines.shape import Progress, Status, Stop
from bihuan.engines.storage import (
    Account,
    HybridYear,
    LfpBattery,
    LfpYear,
    Station,
    settle,
    simulate_battery,
    simulate_station,
    spans,
)
from tests.engines.storage.conftest import series

HOURS = 24


@pytest.fixture
def run(taigu: Station) -> HybridYear:
    """A day with a temperature for each three hours."""
    wave = np.sin(np.arange(1440) / 9.0)
    return HybridYear(
        station=taigu,
        schedule_mw=series(40 * np.sign(np.sin(np.arange(HOURS * 4) / 8)), step_s=900),
        regulation_mw=series(np.full(HOURS * 4, 50.0), step_s=900),
        signal=series(wave, "1", 60),
        temperature_c=series(15.0 + np.arange(8), "°C", 10_800),
    )


@pytest.fixture
def battery(run: HybridYear) -> LfpYear:
    power = 60 * np.repeat(run.signal.values, 60)
    return LfpYear(
        battery=LfpBattery(energy_mwh=100.0, power_mw=50.0),
        power_mw=series(power),
        temperature_c=run.temperature_c,
    )


def in_short_spans(monkeypatch: pytest.MonkeyPatch, minutes: int) -> None:
    monkeypatch.setattr(spans, "SPAN_STEPS", 60 * minutes)


@pytest.mark.parametrize("minutes", [1, 7, 180])
def test_spans_add_up_to_the_whole_run(
    run: HybridYear, battery: LfpYear, monkeypatch: pytest.MonkeyPatch, minutes: int
) -> None:
    """To the last bit: record, commands, ageing."""
    whole: list[Any] = [simulate_station(run), simulate_battery(battery)]
    in_short_spans(monkeypatch, minutes)
    parts: list[Any] = [simulate_station(run), simulate_battery(battery)]
    for one, other in zip(whole, parts, strict=True):
        np.testing.assert_array_equal(one.record, other.record)
        assert one.capacity_health == other.capacity_health
        assert one.resistance_health == other.resistance_health
        assert one.limited_s == other.limited_s
    np.testing.assert_array_equal(whole[0].answers, parts[0].answers)
    assert whole[0].energy_mwh == pytest.approx(parts[0].energy_mwh, rel=1e-12)


def test_progress_tells_how_far_it_is(run: HybridYear, monkeypatch: pytest.MonkeyPatch) -> None:
    in_short_spans(monkeypatch, 360)
    told: list[Progress] = []
    simulate_station(run, progress=told.append)
    assert [event.fraction for event in told] == [0.0, 0.25, 0.5, 0.75, 1.0]


def test_a_cancelled_run_ends_after_its_span_without_a_value(
    run: HybridYear, battery: LfpYear, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_short_spans(monkeypatch, 60)
    asked: list[int] = []

    def cancelled() -> bool:
        asked.append(1)
        return len(asked) > 3

    stop = Stop(cancelled=cancelled)
    station = simulate_station(run, stop=stop)
    assert station.status is Status.STOPPED
    assert station.value is None
    assert len(station.record) == 180
    assert "stopped" in station.report()
    assert simulate_battery(battery, stop=stop).status is Status.STOPPED


def test_a_stopped_station_is_not_paid(run: HybridYear) -> None:
    account = Account(run=run, rule="north-china-market", bid_cny_per_mw=10.0)
    result = settle(account, stop=Stop(max_runtime_s=1e-9))
    assert result.status is Status.STOPPED
    assert result.value is None
    assert result.money_cny == {}
    assert "CNY" not in result.report()
