"""What waits for a person: theirs to rectify, to assign, to verify, to decide, to visit."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bihuan.accounts.models import Person
from bihuan.cases.models import Case
from bihuan.cases.rules.declaration import Grade, Status
from bihuan.core.permissions import Permission
from bihuan.dossiers.models import Document, Dossier
from bihuan.rounds.models import Checklist, Round
from bihuan.rounds.queries import entries_to_go, waiting_excuses
from bihuan.zones.models import Cell, Post, Unit, Zone
from bihuan.zones.permissions import Standing
from bihuan.zones.queries import FirstStep, calendar_of

SHOWN = 8  # rows of each kind of work on the page
SOON = timedelta(days=30)
VERIFIED = ("verify", "countersign")  # one of these came last: an index knows
Words = str | Promise


@dataclass(frozen=True)
class Work:
    """One kind of work that waits for a person. kind says which table shows the rows."""

    code: str
    title: Words
    rows: Callable[[Standing, date], QuerySet[Any]]
    permission: Permission
    kind: str = "cases"
    order: str = "due_on"


def to_rectify(standing: Standing, on: date) -> QuerySet[Case]:
    """Return the cases the person, or a unit of theirs, must rectify."""
    mine = Q(rectifier=standing.person)
    if standing.units:
        mine |= Q(rectifier_unit__in=standing.units)
    return Case.objects.filter(mine, zone=standing.zone, is_live=True, status=Status.ASSIGNED)


def to_assign(standing: Standing, on: date) -> QuerySet[Case]:
    """Return the cases found that nobody was asked to rectify yet."""
    return Case.objects.visible_to(standing, Permission.CASE_ASSIGN).filter(
        is_live=True, status=Status.OPEN
    )


def to_verify(standing: Standing, on: date) -> QuerySet[Case]:
    """Return submitted rectifications the person may verify: none of their own unit or hand."""
    submitted = Case.objects.visible_to(standing, Permission.CASE_VERIFY).filter(
        is_live=True, status=Status.SUBMITTED
    )
    others = submitted.exclude(rectifier_unit__in=standing.units).exclude(rectifier=standing.person)
    return others.exclude(last_move__in=VERIFIED)


def late(standing: Standing, on: date) -> QuerySet[Case]:
    """Return the overdue cases within the person's reach."""
    return Case.objects.visible_to(standing).overdue(today=on)


def to_decide(standing: Standing, on: date) -> QuerySet[Case]:
    """Return the cases in which someone asked for an extension, a plan's approval or a void."""
    asked = ("ask_extension", "plan", "ask_void")
    return Case.objects.visible_to(standing, Permission.CASE_DECIDE).filter(
        is_live=True, last_move__in=asked
    )


def to_sign(standing: Standing, on: date) -> QuerySet[Case]:
    """Return the verified major hazards that wait for a second signature."""
    return Case.objects.visible_to(standing, Permission.CASE_SIGN_MAJOR).filter(
        is_live=True, grade=Grade.MAJOR, status=Status.SUBMITTED, last_move="verify"
    )


def to_close(standing: Standing, on: date) -> QuerySet[Case]:
    """Return the cases that lack nothing but closing."""
    general = Q(grade=Grade.GENERAL, last_move="verify")
    major = Q(grade=Grade.MAJOR, last_move="countersign")
    return Case.objects.visible_to(standing, Permission.CASE_CLOSE).filter(
        general | major, is_live=True, status=Status.SUBMITTED, last_move__in=VERIFIED
    )


def to_visit(standing: Standing, on: date) -> QuerySet[Any]:
    """Return the entries of open rounds the person still has to visit."""
    return entries_to_go(standing)


def to_excuse(standing: Standing, on: date) -> QuerySet[Any]:
    """Return the excuses that wait for the person's decision."""
    return waiting_excuses(standing)


def expiring(standing: Standing, on: date) -> QuerySet[Document]:
    """Return the papers in force that expire within thirty days, or have, of dossiers in reach."""
    rows = Document.objects.filter(zone=standing.zone, withdrawn_at=None, valid_to__lte=on + SOON)
    if standing.scope(Permission.DOSSIER_EDIT).whole_zone:
        return rows
    dossiers = Dossier.objects.visible_to(standing, Permission.DOSSIER_EDIT)
    return rows.filter(dossier__in=dossiers.values("pk"))


P = Permission
WORK: tuple[Work, ...] = (
    Work("rectify", _("To rectify"), to_rectify, P.CASE_RECTIFY),
    Work("late", _("Late"), late, P.CASE_ASSIGN),
    Work(
        "verify",
        _("Awaiting my verification"),
        to_verify,
        P.CASE_VERIFY,
        "submitted",
        "rectified_on",
    ),
    Work("assign", _("To assign"), to_assign, P.CASE_ASSIGN),
    Work("decide", _("To decide: plans, extensions, voids"), to_decide, P.CASE_DECIDE),
    Work("close", _("To close"), to_close, P.CASE_CLOSE, "submitted", "rectified_on"),
    Work("sign", _("To sign a second time"), to_sign, P.CASE_SIGN_MAJOR, "submitted"),
    Work("visit", _("To visit"), to_visit, P.VISIT_RECORD, "entries", "round__due_on"),
    Work("excuse", _("Excuses to decide"), to_excuse, P.ROUND_EXCUSE, "excuses", "asked_at"),
    Work("expiring", _("Papers that expire"), expiring, P.DOSSIER_EDIT, "documents", "valid_to"),
)

NARROWED_BY = (  # whose reach these ask for
    *(P.CASE_READ, P.CASE_ASSIGN, P.CASE_VERIFY, P.CASE_DECIDE, P.CASE_SIGN_MAJOR),
    *(P.CASE_CLOSE, P.DOSSIER_EDIT),
)


def is_begun(zone: Zone) -> bool:
    """Say whether the zone has had a round: its set-up is then behind it. One query."""
    return Round.objects.filter(zone=zone).exists()


def _has(rows: QuerySet[Any]) -> bool:
    return rows.exists()


FIRST_STEPS = (  # a new zone's way to its first round
    FirstStep(
        _("Units"),
        _("the departments and the platform company"),
        "zones:units",
        P.ZONE_SETUP,
        lambda zone, on: _has(Unit.objects.filter(zone=zone, is_open=True)),
    ),
    FirstStep(
        _("People"),
        _("appoint each with a role, at least one of the safety office; hand them their link"),
        "zones:people",
        P.PEOPLE_MANAGE,
        lambda zone, on: _has(Post.objects.filter(zone=zone, role="safety_office").held_on(on)),
    ),
    FirstStep(
        _("Grid cells"),
        _("first the whole zone, then what it is divided into, each with its leader"),
        "zones:cells",
        P.ZONE_SETUP,
        lambda zone, on: _has(Cell.objects.filter(zone=zone)),
    ),
    FirstStep(
        _("Holidays"),
        _("deadlines are counted in working days; enter a year when it is published"),
        "zones:calendar",
        P.ZONE_SETUP,
        lambda zone, on: calendar_of(zone).last_known_year >= on.year,
    ),
    FirstStep(
        _("Register of enterprises"),
        _("import the list you have; each line needs a cell"),
        "sheets:batches",
        P.SHEET_IMPORT,
        lambda zone, on: _has(Dossier.objects.filter(zone=zone)),
    ),
    FirstStep(
        _("Checklists"),
        _("the safety office takes the supplied ones into use"),
        "rounds:checklists",
        P.ROUND_MANAGE,
        lambda zone, on: _has(Checklist.objects.filter(zone=zone)),
    ),
    FirstStep(
        _("The first round"),
        _("the safety office chooses whom to visit, and until when"),
        "rounds:open",
        P.ROUND_MANAGE,
        lambda zone, on: is_begun(zone),
    ),
)


def zones_of(person: Person, *, on: date) -> list[Zone]:
    """Return the zones in which a person holds a post on a day."""
    posts = Post.objects.filter(person=person).held_on(on)
    return list(Zone.objects.filter(pk__in=posts.values("zone")).order_by("name"))
