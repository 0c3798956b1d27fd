"""The moves every kind of case can draw on."""

from django.utils.translation import gettext_lazy as _

from bihuan.cases.rules.declaration import (
    Hand,
    Input,
    MoveRule,
    Proof,
    Status,
)
from bihuan.cases.rules.guards import (
    countersigned_if_major,
    due_not_past,
    extension_asked,
    extension_is_later,
    not_paused,
    not_yet_verified,
    of_another_unit,
    of_the_rectifying_unit_or_on_behalf,
    only_general,
    only_major,
    paused,
    plan_approved_if_major,
    plan_made,
    resumed_if_stopped,
    running,
    second_person_signs,
    second_person_voids,
    stopped,
    verified,
    void_not_asked,
)
from bihuan.core.permissions import Permission

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
