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
from bihuan.rounds.queries import entries_to_go, waiting_excuses
from bihuan.zones.models import Post, Zone
from bihuan.zones.permissions import Standing

SHOWN = 8  # rows of each kind of work on the page
SOON = timedelta(days=30)
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
    units = [post.unit_id for post in standing.posts if post.unit_id]
    mine = Q(rectifier=standing.person)
    if units:
        mine |= Q(rectifier_unit__in=units)
    return Case.objects.filter(mine, zone=standing.zone, is_live=True, status=Status.ASSIGNED)


def to_assign(standing: Standing, on: date) -> QuerySet[Case]:
    """Return the cases found that nobody was asked to rectify yet."""
    return Case.objects.visible_to(standing, Permission.CASE_ASSIGN).filter(
        is_live=True, status=Status.OPEN
    )


def to_verify(standing: Standing, on: date) -> QuerySet[Case]:
    """Return submitted rectifications the person may verify: none of their own unit or hand."""
    units = [post.unit_id for post in standing.posts if post.unit_id]
    submitted = Case.objects.visible_to(standing, Permission.CASE_VERIFY).filter(
        is_live=True, status=Status.SUBMITTED
    )
    return submitted.exclude(rectifier_unit__in=units).exclude(rectifier=standing.person)


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
        is_live=True, last_move="verify", grade=Grade.MAJOR, status=Status.SUBMITTED
    )


def to_visit(standing: Standing, on: date) -> QuerySet[Any]:
    """Return the entries of open rounds the person still has to visit."""
    return entries_to_go(standing)


def to_excuse(standing: Standing, on: date) -> QuerySet[Any]:
    """Return the excuses that wait for the person's decision."""
    return waiting_excuses(standing)


def expiring(standing: Standing, on: date) -> QuerySet[Document]:
    """Return the papers that expire within thirty days, or have, of dossiers in reach."""
    rows = Document.objects.filter(
        zone=standing.zone, withdrawn_at=None, valid_to__range=(on - SOON, on + SOON)
    )
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
    Work("sign", _("To sign a second time"), to_sign, P.CASE_SIGN_MAJOR, "submitted"),
    Work("visit", _("To visit"), to_visit, P.VISIT_RECORD, "entries", "round__due_on"),
    Work("excuse", _("Excuses to decide"), to_excuse, P.ROUND_EXCUSE, "excuses", "asked_at"),
    Work("expiring", _("Papers that expire"), expiring, P.DOSSIER_EDIT, "documents", "valid_to"),
)


def zones_of(person: Person, *, on: date) -> list[Zone]:
    """Return the zones in which a person holds a post on a day."""
    posts = Post.objects.filter(person=person).held_on(on)
    return list(Zone.objects.filter(pk__in=posts.values("zone")).order_by("name"))
