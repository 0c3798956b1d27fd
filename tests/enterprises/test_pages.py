"""The register's pages: who sees what, what is told, what is hidden, and what it costs."""

from datetime import date, timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from bihuan.enterprises.models import Enterprise, Sector, Site
from bihuan.ledger.actions import record
from bihuan.ledger.models import Event
from tests.factories.dossiers import DocumentFactory, DossierFactory
from tests.factories.enterprises import EnterpriseFactory, SectorFlagFactory, SiteFactory
from tests.factories.zones import CellFactory, PostFactory, UnitFactory, ZoneFactory, someone

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


@pytest.fixture(autouse=True)
def english_pages(client):
    """Let the browser of these tests have chosen English."""
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"


@pytest.fixture
def zone():
    return ZoneFactory(slug="east")


@pytest.fixture
def office(zone):
    return someone(zone, "safety_office", person__language="en")


@pytest.fixture
def made(zone):
    """An enterprise with everything a page can show."""
    enterprise = EnterpriseFactory(
        dossier__zone=zone,
        dossier__name="山西三耐铸业有限公司",
        uscc="91110000600037341L",
        principal="王建国",
        principal_phone="13812341234",
        industry="C3391",
        headcount=120,
    )
    SectorFlagFactory(enterprise=enterprise, sector=Sector.FIRE)
    SiteFactory(enterprise=enterprise, address="康庄园区2号")
    DocumentFactory(dossier=enterprise.dossier, valid_to=date(2026, 1, 1))
    return enterprise


def address(enterprise, tail=""):
    return f"/z/east/enterprises/{enterprise.pk}/{tail}"


def page_of(enterprise):
    return f"/z/east/dossiers/{enterprise.pk}/"


def see(client, person, path, **more):
    client.force_login(person)
    return client.get(path, **more)


def test_one_page_tells_all(client, zone, office, made):
    html = see(client, office, page_of(made)).content.decode()
    for word in (
        "山西三耐铸业有限公司",
        "91110000600037341L",
        "王建国",
        "C3391 金属制品业",
        "康庄园区2号",
        made.dossier.contact.name,
        made.dossier.cell.name,
        "营业执照",
        "Over 100 people",
    ):
        assert word in html
    assert "13812341234" not in html
    assert "138****1234" in html


def test_a_phone_is_shown_on_asking_and_that_is_recorded(client, zone, office, made):
    client.force_login(office)
    response = client.post(address(made, "show/principal_phone/"), HTTP_HX_REQUEST="true")
    assert "13812341234" in response.content.decode()
    event = Event.objects.get()
    assert (event.kind, event.about_id) == ("enterprise.personal_shown", str(made.pk))
    assert "13812341234" not in event.body
    assert client.get(address(made, "show/principal_phone/")).status_code == 405
    assert client.post(address(made, "show/uscc/")).status_code == 404


@pytest.mark.parametrize("role", ["auditor", "administrator"])
def test_who_may_not_read_personal_data_sees_no_button_and_no_number(client, zone, made, role):
    person = someone(zone, role)
    html = see(client, person, page_of(made)).content.decode()
    assert "13812341234" not in html
    assert "show/principal_phone" not in html
    assert client.post(address(made, "show/principal_phone/")).status_code == 403
    if role == "administrator":
        form = client.get(address(made, "edit/")).content.decode()
        assert "13812341234" not in form


@pytest.mark.parametrize("tail", ["edit/", "sectors/", "landlord/", "sites/add/"])
def test_out_of_reach_is_not_found(client, zone, made, tail):
    stranger = someone(zone, "contact")
    assert see(client, stranger, page_of(made)).status_code == 404
    assert see(client, stranger, address(made, tail)).status_code == 404
    foreign = someone(ZoneFactory(), "safety_office")
    assert see(client, foreign, page_of(made)).status_code == 404
    leader = someone(zone, "leader")
    assert see(client, leader, page_of(made)).status_code == 200
    assert see(client, leader, address(made, tail)).status_code == 403


def test_an_enterprise_sees_its_own_dossier_and_no_other(client, zone, made):
    unit = UnitFactory(zone=zone, kind="enterprise")
    made.dossier.owner_unit = unit
    made.dossier.save()
    boss = someone(zone, "enterprise", unit=unit)
    other = EnterpriseFactory(dossier__zone=zone)
    assert see(client, boss, page_of(made)).status_code == 200
    assert see(client, boss, page_of(other)).status_code == 404
    listed = see(client, boss, "/z/east/enterprises/").content.decode()
    assert made.dossier.name in listed
    assert other.dossier.name not in listed


def test_the_list_filters(client, zone, office, made):
    today = timezone.localdate()
    cell = CellFactory(zone=zone, code="x")
    other = EnterpriseFactory(
        dossier__zone=zone,
        dossier__name="振东五和堂",
        dossier__cell=cell,
        dossier__last_visited_on=today - timedelta(days=100),
        dossier__risk="red",
        above_size=True,
        above_size_since=date(2024, 1, 1),
        industry="C2730",
    )
    about = ("dossier", str(other.pk))
    record(zone_id=zone.pk, kind="enterprise.registered", about=about, by=office, at=timezone.now())
    gone = EnterpriseFactory(dossier__zone=zone, dossier__name="走了的公司", dossier__state="left")

    def names(query):
        html = see(client, office, f"/z/east/enterprises/?{query}").content.decode()
        them = {"made": made, "other": other, "gone": gone}
        return {key for key, it in them.items() if f">{it.dossier.name}</a>" in html}

    assert names("") == {"made", "other"}
    assert names("state=left") == {"gone"}
    assert names("sector=fire") == {"made"}
    assert names("cell=/x/") == {"other"}
    assert names("risk=red") == {"other"}
    assert names("visit=over90") == {"other"}
    assert names("visit=never") == {"made"}
    assert names("size=yes") == {"other"}
    assert names("section=C") == {"made", "other"}
    assert names("q=91110000600037341l") == {"made"}
    assert names("q=五和") == {"other"}
    assert names(f"contact={other.dossier.contact_id}") == {"other"}


def test_queries_do_not_grow_with_rows(client, zone, office, django_assert_max_num_queries):
    client.force_login(office)

    def count(path):
        with django_assert_max_num_queries(12) as seen:
            assert client.get(path).status_code == 200
        return len(seen)

    one = EnterpriseFactory(dossier__zone=zone)
    SectorFlagFactory(enterprise=one)
    paths = ("/z/east/enterprises/", page_of(one))
    client.get(paths[0])
    client.get(paths[1])
    before = [count(path) for path in paths]
    for place in range(20):
        more = EnterpriseFactory(dossier__zone=zone, landlord=one)
        SectorFlagFactory(enterprise=more)
        SiteFactory(enterprise=one, address=f"{place}号")
        DocumentFactory(dossier=one.dossier)
    assert [count(path) for path in paths] == before


FORM = {"name": "新公司", "principal": "王五", "headcount": "12"}


def test_an_enterprise_is_registered_by_hand(client, zone, office):
    client.force_login(office)
    cell = CellFactory(zone=zone)
    data = {**FORM, "cell": cell.pk, "sectors": ["fire"], "site": "园区路1号", "source": "营业执照"}
    assert client.get("/z/east/enterprises/new/").status_code == 200
    response = client.post("/z/east/enterprises/new/", data)
    enterprise = Enterprise.objects.select_related("dossier").get()
    assert response.status_code == 302
    assert response["Location"] == page_of(enterprise)
    assert Site.objects.get().address == "园区路1号"
    html = client.get(page_of(enterprise)).content.decode()
    assert "营业执照" in html
    again = client.post("/z/east/enterprises/new/", data)
    assert again.status_code == 422
    assert enterprise.dossier.code in again.content.decode()
    assert client.post("/z/east/enterprises/new/", {**data, "anew": "1"}).status_code == 302


def test_refusals_stand_at_their_fields_and_the_input_stays(client, zone, office):
    client.force_login(office)
    data = {**FORM, "cell": CellFactory(zone=zone).pk, "uscc": "91110000600037341M"}
    response = client.post("/z/east/enterprises/new/", {**data, "principal_phone": "1"})
    html = response.content.decode()
    assert response.status_code == 422
    assert "check character" in html
    assert "is no telephone number" in html
    assert 'value="新公司"' in html
    assert not Enterprise.objects.exists()


def test_editing_keeps_what_was_masked_and_refuses_who_came_late(client, zone, office, made):
    client.force_login(office)
    path = address(made, "edit/")
    form = client.get(path).context["form"]
    data = {name: it.value() for name, it in ((f.name, f) for f in form) if it.value() is not None}
    assert data["principal_phone"] == "138****1234"
    assert client.post(path, {**data, "headcount": "130", "source": "电话核实"}).status_code == 302
    made.refresh_from_db()
    assert (made.headcount, made.principal_phone) == (130, "13812341234")
    late = client.post(path, {**data, "headcount": "140"})
    assert late.status_code == 422
    assert "Someone else changed" in late.content.decode()
    made.refresh_from_db()
    assert made.headcount == 130
    html = client.get(page_of(made)).content.decode()
    assert "电话核实" in html


def test_the_history_speaks_words_and_keeps_private_what_is_private(client, zone, office, made):
    client.force_login(office)
    form = client.get(address(made, "edit/")).context["form"]
    data = {it.name: it.value() for it in form if it.value() is not None}
    client.post(address(made, "edit/"), {**data, "headcount": "130", "principal": "赵六"})
    html = client.get(f"{page_of(made)}history/").content.decode()
    assert "120 → 130" in html
    assert "personal data stays out" in html
    assert "赵六" not in html
    assert office.name in html


def test_sectors_sites_and_landlord_by_form(client, zone, office, made):
    client.force_login(office)
    version = made.dossier.version
    assert (
        client.post(
            address(made, "sectors/"), {"sectors": ["petrol"], "version": version}
        ).status_code
        == 302
    )
    owner = EnterpriseFactory(dossier=DossierFactory(zone=zone, code="E000777"))
    data = {"landlord": "e000777", "landlord_agreement_on": "2026-01-05", "version": version + 1}
    assert client.post(address(made, "landlord/"), data).status_code == 302
    made.refresh_from_db()
    assert made.landlord == owner
    wrong = client.post(
        address(made, "landlord/"), {**data, "landlord": "E9", "version": version + 2}
    )
    assert wrong.status_code == 422
    name = owner.dossier.name
    proposed = client.get("/z/east/enterprises/names/", {"landlord": name[1:]}).content.decode()
    assert f'<option value="E000777 {name}">' in proposed
    for words in ("", f"E000777 {name}", "", name):
        made.refresh_from_db()
        sent = {**data, "landlord": words, "version": made.dossier.version}
        sent["landlord_agreement_on"] = "2026-01-05" if words else ""
        assert client.post(address(made, "landlord/"), sent).status_code == 302
        made.refresh_from_db()
        assert made.landlord == (owner if words else None)
    client.post(address(made, "sites/add/"), {"address": "新厂区"})
    site = Site.objects.get(address="新厂区")
    path = f"/z/east/enterprises/sites/{site.pk}/close/"
    assert client.post(path, {"reason": "搬迁"}).status_code == 302
    html = client.get(page_of(made)).content.decode()
    assert "新厂区" not in html
    assert owner.dossier.name in html


def test_a_cell_leader_sees_the_cell_and_below(client, zone, made):
    top = CellFactory(zone=zone)
    below = CellFactory(zone=zone, parent=top)
    inside = EnterpriseFactory(dossier__zone=zone, dossier__cell=below)
    assert see(client, top.leader, page_of(inside)).status_code == 200
    assert see(client, top.leader, page_of(made)).status_code == 404
    PostFactory(zone=zone, person=top.leader, role="auditor")
    assert see(client, top.leader, page_of(made)).status_code == 200
    assert see(client, top.leader, address(made, "edit/")).status_code == 404
