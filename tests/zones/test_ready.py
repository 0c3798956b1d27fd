"""A query compiled once answers as the same query made anew, for other values and changed rows."""

from datetime import date
from threading import Thread

import pytest
from django.db import connections
from django.db.models import Q
from django.db.models.functions import Upper

from bihuan.core.permissions import Permission
from bihuan.core.ready import LENGTHS, Given, Ready, RowsByIds
from bihuan.dossiers.models import Dossier
from bihuan.zones.models import Cell, Post, Zone
from bihuan.zones.permissions import WithinReach, anyone_like, forget_standing, standing_of
from tests.factories.dossiers import DossierFactory
from tests.factories.zones import CellFactory, PostFactory, UnitFactory, ZoneFactory, someone

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 23)
BY_SLUG = Ready(lambda: Zone.objects.filter(slug=Given("slug")))


def zones(count):
    return [Zone.objects.create(slug=f"zone-{n}", name=f"Zone {n}") for n in range(count)]


def test_it_answers_other_values_with_other_rows():
    first, second = zones(2)
    assert BY_SLUG.ask(slug="zone-0") == [first]
    assert BY_SLUG.ask(slug="zone-1") == [second]
    assert BY_SLUG.ask(slug="zone-2") == []


def test_what_changes_is_seen_at_the_next_asking(django_assert_num_queries):
    (zone,) = zones(1)
    assert BY_SLUG.ask(slug="zone-0")[0].name == "Zone 0"
    Zone.objects.filter(pk=zone.pk).update(name="Renamed")
    with django_assert_num_queries(1):
        assert BY_SLUG.ask(slug="zone-0")[0].name == "Renamed"
    Zone.objects.filter(pk=zone.pk).delete()
    assert BY_SLUG.ask(slug="zone-0") == []


def test_it_is_compiled_once():
    made = []

    def build():
        made.append(1)
        return Zone.objects.filter(slug=Given("slug"))

    ready = Ready(build)
    ready.ask(slug="a")
    ready.ask(slug="b")
    assert made == [1]


def test_days_ids_and_joins_are_written_as_the_queryset_writes_them(django_assert_num_queries):
    zone = ZoneFactory()
    person = someone(zone, "leader", ends_on=date(2026, 6, 1))
    someone(ZoneFactory(), "leader")
    ready = Ready(
        lambda: (
            Post.objects.filter(zone=Given("zone")).held_on(Given("on")).select_related("person")
        )
    )
    last_day, day_after = date(2026, 5, 31), date(2026, 6, 1)
    assert ready.ask(zone=zone.pk, on=day_after) == []
    with django_assert_num_queries(1):
        (post,) = ready.ask(zone=zone.pk, on=last_day)
        assert post.person.name == person.name
    assert post == Post.objects.get(zone=zone)


def test_nothing_equals_none():
    with pytest.raises(ValueError, match="slug"):
        BY_SLUG.ask(slug=None)


def test_rows_by_a_foreign_key_and_a_condition():
    zone = ZoneFactory()
    someone(zone, "contact")
    leader = someone(zone, "leader")
    someone(ZoneFactory(), "leader")
    rows = RowsByIds(Post, "person", key="zone", where=Q(role="leader"))
    assert rows.ask([zone.pk]) == [(leader.pk,)]


@pytest.mark.parametrize("count", [0, 1, 2, 10, 11, 50, 51, LENGTHS[-1] + 3])
def test_rows_of_any_number_of_ids(count):
    rows = RowsByIds(Zone, "pk", "name")
    made = zones(count + 1)[1:]
    assert sorted(rows.ask([it.pk for it in made])) == sorted((it.pk, it.name) for it in made)


def test_a_list_may_be_shorter_than_it_was_made_for():
    ready = Ready(lambda: Cell.objects.filter(pk__in=Given("ids", 5)))
    cells = [CellFactory(), CellFactory()]
    assert set(ready.ask(ids=[it.pk for it in cells])) == set(cells)


def test_what_names_nothing_is_not_asked_for(django_assert_num_queries):
    zones(1)
    nothing = Ready(lambda: Zone.objects.filter(pk__in=()))
    with django_assert_num_queries(0):
        assert nothing.ask() == []


def test_models_are_made_as_the_queryset_makes_them(django_assert_num_queries):
    zone = ZoneFactory()
    below = CellFactory(zone=zone, parent=CellFactory(zone=zone, name="top"))

    def rows(slug):
        found = Cell.objects.filter(zone__slug=slug).select_related("parent", "zone")
        return found.annotate(loud=Upper("name")).only("name", "parent__name", "zone__name")

    ready = Ready(lambda: rows(Given("slug")).order_by("path"))
    with django_assert_num_queries(1):
        found = {it.pk: it for it in ready.ask(slug=zone.slug)}
        mine = found[below.pk]
        assert (mine.parent.name, mine.zone, mine.loud) == ("top", zone, mine.name.upper())
        assert found[mine.parent_id].parent is None
    plain = rows(zone.slug).get(pk=below.pk)
    assert mine.get_deferred_fields() == plain.get_deferred_fields()
    assert mine._state.db == plain._state.db
    with django_assert_num_queries(1):
        assert mine.code == below.code


ROLES_BY_REACH = ("leader", "cell_leader", "department", "enterprise", "contact", "platform")


@pytest.fixture
def reached():
    """A zone with two units and a tree of cells, dossiers all over it, and who reaches some."""
    zone, units = ZoneFactory(), [UnitFactory(), UnitFactory()]
    for unit in units:
        unit.zone = zone
        unit.save()
    top = CellFactory(zone=zone)
    cells = [top, CellFactory(zone=zone, parent=top), CellFactory(zone=zone)]
    people = {role: someone(zone, role, unit=units[0], cell=top) for role in ROLES_BY_REACH}
    for cell in cells:
        for unit in (*units, None):
            for contact in (people["contact"], people["leader"]):
                DossierFactory(zone=zone, cell=cell, unit=unit, contact=contact)
    return zone, people, units[1], cells[2]


def test_within_reach_finds_what_the_plain_queryset_finds(reached):
    zone, people, *_ = reached
    ready = WithinReach(lambda who: Dossier.objects.visible_to(who), Permission.DOSSIER_READ)
    counts = []
    for person in people.values():
        standing = standing_of(person, zone, on=TODAY)
        plain = set(Dossier.objects.visible_to(standing))
        assert set(ready.ask(standing)) == plain
        counts.append(len(plain))
    assert len(set(counts)) > 3
    assert max(counts) == Dossier.objects.count()


def test_within_reach_another_post_is_seen_at_the_next_asking(reached):
    zone, people, unit, cell = reached
    ready = WithinReach(lambda who: Dossier.objects.visible_to(who), Permission.DOSSIER_READ)
    person = people["department"]
    before = len(ready.ask(standing_of(person, zone, on=TODAY)))
    for post in ({"role": "department", "unit": unit}, {"role": "cell_leader", "cell": cell}):
        PostFactory(zone=zone, person=person, **post)
        forget_standing(person)
        standing = standing_of(person, zone, on=TODAY)
        after = ready.ask(standing)
        assert len(after) > before
        assert set(after) == set(Dossier.objects.visible_to(standing))
        before = len(after)
    Post.objects.filter(person=person).delete()
    forget_standing(person)
    assert ready.ask(standing_of(person, zone, on=TODAY)) == []


def test_within_reach_says_by_what_it_narrows(reached):
    zone, people, *_ = reached
    ready = WithinReach(lambda who: Dossier.objects.visible_to(who))
    with pytest.raises(ValueError, match="not in tuple"):
        ready.ask(standing_of(people["contact"], zone, on=TODAY))


def test_who_reaches_in_one_form_is_one_anyone(reached):
    zone, people, unit, _cell = reached
    asked = (Permission.CASE_READ, Permission.DOSSIER_EDIT)

    def form(person):
        return anyone_like(standing_of(person, zone, on=TODAY), *asked)

    (first, whose), (second, others) = (
        form(people["leader"]),
        form(someone(zone, "leader", unit=unit)),
    )
    assert (first, hash(first)) == (second, hash(second))
    assert whose["person"] != others["person"]
    kinds = [form(people[it])[0] for it in ("leader", "department", "cell_leader", "contact")]
    assert len(set(kinds)) == len(kinds)
    assert form(someone(zone, "department", unit=unit))[0] == form(people["department"])[0]
    with pytest.raises(ValueError, match="not in tuple"):
        first.scope(Permission.CASE_CLOSE)
    with pytest.raises(AttributeError):
        _ = first.posts


@pytest.mark.django_db(transaction=True)
def test_every_thread_asks_by_its_own_connection():
    zones(1)
    BY_SLUG.ask(slug="zone-0")
    told = []

    def ask():
        try:
            told.append(BY_SLUG.ask(slug="zone-0")[0].name)
        finally:
            connections.close_all()

    thread = Thread(target=ask)
    thread.start()
    thread.join()
    assert told == ["Zone 0"]
