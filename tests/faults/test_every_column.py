"""Every column that the ledger vouches for, altered one by one behind our back, is named.

A column that is not must be excused here, with the reason; an excuse that has become untrue fails.
"""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.apps import apps
from django.db import IntegrityError, models, transaction
from django.utils import timezone

from bihuan.cases.models import Case, Evidence, Move
from bihuan.core.ids import new_id
from bihuan.dossiers.actions import grade, hand_over, move_to_cell, set_state, withdraw_document
from bihuan.dossiers.models import Contact, Document, Dossier
from bihuan.enterprises.actions import amend, close_site, set_landlord, set_sectors
from bihuan.enterprises.models import Enterprise, SectorFlag, Site
from bihuan.files.actions import keep
from bihuan.files.models import StoredFile
from bihuan.ledger.queries import verify
from bihuan.ledger.rules.verify import Damage
from bihuan.rounds import actions as rounds
from bihuan.rounds.models import Entry, Excuse, Finding, Photo, Present, Round, Visit
from bihuan.rounds.rules.checklist import content_of
from bihuan.rounds.rules.coverage import Criteria, Template
from bihuan.rounds.rules.visiting import Attendee, Found, Told
from tests.factories.zones import ZoneFactory
from tests.faults.test_races import submitted
from tests.ledger.books import sql
from tests.permissions.test_matrix import east
from tests.permissions.world import FAR, NEAR, photo
from tests.rounds.conftest import LIST

__all__ = ["east"]
pytestmark = [pytest.mark.fault, pytest.mark.django_db]

COPY = "a copy of a name, for pages; the event names the person by id"
COUNTS_WRITES = "counts writes, so that two people do not overwrite each other"
ASIDE = "not shown as something that happened"
UNTOLD = {
    Case: {"last_move": "which list a case is found by; the moves themselves are compared"},
    Move: {"by_name": COPY, "origin": "told by the name of the move"},
    Evidence: {"proof": "what a photo shows is said, its bytes are vouched for"},
    StoredFile: {"name": "given by the sender's device", "lat": ASIDE, "lng": ASIDE,
                 "is_synthetic": ASIDE},
    Dossier: {"version": COUNTS_WRITES, "is_synthetic": ASIDE},
    Enterprise: {},
    Contact: {},
    SectorFlag: {},
    Site: {"lat": "never filled in", "lng": "never filled in", "source": "a site's address is told"},
    Document: {},
    Round: {"opened_by_name": COPY, "ended_by_name": COPY, "origin": "never anything else"},
    Entry: {"assignee": "who goes is told 500 at a time", "cell": "where it sat when it joined",
            "joined_at": "the time of the event"},
    Visit: {},
    Present: {},
    Photo: {},
    Finding: {},
    Excuse: {},
}  # fmt: skip


@pytest.fixture
def lived(east):
    """A zone in which one of everything happened, so that every table has a row to alter."""
    office, leader, at = east.people["safety_office"], east.people["leader"], timezone.now()
    who = {"by": office, "at": at}
    ZoneFactory(slug="west")  # where rows can be smuggled
    submitted(east)
    near = Enterprise.objects.select_related("dossier__zone", "zone").get(
        pk=east.rows[NEAR]["enterprise"]
    )
    far = Enterprise.objects.select_related("dossier__zone", "zone").get(
        pk=east.rows[FAR]["enterprise"]
    )
    told = {"legal_representative": "赵一", "headcount": 40, "above_size": True,
            "above_size_since": date(2026, 1, 1), "lat": Decimal("36.1"), "lng": Decimal("112.9")}  # fmt: skip
    amend(enterprise=near, changes=told, **who)
    set_sectors(enterprise=near, sectors=["fire"], **who)
    set_landlord(enterprise=near, landlord=far, agreement_on=date(2026, 3, 1), **who)
    close_site(site=Site.objects.get(enterprise=far), reason="搬走", **who)
    withdraw_document(document=Document.objects.get(dossier=far.pk), reason="换证", **who)
    hand_over(
        zone=east.zone, dossiers=[near.pk], to=east.people["far_contact"], reason="轮岗", **who
    )
    dossier = Dossier.objects.select_related("zone").get(pk=near.pk)
    move_to_cell(dossier=dossier, cell=east.cells[FAR], **who)
    grade(dossier=dossier, risk="red", reason="涉氨", **who)
    set_state(dossier=dossier, state="suspended", reason="检修", **who)
    files = [
        keep(zone=east.zone, name=f"{n}.jpg", content=photo(n), **who) for n in ("cyan", "gray")
    ]
    found = Found(title="灭火器过期", category="fire", before=(files[0].sha256,))
    rounds.record_visit(
        id=new_id(), dossier=dossier, evidence=rounds.Evidence.of(files),
        entry_id=east.rows[NEAR]["entry"], by=office, at=at,
        told=Told(
            started_at=at - timedelta(minutes=20), ended_at=at - timedelta(minutes=5),
            present=(Attendee("ours", "检查员"), Attendee("theirs", "王五", signature=files[1].sha256)),
            findings=(found,), photos=(files[1].sha256,), answers={"G01": "yes"}, summary="看了全厂",
        ),
    )  # fmt: skip
    rounds.decide_excuse(excuse_id=east.of_zone["excuse"], approve=True, by=leader, at=at)
    another = rounds.load_checklist(
        zone=east.zone, content=content_of({**LIST, "code": "more"}), **who
    )
    plan = rounds.Plan("夜查", Template.SPECIAL, Criteria(), another, timezone.localdate())
    rounds.open_round(zone=east.zone, plan=plan, **who)
    assert verify(east.zone.pk).findings == []
    return east


def other_value(row, field):
    """Return another value that the column can hold."""
    value = getattr(row, field.attname)
    if isinstance(field, models.ForeignKey):
        others = field.related_model._base_manager.exclude(pk=value)
        return others.values_list("pk", flat=True).first() or (None if field.null else value)
    if isinstance(value, datetime | date):
        return value + timedelta(days=1)
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | Decimal):
        return value + 1
    for kind, other in KINDS.items():
        if isinstance(field, kind):
            return other
    words = [code for code, _label in field.flatchoices if code and code != value]
    return words[0] if words else f"{value}x"[-(field.max_length or 9) :]


KINDS = {
    models.JSONField: {"x": "1"},
    models.BinaryField: b"x" * 16,
    models.BooleanField: True,
    models.DateTimeField: datetime(2026, 1, 1, tzinfo=UTC),
    models.DateField: date(2026, 1, 1),
    models.DecimalField: 7,
    models.IntegerField: 7,
}


def refused(model, row, field) -> bool:
    """Alter one column by itself; say whether the database would not have it."""
    try:
        with transaction.atomic():
            model._base_manager.filter(pk=row.pk).update(**{field.attname: other_value(row, field)})
    except IntegrityError:
        return True
    return False


@pytest.mark.parametrize("model", UNTOLD, ids=lambda model: model.__name__)
def test_every_column(model, lived):
    unseen, stale = set(), set()
    names = [f for f in model._meta.concrete_fields if not f.primary_key]
    all_rows = model._base_manager.filter(zone=lived.zone).order_by("pk")
    rows = [all_rows.first(), all_rows.last()]
    for field in names:
        seen = []
        for row in rows:
            with transaction.atomic():
                if not refused(model, row, field):
                    seen.append(not verify(lived.zone.pk).is_whole)
                transaction.set_rollback(True)
            if seen and not seen[-1]:
                break
        if not all(seen):
            unseen.add(field.name)
        if seen and all(seen) and field.name in UNTOLD[model]:
            stale.add(field.name)
    assert unseen <= UNTOLD[model].keys(), unseen - UNTOLD[model].keys()
    assert not stale, "these are found after all"


def hanging_on(table, pks):
    """Yield (table, keys) of the rows that point to these, after letting go of those that may."""
    for other in apps.get_models():
        for field in other._meta.concrete_fields:
            if isinstance(field, models.ForeignKey) and field.related_model is table:
                rows = other._base_manager.filter(**{f"{field.name}__in": pks})
                if field.null:
                    rows.update(**{field.name: None})
                elif ids := list(rows.values_list("pk", flat=True)):
                    yield other, ids
                    yield from hanging_on(other, ids)


@pytest.mark.parametrize("model", UNTOLD, ids=lambda model: model.__name__)
def test_a_row_taken_out(model, lived):
    """With all that hangs on it, as a patient hand would do it."""
    row = model._base_manager.filter(zone=lived.zone).first()
    if model in {Visit, Dossier}:
        Entry.objects.filter(zone=lived.zone).update(visit=None, state="to_go", settled_on=None)
    for table, pks in [*reversed([*hanging_on(model, [row.pk])]), (model, [row.pk])]:
        column = table._meta.pk.column
        for pk in pks:
            sql(f"DELETE FROM {table._meta.db_table} WHERE {column} = %s", pk)
    assert {it.damage for it in verify(lived.zone.pk).findings} == {Damage.ROWS}
