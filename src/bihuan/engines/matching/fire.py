"""Which class of production a unit's fire compartment allows: GB 50016 table 3.3.1.

Screening only, never "compliant": a licensed professional decides. The numbers are dated
rows in data/fire.toml with their confidence; this module only reads them.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from bihuan.engines.dated import Row, load
from bihuan.engines.matching.problem import Building, Unit
from bihuan.engines.matching.vocabulary import FireClass, Verdict

PACKAGE = "bihuan.engines.matching"
NOT_ALLOWED = -1


@dataclass(frozen=True, kw_only=True)
class FireTable:
    """The table in force on a day. `sprinklers_enlarge` applies clause 3.3.3 (confidence C)."""

    limits: dict[str, dict[str, float]]
    high_rise_above_m: float
    sprinkler_factor: float
    rows: tuple[Row, ...]

    @classmethod
    def on(cls, day: dt.date, *, sprinklers_enlarge: bool = False) -> "FireTable":
        book = load(PACKAGE, "fire")
        table, height, factor = (
            book.on(row_id, day, field="starts_on")
            for row_id in ("compartment-limits", "high-rise-above", "sprinkler-factor")
        )
        used: tuple[Row, ...] = (table, height, *((factor,) if sprinklers_enlarge else ()))
        return cls(
            limits=_limits(table.value),
            high_rise_above_m=float(height.value),
            sprinkler_factor=float(factor.value) if sprinklers_enlarge else 1.0,
            rows=used,
        )

    def verdict(self, building: Building, unit: Unit, fire_class: FireClass) -> Verdict:
        """Whether production of `fire_class` may go into `unit`.

        Three questions: is the building built for that class, has it few enough storeys, is
        the compartment small enough? One failing answer fails; else one unknown is unknown.
        """
        answers = [self._class(building, fire_class)]
        if building.fire_resistance is None:
            answers.append(Verdict.UNKNOWN)
        else:
            limits = self.limits.get(f"{fire_class.value}{building.fire_resistance}")
            if limits is None:  # the table has no row: this resistance is too low for it
                return Verdict.FAILS
            answers.append(_storeys(building.storeys, limits["storeys_max"]))
            answers.append(self._compartment(building, unit, limits))
        return min(answers)

    def _class(self, building: Building, fire_class: FireClass) -> Verdict:
        if building.fire_class is None:
            return Verdict.UNKNOWN
        is_worse = fire_class.rank < building.fire_class.rank
        return Verdict.FAILS if is_worse else Verdict.FITS

    def _compartment(self, building: Building, unit: Unit, limits: dict[str, float]) -> Verdict:
        column = self._column(building, unit)
        if column is None:
            return Verdict.UNKNOWN
        limit = limits[column]
        if limit == NOT_ALLOWED:
            return Verdict.FAILS
        if limit == 0:
            return Verdict.FITS
        if unit.compartment_m2 is None:
            return Verdict.UNKNOWN
        if unit.compartment_m2 <= limit:
            return Verdict.FITS
        if unit.compartment_m2 <= limit * self.sprinkler_factor:
            table = {True: Verdict.FITS, None: Verdict.UNKNOWN, False: Verdict.FAILS}
            return table[building.has_sprinklers]
        return Verdict.FAILS

    def _column(self, building: Building, unit: Unit) -> str | None:
        """Which column of the table a unit belongs to; None where that is not known."""
        if unit.floor < 0:
            return "basement_m2"
        if building.storeys is None:
            return None
        if building.storeys == 1:
            return "single_m2"
        if building.height_m is None:
            return None
        return "high_rise_m2" if building.height_m > self.high_rise_above_m else "multi_m2"


def _storeys(storeys: int | None, most: float) -> Verdict:
    if most == 0:
        return Verdict.FITS
    if storeys is None:
        return Verdict.UNKNOWN
    return Verdict.FITS if storeys <= most else Verdict.FAILS


def _limits(value: dict[str, Any]) -> dict[str, dict[str, float]]:
    return {key: {name: float(x) for name, x in row.items()} for key, row in value.items()}
