"""The station and the battery the storage rows are measured on: seeded and synthetic."""

import numpy as np

from bihuan.engines.series import Series
from bihuan.engines.storage import (
    Flywheel,
    HybridYear,
    LfpBattery,
    LfpYear,
    Regulation,
    Schedule,
    Station,
    Store,
    Transformer,
)
from bihuan.engines.storage.synthetic import energy_price, midnight, regulation_signal

START = midnight(2025)
BATTERY = LfpBattery(energy_mwh=300.0, power_mw=150.0, cycles="reversals")


def duty_mw(days: int, seed: int = 1) -> np.ndarray:
    """Arbitrage once a day with a regulation signal on it, second by second."""
    random = np.random.default_rng(seed)
    second = np.arange(86_400)
    day = 60.0 * np.sin(2 * np.pi * second / 86_400) + 35.0 * np.sin(second / 90.0)
    day += np.repeat(20.0 * random.standard_normal(21_600), 4)
    return np.tile(day, days)


def battery_year(days: int = 365, *, record_s: int = 60) -> LfpYear:
    power = Series(start=START, step_s=1, unit="MW", values=duty_mw(days))
    return LfpYear(battery=BATTERY, power_mw=power, record_s=record_s)


def hybrid_year(days: int = 365, *, seed: int = 1, flywheel_mw: float = 50.0) -> HybridYear:
    """150 MW of flywheels and batteries on a schedule with regulation, at 1 s."""
    price = energy_price(seed, start=START, days=days)
    hour = np.arange(len(price)) * price.hours % 24
    schedule = np.where(
        (hour >= 11) & (hour < 13), -62.0, np.where((hour >= 18) & (hour < 20), 40.0, -2.6)
    )
    station = Station(
        battery=LfpBattery(energy_mwh=2 * (150.0 - flywheel_mw), power_mw=150.0 - flywheel_mw),
        flywheel=Flywheel(power_mw=flywheel_mw, energy_mwh=flywheel_mw / 4),
        transformer=Transformer(rated_mw=160.0),
        grid_mw=150.0,
        auxiliary_mw=1.5,
    )
    return HybridYear(
        station=station,
        schedule_mw=price.with_values(schedule, "MW"),
        regulation_mw=price.with_values(np.full(len(price), 50.0), "MW"),
        signal=regulation_signal(seed, start=START, step_s=30),
    )


def hourly_year(*, minimum_mw: float = 0.0) -> Schedule:
    """365 days of hourly prices, energy and regulation up and down, each day from half to half."""
    price = energy_price(1, start=START, days=365, step_s=3600)
    random = np.random.default_rng(2)
    up = price.with_values(20 + 10 * random.random(len(price)))
    down = price.with_values(15 + 10 * random.random(len(price)))
    return Schedule(
        store=Store(
            power_in_mw=150.0,
            power_out_mw=150.0,
            energy_mwh=300.0,
            soc_min=0.05,
            soc_max=0.95,
            wear_cny_per_mwh=60.0,
        ),
        energy_price=price,
        regulation=Regulation(
            up_price=up,
            down_price=down,
            up_used=0.1,
            down_used=0.1,
            sustain_h=0.5,
            minimum_mw=minimum_mw,
        ),
    )
