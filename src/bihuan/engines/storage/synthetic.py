"""A signal and prices that look like life, made from a seed: for examples, tests, benchmarks.

Shapes, not measurements: nothing here may be taken for a market's record.
"""

import datetime as dt

import numpy as np

from bihuan.engines.series import BEIJING, DAY_S, Series


def _walk(random: np.random.Generator, count: int, keep: float) -> np.ndarray:
    """An AR(1) process of unit variance."""
    shocks = random.standard_normal(count) * np.sqrt(1 - keep**2)
    level, levels = random.standard_normal(), np.empty(count)
    for i, shock in enumerate(shocks):
        level = keep * level + shock
        levels[i] = level
    return levels


def regulation_signal(
    seed: int, *, start: dt.datetime, days: int = 1, step_s: int = 30, memory_s: float = 180.0
) -> Series:
    """A regulation signal in [−1, 1] with mean near 0, as a dispatch centre might send."""
    random = np.random.default_rng([seed, 1])
    count = days * DAY_S // step_s
    raw = _walk(random, count, float(np.exp(-step_s / memory_s)))
    slow = _walk(random, count, float(np.exp(-step_s / 3600.0)))
    values = np.tanh(0.9 * raw + 0.35 * (slow - slow.mean()))
    values -= values.mean()
    return Series(start=start, step_s=step_s, unit="1", values=np.round(np.clip(values, -1, 1), 3))


def energy_price(
    seed: int, *, start: dt.datetime, days: int, step_s: int = 900, mean: float = 314.0
) -> Series:
    """Spot prices [CNY/MWh]: low at noon, high in the evening, never below 0 or above 1,500."""
    random = np.random.default_rng([seed, 2])
    hours = np.arange(days * DAY_S // step_s) * step_s / 3600
    of_day = hours % 24
    shape = 150 * np.exp(-(((of_day - 19) / 2.5) ** 2)) + 70 * np.exp(-(((of_day - 8) / 2) ** 2))
    shape -= 210 * np.exp(-(((of_day - 12.8) / 2.6) ** 2))
    noise = 45 * _walk(random, len(hours), float(np.exp(-step_s / 3600 / 6)))
    values = np.clip(mean + 20 + shape + noise, 0.0, 1500.0)
    return Series(start=start, step_s=step_s, unit="CNY/MWh", values=np.round(values, 1))


def midnight(year: int, month: int = 1, day: int = 1) -> dt.datetime:
    """The beginning of a day in Beijing."""
    return dt.datetime(year, month, day, tzinfo=BEIJING)
