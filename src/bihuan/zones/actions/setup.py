"""Zones, their units and their holiday calendar."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.accounts.models import Person
from bihuan.core.actors import Actor
from bihuan.core.days import day_of
from bihuan.core.permissions import Permission
from bihuan.core.refusals import Refused
from bihuan.ledger.actions import record
from bihuan.zones import rules
from bihuan.zones.actions.people import enrol, give_post
from bihuan.zones.models import Post, Unit, UnitKind, YearCalendar, Zone
from bihuan.zones.permissions import require

Place = tuple[Decimal, Decimal]


@transaction.atomic
def found_zone(
    *,
    slug: str,
    name: str,
    administrator: rules.NewPerson | Person,
    division: str = "",
    centre: Place | None = None,
    is_synthetic: bool = False,
    by: Actor,
    at: datetime,
) -> Zone:
    """Found a zone with its first administrator. centre is (latitude, longitude).

    No person can do this from within a zone: it is the command line's and the first
    start's, acting as a System with ZONE_SETUP.
    """
    zone = Zone(slug=slug, name=name.strip(), is_synthetic=is_synthetic)
    require(by, Permission.ZONE_SETUP, zone=zone, on=day_of(at))
    _check_zone(zone, division, centre)
    zone.save(force_insert=True)
    record(zone_id=zone.pk, kind="zone.founded", about=_about(zone), by=by, at=at, data=_told(zone))
    if isinstance(administrator, rules.NewPerson):
        administrator = enrol(new=administrator, zone=zone, by=by, at=at)
    give_post(
        post=Post(zone=zone, person=administrator, role="administrator", starts_on=day_of(at)),
        by=by,
        at=at,
    )
    return zone


@transaction.atomic
def describe_zone(
    *, zone: Zone, name: str, division: str, centre: Place | None, by: Actor, at: datetime
) -> Zone:
    """Change a zone's name, division code and centre. Its short name in addresses stays."""
    require(by, Permission.ZONE_SETUP, zone=zone, on=day_of(at))
    before = _told(zone)
    zone.name = name.strip()
    _check_zone(zone, division, centre)
    if _told(zone) != before:
        zone.save()
        data = {"from": before, "to": _told(zone)}
        record(zone_id=zone.pk, kind="zone.described", about=_about(zone), by=by, at=at, data=data)
    return zone


def _check_zone(zone: Zone, division: str, centre: Place | None) -> None:
    if not zone.name:
        raise Refused(_("Give the zone a name."), field="name")
    others = Zone.objects.exclude(pk=zone.pk)
    if others.filter(name=zone.name).exists():
        raise Refused(_("There is a zone of this name already."), field="name")
    if others.filter(slug=zone.slug).exists():
        raise Refused(_("There is a zone with this short name already."), field="slug")
    if division and not (len(division) == 6 and division.isascii() and division.isdigit()):
        raise Refused(_("A division code has six digits, such as 140404."), field="division")
    lat, lng = centre or (None, None)
    rules.check_place(lat, lng)
    zone.division, zone.centre_lat, zone.centre_lng = division, lat, lng


def _about(zone: Zone) -> tuple[str, str]:
    return ("zone", str(zone.pk))


def _told(zone: Zone) -> dict[str, str]:
    centre = "" if zone.centre_lat is None else f"{zone.centre_lat},{zone.centre_lng}"
    return {"name": zone.name, "slug": zone.slug, "division": zone.division, "centre": centre}


@transaction.atomic
def add_unit(*, zone: Zone, kind: str, name: str, by: Actor, at: datetime) -> Unit:
    """Add a department, a platform company or an enterprise's own organisation."""
    require(by, Permission.ZONE_SETUP, zone=zone, on=day_of(at))
    if kind not in UnitKind.values:
        raise Refused(_("Choose what kind of unit it is."), field="kind")
    unit = Unit(zone=zone, kind=kind, name=_unit_name(zone, name, kind=kind))
    unit.save(force_insert=True)
    record(
        zone_id=zone.pk,
        kind="unit.added",
        about=("unit", str(unit.pk)),
        by=by,
        at=at,
        data={"name": unit.name, "kind": unit.kind},
    )
    return unit


@transaction.atomic
def rename_unit(*, unit: Unit, name: str, by: Actor, at: datetime) -> Unit:
    """Rename a unit; what was written under the old name keeps its history in the ledger."""
    require(by, Permission.ZONE_SETUP, zone=unit.zone, on=day_of(at))
    old = unit.name
    unit.name = _unit_name(unit.zone, name, kind=unit.kind, but=unit)
    if unit.name != old:
        unit.save(update_fields=["name"])
        record(
            zone_id=unit.zone_id,
            kind="unit.renamed",
            about=("unit", str(unit.pk)),
            by=by,
            at=at,
            data={"from": old, "to": unit.name},
        )
    return unit


def _unit_name(zone: Zone, name: str, *, kind: str, but: Unit | None = None) -> str:
    name = name.strip()
    if not name:
        raise Refused(_("Give the unit a name."), field="name")
    if kind != UnitKind.ENTERPRISE:
        same = Unit.objects.filter(zone=zone, name=name).exclude(kind=UnitKind.ENTERPRISE)
        if but is not None:
            same = same.exclude(pk=but.pk)
        if same.exists():
            raise Refused(_("There is a unit of this name already."), field="name")
    return name


@transaction.atomic
def close_unit(*, unit: Unit, by: Actor, at: datetime) -> Unit:
    """Take a unit out of use. Refused while someone holds a post in it."""
    on = day_of(at)
    require(by, Permission.ZONE_SETUP, zone=unit.zone, on=on)
    held = Post.objects.filter(zone=unit.zone, unit=unit).held_on(on).count()
    if held:
        raise Refused(
            _("%(count)s posts are still held in %(unit)s. End or move them first.")
            % {"count": held, "unit": unit.name}
        )
    if unit.is_open:
        unit.is_open = False
        unit.save(update_fields=["is_open"])
        record(zone_id=unit.zone_id, kind="unit.closed", about=("unit", str(unit.pk)), by=by, at=at)
    return unit


@transaction.atomic
def enter_calendar(
    *, zone: Zone, year: int, days: Mapping[str, bool], source: str, by: Actor, at: datetime
) -> YearCalendar:
    """Enter a year's holiday arrangement, or correct it. source names the notice.

    days maps an ISO date to True (a make-up working day) or False (a day off).
    """
    require(by, Permission.ZONE_SETUP, zone=zone, on=day_of(at))
    checked = rules.check_year(year, days)
    if not source.strip():
        raise Refused(_("Name the State Council's notice with its number."), field="source")
    entered, _new = YearCalendar.objects.update_or_create(
        zone=zone, year=year, defaults={"days": checked, "source": source.strip()}
    )
    zone.__dict__.pop("_calendar", None)  # as calendar_of keeps it
    record(
        zone_id=zone.pk,
        kind="calendar.entered",
        about=("calendar", str(entered.pk)),
        by=by,
        at=at,
        data={"year": year, "days": checked, "source": entered.source},
    )
    return entered
