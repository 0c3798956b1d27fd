"""Taking checklists into use."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.core.actors import Actor
from bihuan.core.days import day_of
from bihuan.core.permissions import Permission
from bihuan.core.refusals import Refused, Stale
from bihuan.enterprises.models import Sector
from bihuan.ledger.actions import record
from bihuan.rounds.models import Checklist
from bihuan.rounds.rules.checklist import Content, rows_of
from bihuan.zones.models import Zone
from bihuan.zones.permissions import require


@transaction.atomic
def load_checklist(*, zone: Zone, content: Content, by: Actor, at: datetime) -> Checklist:
    """Take a version of a checklist into use. The same version again is the same record.

    Older versions stay with the visits that used them. Raises Stale where that version
    is there with other items, Refused where a later one is in use already.
    """
    require(by, Permission.ROUND_MANAGE, zone=zone, on=day_of(at))
    if content.sector and content.sector not in Sector.values:
        raise Refused(_("%(sector)s is no key sector.") % {"sector": content.sector})
    rows = rows_of(content.items)
    known = Checklist.objects.filter(zone=zone, code=content.code, version=content.version)
    if there := known.first():
        if there.items == content.items and there.name == content.name:
            return there
        raise Stale(
            _("Version %(version)d of this checklist is there with other items. Give it a new one.")
            % {"version": content.version}
        )
    current = Checklist.objects.filter(zone=zone, code=content.code, is_current=True)
    if current.filter(version__gt=content.version).exists():
        raise Refused(_("A later version of this checklist is in use already."))
    current.update(is_current=False)
    made = Checklist.objects.create(
        zone=zone,
        code=content.code,
        version=content.version,
        name=content.name,
        sector=content.sector,
        note=content.note,
        rows=rows,
        loaded_at=at,
        loaded_by_name=by.display_name,
    )
    record(
        zone_id=zone.pk,
        kind="checklist.loaded",
        about=("checklist", str(made.pk)),
        by=by,
        at=at,
        data={"code": made.code, "version": made.version, "items": len(rows)},
    )
    return made
