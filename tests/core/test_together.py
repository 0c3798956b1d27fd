"""Several lists in one query: what each would say alone."""

import random

import pytest
from django.db.models import Q

from bihuan.accounts.models import Person
from bihuan.core.together import counts, firsts, ways
from bihuan.dossiers.models import Dossier, Risk
from bihuan.zones.models import Cell
from tests.factories.dossiers import DossierFactory
from tests.factories.zones import CellFactory, PersonFactory, ZoneFactory

pytestmark = pytest.mark.django_db


def test_ids_of_several_lists_come_in_one_query_each_in_its_order(django_assert_num_queries):
    people = [PersonFactory(name=name) for name in "dbca"]
    cells = [CellFactory(leader=it) for it in people]
    by_name = Person.objects.filter(pk__in=[it.pk for it in people]).order_by("name", "pk")
    by_leader = Cell.objects.order_by("leader__name", "pk")
    with django_assert_num_queries(1):
        found = firsts([by_name, Person.objects.none(), by_leader], at_most=3).ask()
    assert firsts([], at_most=3).ask() == []
    assert found == [[people[it].pk for it in (3, 1, 2)], [], [cells[it].pk for it in (3, 1, 2)]]


def test_rows_for_several_reasons_are_the_rows_each_once():
    """Whatever the reasons, the order and the limit: as one condition with OR says."""
    chance, zone = random.Random(5), ZoneFactory()
    cells = [CellFactory(zone=zone) for _ in range(3)]
    people = [cell.leader for cell in cells]
    for _ in range(25):
        DossierFactory(
            zone=zone,
            cell=chance.choice(cells),
            contact=chance.choice(people),
            risk=chance.choice(["", "red", "blue"]),
            last_visited_on=chance.choice([None, "2026-01-02", "2026-03-04"]),
        )
    led = Cell.objects.filter(leader=people[0])
    for risk in ("red", Risk.UNKNOWN):
        here = Dossier.objects.filter(zone=zone, risk=risk)
        lists = [
            here.filter(Q(contact=people[1]) | Q(cell__in=led.values("pk"))),
            here.filter(Q(contact=people[1]) | Q(cell__in=led.values("pk")) | Q(risk="blue")),
            here.filter(Q(cell__in=Cell.objects.none()) | Q(cell__in=led.values("pk"))),
            here.filter(Q(cell__in=led.values("pk"))).exclude(contact=people[0]),
            Dossier.objects.filter(Q(cell__in=led.values("pk")) | Q(risk=risk)),
            here,
        ]
        assert [len(ways(rows)) for rows in lists] == [2, 3, 2, 1, 2, 1]
        assert counts(lists).ask() == [rows.count() for rows in lists]
        for most in (1, 3, 50):
            capped = [min(most, rows.count()) for rows in lists]
            assert counts(lists, at_most=most).ask() == capped
            for order in (("name", "pk"), ("last_visited_on", "pk")):
                ordered = [rows.order_by(*order) for rows in lists]
                expected = [list(rows.values_list("pk", flat=True)[:most]) for rows in ordered]
                assert firsts(ordered, at_most=most).ask() == expected
