"""Going along with the dossier a case is about."""

from datetime import datetime

from bihuan.cases.models import Case
from bihuan.core.actors import Actor
from bihuan.dossiers.models import Dossier


def follow_dossier(*, dossier: Dossier, by: Actor, at: datetime) -> None:
    """Let the cases of a dossier stand in its cell; for FOLLOWERS in the composition.

    Part of moving it there, which asks permission, holds the dossier and writes the event.
    Whoever opens a case holds its dossier too, so none is opened in the cell it leaves.
    """
    Case.objects.filter(dossier=dossier).update(cell=dossier.cell_id)
