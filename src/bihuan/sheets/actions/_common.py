"""What every step of an import does: ask whether one may, and tell the ledger."""

from datetime import datetime
from typing import Any

from bihuan.accounts.models import Person
from bihuan.core.days import day_of
from bihuan.core.permissions import Permission
from bihuan.ledger.actions import record
from bihuan.sheets.models import Batch
from bihuan.sheets.queries import importer_of
from bihuan.sheets.rules.importing import Importer
from bihuan.zones.models import Zone
from bihuan.zones.permissions import require


def require_import(importer: str, zone: Zone, by: Person, at: datetime) -> Importer:
    """Return the declaration of an import if by may carry it out."""
    declared = importer_of(importer)
    for permission in (Permission.SHEET_IMPORT, declared.permission):
        require(by, permission, zone=zone, on=day_of(at))
    return declared


def tell(batch: Batch, kind: str, by: Person, at: datetime, data: dict[str, Any]) -> None:
    """Write in the ledger what became of a batch."""
    record(
        zone_id=batch.zone_id,
        kind=kind,
        about=("batch", str(batch.pk)),
        by=by,
        at=at,
        data=data,
        files=[batch.sha256],
    )
