"""What the components of a page are given. Plain values; the templates draw them."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from django.utils.functional import Promise

from bihuan.ui.formats import date_short

Text = str | Promise


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One fact and where it is from. An unknown value is None and shown as unknown.

    source is what it was taken from (licence, import file, visit); checked says whether a
    law or figure stands confirmed: False shows 需核对原文.
    """

    label: Text
    value: Text | int | None
    href: str = ""
    source: Text = ""
    by: Text = ""
    at: date | None = None
    checked: bool = True

    @property
    def origin(self) -> str:
        """Where it is from, in one line: source, who, when; as much as is known."""
        parts = (str(self.source), str(self.by), date_short(self.at))
        return " · ".join(part for part in parts if part)


@dataclass(frozen=True, kw_only=True)
class Moment:
    """One thing that happened."""

    at: datetime
    title: Text
    who: Text = ""
    text: Text = ""
    href: str = ""
    tone: str = "grey"


@dataclass(frozen=True, kw_only=True)
class Step:
    """One stage of a course. note says when, or what is missing."""

    label: Text
    state: Literal["done", "now", "todo", "skipped", "wrong"]
    note: Text = ""


@dataclass(frozen=True, kw_only=True)
class Tile:
    """A figure, what it counts, and the rows behind it. value None is unknown, not zero."""

    label: Text
    value: Text | int | None
    href: str = ""
    unit: Text = ""
    note: Text = ""
    tone: str = ""
