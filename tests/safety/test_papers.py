import io
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from docx import Document

from bihuan.cases.actions import Wanted, make_move
from bihuan.cases.models import Case
from bihuan.cases.rules.declaration import Proof
from bihuan.core.refusals import Forbidden, Refused
from bihuan.ledger.models import Event
from bihuan.rounds.models import Checklist
from bihuan.safety import actions
from bihuan.safety.models import Basis, Delegation
from bihuan.zones.models import Post, Unit

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def now():
    return timezone.now() - timedelta(minutes=1)


@pytest.fixture
def open_as(world):
    def get(who, name, *args, **query):
        client = Client()
        client.force_login(getattr(world.people, who))
        return client.get(reverse(name, args=("east", *args)), query)

    return get


@pytest.fixture
def visit(world):
    found, files = world.finding(place="东门 2 号")
    dossier = world.dossier()
    row = world.open(due_on=timezone.localdate())
    return world.visit(
        dossier, entry=row.entries.get(), files=files, findings=(found,), answers={"G01": "yes"}
    )


def words_of(answer):
    document = Document(io.BytesIO(answer.content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


@pytest.mark.parametrize("name", ["safety:record", "safety:notice"])
def test_one_visit_makes_its_papers_without_typing_anything_twice(open_as, visit, name):
    page = open_as("contact", name, visit.pk)
    assert page.status_code == 200
    word = open_as("contact", name, visit.pk, **{"as": "docx"})
    assert "wordprocessingml" in word["Content-Type"]
    for text in (page.content.decode(), words_of(word)):
        for said in ("Works 0001", "Exit blocked", "东门 2 号", "Boss", visit.number):
            assert said in text


def test_a_notice_gives_each_problem_its_own_date(open_as, world):
    one, files = world.finding(due_on=timezone.localdate() + timedelta(days=3))
    two, more = world.finding(due_on=timezone.localdate() + timedelta(days=30))
    visit = world.visit(world.dossier(), files=[*files, *more], findings=(one, two))
    page = open_as("office", "safety:notice", visit.pk).content.decode()
    for found in (one, two):
        assert f"{found.due_on.month}月{found.due_on.day}日" in page


def test_papers_leave_the_house_in_chinese_whoever_prints_them(open_as, visit, world):
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(world.people.office)
    client.cookies["django_language"] = "en"
    page = client.get(reverse("safety:record", args=("east", visit.pk))).content.decode()
    assert "被检查单位" in page


def test_a_refusal_to_sign_is_on_the_record(open_as, world):
    visit = world.visit(world.dossier(), told=world.told(refusal="对问题有异议"))
    assert "对问题有异议" in open_as("contact", "safety:record", visit.pk).content.decode()


def test_there_is_no_notice_of_nothing_and_no_opinion_before_a_look(open_as, world, visit):
    bare = world.visit(world.dossier())
    assert open_as("contact", "safety:notice", bare.pk).status_code == 422
    case = Case.objects.get()
    assert open_as("contact", "safety:opinion", case.pk).status_code == 422


def test_papers_of_others_do_not_exist(open_as, visit):
    case = Case.objects.get()
    assert open_as("other_contact", "safety:record", visit.pk).status_code == 404
    assert open_as("other_contact", "safety:opinion", case.pk).status_code == 404
    assert open_as("stranger", "safety:record", visit.pk).status_code == 404
    assert open_as("enterprise", "safety:record", visit.pk).status_code == 403


def test_opinion_and_letter_follow_the_moves(open_as, world, visit):
    case, office = Case.objects.get(), world.people.office
    contact = world.people.contact

    def move(name, by, proofs=(), **inputs):
        attached = [(world.file(by), proof) for proof in proofs]
        make_move(case=case.pk, wanted=Wanted(name, inputs, attached), by=by, at=timezone.now())

    move("submit", contact, [Proof.AFTER], measures="已清空", on_behalf="企业委托")
    move("reject", office, reason="仍有杂物")
    assert "仍有杂物" in open_as("office", "safety:opinion", case.pk).content.decode()
    letter = open_as("office", "safety:transfer", case.pk).content.decode()
    assert "尚未移送" in letter
    assert case.title in letter
    move("transfer", office, [Proof.RECEIPT], receiver="消防救援大队", receipt_number="2026-7",
         reason="不属本区职责")  # fmt: skip
    page = open_as("office", "safety:transfer", case.pk).content.decode()
    assert "消防救援大队" in page
    assert "2026-7" in page
    assert "尚未移送" not in page


def test_no_letter_is_made_out_for_a_case_that_ended_here(open_as, world):
    found, files = world.finding(corrected="当场清空")
    world.visit(world.dossier(), files=files, findings=(found,))
    case = Case.objects.get()
    assert open_as("office", "safety:transfer", case.pk).status_code == 422


def test_the_ledger_tells_problem_rectification_and_closing(open_as, world):
    found, files = world.finding(corrected="当场清空")
    world.visit(world.dossier(), files=files, findings=(found,))
    page = open_as("office", "safety:hazards").content.decode()
    for said in ("Exit blocked", "当场清空", "Works 0001"):
        assert said in page
    sheet = open_as("office", "safety:hazards", **{"as": "xlsx"})
    assert b"".join(sheet.streaming_content)[:2] == b"PK"
    assert open_as("contact", "safety:hazards", **{"as": "xlsx"}).status_code == 403


def test_major_hazards_show_plan_and_signatures(open_as, world):
    found, files = world.finding(grade="major", due_on=timezone.localdate())
    world.visit(world.dossier(), files=files, findings=(found,))
    page = open_as("leader", "safety:majors").content.decode()
    assert "Exit blocked" in page
    assert "缺失" in page or "missing" in page


@pytest.mark.parametrize("name", ["safety:hazards", "safety:majors"])
def test_no_query_count_grows_with_hazards(
    world, name, django_assert_num_queries, django_assert_max_num_queries
):
    client = Client()
    client.force_login(world.people.office)
    page = reverse(name, args=("east",))

    def find(count):
        for _again in range(count):
            found, files = world.finding(grade="major", due_on=timezone.localdate())
            world.visit(world.dossier(), files=files, findings=(found,))

    find(1)
    client.get(page)
    with django_assert_max_num_queries(20) as few:
        client.get(page)
    find(8)
    with django_assert_num_queries(len(few)):
        client.get(page)


# --- checklists and powers ---------------------------------------------------------------


def test_supplied_checklists_are_taken_into_use_once(world):
    Checklist.objects.all().delete()
    by, at = world.people.office, timezone.now()
    first = actions.load_supplied_checklists(zone=world.zone, by=by, at=at)
    again = actions.load_supplied_checklists(zone=world.zone, by=by, at=at)
    assert [it.pk for it in first] == [it.pk for it in again]
    assert Checklist.objects.count() == 8
    assert Event.objects.filter(kind="checklist.loaded").count() == 9
    with pytest.raises(Forbidden):
        actions.load_supplied_checklists(zone=world.zone, by=world.people.contact, at=at)


@pytest.fixture
def administrator(world):
    person = world.people.stranger
    Post.objects.create(
        zone=world.zone, person=person, role="administrator", starts_on=timezone.localdate()
    )
    return person


def unit():
    return Unit.objects.get(name="Fire office")


def grant(**changes):
    today = timezone.localdate()
    return actions.Grant(
        **{"unit": unit(), "basis": Basis.ENTRUSTED, "granted_by": "县应急管理局",
           "document": "委托书〔2026〕1号", "starts_on": today, **changes}
    )  # fmt: skip


def certify(world, *numbers):
    for number in numbers:
        Post.objects.create(
            zone=world.zone, person=world.people.office, role="department", unit=unit(),
            starts_on=timezone.localdate(), certificate=number,
        )  # fmt: skip


def test_statutory_forms_are_refused_until_powers_and_officers_are_on_record(world, administrator):
    at, zone = timezone.now(), world.zone

    def ask():
        actions.allow_statutory(
            zone=zone, unit=unit(), form="rectification_order", by=world.people.leader, at=at
        )

    with pytest.raises(Refused):
        ask()
    actions.record_delegation(
        zone=zone, grant=grant(), file=world.file(administrator), by=administrator, at=at
    )
    certify(world, "XF001")
    with pytest.raises(Refused):
        ask()
    assert not Event.objects.filter(kind="statutory_form.allowed").exists()
    certify(world, "XF002")
    ask()
    assert Event.objects.filter(kind="statutory_form.allowed").count() == 1
    row = Delegation.objects.get()
    actions.withdraw_delegation(delegation_id=row.pk, by=administrator, at=at)
    with pytest.raises(Refused):
        ask()
    with pytest.raises(Refused):
        actions.withdraw_delegation(delegation_id=row.pk, by=administrator, at=at)


@pytest.mark.parametrize(
    "bad",
    [{"granted_by": " "}, {"document": ""}, {"ends_on": timezone.localdate()}],
)
def test_a_delegation_names_who_granted_what_until_when(world, administrator, bad):
    with pytest.raises(Refused):
        actions.record_delegation(
            zone=world.zone, grant=grant(**bad), file=world.file(administrator),
            by=administrator, at=timezone.now(),
        )  # fmt: skip
    assert not Delegation.objects.exists()


def test_a_delegation_needs_its_document_and_an_administrator(world, administrator):
    at = timezone.now()
    with pytest.raises(Refused):
        actions.record_delegation(
            zone=world.zone, grant=grant(), file=None, by=administrator, at=at
        )
    with pytest.raises(Forbidden):
        actions.record_delegation(
            zone=world.zone, grant=grant(), file=world.file(world.people.office),
            by=world.people.office, at=at,
        )  # fmt: skip


def test_the_page_of_powers_says_what_is_missing(open_as, world, administrator):
    page = open_as("leader", "safety:powers").content.decode()
    assert "Fire office" in page
    assert open_as("leader", "safety:delegate").status_code == 403
    assert open_as("stranger", "safety:delegate").status_code == 200
    client = Client()
    client.force_login(world.people.leader)
    answer = client.post(reverse("safety:statutory", args=("east", unit().pk)))
    assert answer.status_code == 422
