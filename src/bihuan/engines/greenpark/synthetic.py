"""A year that looks like one, made from a seed: for examples, tests and benchmarks only.

Shapes, not measurements: PV by the sun's height at a latitude with passing clouds, wind
as a smoothed random process through a turbine curve, a factory's load by shift and
weekday, and a three-step tariff. Nothing here may be taken for a site's resource.
"""

import datetime as dt
from pathlib import Path

import numpy as np

from bihuan.engines.series import BEIJING, Series


def times_of(year: int, step_s: int, days: int | None = None) -> tuple[dt.datetime, np.ndarray]:
    """The start, and hours since the start of the middle of each step."""
    start = dt.datetime(year, 1, 1, tzinfo=BEIJING)
    count = days or (dt.datetime(year + 1, 1, 1, tzinfo=BEIJING) - start).days
    steps = count * 86_400 // step_s
    return start, (np.arange(steps) + 0.5) * step_s / 3600


def _smooth_noise(random: np.random.Generator, hours: np.ndarray, memory_h: float) -> np.ndarray:
    """Gaussian noise with unit variance and a memory of `memory_h` hours (AR(1))."""
    step_h = float(hours[1] - hours[0])
    keep = np.exp(-step_h / memory_h)
    shocks = random.standard_normal(len(hours)) * np.sqrt(1 - keep**2)
    noise = np.empty(len(hours))
    level = random.standard_normal()
    for i, shock in enumerate(shocks):
        level = keep * level + shock
        noise[i] = level
    return noise


def pv(seed: int, year: int = 2025, step_s: int = 3600, days: int | None = None) -> Series:
    """PV output over capacity at 37° north."""
    start, hours = times_of(year, step_s, days)
    random = np.random.default_rng([seed, 1])
    day = hours / 24
    declination = np.radians(-23.44) * np.cos(2 * np.pi * (day + 10) / 365)
    angle = np.radians(15 * (hours % 24 - 12))
    latitude = np.radians(37)
    height = np.sin(latitude) * np.sin(declination) + np.cos(latitude) * np.cos(
        declination
    ) * np.cos(angle)
    clouds = 1 / (1 + np.exp(-1.2 * _smooth_noise(random, hours, 9.0) - 1.0))
    values = np.clip(1.05 * np.maximum(height, 0) ** 1.15 * clouds, 0, 1)
    return Series(start=start, step_s=step_s, unit="1", values=np.round(values, 4))


def wind(seed: int, year: int = 2025, step_s: int = 3600, days: int | None = None) -> Series:
    """Wind output over capacity: windier in winter and at night."""
    start, hours = times_of(year, step_s, days)
    random = np.random.default_rng([seed, 2])
    noise = 0.9 * _smooth_noise(random, hours, 20.0) + 0.25 * _smooth_noise(random, hours, 1.5)
    season = 0.25 * np.cos(2 * np.pi * hours / 8760) - 0.15 * np.cos(
        2 * np.pi * (hours % 24 - 2) / 24 + np.pi
    )
    speed = 6.3 * np.exp(0.42 * noise + 0.3 * season)
    values = np.clip(((speed - 3) / 8.5), 0, 1) ** 2 * (speed < 25)
    return Series(start=start, step_s=step_s, unit="1", values=np.round(values, 4))


def load(
    seed: int, mean_mw: float, year: int = 2025, step_s: int = 3600, days: int | None = None
) -> Series:
    """A works' consumption: day shift, weekends at four fifths, some noise."""
    start, hours = times_of(year, step_s, days)
    random = np.random.default_rng([seed, 3])
    hour, weekday = hours % 24, (start.weekday() + hours // 24) % 7
    shift = 1 + 0.18 * np.exp(-(((hour - 14) / 5) ** 2)) - 0.12 * np.exp(-(((hour - 3) / 3) ** 2))
    values = (
        shift * np.where(weekday >= 5, 0.8, 1.0) * (1 + 0.04 * _smooth_noise(random, hours, 3.0))
    )
    values *= mean_mw / values.mean()
    return Series(start=start, step_s=step_s, unit="MW", values=np.round(values, 3))


def energy_price(
    seed: int, year: int = 2025, step_s: int = 3600, days: int | None = None
) -> Series:
    """A price that is low at noon and high in the evening, CNY/MWh, changing by the hour."""
    start, hours = times_of(year, 3600, days)
    random = np.random.default_rng([seed, 4])
    hour = hours % 24
    shape = (
        330
        + 150 * np.exp(-(((hour - 19) / 2.5) ** 2))
        - 170 * np.exp(-(((hour - 12.5) / 2.5) ** 2))
    )
    values = np.clip(shape * (1 + 0.15 * _smooth_noise(random, hours, 30.0)), 40, 1500)
    repeated = np.repeat(np.round(values, 1), 3600 // step_s)
    return Series(start=start, step_s=step_s, unit="CNY/MWh", values=repeated)


def write_csv(path: Path, seed: int = 1) -> None:
    """The series of the examples: a year of hours, one column each."""
    columns = {
        "works_mw": load(seed, 42.0),
        "foundry_mw": load(seed + 1, 18.0),
        "wind": wind(seed),
        "pv": pv(seed),
        "energy_cny_per_mwh": energy_price(seed),
    }
    times = next(iter(columns.values())).times()
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(",".join(["time", *columns]) + "\n")
        for time, *values in zip(times, *(c.values for c in columns.values()), strict=True):
            file.write(",".join([f"{time:%Y-%m-%dT%H:%M}", *(f"{v:g}" for v in values)]) + "\n")
