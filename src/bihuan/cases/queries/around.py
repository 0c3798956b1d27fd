"""What a case stands among: earlier ones alike, who could rectify it, what rests on whom."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils.translation import ngettext

from bihuan.accounts.models import Person
from bihuan.cases.models import Case, Evidence, Origin
from bihuan.cases.rules.declaration import (
    Status,
)
from bihuan.core.days import day_of
from bihuan.files.models import StoredFile
from bihuan.zones.models import Post, Unit, UnitKind, Zone
from bihuan.zones.permissions import Standing
from bihuan.zones.rules import Rest

THE_ENTERPRISE = "own"  # what a form sends for the organisation the dossier is about


def similar(
    zone: Zone, dossier_id: UUID, *, category: str, clause: str, title: str, since: date
) -> list[Case]:
    """Return cases of one dossier that may be the same thing, or the same thing again.

    Live ones are possible duplicates, ended ones possible recurrences. Suggestions only:
    nothing is ever merged.
    """
    alike = Q(title__iexact=title.strip()) if title.strip() else Q(pk__in=())
    if clause:
        alike |= Q(clause=clause)
    if category:
        alike |= Q(category=category)
    return list(
        Case.objects.filter(zone=zone, dossier_id=dossier_id)
        .filter(alike)
        .filter(Q(is_live=True) | Q(status=Status.CLOSED, found_at__date__gte=since))
        .order_by("-is_live", "-found_at")[:10]
    )


def known_history(zone: Zone, past: Iterable[Any]) -> set[tuple[object, ...]]:
    """Return dossier, title and day of imported cases about the dossiers of past; one query."""
    dossiers = {row.dossier.pk for row in past}
    rows = Case.objects.filter(zone=zone, dossier__in=dossiers, origin=Origin.IMPORT)
    return {
        (dossier, title, day_of(found_at))
        for dossier, title, found_at in rows.values_list("dossier", "title", "found_at")
    }


def organisations(zone: Zone, case: Case) -> list[tuple[str, str]]:
    """Return who may be asked to rectify: the dossier's own organisation first, then units."""
    units = Unit.objects.filter(zone=zone, is_open=True).exclude(kind=UnitKind.ENTERPRISE)
    others = [(str(pk), name) for pk, name in units.order_by("name").values_list("pk", "name")]
    return [(THE_ENTERPRISE, case.dossier.name), *others]


def people_to_ask(zone: Zone, case: Case, *, on: date) -> list[tuple[str, str]]:
    """Return the people who hold a post in the zone on a day, with unit or role; one query.

    Those of the dossier's own organisation come first; who holds several posts is named once.
    """
    posts = Post.objects.filter(zone=zone, person__is_active=True).held_on(on)
    named = posts.exclude(role="auditor").order_by("person__name", "id")
    rows = named.values_list("person", "person__name", "unit", "unit__name", "title")[:500]
    own = case.dossier.owner_unit_id
    found: dict[str, list[str]] = {}
    first = []
    for pk, name, unit, unit_name, title in rows:
        said = found.setdefault(str(pk), [name])
        said += [word for word in (unit_name, title) if word and word not in said]
        if own and unit == own and str(pk) not in first:
            first.append(str(pk))
    order = [*first, *(pk for pk in found if pk not in first)]
    return [(pk, " · ".join(found[pk])) for pk in order]


def shows_file(standing: Standing, kept: StoredFile) -> bool:
    """Say whether a file is evidence of a case the person may see."""
    holding = Evidence.objects.filter(zone=standing.zone, file=kept).values("case")
    return Case.objects.visible_to(standing).filter(pk__in=holding).exists()


def cases_resting(person: Person, zone: Zone) -> list[Rest]:
    """Say how many live cases person has to rectify; for HANDOVERS."""
    count = resting_on(person.pk, zone)
    words = ngettext("%(count)s case to rectify", "%(count)s cases to rectify", count)
    return [Rest(count, words % {"count": count}, "cases:list")]


def resting_on(person_id: UUID, zone: Zone) -> int:
    """Return how many live cases name a person as the one who rectifies."""
    return Case.objects.filter(zone=zone, is_live=True, rectifier=person_id).count()
