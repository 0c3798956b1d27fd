"""Who answers for what, handed over without a gap."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from bihuan.accounts.models import Person
from bihuan.core.actors import Actor
from bihuan.core.days import day_of
from bihuan.core.permissions import Permission
from bihuan.core.refusals import Refused
from bihuan.dossiers.models import (
    Contact,
    Dossier,
)
from bihuan.dossiers.queries import pieces
from bihuan.ledger.actions import record_many
from bihuan.ledger.rules.body import Entry
from bihuan.zones.models import Zone
from bihuan.zones.permissions import require
from bihuan.zones.queries import lock_person, may_answer


@transaction.atomic
def hand_over(
    *,
    zone: Zone,
    dossiers: Iterable[Dossier | UUID],
    to: Person,
    reason: str,
    by: Actor,
    at: datetime,
) -> int:
    """Put dossiers into another person's hands today; return how many changed hands.

    The contact of each ends and the next begins on the same day: never a gap, never an
    overlap. All or none: refused if to holds no post that may answer, or if one of the
    dossiers is out of by's reach.
    """
    on = day_of(at)
    require(by, Permission.DOSSIER_HAND_OVER, zone=zone, on=on)
    if not lock_person(to).is_active or not may_answer(to, zone, on=on):
        raise Refused(
            _("%(person)s holds no post here that may answer for a dossier. Choose someone else.")
            % {"person": to.name},
            field="to",
        )
    if not reason.strip():
        raise Refused(_("Say why the dossiers change hands."), field="reason")
    wanted = {it.pk if isinstance(it, Dossier) else it for it in dossiers}
    changed = 0
    for ids in pieces(sorted(wanted)):
        changed += _hand_over_piece(zone, ids, to, reason.strip(), by, at)
    return changed


def _hand_over_piece(
    zone: Zone, ids: Sequence[UUID], to: Person, reason: str, by: Actor, at: datetime
) -> int:
    on = day_of(at)
    rows = (
        Dossier.objects.select_for_update(no_key=True).filter(zone=zone, pk__in=ids).order_by("pk")
    )
    found = list(rows)
    if len(found) < len(ids):
        raise Refused(_("Some of these dossiers are not in this zone."))
    for dossier in found:
        require(by, Permission.DOSSIER_HAND_OVER, zone=zone, on=on, row=dossier)
    moving = [dossier for dossier in found if dossier.contact_id != to.pk]
    now_held = Contact.objects.filter(zone=zone, dossier__in=moving, ends_on=None)
    if now_held.filter(starts_on__gt=on).exists():
        raise Refused(
            _("A dossier here changed hands on a later day than %(day)s. Check the clock.")
            % {"day": on}
        )
    now_held.update(ends_on=on)
    Contact.objects.bulk_create(
        Contact(zone=zone, dossier=dossier, person=to, starts_on=on, reason=reason[:200])
        for dossier in moving
    )
    Dossier.objects.filter(zone=zone, pk__in=[it.pk for it in moving]).update(
        contact=to, version=F("version") + 1
    )
    entries = [
        Entry(
            "dossier.handed_over",
            ("dossier", str(it.pk)),
            {"from": it.contact_id, "to": to.pk, "on": on, "reason": reason},
        )
        for it in moving
    ]
    record_many(zone_id=zone.pk, entries=entries, by=by, at=at)
    return len(moving)


@transaction.atomic
def hand_over_all(
    *, zone: Zone, of: Person, to: Person, reason: str, by: Actor, at: datetime
) -> int:
    """Put everything a person answers for into another's hands; return how many dossiers."""
    ids = Dossier.objects.filter(zone=zone, contact=of).values_list("pk", flat=True)
    return hand_over(zone=zone, dossiers=list(ids), to=to, reason=reason, by=by, at=at)
