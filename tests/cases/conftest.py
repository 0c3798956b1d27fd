"""A small zone in which cases happen: one dossier, and a person for every hand."""

from dataclasses import dataclass
from datetime import date, datetime
from types import SimpleNamespace

import pytest

from bihuan.accounts.models import Person
from bihuan.cases import actions
from bihuan.cases.models import Case
from bihuan.cases.rules.declaration import Deadline, Grade, Kind, Proof, Step
from bihuan.cases.rules.moves import FOR_MAJOR, STANDARD
from bihuan.config import composition
from bihuan.core.composition import listed
from bihuan.dossiers.models import Dossier
from bihuan.files.models import StoredFile
from bihuan.ledger.models import Event
from bihuan.zones.models import Cell, Post, Unit, Zone

KIND = Kind(
    code="hazard",
    is_found=True,
    name="hazard",
    prefix="YH",
    moves=STANDARD + FOR_MAJOR,
    deadlines={Grade.GENERAL: Deadline(10, "local"), Grade.MAJOR: Deadline(30, "local")},
    ladder=(Step(1, "contact"), Step(3, "cell_leader"), Step(5, "leader")),
    categories={"fire": "fire", "electric": "electric"},
)


@pytest.fixture(autouse=True)
def kind(monkeypatch):
    """Let the composition declare just the kind of these tests."""
    monkeypatch.setattr(composition, "KINDS", [KIND], raising=False)
    listed.cache_clear()
    yield KIND
    listed.cache_clear()


@dataclass
class World:
    """Everything a case needs, and short words for what tests do."""

    zone: Zone
    cell: Cell
    dossier: Dossier
    units: SimpleNamespace
    people: SimpleNamespace
    now: datetime

    def report(self, title="Blocked fire exit", *, by=None, at=None, grade=Grade.GENERAL, **kw):
        finding = actions.Finding(title, grade=grade, **kw)
        return actions.report(
            kind="hazard",
            dossier=self.dossier,
            finding=finding,
            by=by or self.people.contact,
            at=at or self.now,
        )

    def move(self, case, name, *, by, at=None, proofs=(), seen=None, key=None, **inputs):
        attached = [(self.photo(by, f"{proof}.jpg"), proof) for proof in proofs]
        wanted = actions.Wanted(name, inputs, attached, seen, key)
        return actions.make_move(case=case.pk, wanted=wanted, by=by, at=at or self.now)

    def photo(self, by, name="a.jpg"):
        return StoredFile.objects.create(
            zone=self.zone,
            sha256="ab" * 32,
            name=name,
            mime="image/jpeg",
            size=3,
            received_at=self.now,
            received_by=by,
        )

    def assigned(self, *, grade=Grade.GENERAL, at=None) -> Case:
        case = self.report(grade=grade, at=at)
        return self.move(
            case, "assign", by=self.people.office, at=at, unit=self.units.enterprise.pk
        )

    def submitted(self, case=None) -> Case:
        case = case or self.assigned()
        return self.move(
            case, "submit", by=self.people.enterprise, proofs=[Proof.AFTER], measures="Cleared"
        )


@pytest.fixture
def world(db, now) -> World:
    day = date(2026, 1, 1)

    def person(username):
        return Person.objects.create(username=username, name=username, joined_at=now)

    zone = Zone.objects.create(slug="east", name="East zone")
    people = SimpleNamespace(
        **{
            name: person(name)
            for name in (
                "contact", "office", "leader", "deputy", "enterprise", "department", "auditor",
                "stranger", "other_contact",
            )
        }
    )  # fmt: skip
    cell = Cell.objects.create(zone=zone, code="a", name="A", path="/a/", leader=people.leader)
    units = SimpleNamespace(
        enterprise=Unit.objects.create(zone=zone, kind="enterprise", name="Works Ltd"),
        department=Unit.objects.create(zone=zone, kind="department", name="Fire office"),
    )
    roles = {
        "contact": "contact", "office": "safety_office", "leader": "leader", "deputy": "leader",
        "enterprise": "enterprise", "department": "department", "auditor": "auditor",
        "other_contact": "contact",
    }  # fmt: skip
    for name, role in roles.items():
        unit = getattr(units, name, None)
        Post.objects.create(
            zone=zone, person=getattr(people, name), role=role, unit=unit, starts_on=day
        )
    dossier = Dossier.objects.create(
        zone=zone,
        kind="enterprise",
        code="QY-0001",
        name="Works Ltd",
        cell=cell,
        owner_unit=units.enterprise,
        contact=people.contact,
        opened_at=now,
    )
    return World(zone, cell, dossier, units, people, now)


def events(case):
    """What the ledger holds of a case: the kinds of its events, in order."""
    rows = Event.objects.filter(about_type="case", about_id=str(case.pk)).order_by("seq")
    return [row.kind for row in rows]
