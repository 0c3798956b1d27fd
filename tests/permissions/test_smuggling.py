"""What the matrix cannot see: ids of another zone in fields and filters, headers, methods, caches."""

import io
import re
import zipfile

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import models
from django.forms import ModelChoiceField
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bihuan.accounts.models import Person
from bihuan.core.permissions import ROLES
from bihuan.core.refusals import Refused
from bihuan.dossiers.actions import NewDocument, add_document
from bihuan.dossiers.models import Dossier
from bihuan.files.models import StoredFile
from bihuan.ledger.models import Event
from tests.permissions.test_leaks import LISTS
from tests.permissions.test_matrix import (
    ACT,
    FORM,
    PAGES,
    READ,
    address,
    contents,
    east,
    expected,
    near_for,
    west,
)
from tests.permissions.world import NEAR, ROLES_HERE, body, photo, signed_in

__all__ = ["east", "west"]
pytestmark = pytest.mark.django_db
WRITERS = ("safety_office", "administrator", "platform")
SOME = ("safety_office", "administrator", "platform", "contact")  # of each reach one
LIKELY = (
    "zones.Cell", "zones.Unit", "accounts.Person", "dossiers.Dossier", "cases.Case",
    "files.StoredFile", "rounds.Checklist",
)  # fmt: skip
ACTS = {  # what pages without a form of their own read from what is sent
    "pk", "of", "to", "person", "cell", "unit", "about", "id", "evidence", "kept_before",
    "kept_after", "kept_evidence", "kept_file", "kept", "kept_photos", "checklist", "recurs",
    "landlord", "leader", "parent", "round",
}  # fmt: skip


def text_of(answer) -> str:
    """Return what an answer says; of a packed file, all its parts."""
    content = body(answer)
    if content[:2] != b"PK":
        return content.decode(errors="replace")
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        return "".join(book.read(name).decode(errors="replace") for name in book.namelist())


def ids_of(place) -> dict[str, list[str]]:
    """Return model label -> the ids of a zone's rows, and those of its people."""
    found = {
        model._meta.label: [str(pk) for pk in model._base_manager.filter(zone=place.zone).values_list("pk", flat=True)]
        for model in apps.get_models()
        if any(field.name == "zone" for field in model._meta.fields) and model._meta.label not in {"ledger.Event", "ledger.Checkpoint", "ledger.Head"}
    }  # fmt: skip
    return found | {"accounts.Person": [str(it.pk) for it in place.people.values()]}


def points_elsewhere(place) -> list[str]:
    """Return every column of a zone's rows that points to a row of another zone."""
    wrong = []
    for model in apps.get_models():
        names = {field.name for field in model._meta.fields}
        if "zone" not in names:
            continue
        for field in model._meta.fields:
            if isinstance(field, models.ForeignKey) and field.name != "zone":
                target = {it.name for it in field.related_model._meta.fields}
                rows = model._base_manager.filter(
                    zone=place.zone, **{f"{field.name}__isnull": False}
                )
                if (
                    "zone" in target
                    and rows.exclude(**{f"{field.name}__zone": place.zone}).exists()
                ):
                    wrong.append(f"{model._meta.label}.{field.name}")
    return wrong


def filled(form, but) -> dict[str, str]:
    """Return plausible words for every field of a form, except those named."""
    told = {}
    for name, field in form.fields.items():
        value = form[name].value()
        choices = [key for key, _label in getattr(field, "choices", []) or [] if key]
        if name in but or value not in (None, "", [], False):
            told[name] = value
        elif choices:
            told[name] = choices[0].value if hasattr(choices[0], "value") else choices[0]
        elif "date" in type(field).__name__.lower():
            told[name] = timezone.localdate().isoformat()
        elif field.required:
            told[name] = "x"
    return {name: value for name, value in told.items() if name not in but and value is not None}


def strange_for(field, theirs) -> list[str]:
    """Return a few ids of another zone that a field might take."""
    if isinstance(field, ModelChoiceField):
        return theirs.get(field.queryset.model._meta.label, [])[:2]
    return [theirs[label][0] for label in LIKELY]


@pytest.mark.parametrize("role", WRITERS)
def test_no_field_of_a_form_takes_what_is_another_zones(role, east, west):
    client, theirs = signed_in(east.people[role]), ids_of(west)
    before, tried, wrong = contents(west), 0, []
    for name, page in PAGES.items():
        if page.how != FORM or page.permission not in ROLES[role].permissions:
            continue
        url = address(name, east, east, near_for(role))
        shown = client.get(url)
        form = shown.context.get("form") if shown.status_code == 200 and shown.context else None
        for field in getattr(form, "fields", {}):
            is_one = isinstance(form.fields[field], ModelChoiceField) or hasattr(
                form.fields[field], "choices"
            )
            for strange in strange_for(form.fields[field], theirs) if is_one else ():
                answer = client.post(url, {**filled(form, {field}), field: strange})
                tried += 1
                if answer.status_code not in {200, 403, 404, 409, 422}:
                    wrong.append((name, field, answer.status_code))
                if "西川" in body(answer).decode(errors="replace"):
                    wrong.append((name, field, "tells"))
    assert tried > 5
    assert not wrong
    assert contents(west) == before
    assert not points_elsewhere(east)


@pytest.mark.parametrize("role", WRITERS)
def test_no_page_that_only_acts_takes_what_is_another_zones(role, east, west):
    client, theirs = signed_in(east.people[role]), ids_of(west)
    before, wrong = contents(west), []
    code = "QY-西川near"
    for name, page in PAGES.items():
        if page.how == READ or page.permission not in ROLES[role].permissions:
            continue
        url = address(name, east, east, near_for(role))
        for label in LIKELY:
            sent = dict.fromkeys(ACTS, theirs[label][0]) | {"code": code, "why": "x", "reason": "x"}
            answer = client.post(url, sent)
            said = body(answer).decode(errors="replace")
            if answer.status_code >= 500 or "西川near有限公司" in said:
                wrong.append((name, label, answer.status_code))
    assert not wrong
    assert contents(west) == before
    assert not points_elsewhere(east)


PARAMETERS = (
    "cell", "unit", "person", "contact", "of", "round", "checklist", "by", "state", "risk", "sector",
    "about", "rectifier", "page", "sort", "after", "before", "kind", "actor", "template", "to",
)  # fmt: skip


@pytest.mark.parametrize("role", SOME)
def test_no_filter_finds_what_is_another_zones(role, east, west):
    client, theirs = signed_in(east.people[role]), ids_of(west)
    names = [*LISTS, "rounds:detail", "rounds:coverage", "rounds:count", "dossiers:hand_over"]
    wrong = []
    for name in names:
        if PAGES[name].permission not in ROLES[role].permissions:
            continue
        for strange in (theirs[label][0] for label in LIKELY):
            told = dict.fromkeys(PARAMETERS, strange)
            answer = client.get(address(name, east, east), told)
            said = text_of(answer).replace(strange, "")
            if answer.status_code >= 500 or "西川" in said:
                wrong.append((name, strange, answer.status_code))
    assert not wrong


@pytest.mark.parametrize("role", SOME)
def test_parts_of_pages_are_guarded_like_pages(role, east, west):
    """What HTMX asks for passes the same door, and tells no more."""
    client = signed_in(east.people[role])
    parts = {"HX-Request": "true", "HX-Target": "table-x", "HX-Boosted": "true"}
    wrong = []
    for name in PAGES:
        for headers in (parts, {"HX-Request": "true", "HX-Target": "opening"}):
            near = client.get(address(name, east, east, near_for(role)), headers=headers)
            fine = expected(name, role, "GET", reached=True) | {204}
            foreign = client.get(address(name, west, west), headers=headers)
            if near.status_code not in fine or foreign.status_code != 404:
                wrong.append((name, near.status_code, foreign.status_code))
            body(near)
            assert "西川" not in body(foreign).decode(errors="replace")
    assert not wrong


def test_other_methods_write_nothing(east):
    client = signed_in(east.people["safety_office"])
    before = contents(east)
    for name in PAGES:
        url = address(name, east, east)
        for method in (
            client.put,
            client.patch,
            client.delete,
            client.options,
            client.trace,
            client.head,
        ):
            answer = method(url)
            body(answer)
            assert answer.status_code < 500, name
    noted = {"ledger.Head", "ledger.Event"}
    after = contents(east)
    assert {k: v for k, v in after.items() if k not in noted} == {
        k: v for k, v in before.items() if k not in noted
    }


def test_no_form_is_taken_without_its_token(east):
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.force_login(east.people["safety_office"])
    before = contents(east)
    for name, page in PAGES.items():
        if page.how != READ:
            answer = client.post(address(name, east, east), {"reason": "x", "code": "x"})
            assert answer.status_code == 403, name
    assert contents(east) == before


ELSEWHERE = (
    "https://evil.example/", "//evil.example/", "/\\evil.example/", "javascript:alert(1)",
    "http:evil.example", "\\\\evil.example", "https://testserver@evil.example/", " //evil.example",
)  # fmt: skip


@pytest.mark.parametrize("where", ELSEWHERE)
def test_no_page_leads_out_of_the_house(where, east):
    client = signed_in(east.people["safety_office"])
    answers = [client.get("/language/en/", {"next": where})]
    door = Client()
    sign_in = {"login": "nobody.here", "password": "x", "next": where}
    answers += [
        door.post("/account/sign-in/", sign_in),
        client.get("/account/sign-in/", {"next": where}),
    ]
    answers += [client.post("/account/sign-out/", {"next": where})]
    for answer in answers:
        assert "evil" not in answer.headers.get("Location", ""), answer
        assert not answer.headers.get("Location", "").startswith("javascript")


def test_who_signs_in_is_not_led_out_of_the_house(east):
    person = east.people["contact"]
    person.set_password("ein langes Passwort")
    person.save()
    for where in ELSEWHERE:
        told = {"login": person.username, "password": "ein langes Passwort", "next": where}
        answer = Client().post("/account/sign-in/", told)
        assert answer.status_code == 302
        assert "evil" not in answer["Location"]


def test_a_name_of_the_host_that_is_not_ours_is_refused(east, settings):
    settings.ALLOWED_HOSTS = ["testserver"]
    client = signed_in(east.people["administrator"])
    assert client.get("/", headers={"Host": "evil.example"}).status_code == 400
    link = address("zones:access", east, east)
    answer = client.post(link, headers={"X-Forwarded-Host": "evil.example"})
    assert "evil" not in body(answer).decode()


@pytest.mark.parametrize("role", SOME)
def test_nothing_of_a_signed_in_person_stays_in_the_browser(role, east):
    """Back after signing out shows the door: no page may be kept; pictures only for the session."""
    client = signed_in(east.people[role])
    kept = {"files:show", "files:original"}
    for name, page in PAGES.items():
        if page.permission not in ROLES[role].permissions or page.how == ACT:
            continue
        answer = client.get(address(name, east, east, near_for(role)))
        body(answer)
        if name in kept and answer.status_code == 200:
            assert "Cookie" in answer["Vary"], name
            assert "private" in answer["Cache-Control"], name
        elif page.how == FORM:  # a browser may give back what was typed into it
            assert answer["Cache-Control"] in {"private, no-cache", "no-store"}, name
        else:
            assert "no-store" in answer.headers.get("Cache-Control", ""), name


def test_signing_out_ends_what_the_cookie_was_good_for(east):
    client = signed_in(east.people["contact"])
    url = address("home:mine", east, east)
    assert client.get(url).status_code == 200
    stolen = Client()
    stolen.cookies["sessionid"] = client.cookies["sessionid"].value
    client.post("/account/sign-out/")
    assert stolen.get(url).status_code == 302


OWN_PHONE, OTHERS_PHONE = "13912340001", "13912340002"


@pytest.mark.parametrize("role", ROLES_HERE)
def test_telephone_numbers_are_masked_wherever_they_stand(role, east):
    """In lists, spreadsheets, search, histories, attributes and answers for machines."""
    for person in east.people.values():
        Person.objects.filter(pk=person.pk).update(phone=OTHERS_PHONE)
    Person.objects.filter(pk=east.people[role].pk).update(phone=OWN_PHONE)
    client = signed_in(Person.objects.get(pk=east.people[role].pk))
    full = re.compile(rf"13812345678|{OTHERS_PHONE}|13912340001")
    telling = []
    for name, page in PAGES.items():
        if page.permission not in ROLES[role].permissions or page.how == ACT:
            continue
        for query in ("", "?as=xlsx", "?as=docx"):
            said = text_of(client.get(address(name, east, east, near_for(role)) + query))
            telling += [(name, query, found) for found in set(full.findall(said))]
    for words in ("13812345678", "1381234", OTHERS_PHONE):
        for where in ("search:find", "enterprises:list", "zones:people"):
            if PAGES[where].permission in ROLES[role].permissions:
                said = text_of(client.get(address(where, east, east), {"q": words}))
                assert f"东山{NEAR}有限公司" not in said.replace(words, ""), (where, words)
    allowed = {"zones:change_person"} if role == "administrator" else set()
    assert not [it for it in telling if it[0] not in allowed], telling


def test_the_ledger_tells_no_telephone_number_and_no_name(east):
    names = set(Person.objects.values_list("name", flat=True)) | {"王五", "李四"}
    for event in Event.objects.filter(zone_id=east.zone.pk):
        assert "13812345678" not in event.body
        told = event.body if event.kind.startswith(("person.", "post.", "enterprise.")) else ""
        assert not [name for name in names if f'"{name}"' in told], event.body


def test_a_file_is_found_by_its_id_only_and_by_who_may(east, west):
    """Not by its hash, not in another zone, not as a file of one's own by sending its id."""
    client = signed_in(east.people["contact"])
    theirs = west.rows[NEAR]["file"]
    answer = client.post(
        address("files:keep", east, east),
        {"id": str(theirs), "file": SimpleUploadedFile("a.jpg", photo())},
    )
    assert answer.status_code in {409, 422}
    for name in ("files:show", "files:original"):
        assert client.get(reverse(name, args=("east", theirs))).status_code == 404
    digest = "ab" * 32
    assert client.get(f"/z/east/files/{digest}/").status_code == 404
    assert client.get(f"/z/east/files/../../{digest}/").status_code == 404


def test_a_paper_takes_no_file_that_somebody_else_sent(east):
    dossier = Dossier.objects.select_related("zone").get(pk=east.rows[NEAR]["dossier"])
    theirs = StoredFile.objects.get(pk=east.rows["far"]["file"])
    paper = NewDocument(kind="licence", name="执照", file=theirs)
    with pytest.raises(Refused) as refused:
        add_document(dossier=dossier, document=paper, by=east.people["contact"], at=timezone.now())
    assert refused.value.field == "file"
