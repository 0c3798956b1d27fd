"""What pages are told of cases: who sees them, in whose hands they lie, what may happen next."""

from datetime import UTC, date, timedelta

import pytest

from bihuan.cases import actions
from bihuan.cases.models import Case, Move
from bihuan.cases.queries import choices, hands, moves_of, similar, situation_of, story
from bihuan.cases.rules.declaration import Proof
from bihuan.cases.tables import numbered
from bihuan.core.permissions import Permission
from bihuan.core.refusals import Forbidden, Refused
from bihuan.ledger.models import Event
from bihuan.zones.permissions import standing_of
from bihuan.zones.queries import calendar_of


def test_a_finder_sees_a_case_but_verifies_only_within_reach(world):
    case = world.report()
    world.dossier.contact = world.people.other_contact
    world.dossier.save()
    finder = standing_of(world.people.contact, world.zone, on=world.now.date())
    assert list(Case.objects.visible_to(finder)) == [case]
    assert not Case.objects.visible_to(finder, Permission.CASE_VERIFY).exists()


def test_a_day_begins_at_midnight_in_china(world):
    case = world.report()
    small_hours = world.now.replace(day=16, hour=1)
    with pytest.raises(Refused, match="past"):
        world.move(
            case,
            "assign",
            by=world.people.office,
            at=small_hours.astimezone(UTC),
            unit=world.units.enterprise.pk,
            due_on="2026-09-15",
        )


def test_columns_are_what_the_moves_add_up_to(world):
    case = world.submitted()
    world.move(case, "reject", by=world.people.contact, reason="still blocked")
    world.move(case, "extend", by=world.people.leader, due_on="2026-10-20", reason="parts")
    case.refresh_from_db()
    summed = situation_of(case, calendar_of(world.zone))
    assert (case.status, case.due_on, case.original_due_on, case.rectifier_unit_id) == (
        summed.status,
        summed.due_on,
        summed.original_due_on,
        summed.rectifier_unit_id,
    )


def test_in_whose_hands_it_lay(world):
    case = world.report()
    world.move(
        case, "assign", by=world.people.office, unit=world.units.enterprise.pk,
        at=world.now + timedelta(days=2),
    )  # fmt: skip
    spent = hands(list(case.moves.order_by("seq")), now=world.now + timedelta(days=7))
    assert (spent.ours, spent.theirs, spent.paused) == (2, 5, 0)


def test_a_recurrence_is_a_new_case_linked_to_the_old(world):
    case = world.report(category="fire")
    world.move(case, "fix_on_spot", by=world.people.contact, proofs=list(Proof)[:2], measures="x")
    again = similar(
        world.zone, world.dossier.pk, category="fire", clause="", title="", since=date(2026, 1, 1)
    )
    assert again == [case]
    new = world.report(category="fire", recurs=case.pk)
    assert new.recurs_id == case.pk
    with pytest.raises(Refused):
        world.report(recurs=new.pk)


def test_past_cases_are_taken_over_as_history(world):
    past = [
        actions.PastCase(
            world.dossier, "Old leak", world.now - timedelta(days=200), "earlier inspector",
            due_on=date(2026, 3, 10), rectified_on=date(2026, 3, 12),
            closed_at=world.now - timedelta(days=180),
        ),
        actions.PastCase(world.dossier, "Still open", world.now - timedelta(days=20), "inspector"),
    ]  # fmt: skip
    closed, still_open = actions.take_over(
        zone=world.zone, kind="hazard", past=past, by=world.people.office, at=world.now
    )
    assert (closed.status, closed.on_time, closed.origin) == ("closed", False, "import")
    assert still_open.is_live
    assert {event.origin for event in Event.objects.filter(kind="case.imported")} == {"import"}
    assert Move.objects.filter(name="import", origin="import").count() == 2
    world.move(still_open, "assign", by=world.people.office, unit=world.units.enterprise.pk)
    with pytest.raises(Refused):
        world.move(closed, "assign", by=world.people.office, unit=world.units.enterprise.pk)


def test_past_cases_need_the_right_to_import(world):
    with pytest.raises(Forbidden):
        actions.take_over(
            zone=world.zone, kind="hazard", past=[], by=world.people.contact, at=world.now
        )


def test_visible_to_each(world):
    case = world.assigned()
    seen = {
        name: Case.objects.visible_to(standing_of(person, world.zone, on=date(2026, 9, 15))).count()
        for name, person in vars(world.people).items()
    }
    assert seen == {
        "contact": 1, "office": 1, "leader": 1, "deputy": 1, "enterprise": 1, "department": 0,
        "auditor": 1, "stranger": 0, "other_contact": 0,
    }  # fmt: skip
    assert case.is_live


def test_choices_say_what_is_possible_and_why_not(world):
    case = world.assigned()
    standing = standing_of(world.people.enterprise, world.zone, on=date(2026, 9, 15))
    situation = situation_of(case, calendar_of(world.zone))
    offered = {c.rule.name: c.blocked for c in choices(standing, case, situation, at=world.now)}
    assert offered["submit"] is None
    assert "assign" not in offered
    assert offered["plan"] is not None


def offered(world, case, person):
    standing = standing_of(person, world.zone, on=world.now.date())
    situation = situation_of(case, calendar_of(world.zone))
    return [it for it in choices(standing, case, situation, at=world.now) if it.blocked is None]


def test_what_normally_comes_next_is_offered_first(world):
    people = world.people
    case = world.report()
    assert offered(world, case, people.office)[0].rule.name == "assign"
    case = world.assigned()
    first = offered(world, case, people.office)[0]
    assert not first.onward  # it lies with who rectifies: nothing is pressed on the office
    assert offered(world, case, people.enterprise)[0].rule.name == "submit"
    case = world.submitted(case)
    assert offered(world, case, people.office)[0].rule.name == "verify"
    case = world.move(case, "verify", by=people.office, opinion="ok")
    assert offered(world, case, people.office)[0].rule.name == "close"


def test_an_escalation_is_told_by_the_name_of_the_role(world):
    case = world.assigned()
    move = case.moves.create(
        zone=world.zone,
        seq=case.version + 1,
        name="escalate",
        at=world.now,
        by_name="deadline sweep",
        from_status="assigned",
        to_status="assigned",
        data={"role": "cell_leader", "days_late": 3},
    )
    told = story(case, moves_of(case))[-1]
    assert told.move == move
    assert "cell leader" in [text for _label, text in told.details]


def test_a_number_is_found_by_its_beginning(world, monkeypatch):
    numbers = [world.report(f"Finding {n}").number for n in range(12)]
    past = actions.PastCase(world.dossier, "Old", world.now.replace(year=2025), "inspector")
    (old,) = actions.take_over(
        zone=world.zone, kind="hazard", past=[past], by=world.people.office, at=world.now
    )
    for many in (10_000, 2):  # by the index, and by looking at each
        monkeypatch.setattr("bihuan.cases.tables.MANY", many)
        for beginning in ("YH", "YH20", "YH2026", "YH2026-", "YH2026-001", numbers[3], "YH2026-Z"):
            found = Case.objects.filter(numbered(world.zone, beginning))
            expected = {it for it in (*numbers, old.number) if it.startswith(beginning)}
            assert set(found.values_list("number", flat=True)) == expected, (many, beginning)
