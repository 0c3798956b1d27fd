"""What a declaration allows, and what moves add up to."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.cases.rules.declaration import (
    LIVE,
    Attempt,
    Grade,
    Hand,
    Proof,
    Situation,
    Status,
    Step,
    faults,
)
from bihuan.cases.rules.story import Told, fold, not_offered, on_time, refusal, working_days_late
from bihuan.core.working_days import WorkCalendar
from tests.cases.conftest import KIND

CALENDAR = WorkCalendar()
NOON = datetime(2026, 9, 15, 4, tzinfo=UTC)
UNIT, RECTIFIER, INSPECTOR, SECOND = uuid4(), uuid4(), uuid4(), uuid4()
REPORT = Told("report", NOON, INSPECTOR, {"grade": "general", "due_on": "2026-09-29"})
ASSIGN = Told("assign", NOON, INSPECTOR, {"unit": str(UNIT)})


def after_days(move, days):
    return replace(move, at=NOON + timedelta(days=days))


def test_the_kind_is_sound():
    assert faults(KIND) == []


@pytest.mark.parametrize(
    ("broken", "complaint"),
    [
        ({"moves": [m for m in KIND.moves if m.name != "assign"]}, "assigned cannot be reached"),
        (
            {"moves": [m for m in KIND.moves if m.target not in (Status.CLOSED, Status.VOIDED)]},
            "closed cannot be reached",
        ),
        ({"moves": [*KIND.moves, KIND.moves[0]]}, "fix_on_spot is declared twice"),
        ({"ladder": (Step(3, "contact"), Step(1, "leader"))}, "the ladder does not rise"),
        ({"deadlines": {}}, "a grade has no deadline"),
        (
            {"moves": [*KIND.moves, replace(KIND.moves[0], name="x", permission="nobody")]},
            "x is owned by no role",
        ),
        (
            {"moves": [*KIND.moves, replace(KIND.moves[0], name="x", sources={Status.CLOSED})]},
            "x starts from an end",
        ),
    ],
)
def test_an_unsound_declaration_is_told_so(broken, complaint):
    assert complaint in faults(replace(KIND, **broken))


def test_a_case_that_ends_has_no_way_back():
    for rule in KIND.moves:
        for end in set(Status) - LIVE:
            assert not_offered(
                rule, Situation(end, Grade.GENERAL), Attempt(SECOND, frozenset(), NOON)
            )


def test_extension_moves_the_date_but_not_what_on_time_means():
    moves = [
        REPORT,
        ASSIGN,
        Told("extend", NOON, SECOND, {"due_on": "2026-10-20", "reason": "parts"}),
        after_days(Told("submit", NOON, RECTIFIER, {}), 20),
    ]
    case = fold(KIND, moves, CALENDAR)
    assert case.due_on == date(2026, 10, 20)
    assert case.original_due_on == date(2026, 9, 29)
    assert on_time(case) is False


def test_a_pause_moves_the_date_by_the_working_days_it_lasted():
    moves = [
        REPORT,
        ASSIGN,
        Told("pause", NOON, SECOND, {}),
        after_days(Told("resume", NOON, SECOND, {}), 7),
    ]
    case = fold(KIND, moves, CALENDAR)
    assert case.paused_days == 6  # 20 September 2026 is a Sunday that is worked
    assert case.due_on == date(2026, 10, 13)  # six worked days on, over the October holiday
    assert case.original_due_on == date(2026, 9, 29)


def test_a_paused_case_is_not_late():
    case = Situation(
        Status.ASSIGNED, Grade.GENERAL, due_on=date(2026, 9, 1), paused_on=date(2026, 9, 2)
    )
    assert working_days_late(case, date(2026, 9, 15), CALENDAR) == 0
    assert working_days_late(replace(case, paused_on=None), date(2026, 9, 15), CALENDAR) == 10


def test_rejection_forgets_the_submission_and_its_verification():
    moves = [REPORT, ASSIGN, Told("submit", NOON, RECTIFIER, {}), Told("verify", NOON, SECOND, {})]
    verified = fold(KIND, moves, CALENDAR)
    assert verified.verified_by_id == SECOND
    rejected = fold(KIND, [*moves, Told("reject", NOON, SECOND, {"reason": "no"})], CALENDAR)
    assert rejected.status is Status.ASSIGNED
    assert rejected.verified_by_id is None
    assert rejected.submitted_on is None
    assert rejected.rejections == 1


def test_the_first_assignment_sets_the_original_date_and_no_later_one_does():
    first = replace(ASSIGN, data={"unit": str(UNIT), "due_on": "2026-09-20"})
    again = replace(ASSIGN, data={"unit": str(UNIT), "due_on": "2026-12-20"})
    case = fold(KIND, [REPORT, first, again], CALENDAR)
    assert case.original_due_on == case.due_on == date(2026, 9, 20)


MAJOR = Situation(
    Status.SUBMITTED, Grade.MAJOR, rectifier_unit_id=UNIT, rectifier_id=RECTIFIER,
    submitted_by_id=RECTIFIER, plan_approved=True,
)  # fmt: skip


@pytest.mark.parametrize(
    ("move", "case", "by", "units", "refused"),
    [
        ("verify", MAJOR, RECTIFIER, (), "belong to the unit"),
        ("verify", MAJOR, SECOND, (UNIT,), "belong to the unit"),
        (
            "verify",
            replace(MAJOR, submitted_by_id=SECOND),
            SECOND,
            (),
            "submitted the rectification",
        ),
        ("verify", MAJOR, SECOND, (), None),
        ("close", MAJOR, SECOND, (), "not been verified"),
        ("close", replace(MAJOR, verified_by_id=SECOND), INSPECTOR, (), "second signature"),
        (
            "close",
            replace(MAJOR, verified_by_id=SECOND, countersigned_by_id=INSPECTOR, stopped=True),
            INSPECTOR,
            (),
            "review for resumption",
        ),
        (
            "close",
            replace(MAJOR, verified_by_id=SECOND, countersigned_by_id=INSPECTOR),
            INSPECTOR,
            (),
            None,
        ),
        ("countersign", replace(MAJOR, verified_by_id=SECOND), SECOND, (), "another person"),
        ("countersign", replace(MAJOR, verified_by_id=SECOND), INSPECTOR, (), None),
        (
            "submit",
            replace(MAJOR, status=Status.ASSIGNED, plan_approved=False),
            RECTIFIER,
            (UNIT,),
            "needs its plan",
        ),
        ("fix_on_spot", replace(MAJOR, status=Status.OPEN), SECOND, (), "major hazard cannot"),
        ("void", replace(MAJOR, status=Status.OPEN), SECOND, (), "first propose"),
        (
            "void",
            replace(MAJOR, status=Status.OPEN, void_asked_by_id=SECOND),
            SECOND,
            (),
            "second person",
        ),
        (
            "approve_plan",
            replace(MAJOR, status=Status.ASSIGNED, plan_approved=False, plan_by_id=SECOND),
            SECOND,
            (),
            "made the plan yourself",
        ),
    ],
)
def test_guards(move, case, by, units, refused):
    sentence = not_offered(KIND.move(move), case, Attempt(by, frozenset(units), NOON))
    assert (refused in str(sentence)) if refused else sentence is None


@pytest.mark.parametrize("name", [m.name for m in KIND.moves])
def test_every_proof_and_every_required_input_is_asked_for(name):
    rule = KIND.move(name)
    sound = replace(rule, offers=(), checks=())
    case = Situation(sorted(rule.sources)[0], Grade.GENERAL)
    filled = {wanted.name: "x" for wanted in rule.inputs}
    for wanted in rule.inputs:
        rest = {k: v for k, v in filled.items() if k != wanted.name}
        answer = refusal(sound, case, Attempt(SECOND, frozenset(), NOON, rest, rule.proofs))
        assert (answer is not None) == wanted.required
    for proof in rule.proofs:
        answer = refusal(
            sound, case, Attempt(SECOND, frozenset(), NOON, filled, rule.proofs - {proof})
        )
        assert answer is not None
        assert answer[0] == f"proof_{proof}"


PEOPLE = st.sampled_from([RECTIFIER, INSPECTOR, SECOND])


@given(st.lists(st.tuples(st.sampled_from([m.name for m in KIND.moves]), PEOPLE), max_size=40))
def test_no_sequence_of_allowed_moves_closes_without_verification(steps):
    """Walk at random; whatever the guards let through keeps the loop's promises."""
    moves = [replace(REPORT, data={"grade": "major", "due_on": "2026-09-29"})]
    case = fold(KIND, moves, CALENDAR)
    for name, by in steps:
        rule = KIND.move(name)
        inputs = {wanted.name: "2026-12-01" for wanted in rule.inputs} | {
            "unit": str(UNIT),
            "person": "",
        }
        units = frozenset({UNIT}) if by == RECTIFIER else frozenset()
        at = NOON + timedelta(hours=len(moves))
        typed = inputs | (
            {"due_on": date(2026, 12, len(moves) % 27 + 1)} if "due_on" in inputs else {}
        )
        if refusal(rule, case, Attempt(by, units, at, typed, frozenset(Proof))):
            continue
        told = inputs | ({"due_on": str(typed["due_on"])} if "due_on" in inputs else {})
        moves.append(Told(name, at, by, told))
        before, case = case, fold(KIND, moves, CALENDAR)
        if case.status is Status.CLOSED:
            assert before.verified_by_id not in (None, RECTIFIER)
            assert before.countersigned_by_id not in (None, before.verified_by_id)
            assert before.plan_approved
            assert not before.stopped
    assert case.original_due_on is not None


def test_only_the_system_escalates():
    assert [m.name for m in KIND.moves if m.hand is Hand.SYSTEM] == ["escalate"]
