"""How enterprises are listed."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from html import escape
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from bihuan.core.codes import sections
from bihuan.core.ready import RowsByIds
from bihuan.dossiers.models import DossierState, Risk
from bihuan.dossiers.queries import in_cell
from bihuan.dossiers.tables import RISK_SHORT_BADGES, STATE_BADGES, cells
from bihuan.enterprises.models import Enterprise, Sector, SectorFlag
from bihuan.search.queries import Titles
from bihuan.ui.filters import Choice, Words
from bihuan.ui.tables import Badge, Column, Kind, Table
from bihuan.zones.permissions import who_asks
from bihuan.zones.queries import answering_people

Choices = Iterable[tuple[Any, str | Promise]]

MANY = 2000  # rows that are sooner met in a list's order than fetched and sorted
SECTOR_BADGES = {
    Sector.CHEMICALS: Badge(Sector.CHEMICALS.label, "red"),
    Sector.CONSTRUCTION: Badge(Sector.CONSTRUCTION.label, "orange"),
    Sector.INDUSTRY_TRADE: Badge(Sector.INDUSTRY_TRADE.label, "blue"),
    Sector.FIRE: Badge(Sector.FIRE.label, "orange"),
    Sector.EQUIPMENT: Badge(Sector.EQUIPMENT.label, "purple"),
    Sector.PETROL: Badge(Sector.PETROL.label, "red"),
}
LAST_VISIT = {
    "never": _("never"),
    "over30": _("more than 30 days ago"),
    "over90": _("more than 90 days ago"),
    "over180": _("more than half a year ago"),
    "within30": _("within 30 days"),
}

_FLAGS = RowsByIds(SectorFlag, "sector", "enterprise_id", key="enterprise")
_DETAILS = RowsByIds(Enterprise, "pk", "industry", "headcount", "above_size")


def contacts(request: HttpRequest) -> Choices:
    zone = who_asks(request).zone
    people = answering_people(zone, on=timezone.localdate())
    return list(people.values_list("pk", "name"))


def by_words(request: HttpRequest, rows: QuerySet[Any], words: str) -> QuerySet[Any]:
    """Match a dossier code or credit code exactly, else part of the name."""
    wanted = words.upper()
    if len(wanted) == 18 and wanted.isalnum():
        held = Enterprise.objects.filter(uscc=wanted)
        return rows.filter(pk__in=held.values("pk"))
    if wanted[:1] == "E" and wanted[1:].isdigit():
        return rows.filter(code__startswith=wanted)
    return rows.filter(Titles(who_asks(request).zone, words).hold("enterprise", "name", few=MANY))


def in_sector(request: HttpRequest, rows: QuerySet[Any], sector: str) -> QuerySet[Any]:
    """Narrow to a key sector; where it is a large one, by asking each row."""
    flagged = SectorFlag.objects.filter(zone=who_asks(request).zone, sector=sector)
    if flagged[:MANY].count() < MANY:
        return rows.filter(pk__in=flagged.values("enterprise"))
    return rows.filter(Exists(flagged.filter(enterprise=OuterRef("pk"))))


def in_section(rows: QuerySet[Any], letter: str) -> QuerySet[Any]:
    held = Enterprise.objects.filter(industry__startswith=letter)
    return rows.filter(pk__in=held.values("pk"))


def by_size(rows: QuerySet[Any], answer: str) -> QuerySet[Any]:
    size = {"yes": True, "no": False, "unknown": None}[answer]
    return rows.filter(pk__in=Enterprise.objects.filter(above_size=size).values("pk"))


def by_last_visit(rows: QuerySet[Any], answer: str) -> QuerySet[Any]:
    today = timezone.localdate()
    if answer == "never":
        return rows.filter(last_visited_on=None)
    if answer == "within30":
        return rows.filter(last_visited_on__gte=today - timedelta(days=30))
    days = int(answer.removeprefix("over"))
    return rows.filter(last_visited_on__lt=today - timedelta(days=days))


def sector_badges(ids: Sequence[Any]) -> Mapping[Any, str]:
    """Return the key sectors of the page's enterprises, drawn. One query."""
    badges = {sector.value: badge.html() for sector, badge in SECTOR_BADGES.items()}
    drawn: dict[Any, str] = {}
    for sector, pk in sorted(_FLAGS.ask(ids)):
        drawn[pk] = drawn.get(pk, "") + badges[sector]
    return drawn


def details(ids: Sequence[Any]) -> Mapping[Any, str]:
    """Return industry, headcount and size of the page's enterprises, drawn. One query."""
    words = {True: gettext("above size"), False: "", None: ""}
    people = gettext("%(count)s people")
    return {
        pk: escape(
            " · ".join(
                part
                for part in (
                    industry,
                    people % {"count": heads} if heads is not None else "",
                    words[above],
                )
                if part
            )
        )
        for pk, industry, heads, above in _DETAILS.ask(ids)
    }


def as_drawn(html: Any) -> str:
    """Pass on what a fill function has drawn and escaped."""
    return html or ""


def unusual_state(state: Any) -> str:
    """Draw a state unless it is the usual one."""
    return "" if state == DossierState.ACTIVE else STATE_BADGES[DossierState(state)].html()


ENTERPRISES = Table(
    name="enterprises",
    caption=_("Enterprises"),
    sheet=_("Enterprise ledger"),
    order="name",
    empty=_("No enterprise yet. Import your list, or add the first one by hand."),
    filters=(
        Words(key="q", label=_("Name or code"), asked=by_words),
        Choice(key="cell", label=_("Grid cell"), choices=cells, apply=in_cell),
        Choice(key="sector", label=_("Key sector"), choices=Sector.choices, asked=in_sector),
        Choice(
            key="risk", label=_("Risk"), choices=[it for it in Risk.choices if it[0]], field="risk"
        ),
        Choice(key="visit", label=_("Last visit"), choices=LAST_VISIT.items(), apply=by_last_visit),
        Choice(key="contact", label=_("Contact"), choices=contacts, field="contact", main=False),
        Choice(
            key="size",
            label=_("Above size"),
            choices=[("yes", _("yes")), ("no", _("no")), ("unknown", _("unknown"))],
            apply=by_size,
            main=False,
        ),
        Choice(
            key="section",
            label=_("Industry"),
            choices=lambda _request: sections().items(),
            apply=in_section,
            main=False,
        ),
        Choice(
            key="state", label=_("State"), choices=DossierState.choices, field="state", main=False
        ),
    ),
    columns=(
        Column(key="code", label=_("Code")),
        Column(key="name", label=_("Name"), link="dossiers:detail", sort=True, wide=True),
        Column(key="cell__name", label=_("Grid cell")),
        Column(key="sectors", label=_("Key sectors"), fill=sector_badges, draw=as_drawn),
        Column(key="details", label=_("Industry and size"), fill=details, draw=as_drawn),
        Column(key="risk", label=_("Risk"), kind=Kind.BADGE, badges=RISK_SHORT_BADGES),
        Column(key="contact__name", label=_("Contact")),
        Column(key="last_visited_on", label=_("Last visit"), kind=Kind.DATE, sort=True),
        Column(key="state", label=_("State"), draw=unusual_state),
    ),
)
