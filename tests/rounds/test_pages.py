import base64
import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from bihuan.cases.models import Case
from bihuan.core.ids import new_id
from bihuan.rounds import actions
from bihuan.rounds.models import Entry, Excuse, Round, Visit
from bihuan.zones.models import Cell, Zone

pytestmark = pytest.mark.django_db


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
    return reverse(name, args=("east", *args))


def picture(name="photo.jpg", colour="red"):
    out = io.BytesIO()
    Image.new("RGB", (12, 9), colour).save(out, "JPEG")
    return SimpleUploadedFile(name, out.getvalue(), "image/jpeg")


def signature():
    out = io.BytesIO()
    Image.new("RGB", (30, 12), "white").save(out, "PNG")
    return "data:image/png;base64," + base64.b64encode(out.getvalue()).decode()


def sheet(**more):
    """Return what a complete sheet sends."""
    now = timezone.localtime()
    return {
        "form_key": str(new_id()),
        "started_at": (now - timedelta(minutes=15)).strftime("%Y-%m-%dT%H:%M"),
        "ended_at": "",
        "ours-0-name": "contact",
        "theirs-0-name": "Boss",
        "signature-theirs": signature(),
        "answer-G01": "yes",
        **more,
    }


@pytest.fixture
def row(world):
    world.dossier(cell="a")
    world.dossier(cell="b", contact=world.people.other_contact)
    return world.open(due_on=timezone.localdate() + timedelta(days=30))


@pytest.fixture
def entry(row, world):
    return Entry.objects.get(round=row, dossier=world.dossiers[0])


PAGES = {
    "rounds:list": {"leader", "office", "contact", "auditor", "department", "cell_leader"},
    "rounds:open": {"office"},
    "rounds:mine": {"leader", "office", "contact", "department", "cell_leader"},
    "rounds:visits": {"leader", "office", "contact", "auditor", "department", "cell_leader"},
    "rounds:excuses": {"leader", "office"},
    "rounds:checklists": {"leader", "office", "contact", "auditor", "department", "cell_leader"},
}
EVERYONE = (
    "leader", "office", "contact", "auditor", "department", "cell_leader", "enterprise",
    "stranger",
)  # fmt: skip


@pytest.mark.parametrize("who", EVERYONE)
@pytest.mark.parametrize("name", PAGES)
def test_who_may_open_which_page(name, who, client_of, world, row):
    answer = client_of(who).get(at(name))
    expected = 404 if who == "stranger" else 200 if who in PAGES[name] else 403
    assert answer.status_code == expected


def test_another_zone_does_not_exist(client_of, world):
    Zone.objects.create(slug="west", name="West zone")
    assert client_of("office").get(reverse("rounds:list", args=("west",))).status_code == 404


def test_opening_shows_how_many_before_it_freezes(client_of, world):
    world.dossier(cell="a")
    world.dossier(cell="b")
    client = client_of("office")
    assert client.get(at("rounds:open")).status_code == 200
    count = client.get(at("rounds:count"), {"cell": world.cells["b"].pk})
    assert "<strong>1</strong>" in count.content.decode()
    sent = {
        "form_key": str(new_id()),
        "name": "Round",
        "template": "routine",
        "checklist": world.checklist.pk,
        "due_on": (timezone.localdate() + timedelta(days=9)).isoformat(),
        "cell": world.cells["b"].pk,
    }
    assert client.post(at("rounds:open"), {**sent, "name": ""}).status_code == 422
    answers = [client.post(at("rounds:open"), sent) for _twice in range(2)]
    assert {answer.status_code for answer in answers} == {302}
    made = Round.objects.get()
    assert made.total == 1
    assert answers[0].url == answers[1].url == at("rounds:detail", made.pk)


def test_the_register_tells_who_is_missing(client_of, world, row):
    page = client_of("office").get(at("rounds:detail", row.pk)).content.decode()
    assert "Works 0001" in page
    parts = client_of("office").get(at("rounds:coverage", row.pk)).content.decode()
    assert "other_contact" in parts
    assert "50%" not in parts, "nobody is visited yet"
    answer = client_of("office").post(at("rounds:close", row.pk), follow=True)
    assert "other_contact 1" in answer.content.decode()
    assert Round.objects.get().state == "open"


def test_a_contact_sees_only_their_own_lines(client_of, world, row):
    page = client_of("contact").get(at("rounds:detail", row.pk)).content.decode()
    assert "Works 0001" in page
    assert "Works 0002" not in page
    other = Entry.objects.get(dossier=world.dossiers[1])
    for name in ("rounds:entry", "rounds:visit_entry", "rounds:excuse"):
        assert client_of("contact").get(at(name, other.pk)).status_code == 404


def test_a_visit_is_recorded_in_one_form(client_of, world, entry):
    client = client_of("contact")
    page = client.get(at("rounds:visit_entry", entry.pk)).content.decode()
    assert "Exits are clear" in page
    assert "Exit blocked" in page, "the standard phrase is there before it is needed"
    answer = client.post(
        at("rounds:visit_entry", entry.pk),
        sheet(**{"answer-G01": "no", "title-G01": "Exit blocked", "before-G01": picture(),
                 "category-G01": "fire", "clause-G01": "Law 42"}),
    )  # fmt: skip
    visit = Visit.objects.get()
    assert answer.url == at("rounds:visit", visit.pk)
    case = Case.objects.get()
    assert (case.title, case.clause, case.category) == ("Exit blocked", "Law 42", "fire")
    shown = client.get(at("rounds:visit", visit.pk)).content.decode()
    assert "Exit blocked" in shown
    assert case.number in shown
    again = client.get(at("rounds:visit_dossier", entry.dossier_id)).content.decode()
    assert case.number in again, "the next sheet begins with what is still open"


def test_nothing_typed_or_taken_is_lost_on_a_refusal(client_of, world, entry):
    client = client_of("contact")
    sent = sheet(
        **{"answer-G01": "no", "title-G01": "Door chained", "place-G01": "Hall 3",
           "note-G02": "later", "summary": "Saw the hall", "signature-theirs": "",
           "before-G01": picture(), "photos": [picture("p1.jpg", "blue"), picture("p2.jpg")]}
    )  # fmt: skip
    answer = client.post(at("rounds:visit_entry", entry.pk), sent)
    assert answer.status_code == 422
    page = answer.content.decode()
    for words in ("Door chained", "Hall 3", "Saw the hall", "photo.jpg", "p1.jpg", "p2.jpg"):
        assert words in page
    kept = {
        name: [file.pk for slot, file in answer.context["sheet"].arrived if f"kept_{slot}" == name]
        for name in ("kept_before-G01", "kept_photos")
    }
    assert [len(files) for files in kept.values()] == [1, 2]
    again = {k: v for k, v in sent.items() if k not in ("before-G01", "photos")}
    again |= {**kept, "refusal": "Boss left"}
    answer = client.post(at("rounds:visit_entry", entry.pk), again)
    assert answer.status_code == 302
    visit = Visit.objects.get()
    assert visit.photos.count() == 2
    assert visit.refusal == "Boss left"
    assert Case.objects.get().evidence.filter(proof="before").count() == 1


def test_what_is_wrong_with_a_finding_names_it_and_leads_there(client_of, world, entry):
    sent = sheet(
        **{"answer-G01": "no", "title-G01": "Door", "due_on-G01": "soon", "before-G01": picture(),
           "title-x1": "Loose cable", "due_on-x1": "2020-01-01", "before-x1": picture()}
    )  # fmt: skip
    client = client_of("contact")
    page = client.post(at("rounds:visit_entry", entry.pk), sent).content.decode()
    assert '<li><a href="#title-G01">Door：' in page
    sent = sheet(**{k: v for k, v in sent.items() if k in ("title-x1", "due_on-x1")})
    sent |= {"before-x1": picture()}
    page = client.post(at("rounds:visit_entry", entry.pk), sent).content.decode()
    assert '<li><a href="#title-x1">Loose cable：' in page


def test_the_same_sheet_sent_three_times_is_one_visit(client_of, world, entry):
    client, sent = client_of("contact"), sheet()
    answers = [client.post(at("rounds:visit_entry", entry.pk), sent) for _again in range(3)]
    assert {answer.url for answer in answers} == {at("rounds:visit", Visit.objects.get().pk)}


@pytest.mark.parametrize(
    "bad",
    [
        {"started_at": "yesterday"},
        {"ended_at": "2026-99-99T00:00"},
        {"answer-G01": "perhaps"},
        {"answer-G03": "many"},
        {"signature-theirs": "data:image/png;base64,@@@"},
        {"answer-G01": "no", "due_on-G01": "soon", "before-G01": "x"},
        {"form_key": "no key", "started_at": "0001-01-01T00:00"},
        {"answer-G01": "no", "known-G01": "YH2026-9999"},
        {"photos": SimpleUploadedFile("a.jpg", b"\xff\xd8\xff broken", "image/jpeg")},
        {"ours-0-name": "", "ours-0-title": ""},
        {"answer-G01": "no", "title-G01": "x" * 300, "before-G01": "picture"},
        {"summary": "\0" * 9, "theirs-0-name": "\0"},
    ],
)
def test_bad_sheets_are_refused_with_words_and_never_break(client_of, world, entry, bad):
    sent = sheet(**{k: picture() if v == "picture" else v for k, v in bad.items()})
    answer = client_of("contact").post(at("rounds:visit_entry", entry.pk), sent)
    assert answer.status_code == 422
    assert not Visit.objects.exists()
    assert not Case.objects.exists()


def test_long_and_strange_words_are_kept_as_far_as_there_is_room(client_of, world, entry):
    long = "长\0" * 3000
    sent = sheet(
        **{"answer-G01": "no", "title-G01": "T", "place-G01": long, "before-G01": picture(),
           "summary": long, "theirs-0-name": long, "ours-0-title": long, "note-G01": long}
    )  # fmt: skip
    assert client_of("contact").post(at("rounds:visit_entry", entry.pk), sent).status_code == 302
    assert Case.objects.get().place == "长" * 200


def test_a_visit_outside_any_round_takes_the_fitting_checklist(client_of, world):
    dossier = world.dossier()
    client = client_of("contact")
    page = client.get(at("rounds:visit_dossier", dossier.pk)).content.decode()
    assert "Exits are clear" in page
    assert client.post(at("rounds:visit_dossier", dossier.pk), sheet()).status_code == 302
    assert Visit.objects.get().round is None
    strange = world.dossier(contact=world.people.other_contact)
    assert client.get(at("rounds:visit_dossier", strange.pk)).status_code == 404


def test_a_cell_leader_sees_who_is_behind_in_the_cell(world, client_of):
    world.dossier(cell="a")
    world.dossier(cell="b", contact=world.people.other_contact)
    row = world.open(due_on=timezone.localdate() + timedelta(days=9))
    shown = client_of("cell_leader").get(at("rounds:coverage", row.pk)).context["parts"]
    told = {str(title): [part.name for part, _href in parts] for title, parts in shown}
    assert list(told.values())[:2] == [["A"], ["contact"]]
    assert client_of("contact").get(at("rounds:coverage", row.pk)).context["parts"] == ()


def test_an_excuse_goes_to_another_person(client_of, world, entry):
    client = client_of("contact")
    page = at("rounds:excuse", entry.pk)
    assert client.get(page).status_code == 200
    assert client.post(page, {"reason": "moved"}).status_code == 422
    assert client.post(page, {"reason": "moved", "evidence": picture()}).status_code == 302
    excuse = Excuse.objects.get()
    boss = client_of("leader")
    assert world.dossiers[0].name in boss.get(at("rounds:excuses")).content.decode()
    boss.post(at("rounds:decide", excuse.pk), {"verdict": "decline"})
    excuse.refresh_from_db()
    assert excuse.verdict == "asked", "declining needs an opinion"
    boss.post(at("rounds:decide", excuse.pk), {"verdict": "approve"})
    entry.refresh_from_db()
    assert entry.state == "excused"
    assert client.get(at("rounds:entry", entry.pk)).status_code == 200


def test_assigning_joining_and_cancelling(client_of, world, row, entry):
    client = client_of("office")
    office = str(world.people.office.pk)
    client.post(at("rounds:assign", row.pk), {"pk": [str(entry.pk)], "person": office})
    entry.refresh_from_db()
    assert entry.assignee == world.people.office
    assert client.get(at("rounds:mine")).content.decode().count(world.dossiers[0].name) == 1
    assert client.post(at("rounds:assign", row.pk), {"person": "x"}).status_code == 422
    late = world.dossier(opened_at=timezone.now())
    client.post(at("rounds:join_newcomers", row.pk))
    assert row.entries.filter(dossier=late, joined="newcomer").exists()
    assert client.post(at("rounds:join", row.pk), {"code": "?", "why": "x"}).status_code == 422
    assert client.post(at("rounds:cancel", row.pk), {"reason": ""}).status_code == 422
    client.post(at("rounds:cancel", row.pk), {"reason": "Order withdrawn"})
    assert Round.objects.get().state == "cancelled"


@pytest.mark.parametrize("name", ["assign", "join", "join_newcomers", "close", "cancel"])
@pytest.mark.parametrize("who", ["leader", "contact", "auditor"])
def test_only_who_manages_changes_a_round(client_of, world, row, name, who):
    assert client_of(who).post(at(f"rounds:{name}", row.pk)).status_code == 403


@pytest.mark.parametrize(
    "name",
    [
        "rounds:list",
        "rounds:mine",
        "rounds:visits",
        "rounds:detail",
        "rounds:coverage",
        "rounds:excuses",
    ],
)
def test_no_query_count_grows_with_rows(
    client_of, world, row, name, django_assert_max_num_queries, django_assert_num_queries
):
    client = client_of("office")
    page = at(name, row.pk) if name in ("rounds:detail", "rounds:coverage") else at(name)

    def fill(count):
        for _number in range(count):
            code = f"c{len(world.cells)}"
            world.cells[code] = Cell.objects.create(
                zone=world.zone, code=code, name=code, path=f"/z/{code}/",
                leader=world.people.leader,
            )  # fmt: skip
            late = world.dossier(cell=code, contact=world.people.contact, sector="fire")
            actions.join(
                round_id=row.pk, dossier=late, why="x", by=world.people.office, at=timezone.now()
            )
            world.excuse(row.entries.get(dossier=late))
            dossier = world.dossier(contact=world.people.office, opened_at=timezone.now())
            world.visit(dossier, by=world.people.office, at=timezone.now())
        world.open(due_on=timezone.localdate() + timedelta(days=1), at=timezone.now())

    fill(1)
    client.get(page)
    with django_assert_max_num_queries(13) as few:
        client.get(page)
    fill(12)
    with django_assert_num_queries(len(few)):
        client.get(page)


def test_lists_leave_as_spreadsheets_for_who_may_export(client_of, world, row, entry):
    world.visit(world.dossiers[0], entry=entry, at=timezone.now())
    lists = [at(f"rounds:{name}") + "?as=xlsx" for name in ("list", "visits")]
    for page in (*lists, at("rounds:export_list", row.pk)):
        answer = client_of("office").get(page)
        assert b"".join(answer.streaming_content)[:2] == b"PK"
        assert client_of("contact").get(page).status_code == 403
