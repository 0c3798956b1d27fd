"""Tables: what a page shows, how it pages, and what it costs."""

import re
from dataclasses import replace
from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from django.db import connection
from django.db.models import Q
from django.test import RequestFactory
from django.utils import timezone

from bihuan.accounts.models import Person
from bihuan.core.ids import new_id
from bihuan.ui.filters import Choice, Days, Flag, Words
from bihuan.ui.keyset import Mark, along_its_order, is_lured
from bihuan.ui.tables import Badge, Column, Kind, Table

pytestmark = pytest.mark.django_db

PEOPLE = Table(
    name="people",
    caption="people",
    order="name",
    per_page=10,
    filters=(
        Words(key="q", label="words", fields=("name", "username")),
        Choice(
            key="language", label="language", choices=[("en", "English"), ("zh-hans", "Chinese")]
        ),
        Flag(key="made", label="made", field="is_synthetic"),
        Days(key="left", label="left", field="deactivated_at__date", main=False),
    ),
    columns=(
        Column(key="name", label="Name", sort=True),
        Column(
            key="language",
            label="Language",
            kind=Kind.BADGE,
            badges={"en": Badge("English", "blue")},
            sort=True,
        ),
        Column(key="deactivated_at", label="Left", kind=Kind.DATE, sort=True),
        Column(
            key="length",
            label="Length",
            kind=Kind.NUMBER,
            fill=lambda ids: dict.fromkeys(ids, 1234),
        ),
    ),
)
COUNT = 57


@pytest.fixture
def people():
    """57 people: names in groups of equals, and some who never left."""
    start = timezone.now()
    return Person.objects.bulk_create(
        Person(
            username=f"p{place:03}",
            name=f"name {place // 7}",
            language="en" if place % 3 else "zh-hans",
            joined_at=start,
            is_active=place % 2 == 0,
            deactivated_at=start + timedelta(days=place % 5) if place % 2 else None,
        )
        for place in range(COUNT)
    )


def page(address="", rows=None, table=PEOPLE):
    request = RequestFactory().get(f"/people/{address}")
    request.resolver_match = SimpleNamespace(kwargs={})
    return table.page(request, Person.objects.all() if rows is None else rows)


def walk(first, step):
    pages, current = [first], first
    while getattr(current, step):
        current = page(getattr(current, step))
        pages.append(current)
    return pages


@pytest.mark.parametrize(
    "order", ["name", "-name", "language", "-deactivated_at", "deactivated_at"]
)
def test_every_row_is_met_once_going_forward_and_back(people, order):
    forward = walk(page(f"?sort={order}"), "next")
    met = [row[0] for it in forward for row in it.rows]
    assert len(met) == len(set(met)) == COUNT
    back = walk(forward[-1], "previous")
    assert [it.rows for it in reversed(back)] == [it.rows for it in forward]
    assert [it.place for it in forward][:2] == ["1–10", "11–20"]
    assert forward[-1].place == f"51–{COUNT}"


@pytest.mark.parametrize("order", ["deactivated_at", "-deactivated_at"])
def test_rows_without_a_value_come_last_in_both_directions(people, order):
    values = [row[3] for it in walk(page(f"?sort={order}"), "next") for row in it.rows]
    known = [it for it in values if it is not None]
    assert known == sorted(known, reverse=order.startswith("-"))
    assert values[: len(known)] == known


def test_the_last_page_is_reached_at_once_and_leads_back(people):
    last = page(page().last_page)
    assert last.place == f"51–{COUNT}"
    assert not last.next
    assert page(last.previous).place == "41–50"


@pytest.mark.parametrize("order", ["name", "-language", "deactivated_at", "-deactivated_at"])
@pytest.mark.parametrize("many", [20, 1000])
def test_a_page_asked_for_by_number_is_the_one_walked_to(people, monkeypatch, order, many):
    monkeypatch.setattr("bihuan.ui.tables.MANY", many)
    walked = walk(page(f"?sort={order}"), "next")
    for number, there in enumerate(walked, 1):
        shown = page(f"?sort={order}&page={number}")
        assert (shown.rows, shown.place, shown.leaf) == (there.rows, there.place, number)
        assert (bool(shown.next), bool(shown.previous)) == (bool(there.next), bool(there.previous))
    assert [it for it, _href in page(f"?sort={order}&page=4").near] == [2, 3, 4, 5, 6]
    assert page(f"?sort={order}&page=99").rows[-1] == walked[-1].rows[-1]
    assert page("?page=0").first == page("?page=x").first == 1


def test_a_jump_keeps_the_filters_and_drops_the_place(people):
    shown = page("?language=en&sort=-name&after=W10&page=2")
    assert shown.asked_for == [("language", "en"), ("sort", "-name")]
    assert page(shown.near[0][1]).chosen.values == shown.chosen.values


def test_a_very_long_list_counts_from_its_end(people, monkeypatch):
    monkeypatch.setattr("bihuan.ui.tables.MANY", 20)
    last = page(page().last_page)
    assert last.total_said == "20+"
    assert last.first == -10
    assert page(last.previous).first == -20


@pytest.mark.parametrize(
    "token", ["x", "e30", "W10", Mark("a", "no-id", 3).token(), Mark(None, "1", 2).token()]
)
def test_a_spoilt_address_shows_a_page_all_the_same(people, token):
    assert len(page(f"?after={token}").rows) == 10


@pytest.mark.parametrize("order", ["name", "-language", "deactivated_at", "-deactivated_at"])
@pytest.mark.parametrize("many", [5, 1000])
def test_a_long_list_with_a_subquery_is_walked_in_its_order(people, monkeypatch, order, many):
    """The same rows, whichever way they are come by."""
    monkeypatch.setattr("bihuan.ui.tables.MANY", many)
    thirds = Person.objects.filter(language="en").values("pk")
    rows = Person.objects.filter(Q(pk__in=thirds) | Q(name="name 0"), is_active=True)
    rows = rows.exclude(Q(name="name 3") | Q(pk__in=Person.objects.filter(username="p004")))
    shown, met = page(f"?sort={order}", rows), []
    while True:
        met += [row[0] for row in shown.rows]
        if not shown.next:
            break
        shown = page(shown.next, rows)
    column = order.strip("-")
    value = {it.pk: getattr(it, column) for it in rows}
    known = sorted(
        (pk for pk in value if value[pk] is not None),
        key=lambda pk: (value[pk], pk),
        reverse=order.startswith("-"),
    )
    empty = sorted((pk for pk in value if value[pk] is None), reverse=order.startswith("-"))
    assert met == [*known, *empty]
    assert len(met) > 10


def test_sqlite_is_kept_to_the_order_only_where_a_subquery_lures_it(people):
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL knows how many rows a subquery has")
    within = Person.objects.filter(Q(pk__in=Person.objects.values("pk")) | Q(name=""), is_active=1)
    assert is_lured(within)
    assert not is_lured(Person.objects.exclude(name="x").filter(pk__in=[people[0].pk]))
    sql = str(along_its_order(within).query)
    assert re.search(r'WHERE \("accounts_person"."is_active" = .+ AND \+\(', sql)


def test_a_page_costs_three_queries_however_many_rows(people, django_assert_num_queries):
    with django_assert_num_queries(3):  # which rows, the rows, how many
        shown = page("?sort=name")
        assert shown.total == COUNT
        assert "1,234" in shown.drawn


def test_a_deep_page_is_found_by_row_values_not_by_offset(people, django_assert_num_queries):
    mark = Mark("name 5", str(people[40].pk), 41)
    with django_assert_num_queries(2) as seen:
        page(f"?sort=name&after={mark.token()}")
    sql = seen.captured_queries[0]["sql"]
    assert re.search(r'\("accounts_person"\."name", "accounts_person"\."id"\) > \(', sql)
    assert "OFFSET" not in sql


def test_filters_narrow_and_can_be_taken_off_one_by_one(people):
    shown = page("?q=name 1&language=en&sort=-name")
    assert {row[1] for row in shown.rows} == {"name 1"}
    assert [(chip.label, chip.words) for chip in shown.chips] == [
        ("words", "name 1"),
        ("language", "English"),
    ]
    assert shown.chips[0].href == "?language=en&sort=-name"
    assert shown.cleared == "?sort=-name"


def test_an_unknown_choice_or_a_wrong_day_is_no_filter(people):
    shown = page("?language=fr&left_from=2026-13-40&made=yes")
    assert shown.total == COUNT
    assert shown.chips == []


def test_days_are_inclusive(people):
    today = timezone.localdate()
    one = date.isoformat(today)
    shown = page(f"?left_from={one}&left_to={one}")
    assert {timezone.localtime(row[3]).date() for row in shown.rows} == {today}


def test_what_people_typed_is_escaped(people):
    Person.objects.filter(pk=people[0].pk).update(name="<script>alert(1)</script>", language="<i>")
    drawn = page("?sort=name").drawn
    assert "<script>" not in drawn
    assert "<i>" not in drawn
    assert "&lt;script&gt;" in drawn


def test_a_head_says_how_it_is_sorted_and_turns(people):
    drawn = page("?sort=name").drawn
    assert '<th scope="col" aria-sort="ascending"><a href="?sort=-name">Name' in drawn
    assert '<th scope="col" class="num">Length</th>' in drawn


def test_a_page_of_fifty_is_small(people):
    shown = page(table=replace(PEOPLE, per_page=50))
    assert len(shown.rows) == 50
    assert len(shown.drawn.encode()) < 20_000


LINKED = Table(
    name="linked",
    order="name",
    sheet="People",
    check="bulk",
    columns=(
        Column(key="name", label="Name", link="test-person", sort=True),
        Column(key="username", label="Sign-in name", link="test-person", link_id="salt"),
        Column(key="language", label="Language", draw=lambda value: f"<b>{value}</b>"),
    ),
)


def linked_request(standing=None):
    request = RequestFactory().get("/people/?sort=name&q=x")
    request.resolver_match = SimpleNamespace(kwargs={})
    request.standing = standing
    return request


def test_links_lead_to_the_row_or_to_what_the_row_names(pages):
    row, other = new_id(), new_id()
    drawn = LINKED.plain(
        linked_request(), [(row, "A", "<a>", "zh", other), (row, "B", "b", "zh", None)]
    )
    assert f'<a href="/test/people/{row}/">A</a>' in drawn
    assert f'<a href="/test/people/{other}/">&lt;a&gt;</a>' in drawn
    assert "<td>b" in drawn
    assert "<b>zh</b>" in drawn
    assert f'<input type="checkbox" name="pk" form="bulk" value="{row}"' in drawn


def test_the_export_has_the_same_filters_and_is_for_who_may(pages, people):
    may = SimpleNamespace(zone=None, may=lambda permission: permission == "sheet.export")
    assert (
        LINKED.page(linked_request(may), Person.objects.all()).export_url
        == "?sort=name&q=x&as=xlsx"
    )
    may_not = SimpleNamespace(zone=None, may=lambda _permission: False)
    assert LINKED.page(linked_request(may_not), Person.objects.all()).export_url == ""


def test_an_export_reads_in_the_order_of_the_page(people):
    request = RequestFactory().get("/people/?language=en&sort=-name")
    rows = PEOPLE.filtered(request, Person.objects.all())
    assert {row.language for row in rows} == {"en"}
    assert [row.name for row in rows] == sorted((row.name for row in rows), reverse=True)


def test_what_is_folded_away_opens_when_it_is_in_force(people):
    assert not page().more_shown
    assert page("?left_from=2020-01-01").more_shown
    assert page("?more=1").more_shown
    assert "more=" not in page("?more=1").next
