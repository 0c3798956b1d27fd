from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from bihuan.core.ids import new_id
from bihuan.core.refusals import Forbidden, Refused, Stale
from bihuan.rounds import actions, queries
from bihuan.rounds.actions import Who
from bihuan.rounds.models import Checklist, Entry, Round, Visit
from bihuan.rounds.rules.checklist import content_of
from bihuan.rounds.rules.coverage import Counts, Criteria, RoundState
from tests.rounds.conftest import LIST, counts, entry_of, kinds

pytestmark = pytest.mark.django_db


# --- opening -----------------------------------------------------------------------------


def test_opening_freezes_the_list(world):
    here = [world.dossier(), world.dossier(cell="b")]
    world.dossier(state="left")
    row = world.open()
    assert set(row.entries.values_list("dossier", flat=True)) == {d.pk for d in here}
    assert row.counts == Counts(to_go=2) == queries.tally(row)
    assert kinds(world)[-1] == "round.opened"


@pytest.mark.parametrize(
    ("criteria", "expected"),
    [
        ({"sector": "fire"}, {1}),
        ({"cell": "b"}, {2}),
        ({"cell": "z"}, {0, 1, 2, 3}),
        ({"risk": "red"}, {3}),
        ({"risk": "unknown"}, {0, 1, 2}),
        ({"not_visited_since": date(2026, 6, 1)}, {0, 1, 3}),
        ({"sector": "fire", "cell": "b"}, set()),
    ],
)
def test_criteria_choose_the_list(world, criteria, expected):
    rows = [
        world.dossier(last_visited_on=date(2026, 5, 31)),
        world.dossier(sector="fire"),
        world.dossier(cell="b", last_visited_on=date(2026, 6, 1)),
        world.dossier(risk="red"),
    ]
    if "cell" in criteria:
        criteria = {**criteria, "cell": str(world.cells[criteria["cell"]].pk)}
    found = queries.matching(world.zone, Criteria(**criteria))
    assert {rows.index(d) for d in found} == expected


def test_opening_is_refused_without_name_time_or_anybody(world):
    with pytest.raises(Refused) as nobody:
        world.open()
    assert nobody.value.field == "criteria"
    world.dossier()
    with pytest.raises(Refused):
        world.open(name=" ")
    with pytest.raises(Refused):
        world.open(due_on=date(2026, 9, 14))
    assert not Round.objects.exists()


@pytest.mark.parametrize("who", ["contact", "auditor", "leader", "stranger", "enterprise"])
def test_only_the_safety_office_opens_rounds(world, who):
    world.dossier()
    with pytest.raises(Forbidden):
        world.open(by=getattr(world.people, who))


def test_opening_twice_with_one_id_makes_one_round(world):
    world.dossier()
    key = new_id()
    assert world.open(id=key) == world.open(id=key)
    assert kinds(world).count("round.opened") == 1


def test_if_the_event_fails_nothing_is_opened(world, monkeypatch):
    world.dossier()

    def fail(**kwargs):
        raise IntegrityError

    monkeypatch.setattr("bihuan.rounds.actions.rounds.record", fail)
    with pytest.raises(IntegrityError):
        world.open()
    assert not Round.objects.exists()
    assert not Entry.objects.exists()


# --- newcomers ---------------------------------------------------------------------------


def test_newcomers_join_and_the_denominator_is_logged(world):
    world.dossier()
    row = world.open()
    late = world.dossier(opened_at=world.now + timedelta(days=1))
    world.dossier(opened_at=world.now + timedelta(days=1), state="left")
    assert list(queries.newcomers(row)) == [late]
    assert actions.join_newcomers(round_id=row.pk, by=world.people.office, at=world.now) == 1
    assert actions.join_newcomers(round_id=row.pk, by=world.people.office, at=world.now) == 0
    assert counts(row) == Counts(to_go=2) == queries.tally(row)
    assert kinds(world).count("round.joined") == 1


def test_a_round_cannot_close_while_a_newcomer_is_not_on_its_list(world):
    first = world.dossier()
    row = world.open()
    world.visit(first, entry=entry_of(row, first))
    world.dossier(opened_at=world.now + timedelta(hours=1))
    with pytest.raises(Refused, match="1"):
        world.close(row)


def test_joining_by_hand_needs_a_reason_and_happens_once(world):
    world.dossier(sector="fire")
    other = world.dossier()
    row = world.open(criteria=Criteria(sector="fire"))
    by, at = world.people.office, world.now
    with pytest.raises(Refused):
        actions.join(round_id=row.pk, dossier=other, why=" ", by=by, at=at)
    actions.join(round_id=row.pk, dossier=other, why="Complaint", by=by, at=at)
    with pytest.raises(Refused):
        actions.join(round_id=row.pk, dossier=other, why="Again", by=by, at=at)
    assert counts(row).total == 2
    with pytest.raises(Forbidden):
        actions.join(round_id=row.pk, dossier=other, why="x", by=world.people.contact, at=at)


# --- assigning ---------------------------------------------------------------------------


def test_entries_follow_the_contact_until_they_are_assigned(world):
    mine, other = world.dossier(), world.dossier(contact=world.people.other_contact)
    row = world.open()
    entries = Entry.objects.filter(round=row)
    assert entries.of(world.people.contact).get().dossier == mine
    given = actions.assign(
        round_id=row.pk, who=Who(of=world.people.other_contact.pk), person=world.people.office,
        by=world.people.office, at=world.now,
    )  # fmt: skip
    assert given == 1
    assert entries.of(world.people.office).get().dossier == other
    actions.assign(
        round_id=row.pk, who=Who(cells=[world.cells["a"].pk]), person=None,
        by=world.people.office, at=world.now,
    )  # fmt: skip
    assert not entries.of(world.people.office).exists()
    assert kinds(world).count("round.assigned") == 2


def test_nobody_is_given_what_their_post_does_not_reach(world):
    world.dossier()
    row = world.open()
    with pytest.raises(Refused) as refused:
        actions.assign(
            round_id=row.pk, who=Who(cells=[world.cells["a"].pk]),
            person=world.people.other_contact, by=world.people.office, at=world.now,
        )  # fmt: skip
    assert refused.value.field == "person"
    with pytest.raises(Refused):
        actions.assign(
            round_id=row.pk, who=Who(), person=None, by=world.people.office, at=world.now
        )


# --- ending ------------------------------------------------------------------------------


def test_closing_is_refused_while_one_is_missing_and_says_whose(world):
    first = world.dossier()
    world.dossier(contact=world.people.other_contact)
    row = world.open()
    world.visit(first, entry=entry_of(row, first))
    with pytest.raises(Refused, match="other_contact 1"):
        world.close(row)
    with pytest.raises(IntegrityError), transaction.atomic():
        Round.objects.filter(pk=row.pk).update(state="closed", ended_at=world.now)


def test_a_closed_round_changes_no_more(world):
    dossier = world.dossier()
    row = world.open()
    entry = entry_of(row, dossier)
    excuse = world.excuse(entry)
    world.decide(excuse)
    assert world.close(row).state == RoundState.CLOSED
    assert kinds(world)[-1] == "round.closed"
    for attempt in (
        lambda: world.close(row),
        lambda: world.visit(dossier, entry=entry),
        lambda: actions.join_newcomers(round_id=row.pk, by=world.people.office, at=world.now),
        lambda: actions.cancel_round(
            round_id=row.pk, reason="x", by=world.people.office, at=world.now
        ),
    ):
        with pytest.raises(Refused):
            attempt()


def test_cancelling_says_why_and_keeps_what_was_visited(world):
    dossier = world.dossier()
    world.dossier()
    row = world.open()
    world.visit(dossier, entry=entry_of(row, dossier))
    by, at = world.people.office, world.now
    with pytest.raises(Refused):
        actions.cancel_round(round_id=row.pk, reason="", by=by, at=at)
    with pytest.raises(Forbidden):
        actions.cancel_round(round_id=row.pk, reason="x", by=world.people.leader, at=at)
    done = actions.cancel_round(round_id=row.pk, reason="Order withdrawn", by=by, at=at)
    assert (done.state, done.visited) == (RoundState.CANCELLED, 1)
    assert Visit.objects.count() == 1


# --- checklists --------------------------------------------------------------------------


def test_a_checklist_version_is_loaded_once_and_never_altered(world):
    by, at = world.people.office, world.now
    same = actions.load_checklist(zone=world.zone, content=content_of(LIST), by=by, at=at)
    assert same == world.checklist
    other = {**LIST, "items": LIST["items"][:1]}
    with pytest.raises(Stale):
        actions.load_checklist(zone=world.zone, content=content_of(other), by=by, at=at)
    two = content_of({**other, "version": 2})
    newer = actions.load_checklist(zone=world.zone, content=two, by=by, at=at)
    assert list(Checklist.objects.filter(is_current=True)) == [newer]
    with pytest.raises(Forbidden):
        actions.load_checklist(
            zone=world.zone, content=content_of({**LIST, "version": 3}), by=world.people.leader,
            at=at,
        )  # fmt: skip


def test_a_later_checklist_does_not_change_how_a_visit_was_asked(world):
    dossier = world.dossier()
    row = world.open()
    two = content_of({**LIST, "version": 2, "items": LIST["items"][:1]})
    actions.load_checklist(zone=world.zone, content=two, by=world.people.office, at=world.now)
    visit = world.visit(dossier, entry=entry_of(row, dossier), answers={"G02": "yes"})
    assert visit.checklist.version == 1
