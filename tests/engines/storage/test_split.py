"""Flywheel or battery: the sweep equals its points, whatever the number of workers."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bihuan.engines import wire
from bihuan.engines.shape import BadProblem, Status, Stop
from bihuan.engines.storage import (
    Account,
    Capex,
    Costs,
    HybridYear,
    Split,
    Station,
    Venture,
    size_split,
)
from bihuan.engines.storage.split import appraised
from bihuan.engines.storage.synthetic import energy_price, midnight, regulation_signal

START = midnight(2025, 6, 2)


@pytest.fixture(scope="module")
def study(taigu: Station) -> Split:
    """One day of regulation with 80 MW; two shares by two hours."""
    price = energy_price(1, start=START, days=1)
    run = HybridYear(
        station=taigu,
        schedule_mw=price.with_values(np.full(96, -2.0), "MW"),
        regulation_mw=price.with_values(np.full(96, 80.0), "MW"),
        signal=regulation_signal(1, start=START),
    )
    return Split(
        account=Account(run=run, bid_cny_per_mw=12.0, energy_price=price),
        costs=Costs(
            battery_cny_per_mwh=1.1e6, converter_cny_per_mw=2.5e5, flywheel_cny_per_mw=1.14e7
        ),
        venture=Venture(capex=(Capex(name="replaced", cny=0.0),), revenue=()),
        flywheel_shares=(0.0, 0.3),
        battery_hours=(1.0, 2.0),
    )


def test_the_best_point_is_the_best_of_all(study: Split) -> None:
    result = size_split(study, workers=1)
    assert result.status is Status.SIMULATED
    assert len(result.points) == 4
    assert result.value == max(point["npv_cny"] for point in result.points)
    year, money = appraised(study, result.best["flywheel_share"], result.best["battery_hours"])
    assert money.value == pytest.approx(result.value)
    assert year.kp_mean == pytest.approx(result.best["kp"])
    assert "second best" in result.bindings[0].words.en


def test_dear_flywheels_are_not_bought_and_cheap_ones_cost_less(study: Split) -> None:
    """At Dinglun's price the best share is 0; capex is the sum of its parts."""
    result = size_split(study, workers=1)
    assert result.best["flywheel_share"] == 0.0
    point = next(
        p for p in result.points if (p["flywheel_share"], p["battery_hours"]) == (0.3, 2.0)
    )
    assert point["capex_cny"] == pytest.approx(105 * 2 * 1.1e6 + 105 * 2.5e5 + 45 * 1.14e7)


def test_a_stopped_sweep_goes_on_where_it_was(study: Split, tmp_path: Path) -> None:
    first = size_split(study, workers=1, store=tmp_path, stop=Stop(max_iterations=2))
    assert first.status is Status.FEASIBLE
    assert first.is_provisional
    assert len(first.points) == 2
    rest = size_split(study, workers=1, store=tmp_path)
    assert len(rest.points) == 4
    assert set(map(str, first.points)) <= set(map(str, rest.points))


def test_the_study_survives_being_written(study: Split) -> None:
    assert wire.read(Split, wire.plain(study)) == study


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"flywheel_shares": (0.2, 1.0)}, "flywheel_shares[1]"),  # a station without battery
        ({"flywheel_shares": ()}, "flywheel_shares"),
        ({"battery_hours": (2.0, 2.0)}, "battery_hours"),
        ({"battery_hours": (0.0,)}, "battery_hours"),
    ],
)
def test_a_wrong_study_is_refused_by_name(
    study: Split, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(BadProblem) as refused:
        study.replace(**changes)
    assert refused.value.field == field
