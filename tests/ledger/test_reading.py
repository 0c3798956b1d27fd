import pytest

from bihuan.core.ids import new_id
from bihuan.ledger.queries import history, page, stored_rows
from tests.ledger.books import AT, DIGEST, fill

pytestmark = pytest.mark.django_db


@pytest.fixture
def zone():
    zone = new_id()
    fill(zone, 25)
    fill(new_id(), 3)
    return zone


def numbers(found):
    return [line.seq for line in found.lines]


def test_pages_follow_each_other_both_ways(zone):
    first = page(zone, size=10)
    second = page(zone, size=10, before=first.older)
    third = page(zone, size=10, before=second.older)
    assert numbers(first) == list(range(25, 15, -1))
    assert numbers(second) == list(range(15, 5, -1))
    assert numbers(third) == [5, 4, 3, 2, 1]
    assert (first.newer, third.older) == (None, None)
    assert numbers(page(zone, size=10, after=third.newer)) == numbers(second)
    back = page(zone, size=10, after=second.newer)
    assert numbers(back) == numbers(first)
    assert back.newer is None


def test_pages_are_filtered(zone):
    assert numbers(page(zone, kind="case.opened", size=3)) == [24, 22, 20]
    assert numbers(page(zone, about=("case", "0"))) == [25, 20, 15, 10, 5]
    assert numbers(page(zone, actor="system:nobody")) == []
    assert len(page(zone, actor="system:test").lines) == 25


def test_a_line_tells_who_did_what_to_what_when(zone):
    line = page(zone, size=1, before=4).lines[0]
    assert (line.seq, line.kind, line.actor, line.origin) == (
        3,
        "case.closed",
        "system:test",
        "here",
    )
    assert (line.about_type, line.about_id) == ("case", "3")
    assert (line.at - AT).seconds == 90
    assert line.data == {"number": 3, "title": "二号车间"}
    assert line.files == (DIGEST,)


def test_history_is_of_one_thing(zone):
    assert [line.seq for line in history(zone, ("case", "2"))] == [22, 17, 12, 7, 2]
    assert history(zone, ("dossier", "2")) == []


def test_pages_cost_one_query(zone, django_assert_num_queries):
    with django_assert_num_queries(1):
        page(zone)


def test_rows_come_in_pieces_and_stop_where_asked(zone):
    pieces = [[row[0] for row in rows] for rows in stored_rows(zone, until=12, chunk=5)]
    assert pieces == [[1, 2, 3, 4, 5], [6, 7, 8, 9, 10], [11, 12]]
