"""Setting a zone up in the browser."""

import re
from datetime import date, timedelta

import pytest
import time_machine
from django.conf import settings
from django.db import OperationalError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bihuan.accounts.models import Person
from bihuan.core.actors import System
from bihuan.core.permissions import Permission
from bihuan.core.refusals import Refused
from bihuan.core.working_days import LAST_YEAR
from bihuan.dossiers.actions import move_to_cell
from bihuan.dossiers.models import Dossier
from bihuan.ledger.models import Event
from bihuan.zones.models import Cell, Post, Unit, YearCalendar
from bihuan.zones.queries import calendar_of
from bihuan.zones.views import setup
from tests.factories.dossiers import DossierFactory
from tests.factories.zones import CellFactory, PostFactory, UnitFactory, ZoneFactory, someone

pytestmark = pytest.mark.django_db
PAGES = ["", "zone/", "roles/", "calendar/", "calendar/2031/", "units/", "cells/", "cells/add/"]
PAGES += ["people/", "people/appoint/"]


@pytest.fixture(autouse=True)
def english_pages(client):
    """Let the browser of these tests have chosen English."""
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"


@pytest.fixture
def zone():
    return ZoneFactory(slug="east")


@pytest.fixture
def admin(zone, client):
    person = someone(zone, "administrator")
    client.force_login(person)
    return person


def at(tail):
    return f"/z/east/setup/{tail}"


@pytest.mark.parametrize("tail", PAGES)
def test_the_administrator_sees_every_page_of_the_set_up(client, admin, tail):
    assert client.get(at(tail)).status_code == 200


@pytest.mark.parametrize("tail", [tail for tail in PAGES if tail != "roles/"])
@pytest.mark.parametrize("role", ["leader", "safety_office", "auditor", "contact"])
def test_nobody_else_does(client, zone, tail, role):
    client.force_login(someone(zone, role))
    assert client.get(at(tail)).status_code == 403


def test_another_zones_administrator_finds_nothing(client, zone):
    client.force_login(someone(ZoneFactory(), "administrator"))
    cell, unit = CellFactory(zone=zone), UnitFactory(zone=zone)
    for tail in (*PAGES, f"cells/{cell.pk}/", f"units/{unit.pk}/", f"people/{cell.leader.pk}/"):
        assert client.get(at(tail)).status_code == 404


def test_rows_of_another_zone_are_not_found_here(client, admin):
    cell, unit = CellFactory(), UnitFactory()
    post = Post.objects.get(person=cell.leader)
    for tail in (
        f"cells/{cell.pk}/",
        f"cells/{cell.pk}/set/name/",
        f"units/{unit.pk}/",
        f"units/{unit.pk}/close/",
        f"people/{cell.leader.pk}/",
        f"people/{cell.leader.pk}/change/",
        f"people/{cell.leader.pk}/active/",
        f"posts/{post.pk}/end/",
        f"posts/{post.pk}/move/",
    ):
        assert client.get(at(tail)).status_code == 404
    assert client.post(at(f"people/{cell.leader.pk}/access/")).status_code == 404


def test_a_zone_is_set_up_from_nothing_in_the_browser(client, admin, zone):
    client.post(at("units/"), {"name": "安监站", "kind": "department"})
    unit = Unit.objects.get(zone=zone)
    new = {
        "username": "liu",
        "name": "刘站长",
        "phone": "13812341234",
        "role": "department",
        "unit": unit.pk,
        "duty": "安全监管",
        "safety_duty": "东片",
    }
    response = client.post(at("people/appoint/"), new)
    person = Person.objects.get(username="liu")
    assert response["Location"] == at(f"people/{person.pk}/")
    client.post(at("cells/add/"), {"name": "全区", "code": "all", "leader": person.pk})
    top = Cell.objects.get(zone=zone)
    client.post(
        at("cells/add/"), {"name": "东片", "code": "east", "leader": person.pk, "parent": top.pk}
    )
    assert Cell.objects.get(code="east").path == "/all/east/"
    days = "2031-01-01~2031-01-03 休\n2031-01-05 班"
    client.post(at("calendar/2031/"), {"source": "国办发明电〔2030〕7号", "days": days})
    assert YearCalendar.objects.get().days == {
        "2031-01-01": False,
        "2031-01-02": False,
        "2031-01-03": False,
        "2031-01-05": True,
    }
    assert not calendar_of(zone).is_working_day(date(2031, 1, 1))
    html = client.get(at(f"people/{person.pk}/")).content.decode()
    assert "13812341234" not in html
    assert "刘站长" in client.get(at("cells/")).content.decode()


def test_a_set_up_link_works_once_and_is_shown_once(client, admin, zone):
    person = someone(zone, "contact")
    response = client.post(at(f"people/{person.pk}/access/"))
    assert response["Cache-Control"] == "no-store"
    link = re.search(r"http://testserver(/account/welcome/[^<]+)", response.content.decode())[1]
    client.logout()
    page = client.get(link).content.decode()
    assert 'name="new_password1"' in page
    assert person.username in page
    weak = client.post(link, {"new_password1": "1234567890", "new_password2": "1234567890"})
    assert weak.status_code == 422
    good = {"new_password1": "qingshan-lvshui-9", "new_password2": "qingshan-lvshui-9"}
    assert client.post(link, good)["Location"] == reverse("account_login")
    person.refresh_from_db()
    assert person.check_password("qingshan-lvshui-9")
    assert client.post(link, good).status_code == 404
    assert client.get(link.replace("welcome/", "welcome/x")).status_code == 404


def test_a_link_ends_with_a_newer_one(client, admin, zone):
    person = someone(zone, "contact")

    def link():
        html = client.post(at(f"people/{person.pk}/access/")).content.decode()
        return re.search(r"http://testserver(/account/welcome/[^<]+)", html)[1]

    old, new = link(), link()
    assert client.get(old).status_code == 404
    assert client.get(new).status_code == 200


def test_leaving_is_refused_in_words_with_the_way_to_hand_over(client, admin, zone):
    holder = someone(zone, "contact")
    DossierFactory.create_batch(2, zone=zone, contact=holder)
    post = Post.objects.get(person=holder)
    response = client.post(at(f"posts/{post.pk}/end/"), {"reason": "调离"})
    assert response.status_code == 422
    assert "2 dossiers" in response.content.decode()
    page = client.get(at(f"people/{holder.pk}/")).content.decode()
    assert f"/z/east/contacts/{holder.pk}/" in page or "/z/east/contacts/" in page
    deactivate = client.post(at(f"people/{holder.pk}/active/"), {})
    assert deactivate.status_code == 422


def test_no_role_is_chosen_for_the_administrator(client, admin, zone):
    offered = client.get(at("people/appoint/")).context["form"]
    assert not offered["role"].value()
    answer = client.post(at("people/appoint/"), {"username": "liu.xin", "name": "刘新"})
    assert "role" in answer.context["form"].errors


def test_a_year_of_holidays_is_asked_for_before_deadlines_need_it(zone):
    late = setup.holidays(zone, date(LAST_YEAR, 11, 20))
    assert late.tone
    assert str(LAST_YEAR + 1) in late.note
    early = setup.holidays(zone, date(LAST_YEAR, 6, 1))
    assert not early.tone
    assert not early.note


def test_people_are_deactivated_and_let_in_again(client, admin, zone):
    person = someone(zone, "contact")
    assert client.post(at(f"people/{person.pk}/active/"), {"reason": "退休"}).status_code == 302
    person.refresh_from_db()
    assert not person.is_active
    for page in (f"people/{person.pk}/", "people/"):
        assert "out of use</span>" in client.get(at(page)).content.decode()
    client.post(at(f"people/{person.pk}/active/"), {})
    person.refresh_from_db()
    assert person.is_active


def test_a_masked_phone_left_alone_stays(client, admin, zone):
    person = someone(zone, "contact", person__phone="13812341234")
    path = at(f"people/{person.pk}/change/")
    form = client.get(path).content.decode()
    assert "138****1234" in form
    assert "13812341234" not in form
    client.post(path, {"name": "改名", "phone": "138****1234", "email": ""})
    person.refresh_from_db()
    assert (person.name, person.phone) == ("改名", "13812341234")


def test_cells_are_changed_in_the_browser(client, admin, zone):
    a, b = CellFactory(zone=zone, code="a"), CellFactory(zone=zone, code="b")
    other = someone(zone, "contact")
    outline = '{"type":"Polygon","coordinates":[[[112,36],[113,36],[113,37],[112,36]]]}'
    for what, value in (
        ("name", "新名"),
        ("leader", str(other.pk)),
        ("parent", str(b.pk)),
        ("outline", outline),
    ):
        response = client.post(at(f"cells/{a.pk}/set/{what}/"), {what: value})
        assert response.status_code == 302, what
    a.refresh_from_db()
    assert (a.name, a.leader, a.path, a.outline["type"]) == ("新名", other, "/b/a/", "Polygon")
    bad = outline.replace("112,36", "36,112")
    assert client.post(at(f"cells/{a.pk}/set/outline/"), {"outline": bad}).status_code == 422
    assert client.post(at(f"cells/{a.pk}/set/outline/"), {"outline": "{"}).status_code == 422
    assert client.get(at(f"cells/{a.pk}/set/colour/")).status_code == 404
    assert "新名" in client.get(at("cells/")).content.decode()


def test_a_post_is_moved(client, admin, zone):
    person = someone(zone, "contact")
    post = Post.objects.get(person=person)
    unit = UnitFactory(zone=zone)
    response = client.post(
        at(f"posts/{post.pk}/move/"), {"role": "department", "unit": unit.pk, "duty": "招商"}
    )
    assert response.status_code == 302
    post.refresh_from_db()
    new = Post.objects.get(person=person, ends_on=None)
    assert new.starts_on == post.ends_on
    assert (new.role, new.unit, new.duty) == ("department", unit, "招商")
    assert [it.kind for it in Event.objects.order_by("seq")] == ["post.ended", "post.given"]


@pytest.fixture
def wanderer(db):
    """Someone with a post in another zone, and a browser of their own."""
    person = someone(ZoneFactory(slug="west"), "contact", person__username="wanderer")
    browser = Client()
    browser.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    browser.force_login(person)
    return person, browser


def offer(client, **more):
    """Let the administrator offer a post by sign-in name; return the path of the link."""
    sent = {"username": "Wanderer", "role": "auditor", **more}
    page = client.post(at("people/appoint/"), sent)
    assert page.status_code == 200, page.content.decode()
    return re.search(r"http://testserver(/offers/[^<]+)", page.content.decode())[1]


def test_someone_of_another_zone_takes_up_a_post_themselves(client, admin, zone, wanderer):
    person, theirs = wanderer
    link = offer(client, title="Guest")
    assert not Post.objects.filter(zone=zone, person=person).exists()
    assert theirs.get("/z/east/").status_code == 404
    assert client.get(at(f"people/{person.pk}/")).status_code == 404
    page = theirs.get(link).content.decode()
    assert zone.name in page
    assert "Guest" in page
    assert theirs.post(link)["Location"] == "/z/east/"
    assert Post.objects.get(zone=zone, person=person).title == "Guest"
    told = [event.kind for event in Event.objects.filter(kind__startswith="post.").order_by("seq")]
    assert told == ["post.offered", "post.given"]
    assert Event.objects.get(kind="post.given").actor == f"person:{person.pk}"
    assert "wanderer" not in "".join(Event.objects.values_list("body", flat=True))
    again = theirs.post(link)
    assert (again.status_code, Post.objects.filter(zone=zone, person=person).count()) == (422, 1)


def test_an_offer_is_for_its_owner_alone(client, admin, zone, wanderer):
    link = offer(client)
    stranger = Client()
    stranger.force_login(someone(ZoneFactory(), "contact"))
    for answer in (stranger.get(link), stranger.post(link), client.get(link), client.post(link)):
        assert answer.status_code == 404
    forged = link.replace("/offers/", "/offers/x")
    assert wanderer[1].post(forged).status_code == 404
    assert Client().post(link)["Location"].startswith("/account/sign-in/")
    assert not Post.objects.filter(zone=zone, role="auditor").exists()


def test_an_offer_does_not_say_whether_there_is_such_a_sign_in_name(client, admin, zone):
    assert offer(client, username="nobody.at.all")


@pytest.mark.parametrize("how", ["too old", "no longer administrator", "unit closed"])
def test_an_offer_that_no_longer_holds(client, admin, zone, wanderer, how):
    unit = UnitFactory(zone=zone, kind="department")
    link = offer(client, role="department", unit=unit.pk)
    if how == "unit closed":
        Unit.objects.filter(pk=unit.pk).update(is_open=False)
    if how == "no longer administrator":
        Post.objects.filter(zone=zone, person=admin).update(
            ends_on=date(2026, 1, 2), starts_on=date(2026, 1, 1)
        )
    late = timedelta(days=4) if how == "too old" else timedelta()
    with time_machine.travel(timezone.now() + late):
        wanderer[1].force_login(wanderer[0])
        answer = wanderer[1].post(link)
    assert answer.status_code == 422
    assert not Post.objects.filter(zone=zone, person=wanderer[0]).exists()


def test_who_left_the_zone_is_appointed_again_without_an_offer(client, admin, zone):
    person = someone(zone, "contact", person__username="back.again")
    Post.objects.filter(person=person).update(ends_on=date(2026, 1, 2), starts_on=date(2026, 1, 1))
    client.post(at("people/appoint/"), {"username": "Back.Again", "role": "auditor"})
    assert Post.objects.get(zone=zone, role="auditor").person == person


def test_an_emptied_cell_is_taken_out_of_use(client, admin, zone):
    top = CellFactory(zone=zone, code="z")
    cell = CellFactory(zone=zone, code="old", name="Old cell", parent=top)
    below = CellFactory(zone=zone, code="below", parent=cell)
    post = PostFactory(zone=zone, role="cell_leader", cell=cell, person=cell.leader)
    dossier = DossierFactory(zone=zone, cell=cell)

    def close():
        return client.post(at(f"cells/{cell.pk}/close/"))

    assert "hang below" in close().content.decode()
    client.post(at(f"cells/{below.pk}/set/parent/"), {"parent": top.pk})
    assert "1 dossier sits in Old cell" in close().content.decode()
    Dossier.objects.filter(pk=dossier.pk).update(cell=top)
    assert close()["Location"] == at("cells/")
    cell.refresh_from_db()
    post.refresh_from_db()
    assert not cell.is_open
    assert post.ends_on is not None
    assert Event.objects.filter(kind="cell.closed", about_id=str(cell.pk)).exists()
    assert close()["Location"] == at("cells/")
    for page in ("cells/add/", "people/appoint/"):
        assert f'value="{cell.pk}"' not in client.get(at(page)).content.decode()
    assert "out of use" in client.get(at("cells/")).content.decode()
    taken = {"name": "New", "code": "old", "leader": admin.pk}
    assert client.post(at("cells/add/"), taken).status_code == 422
    with pytest.raises(Refused, match="in use"):
        move_to_cell(
            dossier=dossier, cell=cell, by=System("t", {Permission.DOSSIER_EDIT}), at=timezone.now()
        )


def test_a_cell_stays_while_its_leader_would_leave_with_dossiers(client, admin, zone):
    cell = CellFactory(zone=zone, code="old")
    PostFactory(zone=zone, role="cell_leader", cell=cell, person=cell.leader)
    DossierFactory(zone=zone, cell=CellFactory(zone=zone), contact=cell.leader)
    answer = client.post(at(f"cells/{cell.pk}/close/"))
    assert (answer.status_code, "still answers for" in answer.content.decode()) == (422, True)
    cell.refresh_from_db()
    assert cell.is_open


def test_the_list_of_people_costs_the_same_for_one_and_many(
    client, admin, zone, django_assert_max_num_queries
):
    def count():
        with django_assert_max_num_queries(12) as seen:
            assert client.get(at("people/")).status_code == 200
        return len(seen)

    client.get(at("people/"))
    before = count()
    for _each in range(20):
        CellFactory(zone=zone)
        PostFactory(zone=zone, starts_on=Post.objects.first().starts_on - timedelta(days=1))
    assert count() == before


@pytest.mark.parametrize(
    ("error", "status"), [("database is locked", 409), ("no such table: zones_cell", 500)]
)
def test_a_write_that_lost_a_race_may_be_sent_again(client, admin, monkeypatch, error, status):
    def fail(**given):
        raise OperationalError(error)

    monkeypatch.setattr("bihuan.zones.views.setup.actions.add_unit", fail)
    client.raise_request_exception = False
    sent = {"kind": "department", "name": "消防科"}
    assert client.post(at("units/"), sent).status_code == status


@pytest.mark.parametrize("address", ["/z/east/enterprises/?q=%00", "/z/east/figures/live/?year=²"])
def test_nothing_in_an_address_breaks_a_page(client, admin, address):
    assert client.get(address).status_code in (200, 400)
