"""Handing over without a gap, moving, grading, documents; provenance."""

from datetime import date, timedelta

import pytest

from bihuan.core.refusals import Forbidden, Refused, Stale
from bihuan.dossiers import actions
from bihuan.dossiers.actions import NewDocument
from bihuan.dossiers.models import Contact, Document, Dossier, Source
from bihuan.dossiers.queries import gaps, origins, who_answers
from bihuan.ledger.models import Event
from bihuan.zones.actions import end_post
from bihuan.zones.models import Post
from bihuan.zones.permissions import standing_of
from bihuan.zones.rules import NewPerson
from tests.factories.dossiers import DocumentFactory, DossierFactory
from tests.factories.zones import CellFactory, PostFactory, UnitFactory, ZoneFactory, someone

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


@pytest.fixture
def zone():
    return ZoneFactory()


@pytest.fixture
def office(zone):
    return someone(zone, "safety_office")


def kinds():
    return list(Event.objects.order_by("seq").values_list("kind", flat=True))


def periods(dossier):
    rows = Contact.objects.filter(dossier=dossier).order_by("starts_on", "ends_on")
    return [(it.person, it.starts_on, it.ends_on) for it in rows]


def test_a_hand_over_leaves_no_gap_and_no_overlap(zone, office, now):
    dossier = DossierFactory(zone=zone)
    old, new = dossier.contact, someone(zone, "contact")
    began = Contact.objects.get().starts_on
    count = actions.hand_over(
        zone=zone, dossiers=[dossier], to=new, reason="轮岗", by=office, at=now
    )
    today = now.date()
    assert count == 1
    assert periods(dossier) == [(old, began, today), (new, today, None)]
    for day in (today - timedelta(days=1), today):
        assert Contact.objects.filter(dossier=dossier).held_on(day).count() == 1
    dossier.refresh_from_db()
    assert dossier.contact == new
    assert kinds() == ["dossier.handed_over"]


def test_two_hand_overs_on_one_day_still_leave_one_contact(zone, office, now):
    dossier = DossierFactory(zone=zone)
    for _turn in range(3):
        new = someone(zone, "contact")
        actions.hand_over(zone=zone, dossiers=[dossier], to=new, reason="轮岗", by=office, at=now)
    assert Contact.objects.filter(dossier=dossier).held_on(now.date()).get().person == new
    yesterday = now.date() - timedelta(days=1)
    assert Contact.objects.filter(dossier=dossier).held_on(yesterday).count() == 1


def test_everything_of_a_person_goes_at_once_and_who_has_it_already_is_left_alone(
    zone, office, now
):
    old, new = someone(zone, "contact"), someone(zone, "contact")
    DossierFactory.create_batch(3, zone=zone, contact=old)
    DossierFactory(zone=zone, contact=new)
    args = {"zone": zone, "of": old, "to": new, "reason": "调离", "by": office, "at": now}
    assert actions.hand_over_all(**args) == 3
    assert actions.hand_over_all(**args) == 0
    assert Dossier.objects.filter(contact=new).count() == 4
    assert kinds() == ["dossier.handed_over"] * 3


def test_a_person_leaves_after_handing_over(zone, office, now):
    admin = someone(zone, "administrator")
    dossier = DossierFactory(zone=zone)
    post = Post.objects.get(person=dossier.contact)
    with pytest.raises(Refused):
        end_post(post=post, by=admin, at=now)
    new = someone(zone, "contact")
    actions.hand_over(zone=zone, dossiers=[dossier], to=new, reason="退休", by=office, at=now)
    end_post(post=post, by=admin, at=now)
    assert not gaps(zone, on=now.date()).dossiers.exists()


@pytest.mark.parametrize("role", ["platform", "enterprise", "auditor", "administrator"])
def test_who_may_not_answer_takes_nothing_over(zone, office, now, role):
    unit = UnitFactory(zone=zone) if role in ("platform", "enterprise") else None
    dossier = DossierFactory(zone=zone)
    with pytest.raises(Refused) as refusal:
        actions.hand_over(
            zone=zone,
            dossiers=[dossier],
            to=someone(zone, role, unit=unit),
            reason="轮岗",
            by=office,
            at=now,
        )
    assert refusal.value.field == "to"
    assert len(periods(dossier)) == 1


def test_a_cell_leader_hands_over_within_the_cell_only(zone, now):
    cell = CellFactory(zone=zone)
    inside, outside = DossierFactory(zone=zone, cell=cell), DossierFactory(zone=zone)
    new = someone(zone, "contact")
    args = {"zone": zone, "to": new, "reason": "轮岗", "by": cell.leader, "at": now}
    with pytest.raises(Forbidden):
        actions.hand_over(dossiers=[inside, outside], **args)
    assert not Dossier.objects.filter(contact=new).exists()
    assert actions.hand_over(dossiers=[inside], **args) == 1


def test_dossiers_of_another_zone_and_clocks_that_ran_back_are_refused(zone, office, now):
    new = someone(zone, "contact")
    args = {"zone": zone, "to": new, "reason": "轮岗", "by": office}
    with pytest.raises(Refused):
        actions.hand_over(dossiers=[DossierFactory()], at=now, **args)
    dossier = DossierFactory(zone=zone)
    Contact.objects.filter(dossier=dossier).update(starts_on=now.date() + timedelta(days=2))
    with pytest.raises(Refused, match="clock"):
        actions.hand_over(dossiers=[dossier], at=now, **args)
    with pytest.raises(Refused) as refusal:
        actions.hand_over(dossiers=[dossier], at=now, **{**args, "reason": " "})
    assert refusal.value.field == "reason"


ACTS = {
    "move": lambda d, by, at, v=None: actions.move_to_cell(
        dossier=d, cell=CellFactory(zone=d.zone), version=v, by=by, at=at
    ),
    "state": lambda d, by, at, v=None: actions.set_state(
        dossier=d, state="left", reason="搬迁", version=v, by=by, at=at
    ),
    "grade": lambda d, by, at, v=None: actions.grade(
        dossier=d, risk="red", reason="评估", version=v, by=by, at=at
    ),
    "document": lambda d, by, at, v=None: actions.add_document(
        dossier=d, document=NewDocument(kind="licence", name="营业执照"), by=by, at=at
    ),
    "hand over": lambda d, by, at, v=None: actions.hand_over(
        zone=d.zone, dossiers=[d], to=someone(d.zone, "contact"), reason="轮岗", by=by, at=at
    ),
    "organisation": lambda d, by, at, v=None: actions.organisation_of(dossier=d, by=by, at=at),
}


@pytest.mark.parametrize("name", ACTS)
def test_it_happens_and_is_recorded(zone, office, now, name):
    dossier = DossierFactory(zone=zone)
    ACTS[name](dossier, office, now)
    (event,) = Event.objects.all()
    assert (event.about_type, event.about_id) == ("dossier", str(dossier.pk))


@pytest.mark.parametrize("name", ACTS)
def test_it_is_forbidden_to_others(zone, now, name):
    dossier = DossierFactory(zone=zone)
    for role in ("auditor", "contact"):
        with pytest.raises(Forbidden):
            ACTS[name](dossier, someone(zone, role), now)
    assert kinds() == []


@pytest.mark.parametrize("name", ACTS)
def test_it_is_undone_when_the_ledger_fails(zone, office, now, name, broken_ledger):
    dossier = DossierFactory(zone=zone)
    before = Dossier.objects.filter(pk=dossier.pk).values().get()
    with pytest.raises(broken_ledger):
        ACTS[name](dossier, office, now)
    assert Dossier.objects.filter(pk=dossier.pk).values().get() == before
    assert Contact.objects.get(dossier=dossier).ends_on is None
    assert not Document.objects.exists()
    assert not Source.objects.exists()


@pytest.mark.parametrize("name", ["move", "state", "grade"])
def test_who_came_late_is_told(zone, office, now, name):
    dossier = DossierFactory(zone=zone)
    ACTS["grade"](dossier, office, now, 1)
    with pytest.raises(Stale):
        ACTS[name](dossier, office, now, 1)
    assert len(kinds()) == 1


def test_the_same_again_is_no_event(zone, office, now):
    dossier = DossierFactory(zone=zone, risk="red", state="left")
    ACTS["state"](dossier, office, now)
    ACTS["grade"](dossier, office, now)
    actions.move_to_cell(dossier=dossier, cell=dossier.cell, by=office, at=now)
    assert kinds() == []


def test_wrong_words_are_refused(zone, office, now):
    dossier = DossierFactory(zone=zone)
    for act, field in (
        (lambda: actions.set_state(
            dossier=dossier, state="x", reason="r", by=office, at=now), "state"),
        (lambda: actions.set_state(
            dossier=dossier, state="left", reason=" ", by=office, at=now), "reason"),
        (lambda: actions.grade(dossier=dossier, risk="x", reason="r", by=office, at=now), "risk"),
        (lambda: actions.grade(dossier=dossier, risk="red", reason="", by=office, at=now), "reason"),
        (lambda: actions.move_to_cell(
            dossier=dossier, cell=CellFactory(), by=office, at=now), "cell"),
        (lambda: actions.note_source(zone=zone, reference=" ", by=office, at=now), "source"),
    ):  # fmt: skip
        with pytest.raises(Refused) as refusal:
            act()
        assert refusal.value.field == field
    assert kinds() == []


def test_a_document_has_dates_in_order_a_file_of_this_zone_and_an_end(zone, office, now):
    dossier = DossierFactory(zone=zone)
    document = NewDocument(
        kind="licence", name="证", valid_from=date(2026, 2, 1), valid_to=date(2026, 1, 1)
    )
    with pytest.raises(Refused) as refusal:
        actions.add_document(dossier=dossier, document=document, by=office, at=now)
    assert refusal.value.field == "valid_to"
    kept = DocumentFactory(dossier=dossier)
    actions.withdraw_document(document=kept, reason="换证", by=office, at=now)
    kept.refresh_from_db()
    assert kept.withdrawn_at == now
    with pytest.raises(Stale):
        actions.withdraw_document(document=kept, reason="换证", by=office, at=now)
    assert kinds() == ["document.withdrawn"]


def test_a_fact_moves_to_the_source_that_changed_it(zone, office, now):
    dossier = DossierFactory(zone=zone)
    first = actions.note_source(zone=zone, reference="台账", kind="sheet", by=office, at=now)
    second = actions.note_source(zone=zone, reference="执照", by=office, at=now)
    args = {"dossier": dossier, "by": office, "at": now}
    actions.note_facts(names=["name", "place"], source=first, **args)
    actions.note_facts(names=["place"], source=second, **args)
    known = origins(Dossier.objects.get(pk=dossier.pk))
    assert {name: it.source for name, it in known.items()} == {"name": first, "place": second}
    assert known["place"].source.by_name == office.name


def test_the_last_visit_never_goes_back(zone, office, now):
    dossier = DossierFactory(zone=zone)
    for day, expected in ((10, 10), (5, 10), (12, 12)):
        actions.note_visit(dossier=dossier, on=date(2026, 9, day), by=office, at=now)
        dossier.refresh_from_db()
        assert dossier.last_visited_on == date(2026, 9, expected)


def test_gaps_are_found(zone, now):
    today = now.date()
    good = DossierFactory(zone=zone)
    orphan = DossierFactory(zone=zone)
    Post.objects.filter(person=orphan.contact).update(ends_on=today)
    barred = DossierFactory(zone=zone)
    barred.contact.is_active, barred.contact.deactivated_at = False, now
    barred.contact.save()
    gone = DossierFactory(zone=zone, state="left")
    Post.objects.filter(person=gone.contact).update(ends_on=today)
    headless = CellFactory(zone=zone, posted=False)
    idle = PostFactory(zone=zone, safety_duty="消防")
    PostFactory(zone=zone, role="safety_office", safety_duty="全区安全生产")
    PostFactory(zone=zone, person=good.contact, role="department", safety_duty="危化",
                unit=UnitFactory(zone=zone))  # fmt: skip
    found = gaps(zone, on=today)
    assert set(found.dossiers) == {orphan, barred}
    assert list(found.cells) == [headless]
    assert list(found.duties) == [idle]
    nothing = gaps(ZoneFactory(), on=today)
    assert not nothing.dossiers.exists()
    assert not nothing.cells.exists()
    assert not nothing.duties.exists()


def test_who_answers_counts_what_rests_on_each(zone, now, django_assert_num_queries):
    busy, (here, there) = someone(zone, "contact"), CellFactory.create_batch(2, zone=zone)
    DossierFactory.create_batch(2, zone=zone, contact=busy, cell=here)
    DossierFactory(zone=zone, contact=busy, cell=there)
    DossierFactory(zone=zone, contact=busy, cell=here, state="left")
    with django_assert_num_queries(5):
        found = who_answers(zone, on=now.date())
    rows = {it.person: it for it in found.people}
    assert rows[busy].dossiers == 3
    assert len(rows[busy].posts) == 1
    assert dict(found.cells) == {here: 2, there: 1}


def test_an_enterprise_gets_an_account_of_its_own(zone, now):
    dossier, other = DossierFactory.create_batch(2, zone=zone)
    admin = someone(zone, "administrator")
    new = NewPerson(username="boss", name="厂长")
    person = actions.give_account(dossier=dossier, new=new, by=admin, at=now)
    standing = standing_of(person, zone, on=now.date())
    assert list(Dossier.objects.visible_to(standing)) == [dossier]
    again = NewPerson(username="boss2", name="副厂长")
    second = actions.give_account(
        dossier=Dossier.objects.get(pk=dossier.pk), new=again, by=admin, at=now
    )
    assert Post.objects.get(person=second).unit == Post.objects.get(person=person).unit
    with pytest.raises(Forbidden):
        actions.give_account(dossier=other, new=new, by=someone(zone, "leader"), at=now)
