"""Two people at one moment: a list never loses count, and nothing is done twice."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from bihuan.core.ids import new_id
from bihuan.core.refusals import Refused
from bihuan.ledger.models import Event
from bihuan.rounds import queries
from bihuan.rounds.models import Excuse, Round, Visit
from bihuan.rounds.rules.coverage import Counts, RoundState

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*jobs):
    """Run jobs at the same moment; return what each gave or the refusal it met."""
    barrier = Barrier(len(jobs))

    def run(job):
        try:
            barrier.wait()
            return job()
        except Refused as refused:
            return refused
        finally:
            connection.close()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


def test_a_visit_and_a_closing_cannot_pass_each_other(world, fault_rounds):
    for _again in range(fault_rounds):
        dossier = world.dossier()
        row = world.open()
        entries = {entry.dossier_id: entry for entry in row.entries.all()}
        for other in world.dossiers[:-1]:
            world.visit(other, entry=entries[other.pk])
        at_once(
            lambda d=dossier, e=entries: world.visit(d, entry=e[d.pk]),
            lambda r=row: world.close(r),
        )
        row = Round.objects.get(pk=row.pk)
        counts = queries.tally(row)
        assert row.counts == counts
        assert counts == Counts(visited=len(world.dossiers))
        assert row.state in (RoundState.OPEN, RoundState.CLOSED)


def test_one_visit_sent_twice_at_once_is_one(world, fault_rounds):
    for _again in range(fault_rounds):
        dossier, key = world.dossier(), new_id()
        signature = world.file()
        told = world.told(signature=signature)

        def send(dossier=dossier, key=key, told=told, signature=signature):
            return world.visit(dossier, key=key, told=told, files=[signature])

        first, second = at_once(send, send)
        assert first == second
        assert Visit.objects.filter(dossier=dossier).count() == 1


def test_two_visits_of_one_entry_leave_one_on_the_list(world):
    dossier = world.dossier()
    row = world.open()
    entry = row.entries.get()
    answers = at_once(
        lambda: world.visit(dossier, entry=entry), lambda: world.visit(dossier, entry=entry)
    )
    assert sum(isinstance(answer, Refused) for answer in answers) == 1
    assert Round.objects.get().counts == Counts(visited=1)


def test_an_excuse_is_decided_once(world):
    world.dossier()
    row = world.open()
    excuse = world.excuse(row.entries.get())
    answers = at_once(
        lambda: world.decide(excuse),
        lambda: world.decide(excuse, approve=False, note="no", by=world.people.office),
    )
    assert sum(isinstance(answer, Refused) for answer in answers) == 1
    assert Event.objects.filter(kind__in=("excuse.approved", "excuse.declined")).count() == 1
    assert Excuse.objects.get().verdict != "asked"
