"""Ageing of lithium iron phosphate cells, after Naumann 2018 (calendar) and 2020 (cyclic).

Calendar, over time t [s] at temperature T and state of charge s:

    capacity loss      q = k_q(T) · (c (s − ½)³ + d) · √t
    resistance rise    dr/dt = k_r(T) · (c (s − ½)² + d)
    k(T) = k_ref · exp(−E_a/R · (1/T − 1/T_ref))                       (Arrhenius)

Cyclic, over full equivalent cycles F of depth D at C-rate C:

    capacity loss      q = (a C + b) · (c (D − 0.6)³ + d) · √F  per cent
    resistance rise    r = (a C + b) · (c (D − ½)³ + d) · F     per cent

Both square roots are continued from the loss so far ("virtual" time or cycles), so that
the order of hot and cold, deep and shallow is respected. Losses add up. Coefficients and
their confidence: data/ageing.toml. Measured on 3 Ah cells at 0-60 °C and up to 1 C;
beyond 20 % loss the laws are extrapolated.
"""

import datetime as dt
import math
from dataclasses import dataclass
from functools import cache

from bihuan.engines import dated
from bihuan.engines.storage.cycles import Cycle

GAS_CONSTANT_J_PER_MOL_K = 8.3144598
KELVIN = 273.15


@dataclass(frozen=True, kw_only=True)
class CalendarLaw:
    """Coefficients of Naumann 2018."""

    temperature_reference_c: float
    capacity_rate: float  # s^-½
    capacity_activation_j_per_mol: float
    capacity_charge_cubic: float
    capacity_charge_constant: float
    resistance_rate: float  # 1/s
    resistance_activation_j_per_mol: float
    resistance_charge_square: float
    resistance_charge_constant: float

    def _arrhenius(self, activation_j_per_mol: float, temperature_c: float) -> float:
        inverse = 1.0 / (temperature_c + KELVIN) - 1.0 / (self.temperature_reference_c + KELVIN)
        return math.exp(-activation_j_per_mol / GAS_CONSTANT_J_PER_MOL_K * inverse)

    def capacity_k(self, temperature_c: float) -> float:
        """k_q(T) [s^-½]."""
        return self.capacity_rate * self._arrhenius(
            self.capacity_activation_j_per_mol, temperature_c
        )

    def resistance_k(self, temperature_c: float) -> float:
        """k_r(T) [1/s]."""
        return self.resistance_rate * self._arrhenius(
            self.resistance_activation_j_per_mol, temperature_c
        )


@dataclass(frozen=True, kw_only=True)
class CyclicLaw:
    """Coefficients of Naumann 2020."""

    capacity_rate_slope: float  # h
    capacity_rate_constant: float
    capacity_depth_cubic: float
    capacity_depth_constant: float
    resistance_rate_slope: float  # h
    resistance_rate_constant: float
    resistance_depth_cubic: float
    resistance_depth_constant: float


@dataclass
class Health:
    """What ageing has taken so far; shares of the nominal value."""

    calendar_loss: float = 0.0
    cyclic_loss: float = 0.0
    calendar_rise: float = 0.0
    cyclic_rise: float = 0.0

    @property
    def capacity(self) -> float:
        """Capacity left [1]."""
        return 1.0 - self.calendar_loss - self.cyclic_loss

    @property
    def resistance(self) -> float:
        """Resistance against that of a new cell [1]."""
        return 1.0 + self.calendar_rise + self.cyclic_rise

    def rest(self, law: CalendarLaw, soc: float, temperature_c: float, seconds: float) -> None:
        """Age by the calendar for `seconds` at one state of charge and temperature."""
        stress = law.capacity_k(temperature_c) * (
            law.capacity_charge_cubic * (soc - 0.5) ** 3 + law.capacity_charge_constant
        )
        self.calendar_loss = _continued(self.calendar_loss, stress, seconds)
        self.calendar_rise += (
            law.resistance_k(temperature_c)
            * (law.resistance_charge_square * (soc - 0.5) ** 2 + law.resistance_charge_constant)
            * seconds
        )

    def cycle(self, law: CyclicLaw, cycle: Cycle) -> None:
        """Age by one closed cycle."""
        rate, depth, fec = cycle.rate_per_h, cycle.depth, cycle.full_equivalent_cycles
        stress = (law.capacity_rate_slope * rate + law.capacity_rate_constant) * (
            law.capacity_depth_cubic * (depth - 0.6) ** 3 + law.capacity_depth_constant
        )
        self.cyclic_loss = _continued(self.cyclic_loss, stress / 100.0, fec)
        self.cyclic_rise += (
            (law.resistance_rate_slope * rate + law.resistance_rate_constant)
            * (law.resistance_depth_cubic * (depth - 0.5) ** 3 + law.resistance_depth_constant)
            * fec
            / 100.0
        )


def _continued(loss: float, stress: float, amount: float) -> float:
    """stress·√(x + amount), where x is the amount which explains the loss so far."""
    if stress <= 0.0:
        return loss
    return stress * math.sqrt((loss / stress) ** 2 + amount)


@cache
def calendar_law(*, on: dt.date = dt.date.max) -> CalendarLaw:
    """Naumann 2018 from data/ageing.toml."""
    return CalendarLaw(
        **dated.load("bihuan.engines.storage", "ageing").on("lfp-calendar", on).value
    )


@cache
def cyclic_law(*, on: dt.date = dt.date.max) -> CyclicLaw:
    """Naumann 2020 from data/ageing.toml."""
    return CyclicLaw(**dated.load("bihuan.engines.storage", "ageing").on("lfp-cyclic", on).value)
