"""What a figure is: a name, a definition in words, and what it counts. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.utils.functional import Promise

Words = str | Promise


class Of(StrEnum):
    """What the rows behind a figure are; decides the list they are shown in."""

    DOSSIERS = "dossiers"
    CASES = "cases"
    ENTRIES = "entries"
    MOVES = "moves"


@dataclass(frozen=True)
class Period:
    """As of which day a figure holds, and since when it counts what happened (both included)."""

    since: date
    on: date


@dataclass(frozen=True)
class Figure:
    """A number with its definition and a way back to the rows it counts.

    rows(zone, period) is what it counts; base(zone, period), where given, is what the
    share is of. good says which way is better: "high", "low" or neither. rolled figures
    look over a year of history: they are computed by the hour and shown with their time.
    """

    code: str
    name: Words
    definition: Words
    of: Of
    rows: Callable[[Any, Period], Any]
    base: Callable[[Any, Period], Any] | None = None
    good: str = ""
    rolled: bool = False


@dataclass(frozen=True)
class Value:
    """What a figure came to. number None is unknown; of None where it is no share."""

    figure: Figure
    number: int | None
    of: int | None
    period: Period
    computed_at: Any = None

    @property
    def share(self) -> Decimal | None:
        """Return the share, 0 to 1; None where it is none or its base is empty."""
        if self.number is None or not self.of:
            return None
        return Decimal(self.number) / Decimal(self.of)
