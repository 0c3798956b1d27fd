"""The lists that the command line writes as spreadsheets, and which rows each holds."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bihuan.cases.models import Case
from bihuan.cases.tables import CASES
from bihuan.dossiers.models import Dossier, DossierKind
from bihuan.enterprises.tables import ENTERPRISES
from bihuan.rounds.models import Visit
from bihuan.rounds.tables import VISITS
from bihuan.safety.queries import hazards
from bihuan.safety.tables import LEDGER
from bihuan.ui.tables import Table
from bihuan.zones.permissions import Standing


@dataclass(frozen=True)
class Listing:
    """A list by the name it is asked for; rows(standing) are those in a person's reach."""

    code: str
    table: Table
    rows: Callable[[Standing], Any]

    @property
    def title(self) -> str:
        return str(self.table.sheet or self.table.caption)


def _enterprises(standing: Standing) -> Any:
    return Dossier.objects.visible_to(standing).filter(kind=DossierKind.ENTERPRISE).looked_after()


EXPORTS = {
    listing.code: listing
    for listing in (
        Listing("enterprises", ENTERPRISES, _enterprises),
        Listing("cases", CASES, Case.objects.visible_to),
        Listing("hazards", LEDGER, hazards),
        Listing("visits", VISITS, Visit.objects.visible_to),
    )
}
