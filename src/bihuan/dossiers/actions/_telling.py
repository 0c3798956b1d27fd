"""What the actions of dossiers tell the ledger."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from bihuan.core.actors import Actor
from bihuan.dossiers.models import Dossier
from bihuan.ledger.actions import record
from bihuan.ledger.rules.body import JSON


def tell(
    dossier: Dossier,
    kind: str,
    data: Mapping[str, JSON],
    by: Actor,
    at: datetime,
    files: Sequence[str] = (),
) -> None:
    """Write an event about a dossier."""
    about = ("dossier", str(dossier.pk))
    record(zone_id=dossier.zone_id, kind=kind, about=about, by=by, at=at, data=data, files=files)
