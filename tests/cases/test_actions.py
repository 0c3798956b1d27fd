"""Cases as people move them: it happens, is refused, is forbidden, is in the ledger, undoes wholly."""

from datetime import date, timedelta

import pytest

from bihuan.accounts.models import Person
from bihuan.cases import actions
from bihuan.cases.models import Case
from bihuan.cases.queries import moves_of, story
from bihuan.cases.rules.declaration import Grade, Proof
from bihuan.core.ids import new_id
from bihuan.core.refusals import Forbidden, Refused, Stale
from bihuan.zones.models import Post
from tests.cases.conftest import events
from tests.factories.zones import someone


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


def rectified_by_the_department(world):
    """Give a case to the department today; its person hands the rectification in."""
    case = world.report()
    world.dossier.unit = world.units.department
    world.dossier.save()
    world.move(case, "assign", by=world.people.office, unit=world.units.department.pk)
    helper = someone(world.zone, "department", unit=world.units.department)
    return world.move(case, "submit", by=helper, proofs=[Proof.AFTER], measures="x")


def transferred(world, person, *, left_on):
    """Let a person leave the department on a day and work for the safety office since."""
    Post.objects.filter(person=person).update(ends_on=left_on)
    Post.objects.create(
        zone=world.zone, person=person, role="safety_office", starts_on=left_on
    )  # fmt: skip
    return Person.objects.get(pk=person.pk)


@pytest.mark.parametrize("days_ago", [0, 1])
def test_who_left_the_rectifying_unit_meanwhile_does_not_verify(world, days_ago):
    case = rectified_by_the_department(world)
    tomorrow = world.now + timedelta(days=1)
    left_on = (tomorrow - timedelta(days=days_ago)).date()
    mover = transferred(world, world.people.department, left_on=left_on)
    for name, said in (("verify", {"opinion": "fine"}), ("reject", {"reason": "no"})):
        with pytest.raises(Refused, match="You belonged to the unit"):
            world.move(case, name, by=mover, at=tomorrow, **said)


def test_who_left_before_the_unit_was_given_the_case_verifies(world):
    case = rectified_by_the_department(world)
    mover = transferred(
        world, world.people.department, left_on=(world.now - timedelta(days=1)).date()
    )
    assert world.move(case, "verify", by=mover, opinion="fine").last_move == "verify"


def test_only_the_time_with_the_present_unit_counts(world):
    """The enterprise has it now: who was of the department that had it first may verify."""
    case = world.report()
    for unit in (world.units.department, world.units.enterprise):
        world.move(case, "assign", by=world.people.office, unit=unit.pk)
    world.submitted(case)
    tomorrow = world.now + timedelta(days=1)
    mover = transferred(world, world.people.department, left_on=tomorrow.date())
    world.move(case, "verify", by=mover, at=tomorrow, opinion="fine")


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


def test_a_void_is_declined_by_another_with_the_reason(world):
    case = world.report()
    with pytest.raises(Refused, match="first propose"):
        world.move(case, "decline_void", by=world.people.leader, reason="x")
    world.move(case, "ask_void", by=world.people.office, reason="entered twice")
    with pytest.raises(Refused, match="second person"):
        world.move(case, "decline_void", by=world.people.office, reason="x")
    with pytest.raises(Refused, match="reason"):
        world.move(case, "decline_void", by=world.people.leader)
    case = world.move(case, "decline_void", by=world.people.leader, reason="it is another one")
    assert (case.status, case.last_move) == ("open", "decline_void")
    assert events(case)[-1] == "case.void_declined"
    with pytest.raises(Refused, match="first propose"):
        world.move(case, "void", by=world.people.leader)
    assert world.move(case, "ask_void", by=world.people.office, reason="again").is_live


def test_an_extension_is_declined_by_another_with_the_reason(world):
    case, people = world.assigned(), world.people
    with pytest.raises(Refused, match="Nobody has asked"):
        world.move(case, "decline_extension", by=people.leader, reason="x")
    due = case.due_on
    asked = {"due_on": str(due + timedelta(days=9)), "reason": "parts"}
    case = world.move(case, "ask_extension", by=people.enterprise, **asked)
    assert case.last_move == "ask_extension"
    case = world.move(case, "decline_extension", by=people.leader, reason="parts are here")
    assert (case.due_on, case.last_move) == (due, "decline_extension")
    assert events(case)[-1] == "case.extension_declined"
    line = story(case, moves_of(case))[-1]
    assert (line.move.by_name, [text for _label, text in line.details]) == (
        people.leader.name, ["parts are here"],
    )  # fmt: skip


def test_what_was_asked_stays_found_until_it_is_decided(world):
    """Others go on with the case meanwhile; those who decide must not lose sight of it."""
    case, people = world.report(), world.people
    world.move(case, "ask_void", by=people.office, reason="entered twice")
    case = world.move(case, "assign", by=people.office, unit=world.units.enterprise.pk)
    assert case.last_move == "ask_void"
    due = {"due_on": str(case.due_on + timedelta(days=9)), "reason": "parts"}
    assert (
        world.move(case, "ask_extension", by=people.enterprise, **due).last_move == "ask_extension"
    )
    case = world.move(case, "decline_extension", by=people.leader, reason="no")
    assert case.last_move == "ask_void"
    assert (
        world.move(case, "decline_void", by=people.leader, reason="no").last_move == "decline_void"
    )


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
