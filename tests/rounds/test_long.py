"""A long list: frozen at once, written out by a job, resumed where it was cut off."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from bihuan.core.ids import new_id
from bihuan.core.refusals import Forbidden, Refused
from bihuan.jobs.worker import Worker
from bihuan.ledger.models import Event
from bihuan.rounds import actions
from bihuan.rounds.actions import rounds
from bihuan.rounds.models import Entry, Opening, Round
from bihuan.rounds.queries import entries_to_go
from bihuan.rounds.rules.coverage import Criteria, Template, list_digest, packed, unpacked
from bihuan.zones.permissions import standing_of
from tests.rounds.conftest import kinds

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch):
    monkeypatch.setattr(rounds, "AT_ONCE", 4)
    monkeypatch.setattr(rounds, "AT_A_TIME", 3)


@pytest.fixture
def asked(world):
    """Open a round over ten dossiers, as a page does; return it and what a job was asked."""
    for _number in range(10):
        world.dossier()
    asked_for = []
    row = actions.open_round(
        zone=world.zone,
        plan=actions.Plan(
            name="Long", template=Template.ROUTINE, criteria=Criteria(),
            checklist=world.checklist, due_on=world.now.date() + timedelta(days=9), id=new_id(),
        ),
        then=asked_for.append,
        by=world.people.office,
        at=world.now,
    )  # fmt: skip
    assert asked_for == [row]
    return row


def write_out(row):
    actions.write_out(round_id=row.pk, at=timezone.now())


def test_a_list_survives_being_packed():
    lines = [(new_id(), new_id()) for _number in range(5)]
    assert unpacked(packed(lines)) == lines
    assert unpacked(b"") == []


def test_the_list_is_frozen_when_it_is_opened_whatever_happens_before_it_is_written(world, asked):
    frozen = [d.pk for d in world.dossiers]
    event = Event.objects.get(kind="round.opened")
    first = world.dossiers[0]
    first.state = "left"
    first.save()
    world.dossiers[1].cell = world.cells["b"]
    world.dossiers[1].save()
    late = world.dossier(opened_at=world.now + timedelta(minutes=1))
    write_out(asked)
    entries = list(Entry.objects.filter(round=asked).order_by("pk"))
    assert [entry.dossier_id for entry in entries] == sorted(
        frozen, key=lambda pk: next(d.name for d in world.dossiers if d.pk == pk)
    )
    assert {entry.cell_id for entry in entries} == {world.cells["a"].pk}
    told = json.loads(event.body)["data"]
    assert told["total"] == 10
    assert told["list_sha256"] == list_digest(str(entry.dossier_id) for entry in entries)
    assert late.pk not in [entry.dossier_id for entry in entries]
    assert Round.objects.get().state == "open"
    assert Round.objects.get().counts.to_go == 10
    assert not Opening.objects.exists()
    assert kinds(world).count("round.opened") == 1


@pytest.mark.parametrize("pieces", [0, 1, 2, 3])
def test_what_was_cut_off_goes_on_and_nothing_is_there_twice(world, asked, monkeypatch, pieces):
    write, done = rounds._write, []

    def dies(row, lines):
        write(row, lines)
        if len(done) == pieces:
            raise KeyboardInterrupt  # within the transaction: this piece is lost
        done.append(lines)

    monkeypatch.setattr(rounds, "_write", dies)
    with pytest.raises(KeyboardInterrupt):
        write_out(asked)
    assert Entry.objects.count() == 3 * pieces
    assert Round.objects.get().state == "opening"
    monkeypatch.setattr(rounds, "_write", write)
    write_out(asked)
    write_out(asked)
    assert Entry.objects.count() == 10
    assert Round.objects.get().state == "open"


def test_nothing_can_be_done_with_a_round_that_is_being_opened(world, asked, monkeypatch):
    write_one_piece(asked)
    entry = Entry.objects.order_by("pk").first()
    office = world.people.office
    contact = standing_of(world.people.contact, world.zone, on=world.now.date())
    assert not entries_to_go(contact).exists()
    for attempt in (
        lambda: world.visit(entry.dossier, entry=entry),
        lambda: world.excuse(entry),
        lambda: world.close(asked),
        lambda: actions.join_newcomers(round_id=asked.pk, by=office, at=world.now),
    ):
        with pytest.raises(Refused, match=r"启动|being opened"):
            attempt()
    assert actions.join_everywhere(zone=world.zone, at=world.now) == 0


def test_a_round_that_is_being_opened_can_be_cancelled(world, asked):
    """Its job, tried again or still at work, finds nothing to do; the same may be opened anew."""
    write_one_piece(asked)
    lines = unpacked(bytes(Opening.objects.get(round=asked).listed))
    cancel = {"round_id": asked.pk, "at": world.now}
    with pytest.raises(Forbidden):
        actions.cancel_round(**cancel, reason="x", by=world.people.contact)
    with pytest.raises(Refused, match="why"):
        actions.cancel_round(**cancel, reason=" ", by=world.people.office)
    assert Entry.objects.count() == 3
    actions.cancel_round(**cancel, reason="the disk was full", by=world.people.office)
    row = Round.objects.get()
    assert (row.state, row.ended_reason) == ("cancelled", "the disk was full")
    assert not rounds._write_piece(asked.pk, lines)
    write_out(asked)
    assert not Entry.objects.exists()
    assert not Opening.objects.exists()
    assert kinds(world)[-1] == "round.cancelled"
    with pytest.raises(Refused, match="ended"):
        actions.cancel_round(**cancel, reason="again", by=world.people.office)


def test_its_page_says_when_the_job_was_given_up_and_lets_it_be_cancelled(world, asked):
    where = reverse("rounds:detail", args=("east", asked.pk))
    cancel = reverse("rounds:cancel", args=("east", asked.pk))
    office, contact = Client(), Client()
    office.force_login(world.people.office)
    contact.force_login(world.people.contact)
    assert 'role="alert"' not in office.get(where).text
    DBTaskResult.objects.create(
        id=new_id(), task_path="bihuan.rounds.tasks.write_out", status="FAILED",
        args_kwargs={"args": [], "kwargs": {"zone": str(world.zone.pk), "round": str(asked.pk)}},
        backend_name="default", run_after=timezone.now(), worker_ids=["one"],
    )  # fmt: skip
    assert 'role="alert"' in office.get(where).text
    assert cancel in office.get(where).text
    assert cancel not in contact.get(where).text
    assert contact.post(cancel, {"reason": "x"}).status_code == 403
    assert office.post(cancel, {"reason": "磁盘已满"}).status_code == 302
    polled = office.get(where, headers={"HX-Request": "true", "HX-Target": "opening"})
    assert polled["HX-Refresh"] == "true"
    assert "磁盘已满" in office.get(where).text


def write_one_piece(row):
    opening = Opening.objects.get(round=row)
    assert rounds._write_piece(row.pk, unpacked(bytes(opening.listed)))


def test_its_page_tells_how_far_it_is_and_shows_no_half_list(world, asked):
    write_one_piece(asked)
    client = Client()
    client.force_login(world.people.office)
    page = client.get(reverse("rounds:detail", args=("east", asked.pk)))
    assert page.status_code == 200
    assert "Works 00" not in page.text
    assert page.context["written"] == 3
    for name in ("coverage", "export_list"):
        answer = client.get(reverse(f"rounds:{name}", args=("east", asked.pk)))
        assert answer.status_code == 422
    assert client.get(reverse("rounds:list", args=("east",))).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_a_page_opens_a_long_round_and_the_worker_writes_it_out(world):
    for _number in range(6):
        world.dossier()
    client = Client()
    client.force_login(world.people.office)
    sent = {
        "form_key": str(new_id()), "name": "Long", "template": "routine",
        "checklist": str(world.checklist.pk), "due_on": timezone.localdate() + timedelta(days=9),
    }  # fmt: skip
    for _twice in range(2):
        answer = client.post(reverse("rounds:open", args=("east",)), sent)
        assert answer.status_code == 302
    row = Round.objects.get()
    assert row.state == "opening"
    assert DBTaskResult.objects.count() == 1
    assert not Entry.objects.exists()
    Worker([]).run(until_empty=True)
    row.refresh_from_db()
    assert row.state == "open"
    assert row.entries.count() == row.total == 6


def test_newcomers_join_every_open_round_by_themselves_and_the_ledger_says_so(world):
    world.dossier(sector="fire")
    everyone = world.open()
    fire = world.open(criteria=Criteria(sector="fire"), name="Fire")
    ended = world.open(name="Ended")
    actions.cancel_round(round_id=ended.pk, reason="x", by=world.people.office, at=world.now)
    late = world.dossier(opened_at=world.now + timedelta(hours=1))
    burning = world.dossier(opened_at=world.now + timedelta(hours=1), sector="fire")
    later = world.now + timedelta(hours=2)
    assert actions.join_everywhere(zone=world.zone, at=later) == 3
    assert actions.join_everywhere(zone=world.zone, at=later) == 0
    on_list = {
        r.pk: set(r.entries.values_list("dossier", flat=True)) for r in (everyone, fire, ended)
    }
    assert {late.pk, burning.pk} <= on_list[everyone.pk]
    assert burning.pk in on_list[fire.pk]
    assert late.pk not in on_list[fire.pk]
    assert not {late.pk, burning.pk} & on_list[ended.pk]
    joined = Event.objects.filter(kind="round.joined")
    assert joined.count() == 3
    assert {event.actor for event in joined} == {"system:newcomers"}
    assert sorted(json.loads(event.body)["data"]["total"] for event in joined) == [2, 2, 3]
    assert Round.objects.get(pk=everyone.pk).total == 3


def test_more_newcomers_than_fit_one_transaction_all_join(world, monkeypatch):
    monkeypatch.setattr("bihuan.rounds.actions.entries.AT_A_TIME", 2)
    world.dossier()
    row = world.open()
    for _number in range(5):
        world.dossier(opened_at=world.now + timedelta(hours=1))
    assert actions.join_everywhere(zone=world.zone, at=world.now + timedelta(hours=2)) == 5
    assert Round.objects.get(pk=row.pk).total == 6
