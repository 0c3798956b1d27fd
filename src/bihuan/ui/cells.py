"""How one value becomes one table cell: plain functions from value to safe HTML."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from html import escape
from typing import Any

from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from bihuan.ui import formats

Text = str | Promise
Draw = Callable[[Any], str]


class Kind(StrEnum):
    """What a column holds; decides its form and alignment."""

    TEXT = "text"
    NUMBER = "number"
    MONEY = "money"  # yuan
    AREA = "area"  # square metres
    PERCENT = "percent"  # a share, 0 to 1
    DATE = "date"
    DATETIME = "datetime"
    DUE = "due"  # a date, and how late it is
    ENDS = "ends"  # the last day of validity, and whether it is past
    BADGE = "badge"  # a code, its words and its tone from Column.badges
    YES = "yes"  # a tick or nothing


NUMERIC = frozenset({Kind.NUMBER, Kind.MONEY, Kind.AREA, Kind.PERCENT})


@dataclass(frozen=True)
class Badge:
    """The words of a code and its tone: grey, blue, green, yellow, orange, red, purple."""

    label: Text
    tone: str = "grey"

    def html(self) -> str:
        if not self.label:
            return ""
        return f'<span class="bh-badge bh-{escape(self.tone)}">{escape(str(self.label))}</span>'


def text(value: Any) -> str:
    return "" if value is None else escape(str(value))


def number(value: Any) -> str:
    return "" if value is None else escape(formats.count(value))


def money(value: int | Decimal | None) -> str:
    return "" if value is None else escape(formats.money(value))


def area(value: int | Decimal | None) -> str:
    return "" if value is None else escape(formats.area(value))


def percent(value: float | Decimal | None) -> str:
    return "" if value is None else escape(formats.percent(value))


def day(value: date | None) -> str:
    if value is None:
        return ""
    return (localtime(value) if isinstance(value, datetime) else value).strftime("%Y-%m-%d")


def moment(value: datetime | None) -> str:
    return "" if value is None else localtime(value).strftime("%Y-%m-%d %H:%M")


def yes(value: Any) -> str:
    return (
        f'<span class="bh-yes">✓<span class="visually-hidden">{_("yes")}</span></span>'
        if value
        else ""
    )


def due(today: date) -> Draw:
    """Return the drawing of a due date as seen on today."""

    def draw(value: date | None) -> str:
        if value is None:
            return ""
        on = localtime(value).date() if isinstance(value, datetime) else value
        left = (on - today).days
        if left > 3:
            return day(on)
        tone = "bh-late" if left < 0 else "bh-soon"
        return f'{day(on)} <span class="{tone}">{escape(formats.days_to(on, today))}</span>'

    return draw


def ends(today: date) -> Draw:
    """Return the drawing of a last day of validity as seen on today."""

    def draw(value: date | None) -> str:
        if value is None or value >= today:
            return due(today)(value)
        words = escape(formats.days_past(value, today))
        return f'{day(value)} <span class="bh-late">{words}</span>'

    return draw


def badge(badges: Mapping[Any, Badge]) -> Draw:
    """Return the drawing of a code; an unknown code is shown as it is, never hidden."""
    drawn = {code: it.html() for code, it in badges.items()}

    def draw(value: Any) -> str:
        if value is None or value == "":
            return ""
        return drawn[value] if value in drawn else text(value)

    return draw


PLAIN: Mapping[Kind, Draw] = {
    Kind.TEXT: text,
    Kind.NUMBER: number,
    Kind.MONEY: money,
    Kind.AREA: area,
    Kind.PERCENT: percent,
    Kind.DATE: day,
    Kind.DATETIME: moment,
    Kind.YES: yes,
}
