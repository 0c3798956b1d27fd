"""Cases as people move them: it happens, is refused, is forbidden, is in the ledger, undoes wholly."""

from datetime import UTC, date, timedelta

import pytest

from bihuan.cases import actions
from bihuan.cases.models import Case, Move
from bihuan.cases.queries import choices, hands, moves_of, similar, situation_of, story
from bihuan.cases.rules.declaration import Grade, Proof
from bihuan.core.ids import new_id
from bihuan.core.permissions import Permission
from bihuan.core.refusals import Forbidden, Refused, Stale
from bihuan.ledger.models import Event
from bihuan.zones.permissions import standing_of
from bihuan.zones.queries import calendar_of


def events(case):
    rows = Event.objects.filter(about_type="case", about_id=str(case.pk)).order_by("seq")
    return [row.kind for row in rows]


def test_the_whole_loop(world):
    case = world.report()
    assert (case.number, case.status, case.due_on) == ("YH2026-0001", "open", date(2026, 9, 29))
    case = world.move(case, "assign", by=world.people.office, unit=world.units.enterprise.pk)
    case = world.submitted(case)
    case = world.move(case, "verify", by=world.people.contact, opinion="Clear")
    case = world.move(case, "close", by=world.people.office)
    assert (case.status, case.is_live, case.on_time) == ("closed", False, True)
    assert events(case) == [
        "case.reported",
        "case.assigned",
        "case.submitted",
        "case.verified",
        "case.closed",
    ]


def test_a_major_hazard_needs_its_plan_and_two_signatures(world):
    people = world.people
    case = world.assigned(grade=Grade.MAJOR)
    with pytest.raises(Refused, match="needs its plan"):
        world.submitted(case)
    plan = dict.fromkeys(("responsible", "measures", "funds", "time_limit", "contingency"), "x")
    world.move(case, "plan", by=people.enterprise, **plan)
    world.move(case, "approve_plan", by=people.leader)
    world.submitted(case)
    world.move(case, "verify", by=people.office, opinion="ok")
    with pytest.raises(Refused, match="second signature"):
        world.move(case, "close", by=people.office)
    with pytest.raises(Forbidden):
        world.move(case, "countersign", by=people.office)
    world.move(case, "countersign", by=people.leader)
    assert world.move(case, "close", by=people.office).status == "closed"


@pytest.mark.parametrize(
    "missing", ["responsible", "measures", "funds", "time_limit", "contingency"]
)
def test_a_plan_has_five_parts(world, missing):
    case = world.assigned(grade=Grade.MAJOR)
    plan = dict.fromkeys(("responsible", "measures", "funds", "time_limit", "contingency"), "x")
    with pytest.raises(Refused) as refused:
        world.move(case, "plan", by=world.people.enterprise, **(plan | {missing: " "}))
    assert refused.value.field == missing


def test_corrected_on_the_spot_needs_both_photos(world):
    case = world.report()
    with pytest.raises(Refused) as refused:
        world.move(case, "fix_on_spot", by=world.people.contact, proofs=[Proof.AFTER], measures="x")
    assert refused.value.field == "proof_before"
    closed = world.move(
        case, "fix_on_spot", by=world.people.contact, proofs=list(Proof)[:2], measures="moved"
    )
    assert (closed.status, closed.on_time) == ("closed", True)


def test_a_leader_corrects_on_the_spot_but_verifies_nothing(world):
    leader = world.people.leader
    case = world.report(by=leader)
    both = list(Proof)[:2]
    assert not world.move(case, "fix_on_spot", by=leader, proofs=both, measures="x").is_live
    with pytest.raises(Forbidden):
        world.move(world.submitted(), "verify", by=leader, opinion="fine")


def test_the_verifier_is_never_of_the_rectifying_unit(world):
    case = world.report()
    world.dossier.unit = world.units.department
    world.dossier.save()
    world.move(case, "assign", by=world.people.office, unit=world.units.department.pk)
    world.move(case, "submit", by=world.people.department, proofs=[Proof.AFTER], measures="x")
    with pytest.raises(Refused, match="You belong to the unit"):
        world.move(case, "verify", by=world.people.department, opinion="fine")


def test_who_reports_for_the_enterprise_does_not_verify(world):
    case = world.assigned()
    with pytest.raises(Refused, match="on whose behalf"):
        world.move(case, "submit", by=world.people.contact, proofs=[Proof.AFTER], measures="x")
    world.move(
        case, "submit", by=world.people.contact, proofs=[Proof.AFTER], measures="x", on_behalf="no account",
    )  # fmt: skip
    with pytest.raises(Refused, match="submitted the rectification yourself"):
        world.move(case, "verify", by=world.people.contact, opinion="fine")


@pytest.mark.parametrize(
    ("who", "move"),
    [
        ("auditor", "assign"),
        ("enterprise", "assign"),
        ("stranger", "assign"),
        ("other_contact", "assign"),
        ("enterprise", "verify"),
        ("contact", "close"),
        ("contact", "extend"),
        ("office", "escalate"),
    ],
)
def test_forbidden_hands(world, who, move):
    case = world.submitted() if move in ("verify", "close") else world.report()
    with pytest.raises(Forbidden):
        world.move(case, move, by=getattr(world.people, who))
    assert case.moves.count() == (3 if move in ("verify", "close") else 1)


def test_reporting_is_forbidden_outside_ones_reach(world):
    with pytest.raises(Forbidden):
        world.report(by=world.people.other_contact)
    assert not Case.objects.exists()


def test_two_people_cannot_both_move_what_they_saw(world):
    case = world.submitted()
    seen = case.version
    world.move(case, "verify", by=world.people.contact, opinion="ok", seen=seen)
    with pytest.raises(Stale):
        world.move(case, "reject", by=world.people.office, reason="no", seen=seen)


def test_the_same_move_sent_twice_is_made_once(world):
    case, key = world.report(), new_id()
    for _ in range(2):
        world.move(case, "assign", by=world.people.office, unit=world.units.enterprise.pk, key=key)
    assert case.moves.count() == 2
    with pytest.raises(Stale):
        world.move(case, "ask_void", by=world.people.office, reason="x", key=key)


def test_the_same_report_sent_twice_is_one_case(world):
    key, finding = new_id(), actions.Finding("Blocked fire exit")
    send = {"kind": "hazard", "dossier": world.dossier, "by": world.people.contact, "at": world.now}
    assert actions.report(finding=finding, id=key, **send) == actions.report(
        finding=finding, id=key, **send
    )
    with pytest.raises(Stale):
        actions.report(finding=actions.Finding("Other"), id=key, **send)


def test_nothing_is_written_if_the_ledger_is_not(world, monkeypatch):
    case = world.report()

    def broken(**kwargs):
        raise OSError("disk")

    monkeypatch.setattr("bihuan.cases.actions._writing.record", broken)
    with pytest.raises(OSError, match="disk"):
        world.move(case, "assign", by=world.people.office, unit=world.units.enterprise.pk)
    case.refresh_from_db()
    assert (case.status, case.version, case.moves.count()) == ("open", 1, 1)


def test_voiding_takes_two_people(world):
    case = world.report()
    world.move(case, "ask_void", by=world.people.office, reason="entered twice")
    with pytest.raises(Refused, match="second person"):
        world.move(case, "void", by=world.people.office)
    assert world.move(case, "void", by=world.people.leader).status == "voided"


def test_transfer_needs_the_receivers_receipt(world):
    case = world.report()
    inputs = {"receiver": "Emergency bureau", "receipt_number": "2026-7", "reason": "not ours"}
    with pytest.raises(Refused) as refused:
        world.move(case, "transfer", by=world.people.leader, **inputs)
    assert refused.value.field == "proof_receipt"
    moved = world.move(case, "transfer", by=world.people.leader, proofs=[Proof.RECEIPT], **inputs)
    assert moved.status == "transferred"


def test_evidence_of_somebody_else_is_refused(world):
    case = world.assigned()
    theirs = world.photo(world.people.stranger)
    wanted = actions.Wanted("submit", {"measures": "x"}, [(theirs, Proof.AFTER)])
    with pytest.raises(Refused, match="uploaded yourself"):
        actions.make_move(case=case.pk, wanted=wanted, by=world.people.enterprise, at=world.now)


def test_a_clock_that_runs_behind_is_refused(world):
    case = world.assigned()
    with pytest.raises(Refused, match="clock"):
        world.move(
            case, "ask_void", by=world.people.office, at=world.now - timedelta(days=3), reason="x"
        )


@pytest.mark.parametrize("bad", ["2026-02-30", "soon", "2020-01-01"])
def test_wrong_dates_are_refused_at_their_field(world, bad):
    case = world.report()
    with pytest.raises(Refused):
        world.move(
            case, "assign", by=world.people.office, unit=world.units.enterprise.pk, due_on=bad
        )


@pytest.mark.parametrize("bad", ["", "nonsense", "0199f0c4-7d7e-7000-8000-000000000000"])
def test_a_unit_that_is_not_of_the_zone_is_refused(world, bad):
    with pytest.raises(Refused):
        world.move(world.report(), "assign", by=world.people.office, unit=bad)


def test_a_deadline_past_the_calendar_is_refused_with_what_to_do(world):
    with pytest.raises(Refused, match="2027"):
        world.report(at=world.now + timedelta(days=100))
    case = world.report(at=world.now + timedelta(days=100), due_on=date(2027, 1, 8))
    assert case.due_on == date(2027, 1, 8)


def test_escalation_climbs_by_working_days_late_and_tells_nobody_twice(world):
    case = world.assigned()  # due on 29 September 2026
    at = world.now.replace(day=30)
    assert actions.escalate_late(zone=world.zone, at=at) == 1
    assert actions.escalate_late(zone=world.zone, at=at) == 0
    after_holiday = world.now.replace(month=10, day=12)
    assert actions.escalate_late(zone=world.zone, at=after_holiday) == 2
    case.refresh_from_db()
    assert case.level == 3
    told = case.moves.filter(name="escalate").order_by("seq")
    assert [move.data["role"] for move in told] == ["contact", "cell_leader", "leader"]
    assert events(case)[-1] == "case.escalated"


def test_cases_at_the_top_of_the_ladder_do_not_keep_others_from_climbing(world, monkeypatch):
    monkeypatch.setattr("bihuan.cases.actions.escalate.AT_ONCE", 1)
    first = world.assigned()
    october = world.now.replace(month=10, day=12)
    assert actions.escalate_late(zone=world.zone, at=october) == 3
    second = world.report("Bare wires", due_on=world.now.date() + timedelta(days=20))
    assert actions.escalate_late(zone=world.zone, at=october) == 2
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.level, second.level) == (3, 2)


def test_a_case_moved_on_during_the_sweep_does_not_stop_it(world, monkeypatch):
    moved, other = world.assigned(), world.assigned()
    october = world.now.replace(month=10, day=12)

    def meanwhile(*, case, wanted, by, at):
        if case == moved.pk:
            Case.objects.filter(pk=case).update(version=9)
        return actions.make_move(case=case, wanted=wanted, by=by, at=at)

    monkeypatch.setattr("bihuan.cases.actions.escalate.make_move", meanwhile)
    assert actions.escalate_late(zone=world.zone, at=october) == 3
    moved.refresh_from_db()
    other.refresh_from_db()
    assert (moved.level, other.level) == (0, 3)


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
