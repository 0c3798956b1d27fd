"""The components of a page: each is given plain values and draws itself as safe HTML.

They are plain functions because a page draws hundreds of them; docs/develop/ui.md shows
the tags that put them on a page.
"""

from dataclasses import dataclass
from datetime import date, datetime
from html import escape
from typing import Any, Literal

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from bihuan.ui import formats
from bihuan.ui.cells import Badge

Text = str | Promise


def shown(value: Any) -> str:
    """Return value as HTML: escaped, unless it is safe HTML already; nothing for None."""
    text = "" if value is None else str(value)
    return text if hasattr(text, "__html__") else escape(text)


def linked(href: str, words: str) -> str:
    """Return safe words, as a link where there is an address."""
    return f'<a href="{escape(href)}">{words}</a>' if href else words


def unknown() -> str:
    return f'<span class="bh-unknown">{_("unknown")}</span>'


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
        parts = (str(self.source), str(self.by), formats.date_short(self.at))
        return " · ".join(part for part in parts if part)

    def html(self) -> str:
        words = shown(self.value)
        said = linked(self.href, words) if words else unknown()
        if not self.checked:
            said += " " + Badge(_("check the original text"), "yellow").html()
        origin = f"<small>{escape(self.origin)}</small>" if self.origin else ""
        return f"<div><dt>{shown(self.label)}</dt><dd>{said}{origin}</dd></div>\n"


@dataclass(frozen=True, kw_only=True)
class Moment:
    """One thing that happened."""

    at: datetime
    title: Text
    who: Text = ""
    text: Text = ""
    href: str = ""
    tone: str = "grey"

    def html(self) -> str:
        title = linked(self.href, shown(self.title))
        who = f' <span class="bh-who">{shown(self.who)}</span>' if self.who else ""
        text = f"<p>{'<br>'.join(shown(self.text).splitlines())}</p>" if self.text else ""
        return (
            f'<li class="bh-{self.tone}"><time datetime="{self.at.isoformat()}">'
            f"{formats.moment(self.at)}</time><div><strong>{title}</strong>{who}{text}</div></li>\n"
        )


@dataclass(frozen=True, kw_only=True)
class Step:
    """One stage of a course. note says when, or what is missing."""

    label: Text
    state: Literal["done", "now", "todo", "skipped", "wrong"]
    note: Text = ""

    def html(self) -> str:
        here = ' aria-current="step"' if self.state == "now" else ""
        note = f"<small>{shown(self.note)}</small>" if self.note else ""
        return (
            f'<li class="bh-step-{self.state}"{here}><span>{shown(self.label)}</span>{note}</li>\n'
        )


@dataclass(frozen=True, kw_only=True)
class Tile:
    """A figure, what it counts, and the rows behind it. value None is unknown, not zero."""

    label: Text
    value: Text | int | None
    href: str = ""
    unit: Text = ""
    note: Text = ""
    tone: str = ""

    def html(self) -> str:
        value = unknown() if self.value is None else shown(self.value)
        if self.unit and self.value is not None:
            value += f"<small>{shown(self.unit)}</small>"
        note = f'<span class="bh-tile-note">{shown(self.note)}</span>' if self.note else ""
        kind, href = ("a", f' href="{escape(self.href)}"') if self.href else ("div", "")
        return (
            f'<{kind}{href} class="bh-tile bh-{self.tone}">'
            f'<span class="bh-tile-label">{shown(self.label)}</span>'
            f'<span class="bh-tile-value">{value}</span>{note}</{kind}>\n'
        )
