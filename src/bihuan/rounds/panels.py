"""What the page of a visit shows, and what a dossier's page shows of visits."""

from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.functional import Promise

from bihuan.cases.models import Case
from bihuan.cases.rules.declaration import Grade, Status
from bihuan.cases.tables import GRADE_BADGES, STATUS_BADGES
from bihuan.core.permissions import Permission
from bihuan.core.ready import Given
from bihuan.dossiers.models import Dossier
from bihuan.dossiers.queries import reaches
from bihuan.rounds.models import Finding, Visit
from bihuan.rounds.queries import record_of
from bihuan.rounds.tables import ANSWER_BADGES, VISITS_SHORT
from bihuan.zones.permissions import Standing, WithinReach, who_asks

SHOWN = 5  # visits on a dossier's page


class VisitPaper(NamedTuple):
    """What can be printed of a visit; of_findings: only where something was found."""

    words: str | Promise
    page: str
    of_findings: bool = False


def _met(who: Standing) -> QuerySet[Any]:
    seen = Visit.objects.visible_to(who).values("pk")
    rows = Finding.objects.filter(case=Given("case"), visit__in=seen)
    return rows.select_related("visit__round").order_by("visit__visited_on", "visit_id")[:SHOWN]


def _latest(who: Standing) -> QuerySet[Any]:
    rows = Visit.objects.visible_to(who).filter(dossier=Given("dossier"))
    return rows.order_by("-visited_on", "-id").values_list(*VISITS_SHORT.fields())[:SHOWN]


_MET_AT = WithinReach(_met, Permission.ROUND_READ)
_LATEST = WithinReach(_latest, Permission.ROUND_READ)


def whole(visit: Visit) -> dict[str, Any]:
    """Return everything the page of a visit shows; the same queries whatever its length."""
    record = record_of(visit)
    return {
        "visit": visit,
        "record": record,
        "findings": [
            (one, STATUS_BADGES[Status(one.case.status)], GRADE_BADGES[Grade(one.case.grade)])
            for one in record.findings
        ],
        "sections": [
            (name, [(one, ANSWER_BADGES.get(one.answer)) for one in rows])
            for name, rows in record.sections
        ],
    }


def met_at(request: HttpRequest, case: Case) -> str:
    """The visits at which a case was found or met again, those the person may see; one query."""
    standing = who_asks(request)
    if not standing.may(Permission.ROUND_READ):
        return ""
    found = _MET_AT.ask(standing, case=case.pk)
    return render_to_string("rounds/_met.html", {"found": found}, request) if found else ""


def latest_visits(request: HttpRequest, dossier: Dossier) -> str:
    """The latest visits to a dossier, and the button for the next; one query."""
    standing = who_asks(request)
    if not standing.may(Permission.ROUND_READ):
        return ""
    found = _LATEST.ask(standing, dossier=dossier.pk)
    may_visit = reaches(standing, Permission.VISIT_RECORD, dossier)
    if not found and not may_visit:
        return ""
    context = {
        "rows": VISITS_SHORT.plain(request, found),
        "any": bool(found),
        "dossier": dossier,
        "may_visit": may_visit,
    }
    return render_to_string("rounds/_visits.html", context, request)
