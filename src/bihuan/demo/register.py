"""The enterprises of a zone of the demo, and the papers they hold."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random

from bihuan.accounts.models import Person
from bihuan.cases.models import Case
from bihuan.cases.rules.declaration import Status
from bihuan.core.days import day_of
from bihuan.demo.cast import Cast
from bihuan.demo.names import credit_code, enterprise_names
from bihuan.demo.places import INDUSTRY, Place
from bihuan.dossiers import actions as dossiers
from bihuan.dossiers.models import SourceKind
from bihuan.enterprises import actions as enterprises
from bihuan.enterprises.models import DocumentKind, Enterprise
from bihuan.enterprises.rules import Facts
from bihuan.zones import actions as zones
from bihuan.zones.models import Cell
from bihuan.zones.rules import NewPerson

BATCHES = (date(2021, 1, 1), date(2022, 1, 1), date(2023, 1, 1), date(2024, 1, 1))
NEW_BATCH = date(2025, 12, 1)  # the yearly batch of 2025


def register(place: Place, cast: Cast, chance: Random, at: datetime) -> list[Enterprise]:
    """Register a zone's enterprises as from the sheet its office kept."""
    source = dossiers.note_source(
        zone=cast.zone, reference="2025年度企业台账.xlsx（演示）", kind=SourceKind.SHEET,
        by=cast.clerk, at=at,
    )  # fmt: skip
    names = enterprise_names(place.short, chance)
    new = [_new(place, cast, number, names[number], chance) for number in range(place.enterprises)]
    return enterprises.register_many(
        zone=cast.zone, enterprises=new, source=source, is_synthetic=True, by=cast.clerk, at=at
    )


def _new(
    place: Place, cast: Cast, number: int, brand: str, chance: Random
) -> enterprises.NewEnterprise:
    trade = (
        "加油站"
        if number in (place.enterprises - 1, place.enterprises - 2)
        else place.trades[number % len(place.trades)]
    )
    industry, words, sectors = INDUSTRY[trade]
    cell = cast.cells[number % len(cast.cells)]
    large = number < place.above_size
    heads = chance.randrange(60, 900) if large else chance.randrange(4, 120)
    manager = chance.random() < 0.92
    lat, lng = _within(cell, chance)
    facts = Facts(
        name=f"{brand}{words}{'' if trade == '加油站' else '有限公司'}",
        short_name=brand,
        uscc=credit_code(place.division, number + 1) if chance.random() < 0.96 else "",
        registered_address=f"{place.name}（注册地）{number + 1}号",
        place=f"{cell.name}{chance.randrange(1, 9)}号路{chance.randrange(1, 60)}号",
        lat=lat,
        lng=lng,
        legal_representative="法定代表人（演示）",
        principal="主要负责人（演示）",
        principal_phone=f"139{place.division[-4:]}{number:04d}",
        safety_manager="安全管理员（演示）" if manager else "",
        safety_manager_full_time=(heads > 100 or chance.random() < 0.3) if manager else None,
        industry=industry,
        headcount=heads if chance.random() < 0.95 else None,
        above_size=large,
        above_size_since=_batch(place, number, chance) if large else None,
    )
    contact: Person = chance.choice(cast.contacts[cell.pk])
    return enterprises.NewEnterprise(
        facts=facts,
        cell=cell,
        contact=contact,
        unit=cast.platform if chance.random() < 0.25 else cast.units[number % len(cast.units)],
        sectors=frozenset(sectors),
        sites=[enterprises.NewSite(address=facts.place, name="一厂区")],
        risk=chance.choice(
            ("blue", "blue", "yellow", "yellow", "orange", "red" if sectors else "")
        ),
    )


def _within(cell: Cell, chance: Random) -> tuple[Decimal, Decimal]:
    """Return a latitude and longitude inside a cell, away from the corners cut off its outline."""
    assert cell.outline, "the demo draws every cell"
    ring = cell.outline["coordinates"][0]
    west, east = min(x for x, _y in ring), max(x for x, _y in ring)
    south, north = min(y for _x, y in ring), max(y for _x, y in ring)
    up, right = 0.2 + chance.randrange(700) / 1000, 0.1 + chance.randrange(650) / 1000
    place = (south + up * (north - south), west + right * (east - west))
    return Decimal(f"{place[0]:.6f}"), Decimal(f"{place[1]:.6f}")


def _batch(place: Place, number: int, chance: Random) -> date:
    """Return when an enterprise entered the directory: the published number of them in 2025."""
    return NEW_BATCH if number < place.new_in_2025.get("above_size", 0) else chance.choice(BATCHES)


def give_papers(
    place: Place, cast: Cast, made: list[Enterprise], chance: Random, at: datetime
) -> None:
    """Give enterprises their certificates: licences for all, honours as published."""
    today = day_of(at)
    for enterprise in made:
        _add(cast, enterprise, DocumentKind.LICENCE, date(2018, 5, 8), None, at)
        if "chemicals" in {flag.sector for flag in enterprise.sectors.all()}:
            ends = today + timedelta(days=chance.randrange(330, 1000))
            _add(
                cast, enterprise, DocumentKind.SAFETY_PERMIT, ends - timedelta(days=1095), ends, at
            )
        if chance.random() < 0.6:
            ends = today + timedelta(days=chance.randrange(200, 1000))
            _add(cast, enterprise, DocumentKind.PLAN, ends - timedelta(days=1095), ends, at)
    for kind, count in place.honours.items():
        fresh = place.new_in_2025.get(kind, 0)
        for number, enterprise in enumerate(made[:count]):
            begins = (
                date(2025, 11, 20)
                if number < fresh
                else date(2024, 11, 1) - timedelta(days=30 * (number % 8))
            )
            until = (
                date(begins.year + 3, begins.month, begins.day)
                if kind in (DocumentKind.HIGH_TECH, DocumentKind.SPECIALISED)
                else None
            )
            _add(cast, enterprise, kind, begins, until, at)


def _add(
    cast: Cast, enterprise: Enterprise, kind: str, begins: date, ends: date | None, at: datetime
) -> None:
    dossiers.add_document(
        dossier=enterprise.dossier,
        document=dossiers.NewDocument(
            kind=kind, name=str(DocumentKind(kind).label), valid_from=begins, valid_to=ends
        ),
        by=cast.clerk,
        at=at,
    )


def give_account(cast: Cast, otherwise: Enterprise, at: datetime) -> None:
    """Let one enterprise of the zone sign in for itself: one that has something to rectify."""
    asked = Case.objects.filter(
        zone=cast.zone, status=Status.ASSIGNED, is_live=True, rectifier_unit__kind="enterprise"
    )
    latest = asked.order_by("-found_at", "number").values_list("dossier", flat=True).first()
    enterprise = Enterprise.objects.get(pk=latest) if latest else otherwise
    unit = dossiers.organisation_of(dossier=enterprise.dossier, by=cast.office, at=at)
    zones.appoint(
        zone=cast.zone,
        person=NewPerson(
            username=f"{cast.zone.slug}.enterprise",
            name=f"{enterprise.short_name}安全管理员",
            is_synthetic=True,
        ),
        post=zones.NewPost(role="enterprise", unit=unit, title="企业安全管理员"),
        by=cast.administrator,
        at=at,
    )
