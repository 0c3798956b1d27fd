"""Converter between the direct-current side of the cells and the alternating-current bus.

    loss(x) = k0 (1 − exp(−m0 x)) + k1 x + k2 x²        x = |P_ac| / P_rated

Schimpe et al. 2018, a fit to a measured Siemens S120 (data/equipment.toml, confidence B).
As in SimSES the fit is tabulated at 101 powers and interpolated, and a converter that is
asked for nothing loses nothing; standing losses of the station are auxiliaries.
"""

import datetime as dt
import math
from dataclasses import dataclass
from functools import cache

from bihuan.engines import dated
from bihuan.engines.storage.tables import at, where

POINTS = 101


@dataclass(frozen=True, kw_only=True)
class Converter:
    """Direct-current power for alternating-current power 0, 0.01, ... 1 of the rating [1]."""

    charging_dc: tuple[float, ...]  # what reaches the cells
    discharging_dc: tuple[float, ...]  # what the cells must give

    def dc_of(self, ac: float) -> float:
        """Power at the cells for power at the bus; shares of the rating, discharge > 0."""
        return at(self.discharging_dc, ac) if ac > 0 else -at(self.charging_dc, -ac)

    def ac_of(self, dc: float) -> float:
        """Power at the bus for power at the cells; the inverse of `dc_of`."""
        return where(self.discharging_dc, dc) if dc > 0 else -where(self.charging_dc, -dc)


@cache
def converter_named(name: str, *, on: dt.date = dt.date.max) -> Converter:
    """The converter of data/equipment.toml with this id, tabulated."""
    k = dated.load("bihuan.engines.storage", "equipment").on(name, on).value
    powers = [i / (POINTS - 1) for i in range(POINTS)]
    losses = [
        k["standing"] * (1 - math.exp(-k["steepness"] * x)) + k["linear"] * x + k["square"] * x**2
        for x in powers
    ]
    return Converter(
        charging_dc=tuple(x - loss for x, loss in zip(powers, losses, strict=True)),
        discharging_dc=tuple(x + loss for x, loss in zip(powers, losses, strict=True)),
    )
