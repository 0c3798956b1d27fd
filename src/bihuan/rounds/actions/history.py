"""Taking over visits made before: history, never counted as made here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.cases.actions import next_number
from bihuan.cases.models import Origin
from bihuan.core.actors import Actor
from bihuan.core.days import day_of
from bihuan.core.permissions import Permission
from bihuan.core.refusals import Refused
from bihuan.dossiers.models import Dossier
from bihuan.dossiers.queries import hold_dossiers
from bihuan.ledger.actions import record_many
from bihuan.ledger.rules.body import Entry as Event
from bihuan.rounds.models import Visit
from bihuan.rounds.queries import digests_of, known_visits, visit_key
from bihuan.zones.models import Zone
from bihuan.zones.permissions import require


@dataclass(frozen=True)
class PastVisit:
    """A visit as an earlier ledger tells it; found counts its findings.

    reference is its number there, if it had one.
    """

    dossier: Dossier
    visited_on: date
    visitors: str
    summary: str = ""
    reference: str = ""
    found: int = 0


@transaction.atomic
def import_visits(*, zone: Zone, past: Sequence[PastVisit], by: Actor, at: datetime) -> list[Visit]:
    """Enter visits of an earlier ledger in one go (500 or so at a time); return the new ones.

    One that is there already (same dossier, day, visitors and reference) is left as it
    is. They settle no round. Raises Refused where a row lies in the future or names
    another zone's dossier.
    """
    require(by, Permission.SHEET_IMPORT, zone=zone, on=day_of(at))
    hold_dossiers(row.dossier.pk for row in past)
    for row in past:
        _check(zone, row, by, at)
    new = _new(zone, past)
    visits = [
        Visit(
            zone=zone,
            number=number,
            dossier=row.dossier,
            visited_on=row.visited_on,
            summary=row.summary.strip(),
            recorded_at=at,
            by_name=row.visitors.strip()[:64],
            origin=Origin.IMPORT,
            reference=row.reference.strip()[:80],
            found=row.found,
        )
        for row, number in zip(new, _numbers(zone, new), strict=True)
    ]
    Visit.objects.bulk_create(visits)
    _keep_last_visits(new)
    digests = digests_of(visit.pk for visit in visits)
    record_many(
        zone_id=zone.pk,
        entries=[
            Event(
                "visit.imported",
                ("visit", str(visit.pk)),
                {
                    "number": visit.number,
                    "dossier": visit.dossier_id,
                    "visited_on": visit.visited_on,
                    "reference": visit.reference,
                    "content_sha256": digests[visit.pk],
                },
            )
            for visit in visits
        ],
        by=by,
        at=at,
        origin="import",
    )
    return visits


def _check(zone: Zone, row: PastVisit, by: Actor, at: datetime) -> None:
    if row.dossier.zone_id != zone.pk:
        raise Refused(_("The dossier belongs to another zone."), field="dossier")
    require(by, Permission.SHEET_IMPORT, zone=zone, on=day_of(at), row=row.dossier)
    if row.visited_on > day_of(at):
        raise Refused(_("The date lies in the future."), field="visited_on")
    if not row.visitors.strip():
        raise Refused(_("Say who made the visit."), field="visitors")


def _new(zone: Zone, past: Sequence[PastVisit]) -> list[PastVisit]:
    """Return the rows that are not there yet, each once."""
    there = set(known_visits(zone, past))
    new = []
    for row in past:
        key = visit_key(row)
        if key not in there:
            there.add(key)
            new.append(row)
    return new


def _numbers(zone: Zone, rows: Sequence[PastVisit]) -> list[str]:
    years = [row.visited_on.year for row in rows]
    following = {
        year: next_number(zone, f"JC{year}", years.count(year)) for year in sorted(set(years))
    }
    numbers = []
    for year in years:
        numbers.append(f"JC{year}-{following[year]:04d}")
        following[year] += 1
    return numbers


def _keep_last_visits(rows: Sequence[PastVisit]) -> None:
    latest: dict[object, PastVisit] = {}
    for row in rows:
        known = latest.get(row.dossier.pk)
        if known is None or known.visited_on < row.visited_on:
            latest[row.dossier.pk] = row
    moved = [
        row.dossier
        for row in latest.values()
        if row.dossier.last_visited_on is None or row.dossier.last_visited_on < row.visited_on
    ]
    for dossier in moved:
        dossier.last_visited_on = latest[dossier.pk].visited_on
    Dossier.objects.bulk_update(moved, ["last_visited_on"], batch_size=500)
