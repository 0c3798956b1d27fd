"""Figures counted now and by the hour, and which of the two a zone is shown."""

from datetime import timedelta

import pytest
from django.utils import timezone

from bihuan.cases.actions import Finding, report
from bihuan.cases.models import Case
from bihuan.cases.rules.declaration import Grade, Status
from bihuan.core.together import counts
from bihuan.figures import queries
from bihuan.figures.actions import roll_up
from bihuan.figures.queries import FIGURES, by_cell, count, last_year, values
from bihuan.zones.models import Zone
from tests.factories.enterprises import EnterpriseFactory
from tests.factories.zones import PostFactory, ZoneFactory

CODES = [it.code for it in FIGURES]


@pytest.fixture
def zone(db):
    """A zone with two enterprises and three live cases, one of them major."""
    zone = ZoneFactory()
    officer = PostFactory(zone=zone, role="safety_office").person
    first, _second = (EnterpriseFactory(dossier__zone=zone).dossier for _ in range(2))
    for place, grade in enumerate((Grade.GENERAL, Grade.GENERAL, Grade.MAJOR)):
        due = timezone.localdate() + timedelta(days=3)
        finding = Finding(f"隐患{place}", grade=grade, clause="第1条", due_on=due)
        report(kind="hazard", dossier=first, finding=finding, by=officer, at=timezone.now())
    return zone


def fresh(zone):
    return Zone.objects.get(pk=zone.pk)


def numbers(found):
    return {code: (value.number, value.of) for code, value in found.items()}


def test_counted_together_is_counted_one_by_one(zone):
    rows = [Case.objects.all(), Case.objects.none(), Case.objects.filter(grade=Grade.MAJOR)]
    assert counts(rows).ask() == [3, 0, 1]
    assert counts(rows, at_most=2).ask() == [2, 0, 1]
    assert counts([]).ask() == []


def test_the_figures_of_a_page_are_two_queries(zone, django_assert_max_num_queries):
    with django_assert_max_num_queries(2):
        found = values(zone, CODES, on=timezone.localdate())
    period = last_year(timezone.localdate())
    assert numbers(found) == numbers({it.code: count(zone, it, period) for it in FIGURES})
    assert (found["live"].number, found["live_majors"].number) == (3, 1)


def test_a_large_zone_shows_what_was_counted_by_the_hour_with_its_time(zone, monkeypatch):
    today, then = timezone.localdate(), timezone.now()
    roll_up(zone=zone, at=then)
    before = by_cell(fresh(zone), on=today)
    Case.objects.filter(grade=Grade.MAJOR).update(
        is_live=False, status=Status.CLOSED, ended_at=then
    )

    small = values(fresh(zone), ["live"], on=today)["live"]
    assert (small.number, small.computed_at) == (2, None)
    assert sum(it.live for it in by_cell(fresh(zone), on=today)) == 2

    monkeypatch.setattr(queries, "LARGE", 4)  # two enterprises and three live cases
    large = values(fresh(zone), ["live"], on=today)["live"]
    assert (large.number, large.computed_at) == (3, then)
    assert by_cell(fresh(zone), on=today) == before
    assert sum(it.majors for it in before) == 1


def test_what_the_same_dossier_was_closed_for_before_came_back(zone):
    now, period = timezone.now(), last_year(timezone.localdate())
    first = Case.objects.order_by("found_at").first()
    assert count(zone, queries.figure("came_back"), period).number == 0
    Case.objects.filter(pk=first.pk).update(
        found_at=now - timedelta(days=40),
        ended_at=now - timedelta(days=30),
        is_live=False,
        status=Status.CLOSED,
        on_time=True,
    )
    assert count(zone, queries.figure("came_back"), period).number == 2
    Case.objects.exclude(pk=first.pk).update(clause="第2条")
    assert count(zone, queries.figure("came_back"), period).number == 0
