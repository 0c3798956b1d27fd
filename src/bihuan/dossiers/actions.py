"""Everything that changes a dossier's header."""

from datetime import datetime

from django.db import transaction

from bihuan.core.actors import Actor
from bihuan.core.days import day_of
from bihuan.core.permissions import Permission
from bihuan.dossiers.models import Dossier
from bihuan.ledger.actions import record
from bihuan.zones.models import Unit, UnitKind
from bihuan.zones.permissions import require


@transaction.atomic
def organisation_of(*, dossier: Dossier, by: Actor, at: datetime) -> Unit:
    """Return the dossier's own organisation, made at the first asking (what it must rectify)."""
    if dossier.owner_unit is not None:
        return dossier.owner_unit
    require(by, Permission.CASE_ASSIGN, zone=dossier.zone, on=day_of(at), row=dossier)
    unit = Unit.objects.create(zone=dossier.zone, kind=UnitKind.ENTERPRISE, name=dossier.name)
    dossier.owner_unit = unit
    dossier.save(update_fields=["owner_unit"])
    record(
        zone_id=dossier.zone_id,
        kind="dossier.organisation_opened",
        about=("dossier", str(dossier.pk)),
        by=by,
        at=at,
        data={"unit": str(unit.pk)},
    )
    return unit
