"""The moves every kind of case can draw on, and the guards that hold them."""

from django.utils.translation import gettext_lazy as _

from bihuan.cases.rules.declaration import (
    Attempt,
    Grade,
    Hand,
    Input,
    MoveRule,
    Proof,
    Situation,
    Status,
    Words,
)
from bihuan.core.permissions import Permission

# --- guards: each returns the sentence that refuses, or nothing -----------------------


def of_another_unit(case: Situation, attempt: Attempt) -> Words | None:
    """The verifier is never of the rectifying unit, nor the one who rectified."""
    if case.rectifier_unit_id in attempt.by_units or attempt.by_id == case.rectifier_id:
        return _("You belong to the unit that rectifies. Someone of another unit must verify.")
    if case.submitted_by_id and attempt.by_id == case.submitted_by_id:
        return _("You submitted the rectification yourself. Another person must verify it.")
    return None


def of_the_rectifying_unit_or_on_behalf(case: Situation, attempt: Attempt) -> Words | None:
    """Rectification is reported by who did it, or for them with a reason."""
    own = case.rectifier_unit_id in attempt.by_units or attempt.by_id == case.rectifier_id
    if own or str(attempt.inputs.get("on_behalf", "")).strip():
        return None
    return _("You are not of the unit that rectifies. Say on whose behalf you report, and why.")


def only_general(case: Situation, attempt: Attempt) -> Words | None:
    if case.grade is Grade.MAJOR:
        return _("A major hazard cannot end this way: it needs a plan and two signatures.")
    return None


def only_major(case: Situation, attempt: Attempt) -> Words | None:
    return None if case.grade is Grade.MAJOR else _("This is for major hazards only.")


def not_paused(case: Situation, attempt: Attempt) -> Words | None:
    return _("The clock is paused. Resume it first.") if case.paused_on else None


def paused(case: Situation, attempt: Attempt) -> Words | None:
    return None if case.paused_on else _("The clock is not paused.")


def plan_made(case: Situation, attempt: Attempt) -> Words | None:
    if case.plan_by_id is None:
        return _("There is no plan to approve yet.")
    if case.plan_approved:
        return _("The plan is approved already.")
    if attempt.by_id == case.plan_by_id:
        return _("You made the plan yourself. Another person must approve it.")
    return None


def plan_approved_if_major(case: Situation, attempt: Attempt) -> Words | None:
    if case.grade is Grade.MAJOR and not case.plan_approved:
        return _(
            "A major hazard needs its plan (responsibility, measures, funds, time limit, "
            "contingency) approved before work starts."
        )
    return None


def running(case: Situation, attempt: Attempt) -> Words | None:
    return _("Work is stopped already.") if case.stopped else None


def stopped(case: Situation, attempt: Attempt) -> Words | None:
    return None if case.stopped else _("Work was not stopped.")


def resumed_if_stopped(case: Situation, attempt: Attempt) -> Words | None:
    if case.stopped:
        return _("Work was stopped. The review for resumption must be approved first.")
    return None


def verified(case: Situation, attempt: Attempt) -> Words | None:
    return None if case.verified_by_id else _("The rectification has not been verified yet.")


def not_yet_verified(case: Situation, attempt: Attempt) -> Words | None:
    return _("The rectification is verified already.") if case.verified_by_id else None


def second_person_signs(case: Situation, attempt: Attempt) -> Words | None:
    if case.countersigned_by_id:
        return _("It is signed already.")
    if attempt.by_id in (case.verified_by_id, case.submitted_by_id):
        return _("The second signature must be another person's.")
    return None


def countersigned_if_major(case: Situation, attempt: Attempt) -> Words | None:
    if case.grade is Grade.MAJOR and not case.countersigned_by_id:
        return _("A major hazard needs a second signature before it is closed.")
    return None


def extension_is_later(case: Situation, attempt: Attempt) -> Words | None:
    due = attempt.inputs.get("due_on")
    if due and case.due_on and due <= case.due_on:
        return _("The new date must be later than the present one.")
    return None


def due_not_past(case: Situation, attempt: Attempt) -> Words | None:
    due = attempt.inputs.get("due_on")
    if due and due < attempt.at.date():
        return _("The date lies in the past.")
    return None


def extension_asked(case: Situation, attempt: Attempt) -> Words | None:
    if attempt.by_id is not None and attempt.by_id == case.extension_asked_by_id:
        return _("You asked for the extension yourself. Another person must decide it.")
    return None


def void_not_asked(case: Situation, attempt: Attempt) -> Words | None:
    return _("Voiding has been proposed already.") if case.void_asked_by_id else None


def second_person_voids(case: Situation, attempt: Attempt) -> Words | None:
    if case.void_asked_by_id is None:
        return _("Someone must first propose to void it.")
    if case.void_asked_by_id == attempt.by_id:
        return _("You proposed to void it yourself. A second person must approve.")
    return None


# --- moves ------------------------------------------------------------------------------

OPEN, ASSIGNED, SUBMITTED = Status.OPEN, Status.ASSIGNED, Status.SUBMITTED
REASON = Input("reason", _("reason"), "lines")
NOTE = Input("note", _("remarks"), "lines", required=False)

FIX_ON_SPOT = MoveRule(
    "fix_on_spot",
    _("Corrected on the spot"),
    "corrected_on_spot",
    _("corrected on the spot"),
    frozenset({OPEN}),
    Status.CLOSED,
    Hand.FINDER,
    Permission.CASE_VERIFY,
    inputs=(Input("measures", _("what was done"), "lines"),),
    proofs=frozenset({Proof.BEFORE, Proof.AFTER}),
    offers=(only_general, of_another_unit),
)
ASSIGN = MoveRule(
    "assign",
    _("Assign"),
    "assigned",
    _("assigned for rectification"),
    frozenset({OPEN, ASSIGNED}),
    ASSIGNED,
    Hand.FINDER,
    Permission.CASE_ASSIGN,
    inputs=(
        Input("unit", _("unit that rectifies"), "unit"),
        Input("person", _("person who rectifies"), "person", required=False),
        Input("due_on", _("to be rectified by"), "date", required=False),
        Input("requirement", _("requirement"), "lines", required=False),
    ),
    offers=(not_paused,),
    checks=(due_not_past,),
)
PLAN = MoveRule(
    "plan",
    _("Hand in the rectification plan"),
    "plan_made",
    _("handed in the plan"),
    frozenset({ASSIGNED}),
    None,
    Hand.RECTIFIER,
    Permission.CASE_RECTIFY,
    inputs=(
        Input("responsible", _("responsibility: who answers"), "lines"),
        Input("measures", _("measures"), "lines"),
        Input("funds", _("funds"), "lines"),
        Input("time_limit", _("time limit"), "lines"),
        Input("contingency", _("contingency: protection and emergency plan"), "lines"),
        Input("on_behalf", _("on whose behalf, and why"), required=False),
    ),
    offers=(only_major,),
    checks=(of_the_rectifying_unit_or_on_behalf,),
)
APPROVE_PLAN = MoveRule(
    "approve_plan",
    _("Approve the plan"),
    "plan_approved",
    _("approved the plan"),
    frozenset({ASSIGNED}),
    None,
    Hand.DECIDER,
    Permission.CASE_DECIDE,
    inputs=(NOTE,),
    offers=(only_major, plan_made),
)
STOP = MoveRule(
    "stop",
    _("Stop work"),
    "work_stopped",
    _("ordered work to stop"),
    frozenset({OPEN, ASSIGNED}),
    None,
    Hand.DECIDER,
    Permission.CASE_DECIDE,
    inputs=(REASON,),
    offers=(running,),
)
RESUME_WORK = MoveRule(
    "resume_work",
    _("Approve resumption of work"),
    "work_resumed",
    _("approved the review for resumption"),
    frozenset({ASSIGNED, SUBMITTED}),
    None,
    Hand.DECIDER,
    Permission.CASE_SIGN_MAJOR,
    inputs=(Input("review", _("result of the review on site"), "lines"),),
    offers=(stopped,),
)
SUBMIT = MoveRule(
    "submit",
    _("Submit the rectification"),
    "submitted",
    _("submitted the rectification"),
    frozenset({ASSIGNED}),
    SUBMITTED,
    Hand.RECTIFIER,
    Permission.CASE_RECTIFY,
    inputs=(
        Input("measures", _("what was done"), "lines"),
        Input("on_behalf", _("on whose behalf, and why"), required=False),
    ),
    proofs=frozenset({Proof.AFTER}),
    offers=(not_paused, plan_approved_if_major),
    checks=(of_the_rectifying_unit_or_on_behalf,),
)
REJECT = MoveRule(
    "reject",
    _("Send back"),
    "rejected",
    _("sent the rectification back"),
    frozenset({SUBMITTED}),
    ASSIGNED,
    Hand.VERIFIER,
    Permission.CASE_VERIFY,
    inputs=(REASON,),
    offers=(of_another_unit,),
)
VERIFY = MoveRule(
    "verify",
    _("Verified on site"),
    "verified",
    _("verified the rectification"),
    frozenset({SUBMITTED}),
    None,
    Hand.VERIFIER,
    Permission.CASE_VERIFY,
    inputs=(Input("opinion", _("opinion on re-inspection"), "lines"),),
    offers=(not_yet_verified, of_another_unit),
)
COUNTERSIGN = MoveRule(
    "countersign",
    _("Sign a second time"),
    "countersigned",
    _("signed a second time"),
    frozenset({SUBMITTED}),
    None,
    Hand.CLOSER,
    Permission.CASE_SIGN_MAJOR,
    inputs=(NOTE,),
    offers=(only_major, verified, second_person_signs),
)
CLOSE = MoveRule(
    "close",
    _("Close"),
    "closed",
    _("closed the case"),
    frozenset({SUBMITTED}),
    Status.CLOSED,
    Hand.CLOSER,
    Permission.CASE_CLOSE,
    inputs=(NOTE,),
    offers=(verified, resumed_if_stopped, countersigned_if_major),
)
ASK_EXTENSION = MoveRule(
    "ask_extension",
    _("Ask for an extension"),
    "extension_asked",
    _("asked for an extension"),
    frozenset({ASSIGNED}),
    None,
    Hand.RECTIFIER,
    Permission.CASE_RECTIFY,
    inputs=(Input("due_on", _("new date"), "date"), REASON),
    offers=(not_paused,),
    checks=(extension_is_later,),
)
EXTEND = MoveRule(
    "extend",
    _("Extend"),
    "extended",
    _("extended the time limit"),
    frozenset({OPEN, ASSIGNED}),
    None,
    Hand.DECIDER,
    Permission.CASE_DECIDE,
    inputs=(Input("due_on", _("new date"), "date"), REASON),
    offers=(not_paused,),
    checks=(extension_is_later, extension_asked),
)
PAUSE = MoveRule(
    "pause",
    _("Pause the clock"),
    "paused",
    _("paused the clock"),
    frozenset({OPEN, ASSIGNED}),
    None,
    Hand.DECIDER,
    Permission.CASE_DECIDE,
    inputs=(REASON,),
    offers=(not_paused,),
)
RESUME = MoveRule(
    "resume",
    _("Let the clock run again"),
    "resumed",
    _("let the clock run again"),
    frozenset({OPEN, ASSIGNED}),
    None,
    Hand.DECIDER,
    Permission.CASE_DECIDE,
    inputs=(NOTE,),
    offers=(paused,),
)
TRANSFER = MoveRule(
    "transfer",
    _("Transfer"),
    "transferred",
    _("transferred the case"),
    frozenset({OPEN, ASSIGNED}),
    Status.TRANSFERRED,
    Hand.DECIDER,
    Permission.CASE_DECIDE,
    inputs=(
        Input("receiver", _("receiving authority")),
        Input("receipt_number", _("number of the receipt")),
        REASON,
    ),
    proofs=frozenset({Proof.RECEIPT}),
)
ASK_VOID = MoveRule(
    "ask_void",
    _("Propose to void"),
    "void_asked",
    _("proposed to void the case"),
    frozenset({OPEN, ASSIGNED}),
    None,
    Hand.FINDER,
    Permission.CASE_ASSIGN,
    inputs=(REASON,),
    offers=(void_not_asked,),
)
VOID = MoveRule(
    "void",
    _("Void"),
    "voided",
    _("voided the case"),
    frozenset({OPEN, ASSIGNED}),
    Status.VOIDED,
    Hand.DECIDER,
    Permission.CASE_DECIDE,
    inputs=(NOTE,),
    offers=(second_person_voids,),
)
ESCALATE = MoveRule(
    "escalate",
    _("Escalate"),
    "escalated",
    _("was escalated"),
    frozenset({OPEN, ASSIGNED}),
    None,
    Hand.SYSTEM,
    Permission.CASE_ESCALATE,
    inputs=(Input("role", _("told")), Input("days_late", _("working days late"))),
    offers=(not_paused,),
)
STANDARD = (
    FIX_ON_SPOT, ASSIGN, SUBMIT, VERIFY, CLOSE, REJECT, ASK_EXTENSION, EXTEND, PAUSE, RESUME,
    TRANSFER, ASK_VOID, VOID, ESCALATE,
)  # fmt: skip
FOR_MAJOR = (PLAN, APPROVE_PLAN, STOP, RESUME_WORK, COUNTERSIGN)
