"""Who works in a zone of the demo: people named by their role, with their posts."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from bihuan.accounts.models import Person
from bihuan.core.actors import System
from bihuan.core.permissions import Permission
from bihuan.demo.places import Place
from bihuan.zones import actions as zones
from bihuan.zones.models import Cell, Unit, UnitKind, Zone
from bihuan.zones.rules import NewPerson

FOUNDER = System("demo", frozenset(Permission))
DEPARTMENTS = ("应急管理局", "消防救援大队", "市场监督管理局", "规划建设部", "经济发展部")
HALF_CELL = Decimal("0.011")  # degrees: a cell is drawn about two kilometres wide


@dataclass
class Cast:
    """A zone and its people."""

    zone: Zone
    root: Cell
    administrator: Person
    leader: Person
    office: Person
    clerk: Person
    auditor: Person
    departments: list[Person] = field(default_factory=list)
    units: list[Unit] = field(default_factory=list)
    platform: Unit | None = None
    cells: list[Cell] = field(default_factory=list)
    leaders: dict[Any, Person] = field(default_factory=dict)  # cell id -> its leader
    contacts: dict[Any, list[Person]] = field(default_factory=dict)  # cell id -> contacts


def assemble(place: Place, at: datetime) -> Cast:
    """Found a zone with its units, cells, people and posts."""
    zone = zones.found_zone(
        slug=place.slug,
        name=place.name,
        administrator=_person(place, "admin", "系统管理员"),
        division=place.division,
        centre=(Decimal(place.centre[0]), Decimal(place.centre[1])),
        is_synthetic=True,
        by=FOUNDER,
        at=at,
    )
    administrator = Person.objects.get(username=f"{place.slug}.admin")
    hire = _Hiring(place, zone, administrator, at)
    leader = hire("leader", "党工委（管委会）分管领导", "leader", duty="分管经济运行",
                  safety_duty="分管安全生产，对全区安全生产工作负领导责任")  # fmt: skip
    office = hire("safety", "安委办主任", "safety_office", duty="安委会办公室日常工作",
                  safety_duty="组织排查整治，复查销号")  # fmt: skip
    cast = Cast(
        zone=zone,
        root=zones.add_cell(
            zone=zone, code="root", name=place.name, leader=leader, by=administrator, at=at
        ),
        administrator=administrator,
        leader=leader,
        office=office,
        clerk=hire(
            "clerk", "安委办台账员", "safety_office", duty="台账、统计", safety_duty="资料归档"
        ),
        auditor=hire("auditor", "审计监督员", "auditor"),
    )
    _open_units(cast, hire, place)
    _draw_cells(cast, hire, place)
    return cast


class _Hiring:
    """Appoints people to posts of one zone."""

    def __init__(self, place: Place, zone: Zone, administrator: Person, at: datetime) -> None:
        self.place, self.zone, self.by, self.at = place, zone, administrator, at

    def __call__(self, key: str, name: str, role: str, **post: Any) -> Person:
        given = zones.appoint(
            zone=self.zone,
            person=_person(self.place, key, name),
            post=zones.NewPost(role=role, title=name, **post),
            by=self.by,
            at=self.at,
        )
        return given.person


def _person(place: Place, key: str, name: str) -> NewPerson:
    return NewPerson(username=f"{place.slug}.{key}", name=f"{place.short}{name}", is_synthetic=True)


def _open_units(cast: Cast, hire: _Hiring, place: Place) -> None:
    for number, name in enumerate(DEPARTMENTS, 1):
        unit = zones.add_unit(
            zone=cast.zone, kind=UnitKind.DEPARTMENT, name=name, by=cast.administrator, at=hire.at
        )
        cast.units.append(unit)
        cast.departments.append(
            hire(f"dept{number}", f"{name}专员", "department", unit=unit, duty=f"{name}日常工作",
                 safety_duty="管行业必须管安全")
        )  # fmt: skip
    cast.platform = zones.add_unit(
        zone=cast.zone,
        kind=UnitKind.PLATFORM,
        name=place.platform,
        by=cast.administrator,
        at=hire.at,
    )
    hire("platform", "平台公司资产专员", "platform", unit=cast.platform)


def _draw_cells(cast: Cast, hire: _Hiring, place: Place) -> None:
    lat, lng = Decimal(place.centre[0]), Decimal(place.centre[1])
    for number, name in enumerate(place.cells, 1):
        leader = hire(f"grid{number}", f"{name}网格长", "contact", duty="园区综合服务",
                      safety_duty=f"{name}安全生产网格长")  # fmt: skip
        x, y = (number - 1) % 3, (number - 1) // 3
        cell = zones.add_cell(
            zone=cast.zone,
            code=f"w{number}",
            name=name,
            leader=leader,
            parent=cast.root,
            outline=_outline(
                lng + (x - 1) * HALF_CELL * 2, lat + (Decimal("0.5") - y) * HALF_CELL * 2, number
            ),
            by=cast.administrator,
            at=hire.at,
        )
        cast.cells.append(cell)
        cast.leaders[cell.pk] = leader
        cast.contacts[cell.pk] = [
            hire(f"contact{number}{letter}", f"{name}包联干部{letter.upper()}", "contact",
                 duty="企业服务", safety_duty="包联企业安全生产")
            for letter in "ab"
        ]  # fmt: skip


def _outline(x: Decimal, y: Decimal, number: int) -> dict[str, Any]:
    """Return a polygon around (x, y) in degrees: near enough a block, no two alike."""
    nick = HALF_CELL * (number % 3 + 1) / 8
    left, right = float(x - HALF_CELL), float(x + HALF_CELL - nick)
    low, high = float(y - HALF_CELL + nick / 2), float(y + HALF_CELL)
    ring = [[left, low], [right, low], [right + float(nick), high - float(nick)], [right, high],
            [left, high], [left, low]]  # fmt: skip
    return {"type": "Polygon", "coordinates": [ring]}
