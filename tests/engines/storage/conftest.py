"""Small stations that are easy to understand."""

import datetime as dt
import gzip
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bihuan.engines.series import BEIJING, Series
from bihuan.engines.storage import Controller, Flywheel, LfpBattery, Station, Transformer

START = dt.datetime(2025, 1, 1, tzinfo=BEIJING)


def series(values: Any, unit: str = "MW", step_s: int = 1) -> Series:
    return Series(start=START, step_s=step_s, unit=unit, values=np.asarray(values, float))


@pytest.fixture(scope="session")
def taigu() -> Station:
    """150 MW: 100 MW / 200 MWh of batteries and 50 MW / 12.5 MWh of flywheels."""
    return Station(
        battery=LfpBattery(energy_mwh=200.0, power_mw=100.0),
        flywheel=Flywheel(power_mw=50.0, energy_mwh=12.5),
        transformer=Transformer(rated_mw=160.0),
        grid_mw=150.0,
        auxiliary_mw=1.5,
        controller=Controller(),
    )


@pytest.fixture(scope="session")
def regd() -> Series:
    """A real regulation signal: PJM RegD, one day at 2 s."""
    folder = os.environ.get("BIHUAN_SHARED_DATA") or str(
        Path(__file__).parents[4] / "shared" / "data"
    )
    file = Path(folder) / "pjm_regd_day_2s.csv.gz"
    if not file.is_file():
        pytest.skip(f"no {file}; set BIHUAN_SHARED_DATA to the folder that holds it")
    with gzip.open(file, "rt") as lines:
        values = [float(line.split(",")[-1]) for line in lines if line.strip()]
    return series(values, "1", 2)
