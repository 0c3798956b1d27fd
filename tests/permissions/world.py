"""Two zones with the same life in each, and a person for every role."""

import io
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.test import Client
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from PIL import Image

from bihuan.accounts.models import Person
from bihuan.cases import actions as cases
from bihuan.cases.rules.declaration import Grade, Proof
from bihuan.core.actors import System
from bihuan.core.ids import new_id
from bihuan.dossiers.actions import NewDocument, add_document
from bihuan.dossiers.models import Dossier
from bihuan.enterprises.actions import add_site
from bihuan.enterprises.models import Enterprise
from bihuan.files import actions as files
from bihuan.ledger.actions import checkpoint
from bihuan.rounds import actions as rounds
from bihuan.rounds.models import Checklist, Entry
from bihuan.rounds.rules.checklist import content_of
from bihuan.rounds.rules.coverage import Criteria, Excusal, Template
from bihuan.rounds.rules.visiting import Attendee, Told
from bihuan.safety import actions as safety
from bihuan.safety.models import Basis
from bihuan.search.actions import follow_ledger
from bihuan.sheets import actions as sheets
from bihuan.zones.models import Cell, Post, Unit, Zone
from tests.factories.enterprises import registered
from tests.factories.zones import CellFactory, UnitFactory, ZoneFactory, someone
from tests.rounds.conftest import LIST

ROLES_HERE = (
    "leader", "safety_office", "department", "cell_leader", "contact", "platform",
    "enterprise", "auditor", "administrator",
)  # fmt: skip
REACHES_ALL = {"leader", "safety_office", "auditor", "administrator"}
NEAR, FAR = "near", "far"


def signed_in(person: Person) -> Client:
    """Return a client that answers like a server: a crash is a 500."""
    client = Client(raise_request_exception=False)
    client.force_login(person)
    return client


def body(answer: Any) -> bytes:
    """Return all that an answer says, and let go of the file it may come from."""
    return answer.getvalue() if answer.streaming else answer.content


def photo(colour: str = "red") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (12, 9), colour).save(out, "JPEG")
    return out.getvalue()


@dataclass
class Place:
    """One zone. rows: what hangs on the near and on the far enterprise, by kind of row.

    People of limited reach reach the near enterprise and nothing of the far one.
    """

    zone: Zone
    cells: dict[str, Cell]
    units: dict[str, Unit]
    people: dict[str, Person]
    now: datetime
    rows: dict[str, dict[str, object]] = field(default_factory=lambda: {NEAR: {}, FAR: {}})
    of_zone: dict[str, object] = field(default_factory=dict)

    def row(self, kind: str, which: str = NEAR) -> object:
        return self.rows[which].get(kind) or self.of_zone[kind]


def place(slug: str, word: str) -> Place:
    """Return a zone in which everything there is happened; word marks all its names."""
    zone = ZoneFactory(slug=slug, name=f"{word}开发区")
    top = CellFactory(zone=zone, code="z", name="全区")
    cells = {name: CellFactory(zone=zone, code=name, parent=top) for name in (NEAR, FAR)}
    units = {
        name: UnitFactory(zone=zone, kind=kind, name=f"{word}{name}")
        for name, kind in (
            ("department", "department"), ("far_department", "department"),
            ("platform", "platform"), ("enterprise", "enterprise"),
            ("far_enterprise", "enterprise"),
        )
    }  # fmt: skip
    people = {
        role: someone(zone, role, unit=units.get(role), cell=_cell(role, cells))
        for role in ROLES_HERE
    }
    people["far_contact"] = someone(zone, "contact")
    made = Place(zone, cells, units, people, timezone.now() - timedelta(minutes=1))
    _things_of_the_zone(made)
    near = {
        "unit": units["department"],
        "owner_unit": units["enterprise"],
        "contact": people["contact"],
    }
    far = {
        "unit": units["far_department"], "owner_unit": units["far_enterprise"],
        "contact": people["far_contact"],
    }  # fmt: skip
    for which, facts in ((NEAR, near), (FAR, far)):
        _firm(made, which, f"{word}{which}", facts)
    made.rows["platform"] = {}
    _firm(
        made, "platform", f"{word}platform",
        {"unit": None, "owner_unit": units["platform"], "contact": people["contact"]},
    )  # fmt: skip
    _a_round(made)
    follow_ledger(zone=zone, at=timezone.now())
    signed = checkpoint(zone_id=zone.pk, by=System("checkpoints"), at=timezone.now())
    made.of_zone |= {"seq": 1, "checkpoint": signed.size, "job": job(zone)}
    return made


def _cell(role: str, cells: dict[str, Cell]) -> Cell | None:
    return cells[NEAR] if role == "cell_leader" else None


def _things_of_the_zone(it: Place) -> None:
    office, admin = it.people["safety_office"], it.people["administrator"]
    checklist = rounds.load_checklist(zone=it.zone, content=content_of(LIST), by=office, at=it.now)
    paper = files.keep(zone=it.zone, name="授权.jpg", content=photo("blue"), by=admin, at=it.now)
    today = timezone.localdate()
    grant = safety.Grant(
        it.units["department"], Basis.ENTRUSTED, "应急局", "1号", today - timedelta(days=9), None
    )
    power = safety.record_delegation(zone=it.zone, grant=grant, file=paper, by=admin, at=it.now)
    batch = sheets.send(
        zone=it.zone, importer="enterprises", name="名单.csv",
        content="企业名称,网格\n某厂,没有这个网格\n".encode(), by=office, at=it.now,
    )  # fmt: skip
    batch = sheets.read(batch=batch, by=office, at=it.now)
    spare = CellFactory(zone=it.zone, code="spare")
    it.of_zone |= {
        "checklist": checklist.pk,
        "power": power.pk,
        "batch": batch.pk,
        "cell": spare.pk,
        "unit": it.units["department"].pk,
        "person": it.people["far_contact"].pk,
        "post": Post.objects.get(person=it.people["far_contact"]).pk,
        "year": 2031,
    }


def _firm(it: Place, which: str, name: str, facts: dict[str, object]) -> None:
    office = it.people["safety_office"]
    cell = it.cells[FAR if which == FAR else NEAR]
    dossier = registered(
        it.zone, cell=cell, code=f"QY-{name[-8:]}", at=it.now,
        facts={
            "name": f"{name}有限公司", "safety_manager": "王五",
            "safety_manager_phone": "13812345678",
        },
        **facts,
    )  # fmt: skip
    enterprise = Enterprise.objects.get(pk=dossier.pk)
    paper = NewDocument(kind="licence", name=f"{name}执照", valid_to=timezone.localdate())
    before = files.keep(zone=it.zone, name=f"{name}.jpg", content=photo(), by=office, at=it.now)
    case = cases.report(
        kind="hazard",
        dossier=dossier,
        finding=cases.Finding(f"{name}通道堵塞", grade=Grade.GENERAL, category="fire"),
        attached=[(before, Proof.BEFORE)],
        by=office,
        at=it.now,
    )
    it.rows[which] |= {
        "dossier": dossier.pk,
        "enterprise": enterprise.pk,
        "site": add_site(enterprise=enterprise, address=f"{name}路1号", by=office, at=it.now).pk,
        "document": add_document(dossier=dossier, document=paper, by=office, at=it.now).pk,
        "file": before.pk,
        "case": case.pk,
    }


def _a_round(it: Place) -> None:
    """Open a round; in every enterprise one is visited, and one more asked to be excused."""
    office = it.people["safety_office"]
    plan = rounds.Plan(
        name="秋季排查",
        template=Template.ROUTINE,
        criteria=Criteria(),
        checklist=Checklist.objects.get(pk=it.of_zone["checklist"]),
        due_on=timezone.localdate() + timedelta(days=9),
    )
    row = rounds.open_round(zone=it.zone, plan=plan, by=office, at=it.now)
    it.of_zone["round"] = row.pk
    for rows in it.rows.values():
        dossier = Dossier.objects.select_related("zone").get(pk=rows["dossier"])
        entry = Entry.objects.get(round=row, dossier=dossier)
        told = Told(
            started_at=it.now - timedelta(minutes=20),
            ended_at=it.now - timedelta(minutes=5),
            present=(Attendee("ours", "检查员"), Attendee("theirs", "王五")),
            refusal="当事人不在场",
        )
        visit = rounds.record_visit(
            id=new_id(), dossier=dossier, told=told, evidence=rounds.Evidence.of([]),
            by=office, at=it.now,
        )  # fmt: skip
        rows |= {"entry": entry.pk, "visit": visit.pk}
    far = it.rows[FAR]
    excuse = rounds.ask_excuse(
        entry_id=far["entry"], reason=Excusal.SUSPENDED, note="",
        evidence=files.keep(
            zone=it.zone, name="停产.jpg", content=photo("green"), by=office, at=it.now
        ),
        by=office, at=it.now,
    )  # fmt: skip
    it.of_zone["excuse"] = excuse.pk


def job(zone: Zone) -> UUID:
    """Return a job of a zone that was given up."""
    return DBTaskResult.objects.create(
        id=new_id(), task_path="bihuan.ledger.tasks.verify_ledger", status="FAILED",
        args_kwargs={"args": [], "kwargs": {"zone": str(zone.pk)}}, backend_name="default", run_after=timezone.now(),
        worker_ids=["one"],
    ).pk  # fmt: skip
