"""Tags and filters of the page kit; docs/develop/ui.md shows each in use."""

import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any
from uuid import UUID

from django import template
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from bihuan.core.ids import new_id
from bihuan.ui import cells, formats, links
from bihuan.ui.charts import Chart, Map
from bihuan.ui.links import zone_of

register = template.Library()

register.filter("count", formats.count)
register.filter("money", formats.money)
register.filter("area", formats.area)
register.filter("percent", formats.percent)
register.filter("date_long", formats.date_long)
register.filter("day", formats.date_short)
register.filter("moment", formats.moment)
register.filter("masked", formats.masked)


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
def htmx_settings() -> str:
    """{% htmx_settings %}: how HTMX behaves on every page."""
    return json.dumps(HTMX, separators=(",", ":"))


@register.simple_tag(takes_context=True)
def page_url(context: Mapping[str, Any], name: str, *args: Any) -> str:
    """{% page_url "cases:list" %}: the address of a page in this zone; with an id, of one row."""
    zone = zone_of(context["request"])
    if not args:
        return links.page(name, zone)
    if len(args) > 1:
        return reverse(name, args=[zone, *args] if zone else args)
    before, after = links.around(name, zone)
    return f"{before}{args[0]}{after}"


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
    head = format_html("<h2>{}</h2>", title) if title else SafeString()
    under = format_html('<p class="bh-help">{}</p>', note) if note else SafeString()
    named = format_html(' id="{}"', id) if id else SafeString()
    return format_html('<section class="bh-panel"{}>{}{}{}</section>', named, head, under, content)


@register.inclusion_tag("ui/facts.html")
def facts(rows: Iterable[Any]) -> dict[str, Any]:
    """{% facts rows %}: a definition list of ui.components.Fact, each with where it is from."""
    return {"rows": rows}


@register.inclusion_tag("ui/timeline.html")
def timeline(moments: Iterable[Any]) -> dict[str, Any]:
    """{% timeline moments %}: what happened, as ui.components.Moment, latest first."""
    return {"moments": moments}


@register.inclusion_tag("ui/steps.html")
def steps(steps: Iterable[Any]) -> dict[str, Any]:
    """{% steps steps %}: how far something is, as ui.components.Step."""
    return {"steps": steps}


@register.inclusion_tag("ui/tile.html")
def tile(tile: Any) -> dict[str, Any]:
    """{% tile it %}: a ui.components.Tile, a figure that opens its rows."""
    return {"tile": tile}


@register.inclusion_tag("ui/progress.html")
def progress(done: int, total: int, label: Any = "") -> dict[str, Any]:
    """{% progress done total "已走访" %}."""
    share = formats.percent(done / total) if total else ""
    return {"done": done, "total": total, "label": label, "share": share}


@register.inclusion_tag("ui/empty.html")
def empty(words: Any, href: str = "", action: Any = "") -> dict[str, Any]:
    """{% empty "还没有事项。" href "上报隐患" %}."""
    return {"words": words, "href": href, "action": action}


@register.inclusion_tag("ui/crumbs.html")
def crumbs(*pairs: Any) -> dict[str, Any]:
    """{% crumbs "企业" list_url "某某公司" href %}: labels and addresses in turn."""
    return {"crumbs": list(zip(pairs[::2], pairs[1::2], strict=True))}


@register.inclusion_tag("ui/chart.html")
def chart(chart: Chart) -> dict[str, Any]:
    """{% chart it %}: a drawn chart with its numbers as a table."""
    return {"chart": chart}


@register.inclusion_tag("ui/map.html")
def outline_map(map: Map) -> dict[str, Any]:  # noqa: A002
    """{% outline_map it %}: outlines coloured by a figure, with the numbers as a table."""
    return {"map": map}
