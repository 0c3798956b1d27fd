"""Who answers for what, handing over, documents and history, in the browser."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from bihuan.dossiers.models import Contact, Document, Dossier
from bihuan.zones.models import Post
from tests.factories.dossiers import DocumentFactory, DossierFactory
from tests.factories.enterprises import EnterpriseFactory
from tests.factories.zones import CellFactory, PostFactory, UnitFactory, ZoneFactory, someone

pytestmark = pytest.mark.django_db
CONTACTS = "/z/east/contacts/"


@pytest.fixture(autouse=True)
def english_pages(client):
    """Let the browser of these tests have chosen English."""
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"


@pytest.fixture
def zone():
    return ZoneFactory(slug="east")


@pytest.fixture
def office(zone, client):
    person = someone(zone, "safety_office")
    client.force_login(person)
    return person


def dossier_in(zone, **more):
    return EnterpriseFactory(dossier=DossierFactory(zone=zone, **more)).dossier


def at(dossier, tail=""):
    return f"/z/east/dossiers/{dossier.pk}/{tail}"


def read(client, path):
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


def test_gaps_come_first(client, zone, office):
    good, orphan = dossier_in(zone), dossier_in(zone, name="没人管的公司")
    Post.objects.filter(person=orphan.contact).delete()
    html = read(client, CONTACTS)
    assert "1 dossier whose contact holds no post" in html
    assert html.index("没人管的公司") < html.index("By person")
    assert good.contact.name in html


def test_without_gaps_the_page_says_so(client, zone, office):
    dossier_in(zone)
    assert "no gaps today" in read(client, CONTACTS)


def test_a_cell_leader_is_led_only_to_what_opens(client, zone):
    own, other = CellFactory(zone=zone), CellFactory(zone=zone)
    near, far = dossier_in(zone, cell=own), dossier_in(zone, cell=other)
    client.force_login(own.leader)
    html = read(client, CONTACTS)
    assert far.contact.name in html
    for dossier, opens in ((near, True), (far, False)):
        path = f"{CONTACTS}{dossier.contact_id}/"
        assert (f'href="{path}"' in html) is opens
        assert client.get(path).status_code == (200 if opens else 404)


def test_an_enterprise_does_not_see_who_answers_for_what(client, zone):
    unit = UnitFactory(zone=zone, kind="enterprise")
    dossier = dossier_in(zone, owner_unit=unit)
    client.force_login(someone(zone, "enterprise", unit=unit))
    assert client.get(CONTACTS).status_code == 403
    assert client.get(f"{CONTACTS}{dossier.contact_id}/").status_code == 403
    assert client.get(f"{CONTACTS}hand-over/").status_code == 403


def test_everything_of_one_person_is_handed_over(client, zone, office):
    old, new = someone(zone, "contact"), someone(zone, "contact")
    for _each in range(3):
        dossier_in(zone, contact=old)
    assert "3" in read(client, f"{CONTACTS}{old.pk}/")
    path = f"{CONTACTS}hand-over/"
    assert "3 dossiers change hands" in read(client, f"{path}?of={old.pk}")
    response = client.post(path, {"of": old.pk, "to": new.pk, "reason": "退休"})
    assert response["Location"] == CONTACTS
    assert Dossier.objects.filter(contact=new).count() == 3
    assert Contact.objects.filter(person=new, ends_on=None).count() == 3


def test_the_ticked_are_handed_over_and_no_others(client, zone, office):
    old, new = someone(zone, "contact"), someone(zone, "contact")
    a, b = dossier_in(zone, contact=old), dossier_in(zone, contact=old)
    path = f"{CONTACTS}hand-over/"
    assert a.name in read(client, f"{path}?pk={a.pk}")
    wrong = client.post(path, {"pk": [a.pk], "to": new.pk, "reason": ""})
    assert wrong.status_code == 422
    assert str(a.pk) in wrong.content.decode()
    client.post(path, {"pk": [a.pk], "to": new.pk, "reason": "轮岗"})
    assert {a.pk} == set(Dossier.objects.filter(contact=new).values_list("pk", flat=True))
    assert Dossier.objects.get(pk=b.pk).contact == old
    assert client.get(path).status_code == 200
    assert client.get(f"{path}?pk=nonsense").status_code == 200


def test_a_cell_leader_does_not_reach_other_cells(client, zone):
    cell = CellFactory(zone=zone)
    outside, new = dossier_in(zone), someone(zone, "contact")
    client.force_login(cell.leader)
    path = f"{CONTACTS}hand-over/"
    client.post(path, {"pk": [outside.pk], "to": new.pk, "reason": "轮岗"})
    assert Dossier.objects.get(pk=outside.pk).contact != new


@pytest.mark.parametrize(
    ("what", "data", "field"),
    [
        ("state", {"state": "left", "reason": "搬迁"}, "state"),
        ("risk", {"risk": "red", "reason": "评估"}, "risk"),
    ],
)
def test_state_and_risk_are_changed(client, zone, office, what, data, field):
    dossier = dossier_in(zone)
    assert client.get(at(dossier, f"set/{what}/")).status_code == 200
    path = at(dossier, f"set/{what}/")
    assert client.post(path, {**data, "version": 1}).status_code == 302
    dossier.refresh_from_db()
    assert getattr(dossier, field) == data[field]
    late = client.post(path, {**data, "version": 1})
    assert late.status_code == 422
    assert "Someone else changed" in late.content.decode()
    assert client.get(at(dossier, "set/colour/")).status_code == 404


def test_a_dossier_moves_to_another_cell(client, zone, office):
    dossier, cell = dossier_in(zone), CellFactory(zone=zone)
    path = at(dossier, "set/cell/")
    assert client.post(path, {"cell": cell.pk, "version": 1}).status_code == 302
    dossier.refresh_from_db()
    assert dossier.cell == cell
    foreign = client.post(path, {"cell": CellFactory().pk, "version": 2})
    assert foreign.status_code == 422


def test_a_document_is_added_with_its_scan_and_withdrawn(client, zone, office):
    dossier = dossier_in(zone)
    scan = SimpleUploadedFile("执照.pdf", b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF\n")
    data = {"kind": "licence", "name": "营业执照", "number": "91", "valid_to": "2027-01-01"}
    bad = {**data, "valid_from": "2028-01-01", "scan": scan}
    response = client.post(at(dossier, "documents/add/"), bad)
    assert response.status_code == 422
    kept = response.context["kept"]
    assert str(kept.pk) in response.content.decode()  # the scan need not be sent again
    response = client.post(at(dossier, "documents/add/"), {**data, "kept": kept.pk})
    assert response.status_code == 302
    document = Document.objects.get()
    assert document.file == kept
    sent = client.get(reverse("files:original", args=("east", kept.pk)))
    assert b"".join(sent.streaming_content).startswith(b"%PDF")
    html = read(client, at(dossier))
    assert "营业执照" in html
    path = f"/z/east/documents/{document.pk}/withdraw/"
    assert client.post(path, {"reason": "换证"}).status_code == 302
    assert "2027-01-01" not in read(client, at(dossier))
    assert client.get(path).status_code == 404


def test_documents_are_listed_by_the_day_they_end(client, zone, office):
    today = timezone.localdate()
    for days in (-10, 20, 80, 400):
        DocumentFactory(
            dossier=dossier_in(zone), name=f"证{days}", valid_to=today + timedelta(days=days)
        )
    DocumentFactory(dossier=dossier_in(ZoneFactory()), name="外区证", valid_to=today)
    html = read(client, "/z/east/documents/")
    assert html.index("证-10") < html.index("证20") < html.index("证400")
    assert "外区证" not in html
    soon = today + timedelta(days=30)
    html = read(client, f"/z/east/documents/?ends_from={today}&ends_to={soon}")
    assert "证20" in html
    assert "证80" not in html


def test_history_comes_short_for_the_page_and_whole_by_itself(client, zone, office):
    dossier = dossier_in(zone)
    client.post(at(dossier, "set/risk/"), {"risk": "red", "reason": "评估", "version": 1})
    short = client.get(at(dossier, "history/"), HTTP_HX_REQUEST="true").content.decode()
    assert "<html" not in short
    assert "评估" in short
    whole = read(client, at(dossier, "history/"))
    assert "<html" in whole
    assert office.name in whole
    client.force_login(someone(zone, "contact"))
    assert client.get(at(dossier, "history/")).status_code == 404


def test_an_administrator_gives_an_enterprise_its_account(client, zone):
    client.force_login(someone(zone, "administrator"))
    dossier = dossier_in(zone)
    path = at(dossier, "account/")
    assert client.get(path).status_code == 200
    assert client.post(path, {"username": "boss", "name": "厂长"}).status_code == 302
    assert Post.objects.get(role="enterprise").person.username == "boss"
    assert client.post(path, {"username": "boss", "name": "厂长"}).status_code == 422
    client.force_login(someone(zone, "leader"))
    assert client.get(path).status_code == 403


def test_the_cost_of_who_answers_does_not_grow(client, zone, office, django_assert_max_num_queries):
    def count():
        with django_assert_max_num_queries(12) as seen:
            assert client.get(CONTACTS).status_code == 200
        return len(seen)

    dossier_in(zone)
    client.get(CONTACTS)
    before = count()
    for _each in range(20):
        dossier_in(zone)
        PostFactory(zone=zone, safety_duty="消防")
    assert count() == before
