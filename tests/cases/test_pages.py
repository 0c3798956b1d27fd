"""Pages of cases: what is typed and uploaded is never lost, and nothing happens twice."""

import io
import re
from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from PIL import Image

from bihuan.cases.models import Case, Evidence, Move
from bihuan.cases.queries import THE_ENTERPRISE, found_kind, said_dues, usual_dues
from bihuan.cases.rules.declaration import Grade
from bihuan.cases.rules.moves import EXTEND, PLAN, VERIFY
from bihuan.core.ids import new_id
from bihuan.core.refusals import Refused
from bihuan.core.working_days import LAST_YEAR
from bihuan.files.models import StoredFile

pytestmark = pytest.mark.django_db
FIVE_PARTS = dict.fromkeys(("responsible", "measures", "funds", "time_limit", "contingency"), "…")


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def now():
    """Pages take the real time."""
    return timezone.now() - timedelta(minutes=1)


@pytest.fixture
def client_of(world):
    def sign_in(who):
        client = Client()
        client.force_login(getattr(world.people, who))
        return client

    return sign_in


def at(name, *args):
    return reverse(f"cases:{name}", args=("east", *args))


def photo(name="现场.jpg"):
    out = io.BytesIO()
    Image.new("RGB", (12, 9), "red").save(out, "JPEG")
    return SimpleUploadedFile(name, out.getvalue(), "image/jpeg")


def kept(answer, proof):
    """Return the ids of uploads that a page carries on."""
    return re.findall(rf'name="kept_{proof}" value="([0-9a-f-]{{36}})"', answer.content.decode())


def queries(client, url):
    client.get(url)
    with CaptureQueriesContext(connection) as seen:
        assert client.get(url).status_code == 200
    return len(seen)


def test_reading_asks_as_much_of_one_row_as_of_many(world, client_of):
    client, case = client_of("office"), world.report()
    urls = [at("list"), at("find"), at("detail", case.pk), at("report", world.dossier.pk)]
    few = [queries(client, url) for url in urls]
    for number in range(20):
        world.report(f"Finding {number}")
    many = [queries(client, url) for url in urls]
    assert many == few
    assert max(many) <= 12, dict(zip(urls, many, strict=True))


def test_a_report_refused_keeps_words_and_photos(world, client_of):
    client, url = client_of("contact"), at("report", world.dossier.pk)
    sent = {"form_key": str(new_id()), "title": "", "place": "东车间", "grade": "general"}
    first = client.post(url, {**sent, "proof_before": photo()})
    assert first.status_code == 422
    assert 'value="东车间"' in first.content.decode()
    assert "现场.jpg" in first.content.decode()
    (carried,) = kept(first, "before")
    again = client.post(url, {**sent, "title": "通道堵塞", "kept_before": carried})
    assert again.status_code == 302
    case = Case.objects.get()
    assert str(case.pk) == sent["form_key"]
    assert str(Evidence.objects.get(case=case).file_id) == carried
    assert StoredFile.objects.count() == 1


def test_what_may_be_the_same_is_shown_and_never_merged(world, client_of):
    there = world.report("消防通道堵塞")
    client, url = client_of("contact"), at("report", world.dossier.pk)
    sent = {"form_key": str(new_id()), "title": "消防通道堵塞", "grade": "general"}
    asked = client.post(url, {**sent, "proof_before": photo()})
    assert asked.status_code == 422
    assert there.number in asked.content.decode()
    assert Case.objects.count() == 1
    (carried,) = kept(asked, "before")
    done = client.post(url, {**sent, "kept_before": carried, "anew": "1"})
    assert done.status_code == 302
    assert Case.objects.count() == 2


def test_a_report_sent_twice_is_one_case(world, client_of):
    client, url = client_of("contact"), at("report", world.dossier.pk)
    sent = {"form_key": str(new_id()), "title": "通道堵塞", "grade": "general"}
    answers = [client.post(url, sent) for _twice in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert answers[0].url == answers[1].url
    assert Case.objects.count() == 1


MOVES = [  # who, move, what it is sent, what it needs
    ("office", "assign", {}, "unit"),
    ("enterprise", "submit", {}, "measures"),
    ("enterprise", "ask_extension", {}, "reason"),
    ("leader", "stop", {}, "reason"),
]


@pytest.mark.parametrize(("who", "name", "sent", "needed"), MOVES, ids=[it[1] for it in MOVES])
def test_a_move_refused_says_what_is_missing_and_keeps_what_was_given(
    who,
    name,
    sent,
    needed,
    world,
    client_of,
):
    case = world.assigned() if name != "assign" else world.report()
    client, url = client_of(who), at("move", case.pk, name)
    assert client.get(url).status_code == 200
    with_photo = {**sent, "form_key": str(new_id()), "seen": case.version, "proof_other": photo()}
    answer = client.post(url, with_photo)
    assert answer.status_code == 422
    assert needed in answer.context["form"].errors
    assert "现场.jpg" in answer.content.decode() or name == "submit"
    assert Move.objects.filter(case=case).count() == case.version


def test_submitting_asks_for_a_photo_and_keeps_it_while_words_are_mended(world, client_of):
    case = world.assigned()
    client, url = client_of("enterprise"), at("move", case.pk, "submit")
    sent = {"form_key": str(new_id()), "seen": case.version, "measures": "已清理"}
    bare = client.post(url, sent)
    assert bare.status_code == 422
    assert "已清理" in bare.content.decode()
    assert "proof_after" in bare.context["form"].errors
    wordless = client.post(url, {**sent, "measures": "", "proof_after": photo()})
    assert wordless.status_code == 422
    (carried,) = kept(wordless, "after")
    done = client.post(url, {**sent, "kept_after": carried})
    assert done.status_code == 302
    assert Case.objects.get().status == "submitted"


def test_who_saw_an_older_state_is_told_so(world, client_of):
    case = world.submitted()
    client, url = client_of("office"), at("move", case.pk, "verify")
    needed = dict.fromkeys(client.get(url).context["form"].fields, "已到场核查")
    sent = {**needed, "form_key": str(new_id()), "seen": case.version - 1, "proof_site": photo()}
    answer = client.post(url, sent)
    assert answer.status_code in {409, 422}
    assert "重新查看" in answer.content.decode()
    assert Case.objects.get().status == "submitted"
    assert Move.objects.filter(case=case).count() == case.version


def test_two_who_assign_at_once_make_one_move(world, client_of):
    case = world.report()
    sent = {"seen": case.version, "unit": "own"}
    url = at("move", case.pk, "assign")
    first = client_of("office").post(url, {**sent, "form_key": str(new_id())})
    late = client_of("leader").post(url, {**sent, "form_key": str(new_id())})
    assert first.status_code == 302
    assert late.status_code in {409, 422}
    assert Move.objects.filter(case=case, name="assign").count() == 1


def test_a_broken_photo_is_named_at_its_field(world, client_of):
    case = world.assigned()
    client, url = client_of("enterprise"), at("move", case.pk, "submit")
    broken = SimpleUploadedFile("坏.jpg", b"\xff\xd8\xff\xe0 no picture", "image/jpeg")
    sent = {"form_key": str(new_id()), "seen": case.version, "measures": "已清理"}
    answer = client.post(url, {**sent, "proof_after": broken})
    assert answer.status_code == 422
    assert "坏.jpg" in str(answer.context["form"].errors["proof_after"])
    assert not StoredFile.objects.exists()


def test_the_rectifying_unit_is_not_offered_to_verify(world, client_of):
    case = world.submitted()
    client = client_of("enterprise")
    assert client.get(at("move", case.pk, "verify")).status_code == 404
    answer = client.post(at("move", case.pk, "verify"), {"seen": case.version})
    assert answer.status_code in {403, 409, 422}
    assert Case.objects.get().status == "submitted"


def test_a_major_hazard_asks_for_the_plan_of_five_parts(world, client_of):
    due_on = timezone.localdate() + timedelta(days=9)
    case = world.report(grade=Grade.MAJOR, due_on=due_on)
    world.move(case, "assign", by=world.people.office, unit=world.units.enterprise.pk)
    case.refresh_from_db()
    client, url = client_of("enterprise"), at("move", case.pk, "plan")
    answer = client.post(url, {"form_key": str(new_id()), "seen": case.version, "funds": "三万元"})
    assert answer.status_code == 422
    assert "三万元" in answer.content.decode()
    missing = {"responsible", "measures", "time_limit", "contingency"}
    assert missing <= answer.context["form"].errors.keys()


def test_a_case_says_who_comes_next(world, client_of):
    due = timezone.localdate() + timedelta(days=9)
    case = world.report(grade=Grade.MAJOR, due_on=due)
    world.move(case, "assign", by=world.people.office, unit=world.units.enterprise.pk)
    shown = client_of("office").get(at("detail", case.pk)).context
    assert [(str(label), whose) for label, whose in shown["awaited"]] == [
        (str(PLAN.label), "Works Ltd")
    ]
    own = client_of("enterprise").get(at("detail", case.pk)).context
    assert own["main"].rule.name == "plan"
    assert own["awaited"] == []
    world.move(case, "plan", by=world.people.enterprise, **FIVE_PARTS)
    assert client_of("enterprise").get(at("detail", case.pk)).context["main"] is None
    world.move(case, "approve_plan", by=world.people.office)
    assert client_of("enterprise").get(at("detail", case.pk)).context["main"].rule.name == "submit"
    shown = client_of("office").get(at("detail", case.pk)).context
    assert [whose for _label, whose in shown["awaited"]] == ["Works Ltd"]


def test_who_must_do_it_again_reads_why_first(world, client_of):
    case = world.submitted()
    world.move(case, "reject", by=world.people.office, reason="Two places left")
    client = client_of("enterprise")
    for page in (at("detail", case.pk), at("move", case.pk, "submit")):
        answer = client.get(page)
        assert answer.context["returned"] == "Two places left"
        assert "退回原因：Two places left" in answer.content.decode()
    world.submitted(case)
    assert client.get(at("detail", case.pk)).context["returned"] == ""


def test_who_handed_in_is_told_who_verifies_and_the_way_back_leads_to_the_case(world, client_of):
    case = world.submitted()
    client = client_of("enterprise")
    shown = client.get(at("detail", case.pk)).context["awaited"]
    assert str(VERIFY.label) in [str(label) for label, _whose in shown]
    again = client.get(at("move", case.pk, "submit"))
    assert (again.status_code, again["Location"]) == (302, at("detail", case.pk))
    assert client.get(at("move", case.pk, "verify")).status_code == 404


def test_giving_out_begins_with_the_enterprise_and_says_which_date_stands(world, client_of):
    case = world.report()
    client = client_of("office")
    asked = client.get(at("move", case.pk, "assign")).context["form"]
    assert asked["unit"].initial == THE_ENTERPRISE
    assert f"{case.due_on:%Y-%m-%d}" in asked["due_on"].help_text
    people = dict(asked.fields["person"].choices)
    assert len(people) == len(asked.fields["person"].choices)
    world.move(case, "assign", by=world.people.office, unit=world.units.enterprise.pk)
    again = client.get(at("move", case.pk, "assign")).context["form"]
    assert "due_on" not in again.fields  # an extension moves it, another hand does not
    assert not again["unit"].initial
    first = again.fields["person"].choices[1][0]
    assert first == str(world.people.enterprise.pk)


def test_an_extension_asked_for_is_what_comes_next_with_its_date(world, client_of):
    case = world.report()
    world.move(case, "assign", by=world.people.office, unit=world.units.enterprise.pk)
    asked = case.due_on + timedelta(days=9)
    world.move(case, "ask_extension", by=world.people.enterprise, due_on=asked, reason="晚到")
    shown = client_of("office").get(at("detail", case.pk)).context
    assert shown["main"].rule.name == "extend"
    assert [it.rule.name for it in shown["possible"] if it.onward] == [
        "extend",
        "decline_extension",
    ]
    form = client_of("office").get(at("move", case.pk, "extend")).context["form"]
    assert form["due_on"].value() == asked
    own = client_of("enterprise").get(at("detail", case.pk)).context
    assert next(str(label) for label, _whose in own["awaited"]) == str(EXTEND.label)
    row = client_of("office").get(at("list")).content.decode()
    assert case.dossier.contact.name in row


def test_a_move_is_made_with_story_and_evidence_beside_it(world, client_of):
    case = world.submitted()
    shown = client_of("office").get(at("move", case.pk, "verify"))
    assert shown.context["evidence"]
    assert [it.title for it in shown.context["moments"]]
    assert shown.context["papers"] == []

    case = world.report()
    letter = client_of("office").get(at("move", case.pk, "transfer"))
    assert reverse("safety:transfer", args=("east", case.pk)) in letter.content.decode()


def test_sending_back_is_never_the_main_thing_to_do(world, client_of):
    case = world.submitted()
    client = client_of("office")
    assert client.get(at("detail", case.pk)).context["main"].rule.name == "verify"
    world.move(case, "verify", by=world.people.office, opinion="ok")
    shown = client.get(at("detail", case.pk)).context
    assert shown["main"].rule.name == "close"
    other = client_of("other_contact").get(at("detail", case.pk))
    assert other.status_code == 404 or other.context["main"] is None


def test_a_date_is_asked_for_where_the_calendar_ends(world):
    with pytest.raises(Refused, match=r"^Give the date by which it is to be rectified") as told:
        world.report(grade=Grade.MAJOR, at=world.now.replace(year=LAST_YEAR, month=12, day=20))
    assert told.value.field == "due_on"


def test_the_usual_dates_are_said_before_they_are_needed(world):
    kind, zone = found_kind(), world.zone
    known = usual_dues(zone, kind, on=date(LAST_YEAR, 3, 2))
    assert all(due and due > date(LAST_YEAR, 3, 2) for due in known.values())
    ends = usual_dues(zone, kind, on=date(LAST_YEAR, 12, 30))
    assert list(ends.values()) == [None, None]
    assert said_dues(ends).count("to be given") == 2
    assert date_format(known[Grade.MAJOR]) in said_dues(known)
