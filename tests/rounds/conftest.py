"""A small zone with a tree of cells, some enterprises, and everyone a round needs."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from hashlib import sha256
from types import SimpleNamespace
from uuid import UUID

import pytest

from bihuan.accounts.models import Person
from bihuan.core.composition import listed
from bihuan.core.ids import new_id
from bihuan.dossiers.models import Dossier
from bihuan.enterprises.models import Enterprise, SectorFlag
from bihuan.files.models import StoredFile
from bihuan.ledger.models import Event
from bihuan.rounds import actions
from bihuan.rounds.models import Checklist, Entry, Round
from bihuan.rounds.rules.checklist import content_of
from bihuan.rounds.rules.coverage import Counts, Criteria, Excusal, Template
from bihuan.rounds.rules.visiting import Attendee, Found, Told
from bihuan.zones.models import Cell, Post, Unit, Zone

LIST = {
    "code": "general",
    "version": 1,
    "name": "General",
    "documents": {"law": {"document": "Work Safety Law", "confidence": "A"}},
    "items": [
        {
            "code": "G01",
            "text": "Exits are clear",
            "clauses": [{"by": "law", "article": "42"}],
            "finds": {"category": "fire", "phrase": "Exit blocked"},
        },
        {
            "code": "G02",
            "text": "Staff are trained",
            "clauses": [{"by": "law", "article": "28", "confidence": "C"}],
            "finds": {"category": "training", "phrase": "Staff untrained"},
        },
        {"code": "G03", "text": "Staff on site", "kind": "number", "unit": "people"},
    ],
}


@pytest.fixture(autouse=True)
def composition():
    """Read the composition anew: other tests put their own in its place."""
    listed.cache_clear()
    yield
    listed.cache_clear()


@dataclass
class World:
    """Everything a round needs, and short words for what tests do."""

    zone: Zone
    cells: dict[str, Cell]
    people: SimpleNamespace
    now: datetime
    checklist: Checklist
    made: int = 0
    dossiers: list[Dossier] = field(default_factory=list)

    def dossier(self, *, cell="a", contact=None, opened_at=None, sector="", **facts) -> Dossier:
        self.made += 1
        row = Dossier.objects.create(
            zone=self.zone,
            kind="enterprise",
            code=f"QY-{self.made:04d}",
            name=f"Works {self.made:04d}",
            cell=self.cells[cell],
            contact=contact or self.people.contact,
            opened_at=opened_at or self.now - timedelta(days=100),
            **facts,
        )
        enterprise = Enterprise.objects.create(dossier=row, zone=self.zone, principal="Boss")
        if sector:
            SectorFlag.objects.create(zone=self.zone, enterprise=enterprise, sector=sector)
        self.dossiers.append(row)
        return row

    def open(self, *, by=None, at=None, criteria=None, due_on=None, **plan) -> Round:
        plan = {"name": "Autumn round", "template": Template.ROUTINE, **plan}
        return actions.open_round(
            zone=self.zone,
            plan=actions.Plan(
                criteria=criteria or Criteria(),
                checklist=self.checklist,
                due_on=due_on or date(2026, 10, 15),
                **plan,
            ),
            by=by or self.people.office,
            at=at or self.now,
        )

    def file(self, by=None, name="a.jpg", content=b"") -> StoredFile:
        return StoredFile.objects.create(
            zone=self.zone,
            sha256=sha256(content or new_id().bytes).hexdigest(),
            name=name,
            mime="image/jpeg",
            size=3,
            received_at=self.now,
            received_by=by or self.people.contact,
        )

    def told(self, *, signature=None, refusal="", **parts) -> Told:
        signed = "" if refusal else (signature.sha256 if signature else "")
        return Told(
            **{
                "started_at": self.now - timedelta(minutes=20),
                "ended_at": self.now - timedelta(minutes=5),
                "present": (
                    Attendee("ours", "Inspector"),
                    Attendee("theirs", "Boss", signature=signed),
                ),
                "refusal": refusal,
                **parts,
            }
        )

    def visit(
        self, dossier, *, entry=None, by=None, at=None, key=None, told=None, files=(), **parts
    ):
        by = by or self.people.contact
        if told is None:
            signature = self.file(by)
            files = [*files, signature]
            told = self.told(signature=signature, **parts)
        return actions.record_visit(
            id=key or new_id(),
            dossier=dossier,
            told=told,
            evidence=actions.Evidence.of(files),
            entry_id=entry.pk if isinstance(entry, Entry) else entry,
            by=by,
            at=at or self.now,
        )

    def finding(self, by=None, *, corrected="", **facts):
        """Return a finding and the files it rests on."""
        before, after = self.file(by), self.file(by)
        found = Found(
            **{"title": "Exit blocked", "category": "fire", "before": (before.sha256,), **facts},
            corrected=corrected,
            after=(after.sha256,) if corrected else (),
        )
        return found, [before, after]

    def excuse(self, entry, *, reason=Excusal.SUSPENDED, by=None, at=None, note="", key=None):
        by = by or self.people.contact
        return actions.ask_excuse(
            id=key,
            entry_id=entry.pk,
            reason=reason,
            note=note,
            evidence=self.file(by),
            by=by,
            at=at or self.now,
        )

    def decide(self, excuse, *, approve=True, by=None, note="", at=None):
        return actions.decide_excuse(
            excuse_id=excuse.pk,
            approve=approve,
            note=note,
            by=by or self.people.leader,
            at=at or self.now,
        )

    def close(self, row: Round | UUID, *, by=None, at=None) -> Round:
        pk = row.pk if isinstance(row, Round) else row
        return actions.close_round(
            round_id=pk, by=by or self.people.office, at=at or self.now + timedelta(days=1)
        )


@pytest.fixture
def world(db, now) -> World:
    zone = Zone.objects.create(slug="east", name="East zone")
    roles = {
        "contact": "contact", "other_contact": "contact", "office": "safety_office",
        "leader": "leader", "auditor": "auditor", "cell_leader": "cell_leader",
        "department": "department", "enterprise": "enterprise",
    }  # fmt: skip
    people = SimpleNamespace(
        **{
            name: Person.objects.create(username=name, name=name, joined_at=now)
            for name in (*roles, "stranger")
        }
    )
    top = Cell.objects.create(zone=zone, code="z", name="Zone", path="/z/", leader=people.leader)
    cells = {"z": top}
    for code in ("a", "b"):
        cells[code] = Cell.objects.create(
            zone=zone, code=code, name=code.upper(), path=f"/z/{code}/", parent=top,
            leader=people.cell_leader,
        )  # fmt: skip
    unit = Unit.objects.create(zone=zone, kind="department", name="Fire office")
    firm = Unit.objects.create(zone=zone, kind="enterprise", name="Some firm")
    for name, role in roles.items():
        Post.objects.create(
            zone=zone,
            person=getattr(people, name),
            role=role,
            cell=cells["a"] if role == "cell_leader" else None,
            unit={"department": unit, "enterprise": firm}.get(role),
            starts_on=date(2026, 1, 1),
        )
    checklist = actions.load_checklist(
        zone=zone, content=content_of(LIST), by=people.office, at=now
    )
    return World(zone, cells, people, now, checklist)


def kinds(world) -> list[str]:
    """Return the kinds of the zone's events in order, those of files left out."""
    events = Event.objects.filter(zone_id=world.zone.pk).order_by("seq")
    return [kind for kind in events.values_list("kind", flat=True) if not kind.startswith("file")]


def entry_of(row, dossier) -> Entry:
    return Entry.objects.get(round=row, dossier=dossier)


def counts(row) -> Counts:
    return Round.objects.get(pk=row.pk).counts
