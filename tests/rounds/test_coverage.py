"""Nobody is missed: the register adds up whatever happens, and ends only when it is complete."""

from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bihuan.core.refusals import Refused
from bihuan.dossiers.actions import hand_over
from bihuan.rounds import actions, queries
from bihuan.rounds.actions import Who
from bihuan.rounds.models import Entry, Round, Visit
from bihuan.rounds.rules.coverage import Counts, RoundState
from tests.rounds.conftest import entry_of

pytestmark = pytest.mark.django_db


def test_a_campaign_of_500_ends_only_when_visited_and_excused_make_500(world):
    for number in range(500):
        contact = world.people.contact if number % 2 else world.people.other_contact
        world.dossier(cell="ab"[number % 2], contact=contact)
    row = world.open()
    assert row.total == 500
    entries = list(row.entries.select_related("dossier__contact").order_by("id"))
    for number, entry in enumerate(entries[:-1]):
        by = entry.dossier.contact
        if number % 50 == 7:
            world.decide(world.excuse(entry, by=by))
        else:
            world.visit(entry.dossier, entry=entry, by=by)
    with pytest.raises(Refused, match="1"):
        world.close(row)
    assert Round.objects.get().state == RoundState.OPEN
    last = entries[-1]
    world.visit(last.dossier, entry=last, by=last.dossier.contact)
    closed = world.close(row)
    assert closed.visited + closed.excused == closed.total == 500
    assert closed.excused == 10
    assert queries.tally(row) == Counts(visited=490, excused=10)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["visit", "ask", "approve", "decline", "newcomer", "join", "by_hand", "assign", "close"]
        ),
        st.integers(0, 9),
    ),
    max_size=30,
)


class Game:
    """Plays steps on a round of three; a refusal is a fair answer to any of them."""

    def __init__(self, world):
        self.world = world
        for _again in range(3):
            world.dossier()
        self.row = world.open()
        self.asked = []

    def play(self, step, pick):
        try:
            with transaction.atomic():
                getattr(self, step)(pick)
        except Refused:
            return

    def entry(self, pick):
        entries = list(
            Entry.objects.filter(round=self.row).select_related("dossier").order_by("id")
        )
        return entries[pick % len(entries)]

    def visit(self, pick):
        entry = self.entry(pick)
        self.world.visit(entry.dossier, entry=entry)

    def ask(self, pick):
        self.asked.append(self.world.excuse(self.entry(pick)))

    def approve(self, pick):
        if self.asked:
            self.world.decide(self.asked[pick % len(self.asked)])

    def decline(self, pick):
        if self.asked:
            self.world.decide(self.asked[pick % len(self.asked)], approve=False, note="no")

    def newcomer(self, pick):
        self.world.dossier(opened_at=self.world.now + timedelta(hours=1))

    def join(self, pick):
        actions.join_newcomers(round_id=self.row.pk, by=self.world.people.office, at=self.world.now)

    def by_hand(self, pick):
        actions.join(
            round_id=self.row.pk,
            dossier=self.world.dossiers[pick % len(self.world.dossiers)],
            why="asked for",
            by=self.world.people.office,
            at=self.world.now,
        )

    def assign(self, pick):
        actions.assign(
            round_id=self.row.pk,
            who=Who(entries=[self.entry(pick).pk]),
            person=self.world.people.office,
            by=self.world.people.office,
            at=self.world.now,
        )

    def close(self, pick):
        self.world.close(self.row)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=STEPS)
def test_whatever_happens_visited_excused_and_to_go_are_all(world, steps):
    with transaction.atomic():
        world.dossiers.clear()
        game = Game(world)
        for step in steps:
            game.play(*step)
            row = Round.objects.get(pk=game.row.pk)
            counted = queries.tally(row)
            assert row.counts == counted, "the kept counts are what the entries add up to"
            assert counted.total == row.total == Entry.objects.filter(round=row).count()
            assert (
                sum((part.counts.total for part in queries.by_person(row, Entry.objects.all())), 0)
                == row.total
            )
            assert Visit.objects.filter(round=row).count() >= row.visited
            if row.state == RoundState.CLOSED:
                assert counted.to_go == 0
        transaction.set_rollback(True)


def test_coverage_by_cell_person_and_sector(world, django_assert_num_queries):
    first = world.dossier(cell="a", sector="fire")
    world.dossier(cell="b", contact=world.people.other_contact, sector="fire")
    world.dossier(cell="b")
    row = world.open()
    world.visit(first, entry=Entry.objects.get(round=row, dossier=first))
    with django_assert_num_queries(2):
        cells = {part.name: part.counts for part in queries.by_cell(row, Entry.objects.all())}
    assert cells == {
        "Zone": Counts(visited=1, to_go=2), "A": Counts(visited=1), "B": Counts(to_go=2)
    }  # fmt: skip
    with django_assert_num_queries(2):
        people = {part.name: part.counts for part in queries.by_person(row, Entry.objects.all())}
    assert people == {"contact": Counts(visited=1, to_go=1), "other_contact": Counts(to_go=1)}
    with django_assert_num_queries(1):
        sectors = [(part.key, part.counts) for part in queries.by_sector(row, Entry.objects.all())]
    assert sectors == [("fire", Counts(visited=1, to_go=1))]


def test_coverage_stays_in_the_cell_where_a_dossier_joined(world):
    dossier = world.dossier(cell="a")
    row = world.open()
    dossier.cell = world.cells["b"]
    dossier.save()
    assert {part.name for part in queries.by_cell(row, Entry.objects.all())} == {"Zone", "A"}


def test_a_handover_moves_what_is_to_go_and_leaves_what_was_visited(world):
    """Who went keeps the credit; who comes after has only what is left."""
    visited = world.dossier()
    world.dossier()
    row = world.open()
    world.visit(visited, entry=entry_of(row, visited))
    hand_over(
        zone=world.zone, dossiers=world.dossiers, to=world.people.other_contact, reason="轮岗",
        by=world.people.office, at=world.now,
    )  # fmt: skip
    people = {part.name: part.counts for part in queries.by_person(row, Entry.objects.all())}
    assert people == {"contact": Counts(visited=1), "other_contact": Counts(to_go=1)}


def test_who_leaves_hands_over_the_visits_given_to_them(world):
    world.dossier()
    row = world.open()
    assert queries.entries_resting(world.people.office, world.zone)[0].count == 0
    actions.assign(
        round_id=row.pk, who=Who(entries=[row.entries.get().pk]), person=world.people.office,
        by=world.people.office, at=world.now,
    )  # fmt: skip
    assert queries.entries_resting(world.people.office, world.zone)[0].count == 1
