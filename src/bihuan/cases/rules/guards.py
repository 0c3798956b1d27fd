"""What holds a move back: each guard returns the sentence that refuses, or nothing."""

from django.utils.translation import gettext_lazy as _

from bihuan.cases.rules.declaration import Attempt, Grade, Situation, Words
from bihuan.core.days import day_of


def of_another_unit(case: Situation, attempt: Attempt) -> Words | None:
    """The verifier is not and was not of the rectifying unit, nor the one who rectified."""
    if is_the_rectifier(case, attempt):
        return _("You belong to the unit that rectifies. Someone of another unit must verify.")
    if case.rectifier_unit_id in attempt.units_before:
        return _(
            "You belonged to the unit that rectifies while the case was with it. "
            "Someone else must verify."
        )
    if case.submitted_by_id and attempt.by_id == case.submitted_by_id:
        return _("You submitted the rectification yourself. Another person must verify it.")
    return None


def is_the_rectifier(case: Situation, attempt: Attempt) -> bool:
    """Say whether it is for this person, or their unit, to rectify."""
    is_named = attempt.by_id is not None and attempt.by_id == case.rectifier_id
    return is_named or case.rectifier_unit_id in attempt.by_units


def of_the_rectifying_unit_or_on_behalf(case: Situation, attempt: Attempt) -> Words | None:
    """Rectification is reported by who did it, or for them with a reason."""
    if is_the_rectifier(case, attempt) or str(attempt.inputs.get("on_behalf", "")).strip():
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
    if due and due < day_of(attempt.at):
        return _("The date lies in the past.")
    return None


def extension_waits(case: Situation, attempt: Attempt) -> Words | None:
    return None if case.extension_asked_by_id else _("Nobody has asked for an extension.")


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
        return _("You proposed to void it yourself. A second person must decide.")
    return None
