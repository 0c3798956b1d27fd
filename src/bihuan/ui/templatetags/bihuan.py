"""Tags and filters of the page kit; docs/develop/ui.md shows each in use."""

import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from html import escape
from typing import Any
from uuid import UUID

from django import template
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from bihuan.core.ids import new_id
from bihuan.core.masking import mask_phone
from bihuan.ui import cells, formats, links
from bihuan.ui.charts import Chart, Map
from bihuan.ui.components import Fact, Moment, Step, Tile, linked, shown
from bihuan.ui.links import zone_of

register = template.Library()

register.filter("count", formats.count)
register.filter("money", formats.money)
register.filter("area", formats.area)
register.filter("percent", formats.percent)
register.filter("date_long", formats.date_long)
register.filter("day", formats.date_short)
register.filter("moment", formats.moment)
register.filter("masked", mask_phone)


@register.filter
def plain(value: Any) -> str:
    """{{ value|plain }}: a number as machines write it, for attributes."""
    return str(value)


@register.filter
def days_to(due: Any) -> str:
    """{{ due|days_to }}: 逾期 3 天."""
    return formats.days_to(due, timezone.localdate())


@register.filter
def days_since(past: Any) -> str:
    """{{ past|days_since }}: 12 天前."""
    return formats.days_since(past, timezone.localdate())


@register.filter
def due(value: Any) -> SafeString:
    """{{ due|due }}: the date, and how late it is when it matters."""
    return mark_safe(cells.due(timezone.localdate())(value))  # noqa: S308  drawn from a date


@register.simple_tag
@lru_cache(maxsize=512)
def icon(name: str) -> SafeString:
    """{% icon "plus" %}: a Tabler outline icon, for the eye only."""
    return format_html(
        '<svg class="bh-icon" aria-hidden="true"><use href="{}#{}"/></svg>',
        static("vendor/tabler/icons.svg"),
        name,
    )


@register.simple_tag
def badge(label: Any, tone: str = "grey") -> SafeString:
    """{% badge "待复查" "orange" %}."""
    return mark_safe(cells.Badge(label, tone).html())  # noqa: S308  escaped there


HTMX = {
    "includeIndicatorStyles": False,  # the security policy refuses inline styles
    "allowEval": False,
    "historyCacheSize": 0,  # pages hold personal data: none is kept in the browser
    "refreshOnHistoryMiss": True,
    "selfRequestsOnly": True,
    "responseHandling": [
        {"code": "204", "swap": False},
        {"code": "[23]..", "swap": True},
        {"code": "422", "swap": True},  # a form with its errors
        {"code": "[45]..", "swap": True, "error": True},  # a note, see ui.refusals
    ],
}


@register.simple_tag
@lru_cache
def htmx_settings() -> str:
    """{% htmx_settings %}: how HTMX behaves on every page."""
    return json.dumps(HTMX, separators=(",", ":"))


@register.simple_tag
@lru_cache
def page_assets() -> SafeString:
    """{% page_assets %}: the icon, styles and scripts of every page."""
    return render_to_string("ui/assets.html")


@register.simple_tag(takes_context=True)
def bar(context: Mapping[str, Any]) -> SafeString:
    """{% bar %}: what stands above every page."""
    drawn: SafeString = context["frame"].bar(str(context["csrf_token"]))
    return drawn


@register.simple_tag(takes_context=True)
def page_url(context: Mapping[str, Any], name: str, *args: Any) -> str:
    """{% page_url "cases:list" %}: the address of a page in this zone; with an id, of one row."""
    zone = zone_of(context["request"])
    return links.page_of(name, zone, *args) if args else links.page(name, zone)


@register.simple_tag
def form_key(form: Any = None) -> SafeString:
    """{% form_key form %}: the hidden name of one sending; kept while mistakes are mended."""
    given = getattr(form, "data", {}).get("form_key", "") if form is not None else ""
    try:
        key = UUID(str(given))
    except ValueError:
        key = new_id()
    return format_html('<input type="hidden" name="form_key" value="{}">', key)


@register.simple_block_tag(end_name="endpanel")
def panel(content: SafeString, title: Any = "", *, id: str = "", note: Any = "") -> SafeString:  # noqa: A002
    """{% panel "标题" note="…" %}…{% endpanel %}: a titled part of a page."""
    head = f"<h2>{shown(title)}</h2>" if title else ""
    if note:
        head = f'<div class="bh-titled">{head}<p class="bh-help">{shown(note)}</p></div>'
    named = f' id="{shown(id)}"' if id else ""
    return _safe(f'<section class="bh-panel"{named}>{head}{content}</section>')


@register.simple_tag
def facts(rows: Iterable[Fact]) -> SafeString:
    """{% facts rows %}: a definition list of facts, each with where it is from."""
    return _safe(f'<dl class="bh-facts">{_drawn(rows)}</dl>')


@register.simple_tag
def timeline(moments: Iterable[Moment]) -> SafeString:
    """{% timeline moments %}: what happened, latest first."""
    return _safe(f'<ol class="bh-timeline">{_drawn(moments)}</ol>')


@register.simple_tag
def steps(steps: Iterable[Step]) -> SafeString:
    """{% steps steps %}: how far something is."""
    return _safe(f'<ol class="bh-steps">{_drawn(steps)}</ol>')


@register.simple_tag
def tile(tile: Tile) -> SafeString:
    """{% tile it %}: a figure that opens its rows."""
    return _safe(tile.html())


@register.simple_tag
def progress(done: int, total: int, label: Any = "") -> SafeString:
    """{% progress done total "已走访" %}."""
    share = f" · {formats.percent(done / total)}" if total else ""
    said = f"{shown(label)} {formats.count(done)} / {formats.count(total)}{share}"
    bar = f'<progress value="{done}" max="{total or 1}" aria-label="{shown(label)}"></progress>'
    return _safe(f'<div class="bh-progress">{bar}<span>{said}</span></div>')


@register.simple_tag
def empty(words: Any, href: str = "", action: Any = "") -> SafeString:
    """{% empty "还没有事项。" href "上报隐患" %}."""
    there = f" {linked(href, shown(action))}" if href else ""
    return _safe(f'<div class="bh-empty">{icon("inbox")}<p>{shown(words)}{there}</p></div>')


@register.simple_tag
def crumbs(*pairs: Any) -> SafeString:
    """{% crumbs "企业" list_url "某某公司" href %}: labels and addresses in turn."""
    links = "".join(
        f'<a href="{shown(href)}" data-back>{shown(label)}</a>'
        for label, href in zip(pairs[::2], pairs[1::2], strict=True)
    )
    here = escape(_("You are here"))
    return _safe(f'<nav class="bh-crumbs" aria-label="{here}">{links}</nav>')


def _drawn(parts: Iterable[Fact | Moment | Step]) -> str:
    return "".join(part.html() for part in parts)


def _safe(html: str) -> SafeString:
    return mark_safe(html)  # noqa: S308  every part is escaped where it is drawn


@register.inclusion_tag("ui/chart.html")
def chart(chart: Chart) -> dict[str, Any]:
    """{% chart it %}: a drawn chart with its numbers as a table."""
    return {"chart": chart}


@register.inclusion_tag("ui/map.html")
def outline_map(map: Map) -> dict[str, Any]:  # noqa: A002
    """{% outline_map it %}: outlines coloured by a figure, with the numbers as a table."""
    return {"map": map}
