"""What may be done, and which role may do it. The whole policy in one file."""

from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Permission(StrEnum):
    """One thing a person may be allowed to do in a zone."""

    WORK = "work"  # have a page of one's own; every role has it
    ZONE_SETUP = "zone.setup"
    PEOPLE_MANAGE = "people.manage"
    DOSSIER_READ = "dossier.read"
    DOSSIER_EDIT = "dossier.edit"
    DOSSIER_HAND_OVER = "dossier.hand_over"
    CONTACT_READ = "contact.read"
    PERSONAL_READ = "personal.read"  # telephone numbers in full
    SHEET_IMPORT = "sheet.import"
    SHEET_EXPORT = "sheet.export"
    ROUND_READ = "round.read"
    ROUND_MANAGE = "round.manage"
    ROUND_EXCUSE = "round.excuse"
    VISIT_RECORD = "visit.record"
    CASE_READ = "case.read"
    CASE_REPORT = "case.report"
    CASE_ASSIGN = "case.assign"
    CASE_RECTIFY = "case.rectify"
    CASE_VERIFY = "case.verify"
    CASE_CLOSE = "case.close"
    CASE_DECIDE = "case.decide"  # extensions, pauses, voids, transfers
    CASE_SIGN_MAJOR = "case.sign_major"
    CASE_ESCALATE = "case.escalate"
    LEDGER_READ = "ledger.read"
    FIGURE_READ = "figure.read"
    JOB_OPERATE = "job.operate"


class Reach(StrEnum):
    """How far a role reaches: over which rows its permissions hold."""

    ZONE = "zone"  # everything in the zone
    CELL = "cell"  # the post's cell and all cells below it
    UNIT = "unit"  # what belongs to the post's unit
    CONTACT = "contact"  # dossiers the person answers for


@dataclass(frozen=True)
class Role:
    """A post a person can hold, what it may do and how far it reaches."""

    code: str
    name: str | Promise
    description: str | Promise
    reach: Reach
    permissions: frozenset[Permission]


P = Permission
_READ = {P.WORK, P.DOSSIER_READ, P.CONTACT_READ, P.ROUND_READ, P.CASE_READ}
_FIELD = _READ | {P.VISIT_RECORD, P.CASE_REPORT, P.PERSONAL_READ}
_READ_ALL = _READ | {P.FIGURE_READ, P.LEDGER_READ, P.SHEET_EXPORT}

ROLES: dict[str, Role] = {
    role.code: role
    for role in (
        Role(
            "leader",
            _("zone leader"),
            _("Sees the whole zone, decides extensions, signs major hazards."),
            Reach.ZONE,
            frozenset(
                _READ_ALL
                | _FIELD
                | {P.CASE_ASSIGN, P.CASE_DECIDE, P.CASE_SIGN_MAJOR, P.ROUND_EXCUSE}
            ),
        ),
        Role(
            "safety_office",
            _("safety office"),
            _("Opens rounds, assigns, verifies and closes cases."),
            Reach.ZONE,
            frozenset(
                _READ_ALL
                | _FIELD
                | {
                    P.DOSSIER_EDIT,
                    P.DOSSIER_HAND_OVER,
                    P.SHEET_IMPORT,
                    P.ROUND_MANAGE,
                    P.ROUND_EXCUSE,
                    P.CASE_ASSIGN,
                    P.CASE_VERIFY,
                    P.CASE_CLOSE,
                    P.CASE_DECIDE,
                }
            ),
        ),
        Role(
            "department",
            _("department"),
            _("Looks after the dossiers of its unit and checks what is rectified there."),
            Reach.UNIT,
            frozenset(
                _FIELD
                | {P.DOSSIER_EDIT, P.CASE_ASSIGN, P.CASE_RECTIFY, P.CASE_VERIFY}
                | {P.CASE_CLOSE, P.SHEET_EXPORT}
            ),
        ),
        Role(
            "cell_leader",
            _("cell leader"),
            _("Answers for a cell and the contacts in it."),
            Reach.CELL,
            frozenset(
                _FIELD
                | {P.DOSSIER_EDIT, P.DOSSIER_HAND_OVER, P.CASE_ASSIGN, P.CASE_VERIFY}
                | {P.CASE_CLOSE, P.SHEET_EXPORT}
            ),
        ),
        Role(
            "contact",
            _("contact"),
            _("Visits the dossiers in their name and reports what is found."),
            Reach.CONTACT,
            frozenset(_FIELD | {P.DOSSIER_EDIT, P.CASE_ASSIGN, P.CASE_RECTIFY, P.CASE_VERIFY}),
        ),
        Role(
            "platform",
            _("platform company"),
            _("Manages the space it lets and rectifies what is found there."),
            Reach.UNIT,
            frozenset(
                _READ
                | {P.DOSSIER_EDIT, P.CASE_REPORT, P.CASE_RECTIFY}
                | {P.SHEET_IMPORT, P.SHEET_EXPORT}
            ),
        ),
        Role(
            "enterprise",
            _("enterprise"),
            _("Sees its own dossier and cases, and rectifies."),
            Reach.UNIT,
            frozenset({P.WORK, P.DOSSIER_READ, P.CASE_READ, P.CASE_RECTIFY}),
        ),
        Role(
            "auditor",
            _("auditor"),
            _("Reads everything and writes nothing."),
            Reach.ZONE,
            frozenset(_READ_ALL),
        ),
        Role(
            "administrator",
            _("administrator"),
            _("Sets up the zone, its cells, units, people and jobs."),
            Reach.ZONE,
            frozenset(
                _READ
                | {P.ZONE_SETUP}
                | {P.PEOPLE_MANAGE, P.DOSSIER_HAND_OVER, P.DOSSIER_EDIT}
                | {P.SHEET_IMPORT, P.SHEET_EXPORT, P.JOB_OPERATE, P.FIGURE_READ}
            ),
        ),
    )
}
