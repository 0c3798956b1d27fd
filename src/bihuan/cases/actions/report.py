"""Opening a case."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.accounts.models import Person
from bihuan.cases.actions._writing import (
    Attached,
    Leaf,
    check_attached,
    next_number,
    project,
    write_move,
)
from bihuan.cases.models import Case
from bihuan.cases.queries import kind_of
from bihuan.cases.rules.declaration import Grade, Kind
from bihuan.cases.rules.story import Told, content_of, default_due, fold
from bihuan.core.actors import Actor
from bihuan.core.days import day_of
from bihuan.core.permissions import Permission
from bihuan.core.refusals import Refused, Stale
from bihuan.core.working_days import CalendarEnds
from bihuan.dossiers.models import Dossier
from bihuan.dossiers.queries import held_dossier
from bihuan.zones.permissions import require
from bihuan.zones.queries import calendar_of


@dataclass(frozen=True)
class Finding:
    """What was found: the facts a case begins with.

    due_on, where given, is the date set on the spot; otherwise the kind's default in
    working days holds. recurs is the ended case this one repeats.
    """

    title: str
    grade: Grade = Grade.GENERAL
    description: str = ""
    place: str = ""
    category: str = ""
    clause: str = ""
    due_on: date | None = None
    recurs: UUID | None = None


@transaction.atomic
def report(
    *,
    kind: str,
    dossier: Dossier,
    finding: Finding,
    by: Actor,
    at: datetime,
    attached: Attached = (),
    id: UUID | None = None,  # noqa: A002  the record's own name
) -> Case:
    """Open a case about a dossier. The same id again returns the same case.

    Raises Refused where the finding is incomplete, Forbidden where the dossier is not
    within the reach of the person's post, Stale where the id names something else.
    """
    declared, dossier = kind_of(kind), held_dossier(dossier)
    require(by, Permission.CASE_REPORT, zone=dossier.zone, on=day_of(at), row=dossier)
    if id and (known := Case.objects.filter(pk=id).first()):
        return _same(known, dossier, finding)
    _check(declared, dossier, finding, at)
    check_attached(dossier.zone, attached, by)
    due_on = finding.due_on or _default_due(declared, dossier, finding.grade, at)
    case = Case(
        zone=dossier.zone,
        kind=declared.code,
        number=_number(declared, dossier, at),
        dossier=dossier,
        cell_id=dossier.cell_id,
        title=finding.title.strip(),
        description=finding.description.strip(),
        place=finding.place.strip(),
        category=finding.category,
        clause=finding.clause,
        grade=finding.grade,
        found_at=at,
        found_by=by if isinstance(by, Person) else None,
        finder_name=by.display_name,
        recurs_id=finding.recurs,
        last_move="report",
    )
    if id:
        case.id = id
    data = {
        "grade": finding.grade.value,
        "due_on": due_on.isoformat(),
        "title": case.title,
        "dossier": str(dossier.pk),
        "category": finding.category,
        "clause": finding.clause,
        "recurs": finding.recurs,
        "content_sha256": content_of(case.description, case.place, case.finder_name),
    }
    first = Told("report", at, case.found_by_id, data)
    project(case, fold(declared, [first], calendar_of(dossier.zone)))
    case.save(force_insert=True)
    leaf = Leaf("report", "reported", 1, "", data, attached)
    write_move(case=case, leaf=leaf, by=by, at=at)
    return case


def _same(known: Case, dossier: Dossier, finding: Finding) -> Case:
    if known.dossier_id == dossier.pk and known.title == finding.title.strip():
        return known
    raise Stale(_("This record was already sent with other contents. Reload and enter it anew."))


def _check(kind: Kind, dossier: Dossier, finding: Finding, at: datetime) -> None:
    if not finding.title.strip():
        raise Refused(_("Say in one line what was found."), field="title")
    if len(finding.title.strip()) > 200:
        raise Refused(_("At most 200 characters; put the rest in the description."), field="title")
    if finding.category and finding.category not in kind.categories:
        raise Refused(_("Choose a category from the list."), field="category")
    if finding.due_on and finding.due_on < day_of(at):
        raise Refused(_("The date lies in the past."), field="due_on")
    if finding.recurs and not _may_recur(dossier, finding.recurs):
        raise Refused(_("A recurrence must repeat an ended case of this dossier."), field="recurs")


def _may_recur(dossier: Dossier, earlier: UUID) -> bool:
    return Case.objects.filter(
        pk=earlier, zone=dossier.zone, dossier=dossier, is_live=False
    ).exists()


def _default_due(kind: Kind, dossier: Dossier, grade: Grade, at: datetime) -> date:
    try:
        return default_due(kind, grade, day_of(at), calendar_of(dossier.zone))
    except CalendarEnds as end:
        words = _("Give the date by which it is to be rectified. %(why)s") % {"why": end}
        raise Refused(words, field="due_on") from end


def _number(kind: Kind, dossier: Dossier, at: datetime) -> str:
    series = f"{kind.prefix}{day_of(at).year}"
    return f"{series}-{next_number(dossier.zone, series):04d}"
