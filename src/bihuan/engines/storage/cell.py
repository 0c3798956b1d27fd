"""One lithium iron phosphate cell: an equivalent circuit of a voltage and a resistance.

    V = U(soc) − R(soc, T, direction) · I          I > 0 discharges
    P = V · I

with U = open-circuit voltage + hysteresis. The tables are measured ones (data/cells.toml,
Naumann 2018, Schimpe 2018; confidence B). The hysteresis is added with the same sign in
both directions, as SimSES does: what charging pays for it discharging returns, so that
U·I·dt is exactly the change of stored energy and R·I² the whole loss inside the cell.
"""

import datetime as dt
from dataclasses import dataclass
from functools import cache

from bihuan.engines import dated
from bihuan.engines.storage.tables import at

Table = tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A cell's tables and limits. Build one with `cell_named`."""

    name: str
    capacity_ah: float
    nominal_voltage_v: float
    voltage_max_v: float
    voltage_min_v: float
    charge_rate_max_per_h: float
    discharge_rate_max_per_h: float
    temperature_min_c: float
    temperature_max_c: float
    rest_voltage_v: Table  # U at soc 0, 0.005, ... 1
    resistance_temperature_c: Table
    resistance_charge_ohm: tuple[Table, ...]  # a line each soc 0, 0.1, ... 1
    resistance_discharge_ohm: tuple[Table, ...]

    @property
    def energy_wh(self) -> float:
        """Nominal energy: capacity × nominal voltage [Wh]."""
        return self.capacity_ah * self.nominal_voltage_v

    def rest_v(self, soc: float) -> float:
        """U(soc) [V]."""
        return at(self.rest_voltage_v, soc)

    def resistance_at_ohm(self, temperature_c: float, *, charging: bool) -> Table:
        """R at soc 0, 0.1, ... 1 for one temperature [ohm], linear between the columns."""
        low = self.resistance_temperature_c[0]
        high = self.resistance_temperature_c[-1]
        if not low <= temperature_c <= high:
            raise ValueError(f"{temperature_c} °C lies outside the table [{low}, {high}]")
        lines = self.resistance_charge_ohm if charging else self.resistance_discharge_ohm
        return tuple(_between(self.resistance_temperature_c, line, temperature_c) for line in lines)

    def resistance_ohm(self, soc: float, temperature_c: float, *, charging: bool) -> float:
        """R(soc, T, direction) of a new cell [ohm], bilinear."""
        return at(self.resistance_at_ohm(temperature_c, charging=charging), soc)


def _between(axis: Table, values: Table, x: float) -> float:
    """Linear interpolation on an uneven axis; x lies on it."""
    for i in range(len(axis) - 1):
        if x <= axis[i + 1]:
            part = (x - axis[i]) / (axis[i + 1] - axis[i])
            return values[i] + (values[i + 1] - values[i]) * part
    raise ValueError(f"{x} lies outside the axis {axis}")


@cache
def cell_named(name: str, *, on: dt.date = dt.date.max) -> Cell:
    """The cell of data/cells.toml with this id."""
    raw = dict(dated.load("bihuan.engines.storage", "cells").on(name, on).value)
    open_circuit_v = raw.pop("open_circuit_voltage_v")
    hysteresis_v = raw.pop("hysteresis_v")
    last = len(open_circuit_v) - 1
    return Cell(
        name=name,
        rest_voltage_v=tuple(
            voltage + at(hysteresis_v, i / last) for i, voltage in enumerate(open_circuit_v)
        ),
        resistance_temperature_c=tuple(raw.pop("resistance_temperature_c")),
        resistance_charge_ohm=_lines(raw.pop("resistance_charge_ohm")),
        resistance_discharge_ohm=_lines(raw.pop("resistance_discharge_ohm")),
        **raw,
    )


def _lines(raw: list[list[float]]) -> tuple[Table, ...]:
    return tuple(tuple(line) for line in raw)
