"""Who is on a round's list, and who goes."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bihuan.accounts.models import Person
from bihuan.core.actors import Actor, System
from bihuan.core.days import day_of
from bihuan.core.permissions import Permission
from bihuan.core.refusals import Refused
from bihuan.dossiers.models import Dossier
from bihuan.ledger.actions import record, record_many
from bihuan.ledger.rules.body import Entry as Event
from bihuan.rounds.actions._locking import open_locked
from bihuan.rounds.models import Entry, Round
from bihuan.rounds.queries import newcomers
from bihuan.rounds.rules.coverage import EntryState, Joined, RoundState
from bihuan.zones.models import Zone
from bihuan.zones.permissions import require, standing_of, within
from bihuan.zones.queries import lock_person

AT_A_TIME = 500
DOORKEEPER = System("newcomers", frozenset({Permission.ROUND_MANAGE}))


@transaction.atomic
def join_newcomers(*, round_id: UUID, by: Actor, at: datetime) -> int:
    """Put on the list who came since the round opened and belongs to it; return how many."""
    row = open_locked(round_id)
    require(by, Permission.ROUND_MANAGE, zone=row.zone, on=day_of(at))
    coming = list(newcomers(row)[:AT_A_TIME])
    _add(row, coming, Joined.NEWCOMER, "", by, at)
    return len(coming)


def join_everywhere(*, zone: Zone, by: System = DOORKEEPER, at: datetime) -> int:
    """Let newcomers join every open round of a zone; return how many did.

    A transaction for every AT_A_TIME of them, so one that dies has lost nothing.
    """
    joined = 0
    for pk in Round.objects.filter(zone=zone, state=RoundState.OPEN).values_list("pk", flat=True):
        came = AT_A_TIME
        while came == AT_A_TIME:
            try:
                came = join_newcomers(round_id=pk, by=by, at=at)
            except Refused:  # it ended meanwhile
                break
            joined += came
    return joined


@transaction.atomic
def join(*, round_id: UUID, dossier: Dossier, why: str, by: Actor, at: datetime) -> None:
    """Put one dossier on a round's list by hand, with the reason."""
    row = open_locked(round_id)
    require(by, Permission.ROUND_MANAGE, zone=row.zone, on=day_of(at))
    if dossier.zone_id != row.zone_id:
        raise Refused(_("The dossier belongs to another zone."), field="dossier")
    if not why.strip():
        raise Refused(_("Say why it joins the list."), field="why")
    if Entry.objects.filter(round=row, dossier=dossier).exists():
        raise Refused(_("It is on the list already."), field="dossier")
    _add(row, [dossier], Joined.BY_HAND, why.strip()[:200], by, at)


def _add(
    row: Round, coming: list[Dossier], joined: Joined, why: str, by: Actor, at: datetime
) -> None:
    """Lengthen the list; each change of the denominator is an event of its own."""
    if not coming:
        return
    Entry.objects.bulk_create(
        Entry(
            zone_id=row.zone_id,
            round=row,
            dossier=dossier,
            cell_id=dossier.cell_id,
            joined=joined,
            joined_at=at,
            joined_why=why,
        )
        for dossier in coming
    )
    Round.objects.filter(pk=row.pk).update(total=F("total") + len(coming))
    record_many(
        zone_id=row.zone_id,
        entries=[
            Event(
                "round.joined",
                ("round", str(row.pk)),
                {"dossier": d.pk, "why": joined.value, "note": why, "total": row.total + n},
            )
            for n, d in enumerate(coming, start=1)
        ],
        by=by,
        at=at,
    )


@dataclass(frozen=True)
class Who:
    """Which entries to give to somebody: those named, or all to go of a cell or in a name.

    An entry that is visited or excused stays as it is.
    """

    entries: Collection[UUID] = ()
    cells: Collection[UUID] = ()
    of: UUID | None = None


@transaction.atomic
def assign(*, round_id: UUID, who: Who, person: Person | None, by: Actor, at: datetime) -> int:
    """Give entries still to go to a person, or back to each one's contact (None).

    The person's post must reach the dossiers. Returns how many were given.
    """
    row = open_locked(round_id)
    require(by, Permission.ROUND_MANAGE, zone=row.zone, on=day_of(at))
    rows = Entry.objects.filter(round=row, state=EntryState.TO_GO)
    if who.cells:
        rows = rows.filter(cell__in=who.cells)
    elif who.of:
        rows = rows.of(Person(pk=who.of))
    else:
        rows = rows.filter(pk__in=who.entries)
    chosen = list(rows.select_related("dossier"))
    if not chosen:
        raise Refused(_("Choose dossiers that are still to go."), field="entries")
    if person is not None:
        _check_reach(row, chosen, person, at)
    Entry.objects.filter(pk__in=[entry.pk for entry in chosen]).update(assignee=person)
    record(
        zone_id=row.zone_id,
        kind="round.assigned",
        about=("round", str(row.pk)),
        by=by,
        at=at,
        data={
            "to": person.pk if person else None,
            "count": len(chosen),
            "dossiers": [entry.dossier_id for entry in chosen[:AT_A_TIME]],
        },
    )
    return len(chosen)


def _check_reach(row: Round, chosen: list[Entry], person: Person, at: datetime) -> None:
    person = lock_person(person)
    scope = standing_of(person, row.zone, on=day_of(at)).scope(Permission.VISIT_RECORD)
    beyond = [entry for entry in chosen if not within(scope, entry.dossier)]
    if beyond:
        raise Refused(
            ngettext(
                "%(name)s's post does not reach %(count)d of these dossiers (%(first)s). "
                "Choose someone else, or hand the dossier over first.",
                "%(name)s's post does not reach %(count)d of these dossiers (%(first)s, …). "
                "Choose someone else, or hand the dossiers over first.",
                len(beyond),
            )
            % {"name": person.name, "count": len(beyond), "first": beyond[0].dossier.name},
            field="person",
        )
