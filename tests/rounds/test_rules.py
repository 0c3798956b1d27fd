from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.rounds.rules import checklist, coverage, visiting
from bihuan.rounds.rules.visiting import Attendee, Found, Told
from tests.rounds.conftest import LIST

NOW = datetime(2026, 9, 15, 2, 0, tzinfo=UTC)
PRESENT = (Attendee("ours", "Wang"), Attendee("theirs", "Li", signature="ab"))
GOOD = Told(NOW - timedelta(minutes=20), NOW, PRESENT)


def with_(**changes):
    return Told(**{**GOOD.__dict__, **changes})


def field_of(told, noes=()):
    refused = visiting.refusal(told, noes, NOW)
    return refused and refused[0]


def test_a_complete_visit_is_not_refused():
    assert field_of(GOOD) is None


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"ended_at": NOW - timedelta(hours=1)}, "ended_at"),
        ({"started_at": NOW - timedelta(days=2)}, "ended_at"),
        ({"ended_at": NOW + timedelta(hours=1)}, "ended_at"),
        ({"present": (PRESENT[1],)}, "ours"),
        ({"present": (PRESENT[0],)}, "theirs"),
        ({"present": (*PRESENT, Attendee("theirs", " "))}, "theirs"),
        ({"present": (PRESENT[0], Attendee("theirs", "Li"))}, "signature"),
        ({"findings": (Found(before=("ab",)),)}, "finding-0-title"),
        ({"findings": (Found("Blocked"),)}, "finding-0-before"),
        ({"findings": (Found("Blocked", before=("ab",), corrected="Done"),)}, "finding-0-after"),
        (
            {
                "findings": (
                    Found("Leak", before=("a",), after=("b",), corrected="Done", grade="major"),
                )
            },
            "finding-0-corrected",
        ),
    ],
)
def test_an_incomplete_visit_is_refused_at_its_field(changes, field):
    assert field_of(with_(**changes)) == field


def test_refusing_to_sign_with_a_reason_takes_the_place_of_a_signature():
    present = (PRESENT[0], Attendee("theirs", "Li"))
    assert field_of(with_(present=present, refusal="Disagrees with item 2")) is None


def test_a_no_needs_a_finding_or_an_open_case():
    assert field_of(GOOD, ["G01"]) == "item-G01"
    told = with_(findings=(Found("Blocked", before=("ab",), item="G01"),))
    assert field_of(told, ["G01"]) is None
    assert field_of(with_(findings=(Found(item="G01", known="YH2026-0001"),)), ["G01"]) is None


def test_the_fingerprint_tells_any_two_visits_apart():
    assert visiting.fingerprint(GOOD, dossier="1") == visiting.fingerprint(with_(), dossier="1")
    others = [
        visiting.fingerprint(GOOD, dossier="2"),
        visiting.fingerprint(with_(summary="x"), dossier="1"),
        visiting.fingerprint(with_(answers={"G01": "yes"}), dossier="1"),
        visiting.fingerprint(with_(findings=(Found("x"),)), dossier="1"),
    ]
    assert len({visiting.fingerprint(GOOD, dossier="1"), *others}) == 5


def test_a_checklist_is_read_and_stored_without_loss():
    content = checklist.content_of(LIST)
    assert content.items[0].clause == "《Work Safety Law》42"
    assert not content.items[0].unread
    assert content.items[1].unread, "a clause from memory must be checked"
    assert checklist.items_of(checklist.rows_of(content.items)) == content.items


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"items": []}, "no items"),
        ({"items": [LIST["items"][0], LIST["items"][0]]}, "two items"),
        ({"items": [{"code": "X", "text": ""}]}, "needs a code and a text"),
        ({"items": [{"code": "X", "text": "t"}]}, "finds"),
        ({"items": [{"code": "X", "text": "t", "kind": "colour"}]}, "colour"),
        ({"items": [{**LIST["items"][0], "clauses": [{"by": "nil"}]}]}, "no document"),
        ({"items": [{**LIST["items"][0], "finds": {"category": "a", "phrase": "b", "grade": "c"}}]}, "no grade"),
        ({"items": [{**LIST["items"][0], "clauses": [{"document": "d", "confidence": "Z"}]}]}, "no confidence"),
    ],
)  # fmt: skip
def test_faulty_checklists_are_refused_by_name(change, words):
    with pytest.raises(checklist.Faulty, match=words):
        checklist.content_of({**LIST, **change})


def test_answers_are_checked_against_the_checklist():
    items = checklist.content_of(LIST).items
    assert not checklist.answer_faults(items, {"G01": "yes", "G03": "12.5"})
    wrong = checklist.answer_faults(items, {"G01": "maybe", "G03": "many", "X": "yes"})
    assert set(wrong) == {"G01", "G03", "X"}
    assert checklist.noes(items, {"G01": "no", "G02": "na", "G03": "0"}) == ["G01"]


@given(st.dictionaries(st.sampled_from(list(coverage.EntryState)), st.integers(0, 10**6)))
def test_the_parts_are_always_the_whole(states):
    counts = coverage.counts_of({state.value: n for state, n in states.items()})
    assert counts.total == sum(states.values()) == counts.done + counts.to_go


def test_the_share_of_an_empty_list_is_unknown_not_zero():
    assert coverage.Counts().share is None
    assert coverage.Counts(1, 1, 2).share == 0.5


def test_closing_names_how_many_and_whose():
    assert coverage.closing_refusal([], 0) is None
    sentence = coverage.closing_refusal([("Wang", 2), ("Li", 1)], 0)
    assert "3" in sentence
    assert "Wang 2、Li 1" in sentence
    assert coverage.closing_refusal([], 2)


def test_criteria_survive_being_stored():
    criteria = coverage.Criteria(sector="fire", cell="1", risk="red", not_visited_since=NOW.date())
    assert coverage.criteria_of(criteria.data()) == criteria
    assert coverage.criteria_of({}) == coverage.Criteria()
