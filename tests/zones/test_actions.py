"""Setting a zone up: cells, units, people, posts and the calendar."""

from datetime import date, timedelta

import pytest

from bihuan.accounts.models import Person
from bihuan.config import composition
from bihuan.core.actors import System
from bihuan.core.composition import listed
from bihuan.core.permissions import Permission
from bihuan.core.refusals import Forbidden, Refused
from bihuan.ledger.models import Event
from bihuan.zones import actions
from bihuan.zones.actions import NewPost
from bihuan.zones.models import Cell, Post, Zone
from bihuan.zones.permissions import standing_of
from bihuan.zones.queries import calendar_of, may_answer
from bihuan.zones.rules import NewPerson, Rest
from tests.factories.dossiers import DossierFactory
from tests.factories.zones import (
    CellFactory,
    PersonFactory,
    PostFactory,
    UnitFactory,
    ZoneFactory,
    someone,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
FOUNDER = System("founder", {Permission.ZONE_SETUP})


@pytest.fixture
def zone():
    return ZoneFactory()


@pytest.fixture
def admin(zone):
    return someone(zone, "administrator")


def kinds(zone):
    return list(
        Event.objects.filter(zone_id=zone.pk).order_by("seq").values_list("kind", flat=True)
    )


def test_a_zone_is_founded_with_its_first_administrator(now):
    zone = actions.found_zone(
        slug="tunliu",
        name="屯留经济技术开发区",
        administrator=NewPerson(username="Admin", name="系统管理员"),
        division="140404",
        by=FOUNDER,
        at=now,
    )
    person = Person.objects.get(username="admin")
    assert standing_of(person, zone, on=now.date()).may(Permission.ZONE_SETUP)
    assert not person.has_usable_password()
    assert kinds(zone) == ["zone.founded", "person.enrolled", "post.given"]


def test_no_person_founds_a_zone(admin, now):
    new = NewPerson(username="boss", name="主任")
    with pytest.raises(Forbidden):
        actions.found_zone(slug="own", name="自留区", administrator=new, by=admin, at=now)
    assert Zone.objects.count() == 1


def test_names_of_people_stay_out_of_the_ledger(zone, admin, now):
    new = NewPerson(username="wang", name="王建国", phone="138 1234 1234")
    actions.appoint(zone=zone, person=new, post=NewPost(role="contact"), by=admin, at=now)
    told = "".join(Event.objects.values_list("body", flat=True))
    assert "王建国" not in told
    assert "13812341234" not in told
    assert Person.objects.get(username="wang").phone == "13812341234"


def test_a_cell_gives_its_leader_the_post(zone, admin, now):
    leader = someone(zone, "contact")
    east = actions.add_cell(zone=zone, code="east", name="东片", leader=leader, by=admin, at=now)
    sub = actions.add_cell(
        zone=zone, code="e1", name="东一", leader=leader, parent=east, by=admin, at=now
    )
    posts = Post.objects.filter(person=leader, role="cell_leader")
    assert [post.cell for post in posts] == [east]  # which covers the one below
    assert sub.path == "/east/e1/"
    scope = standing_of(leader, zone, on=now.date()).scope(Permission.CASE_ASSIGN)
    assert scope.cells == {east.pk, sub.pk}


def test_moving_a_cell_moves_what_hangs_below_it(zone, admin, now):
    a, b = CellFactory(zone=zone, code="a"), CellFactory(zone=zone, code="b")
    child = CellFactory(zone=zone, code="c", parent=a)
    grandchild = CellFactory(zone=zone, code="d", parent=child)
    actions.move_cell(cell=child, parent=b, by=admin, at=now)
    paths = dict(Cell.objects.values_list("code", "path"))
    assert paths == {"a": "/a/", "b": "/b/", "c": "/b/c/", "d": "/b/c/d/"}
    with pytest.raises(Refused, match="itself"):
        actions.move_cell(cell=b, parent=grandchild, by=admin, at=now)
    actions.move_cell(cell=child, parent=None, by=admin, at=now)
    assert Cell.objects.get(code="d").path == "/c/d/"


def test_a_cell_of_another_zone_is_no_parent(zone, admin, now):
    foreign = CellFactory()
    leader = someone(zone, "contact")
    with pytest.raises(Refused) as refusal:
        actions.add_cell(
            zone=zone, code="x", name="x", leader=leader, parent=foreign, by=admin, at=now
        )
    assert refusal.value.field == "parent"
    assert not Cell.objects.filter(zone=zone).exists()


def test_naming_a_leader_hands_the_cell_over(zone, admin, now):
    cell = CellFactory(zone=zone)
    new = someone(zone, "contact")
    old = cell.leader
    actions.name_leader(cell=cell, leader=new, by=admin, at=now)
    cell.refresh_from_db()
    assert cell.leader == new
    assert standing_of(new, zone, on=now.date()).scope(Permission.CASE_ASSIGN).cells == {cell.pk}
    actions.end_post(post=Post.objects.get(person=old), by=admin, at=now)
    assert not may_answer(old, zone, on=now.date())


def test_nobody_leaves_while_dossiers_or_cells_rest_on_them(zone, admin, now):
    cell = CellFactory(zone=zone)
    DossierFactory.create_batch(3, zone=zone, cell=cell, contact=cell.leader)
    post = Post.objects.get(person=cell.leader)
    for refused in (
        lambda: actions.end_post(post=post, by=admin, at=now),
        lambda: actions.move_post(post=post, new=NewPost(role="contact"), by=admin, at=now),
        lambda: actions.deactivate_person(zone=zone, person=cell.leader, by=admin, at=now),
    ):
        with pytest.raises(Refused, match="1 cell, 3 dossiers"):
            refused()
    post.refresh_from_db()
    assert post.ends_on is None
    assert Person.objects.get(pk=cell.leader.pk).is_active
    assert kinds(zone) == []


def test_what_upper_apps_count_holds_a_person_back(zone, admin, now, monkeypatch):
    monkeypatch.setattr(composition, "HANDOVERS", (lambda p, z: [Rest(2, "2 cases", "")],))
    listed.cache_clear()
    post = PostFactory(zone=zone)
    with pytest.raises(Refused, match="2 cases"):
        actions.end_post(post=post, by=admin, at=now)
    listed.cache_clear()


def test_one_of_two_posts_may_end(zone, admin, now):
    person = someone(zone, "contact")
    second = PostFactory(zone=zone, person=person, role="safety_office")
    DossierFactory(zone=zone, contact=person)
    actions.end_post(post=second, by=admin, at=now)
    assert may_answer(person, zone, on=now.date())


def test_the_last_administrator_stays(zone, admin, now):
    post = Post.objects.get(person=admin)
    with pytest.raises(Refused, match="administrator"):
        actions.end_post(post=post, by=admin, at=now)
    with pytest.raises(Refused, match="administrator"):
        actions.deactivate_person(zone=zone, person=admin, by=admin, at=now)
    someone(zone, "administrator")
    actions.end_post(post=post, by=admin, at=now)


def test_deactivation_ends_every_session(zone, admin, now, client):
    person = someone(zone, "contact")
    person.set_password("long enough 1")
    person.save()
    client.force_login(person)
    before = person.get_session_auth_hash()
    actions.deactivate_person(zone=zone, person=person, by=admin, at=now)
    person.refresh_from_db()
    assert not person.is_active
    assert person.deactivated_at == now
    actions.reactivate(zone=zone, person=person, by=admin, at=now)
    person.refresh_from_db()
    assert person.is_active
    assert person.get_session_auth_hash() != before  # an old session does not come back to life
    assert kinds(zone) == ["person.deactivated", "person.reactivated"]


def test_an_administrator_has_no_power_over_people_of_other_zones(zone, admin, now):
    person = someone(zone, "contact")
    PostFactory(person=person, zone=ZoneFactory())
    for action in (actions.deactivate_person, actions.reactivate, actions.renew_access):
        with pytest.raises(Refused):
            action(zone=zone, person=person, by=admin, at=now)
    stranger = PersonFactory()
    with pytest.raises(Refused):
        actions.renew_access(zone=zone, person=stranger, by=admin, at=now)


def test_a_post_elsewhere_that_ends_some_day_still_protects_a_person(zone, admin, now):
    person = PostFactory(zone=zone).person
    PostFactory(person=person, ends_on=now.date() + timedelta(days=400))
    with pytest.raises(Refused, match="another zone"):
        actions.renew_access(zone=zone, person=person, by=admin, at=now)


def test_renewing_access_takes_the_password_away(zone, admin, now):
    person = someone(zone, "contact")
    person.set_password("long enough 1")
    person.save()
    key, token = actions.renew_access(zone=zone, person=person, by=admin, at=now)
    person.refresh_from_db()
    assert not person.has_usable_password()
    assert key
    assert token
    assert kinds(zone) == ["person.access_renewed"]


def test_a_post_names_what_its_reach_needs(zone, admin, now):
    person = someone(zone, "contact")
    for post, field in (
        (NewPost(role="cell_leader"), "cell"),
        (NewPost(role="department"), "unit"),
        (NewPost(role="contact", cell=CellFactory(zone=zone)), "cell"),
        (NewPost(role="department", unit=UnitFactory()), "unit"),
        (NewPost(role="department", unit=UnitFactory(zone=zone, is_open=False)), "unit"),
        (NewPost(role="king"), "role"),
        (NewPost(role="contact"), "role"),  # held already
    ):
        with pytest.raises(Refused) as refusal:
            actions.appoint(zone=zone, person=person, post=post, by=admin, at=now)
        assert refusal.value.field == field


def test_a_unit_with_people_in_it_stays(zone, admin, now):
    unit = actions.add_unit(zone=zone, kind="department", name="安监站", by=admin, at=now)
    post = PostFactory(zone=zone, role="department", unit=unit)
    with pytest.raises(Refused, match="1"):
        actions.close_unit(unit=unit, by=admin, at=now)
    actions.end_post(post=post, by=admin, at=now)
    assert not actions.close_unit(unit=unit, by=admin, at=now).is_open
    with pytest.raises(Refused):
        actions.add_unit(zone=zone, kind="department", name="安监站", by=admin, at=now)


def test_a_calendar_entered_counts_at_once(zone, admin, now):
    calendar_of(zone)
    days = {"2031-01-01": False, "2031-01-04": True}
    actions.enter_calendar(zone=zone, year=2031, days=days, source="国办发明电", by=admin, at=now)
    calendar = calendar_of(zone)
    assert not calendar.is_working_day(date(2031, 1, 1))
    assert calendar.is_working_day(date(2031, 1, 4))
    assert calendar_of(Zone.objects.get(pk=zone.pk)).is_working_day(date(2031, 1, 2))


SETUP = {
    "unit": lambda z, by, at: actions.add_unit(zone=z, kind="department", name="科", by=by, at=at),
    "cell": lambda z, by, at: actions.add_cell(zone=z, code="q", name="q", leader=by, by=by, at=at),
    "describe": lambda z, by, at: actions.describe_zone(
        zone=z, name="新名", division="", centre=None, by=by, at=at
    ),
    "appoint": lambda z, by, at: actions.appoint(
        zone=z, person=someone(z, "leader"), post=NewPost(role="auditor"), by=by, at=at
    ),
    "offer": lambda z, by, at: actions.offer_post(
        zone=z, username="somebody", post=NewPost(role="auditor"), by=by, at=at
    ),
    "close cell": lambda z, by, at: actions.close_cell(cell=CellFactory(zone=z), by=by, at=at),
    "calendar": lambda z, by, at: actions.enter_calendar(
        zone=z, year=2031, days={"2031-01-01": False}, source="国办", by=by, at=at
    ),
    "leader": lambda z, by, at: actions.name_leader(
        cell=CellFactory(zone=z), leader=by, by=by, at=at
    ),
    "outline": lambda z, by, at: actions.draw_outline(
        cell=CellFactory(zone=z),
        outline={"type": "Polygon", "coordinates": [[[112, 36], [113, 36], [113, 37], [112, 36]]]},
        by=by,
        at=at,
    ),
    "rename": lambda z, by, at: actions.rename_cell(
        cell=CellFactory(zone=z), name="新网格", by=by, at=at
    ),
    "rename unit": lambda z, by, at: actions.rename_unit(
        unit=UnitFactory(zone=z), name="新科", by=by, at=at
    ),
    "change person": lambda z, by, at: actions.change_person(
        zone=z, person=someone(z, "contact"), name="李", phone="", email="", by=by, at=at
    ),
}


@pytest.mark.parametrize("name", SETUP)
@pytest.mark.parametrize("role", ["leader", "safety_office", "auditor", "contact"])
def test_only_the_administrator_sets_up(zone, now, name, role):
    with pytest.raises(Forbidden):
        SETUP[name](zone, someone(zone, role), now)
    assert kinds(zone) == []


@pytest.mark.parametrize("name", SETUP)
def test_setup_happens_and_is_recorded(zone, admin, now, name):
    SETUP[name](zone, admin, now)
    assert kinds(zone)


@pytest.mark.parametrize("name", SETUP)
def test_nothing_is_set_up_that_the_ledger_does_not_take(zone, admin, now, name, broken_ledger):
    name_before = zone.name
    with pytest.raises(broken_ledger):
        SETUP[name](zone, admin, now)
    assert Zone.objects.get(pk=zone.pk).name == name_before
    assert not zone_rows(zone)


def zone_rows(zone):
    return [
        *Cell.objects.filter(zone=zone, code="q"),
        *Cell.objects.filter(zone=zone, name="新网格"),
        *Cell.objects.filter(zone=zone).exclude(outline=None),
        *Post.objects.filter(zone=zone, role="auditor"),
    ]


def test_a_post_may_begin_later(zone, admin, now):
    later = now.date() + timedelta(days=30)
    post = NewPost(role="contact", starts_on=later)
    person = actions.appoint(
        zone=zone, person=NewPerson(username="new", name="新人"), post=post, by=admin, at=now
    ).person
    assert not may_answer(person, zone, on=now.date())
    assert may_answer(person, zone, on=later)
