"""What the first pages show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from html import escape
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from bihuan.core.permissions import Permission
from bihuan.core.together import Together, counts, firsts
from bihuan.figures.queries import ByCell, by_cell, is_large, kept_of, trend, values, with_below
from bihuan.figures.rules import Value
from bihuan.home.queries import NARROWED_BY, SHOWN, WORK, Work, is_begun
from bihuan.home.tables import CELLS, TABLES
from bihuan.ui.charts import Chart, Map, Outline, Series
from bihuan.ui.components import Tile, linked
from bihuan.ui.formats import count, percent
from bihuan.ui.links import page
from bihuan.ui.tables import reading
from bihuan.zones.permissions import Standing, anyone_like
from bihuan.zones.queries import StepShown, first_steps

MANY = 1000  # counting what waits stops here; the page says "1,000+"
TILES = (
    "coverage",
    "visited",
    "live",
    "overdue",
    "to_verify",
    "live_majors",
    "on_time",
    "came_back",
)
BASICS = ("enterprises", "above_size", "high_tech", "specialised")


@dataclass(frozen=True)
class Waiting:
    """One kind of work with its first rows."""

    work: Work
    count: int
    drawn: SafeString
    href: str

    @property
    def is_cut(self) -> bool:
        """Say whether more waits than is shown."""
        return self.count > SHOWN

    @property
    def said(self) -> str:
        """Return the count as it is shown."""
        return f"{MANY:,}+" if self.count > MANY else f"{self.count:,}"


def waiting(request: HttpRequest, standing: Standing, *, on: date) -> list[Waiting]:
    """Return the kinds of work that wait for a person, empty ones left out."""
    anyone, whose = anyone_like(standing, *NARROWED_BY)
    works = tuple(it for it in WORK if standing.may(it.permission))
    asked = _firsts(anyone, tuple(it.code for it in works), on)
    ids = asked.ask(**whose)
    found = [it for it in zip(works, asked.models, ids, strict=True) if it[2]]
    full = tuple(work.code for work, _model, some in found if len(some) == SHOWN)
    counted = iter(_counts(anyone, full, on).ask(**whose))
    drawn = _read([(work.kind, model, some) for work, model, some in found])
    slug = standing.zone.slug
    return [
        Waiting(
            work,
            next(counted) if len(some) == SHOWN else len(some),
            TABLES[work.kind].plain(request, first),
            page("home:work", slug, work.code),
        )
        for (work, _model, some), first in zip(found, drawn, strict=True)
    ]


@lru_cache(maxsize=200)
def _firsts(anyone: Standing, codes: tuple[str, ...], on: date) -> Together[list[UUID]]:
    """Return the query for the first ids of kinds of work: sorted before anything is joined."""
    works = [it for it in WORK if it.code in codes]
    rows = [it.rows(anyone, on).order_by(it.order, "pk") for it in works]
    return firsts(rows, at_most=SHOWN)


@lru_cache(maxsize=200)
def _counts(anyone: Standing, codes: tuple[str, ...], on: date) -> Together[int]:
    """Return the query for how much of kinds of work waits."""
    return counts([it.rows(anyone, on) for it in WORK if it.code in codes], at_most=MANY + 1)


def _read(asked: Sequence[tuple[str, Any, list[UUID]]]) -> list[list[tuple[Any, ...]]]:
    """Return the rows of each (kind of table, model, ids), in that order; one query a model."""
    ids: dict[Any, dict[UUID, None]] = {}
    names: dict[Any, dict[str, None]] = {}
    for kind, model, some in asked:
        ids[model] = ids.get(model, {}) | dict.fromkeys(some)
        names[model] = names.get(model, {}) | dict.fromkeys(TABLES[kind].fields())
    found = {
        model: {row[0]: dict(zip(fields, row, strict=True)) for row in rows}
        for model, fields in names.items()
        for rows in [reading(model, tuple(fields)).ask(list(ids[model]))]
    }
    return [
        [
            tuple(map(found[model][pk].get, TABLES[kind].fields()))
            for pk in some
            if pk in found[model]
        ]
        for kind, model, some in asked
    ]


def beginning(standing: Standing, *, on: date) -> list[StepShown]:
    """Return the way to the first round, for those who prepare it, until there is one."""
    prepares = standing.may(Permission.ZONE_SETUP) or standing.may(Permission.ROUND_MANAGE)
    if not prepares or is_begun(standing.zone):
        return []
    return first_steps(standing, on=on)


def cockpit(request: HttpRequest, standing: Standing, *, on: date) -> dict[str, Any]:
    """Return the figures of a zone, by cell and over the year; every one opens its rows."""
    slug = standing.zone.slug
    found = values(standing.zone, (*TILES, *BASICS), on=on)
    cells = with_below(by_cell(standing.zone, on=on))
    return {
        "tiles": [_tile(found[code], slug) for code in TILES],
        "basics": [_tile(found[code], slug) for code in BASICS],
        "cells": CELLS.plain(request, [_cell(it, slug) for it in cells]),
        "map": _map(cells, slug),
        "trend": _trend(standing, on),
        "counted_at": found["live"].computed_at if is_large(standing.zone) else None,
    }


def _tile(value: Value, slug: str) -> Tile:
    figure = value.figure
    href = page("figures:rows", slug, figure.code)
    note: str | Promise = ""
    shown: str | int | None = value.number
    if figure.base:
        shown = percent(value.share) if value.share is not None else None
        note = f"{value.number:,} / {value.of:,}" if value.of else _("nothing to count yet")
    tone = (
        "red"
        if figure.good == "low" and value.number and figure.code in ("overdue", "live_majors")
        else ""
    )
    return Tile(label=figure.name, value=shown, href=href, note=note, tone=tone)


def _cell(counted: ByCell, slug: str) -> tuple[Any, ...]:
    """Return a cell's line: the numbers of cases open the list of them."""
    cell, cases = counted.cell, f"{page('cases:list', slug)}?cell={counted.cell.path}"
    listed = f" / {count(counted.listed)}" if counted.listed else ""
    live = linked(f"{cases}&status=live", count(counted.live))
    late = f'<a class="bh-late" href="{escape(cases)}&amp;late=1">{count(counted.overdue)}</a>'
    majors = linked(f"{cases}&status=live&grade=major", count(counted.majors))
    return (
        cell.pk,
        cell.name,
        cell.leader.name,
        counted.dossiers,
        count(counted.to_go) + listed,
        live,
        late if counted.overdue else "0",
        majors if counted.majors else "0",
    )


def _map(cells: list[ByCell], slug: str) -> Map:
    base = page("cases:list", slug)
    return Map(
        name="overdue-by-cell",
        title=_("Overdue cases by grid cell"),
        unit=_("cases"),
        bad_high=True,
        outlines=[
            Outline(
                name=it.cell.name,
                geometry=it.cell.outline,
                value=it.overdue,
                said=_("%(late)d overdue, %(live)d not ended, %(to_go)d of %(listed)d to visit")
                % {"late": it.overdue, "live": it.live, "to_go": it.to_go, "listed": it.listed},
                href=f"{base}?cell={it.cell.path}&late=1",
            )
            for it in cells
        ],
    )


def _trend(standing: Standing, on: date) -> Chart:
    kept = kept_of(standing.zone).get("trend")
    series: dict[str, list[Any]] = (kept and kept.series) or trend(standing.zone, on=on)
    return Chart(
        name="trend",
        title=_("Found and closed by month"),
        unit=_("cases"),
        labels=series["months"],
        series=[
            Series(name=pgettext("in a month", "found"), values=series["found"]),
            Series(name=pgettext("in a month", "closed"), values=series["closed"], kind="line"),
        ],
    )
