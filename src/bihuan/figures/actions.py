"""Counting by the hour what is too dear to count at every look."""

from datetime import datetime

from django.db import transaction

from bihuan.core.actors import System
from bihuan.core.days import day_of
from bihuan.core.permissions import Permission
from bihuan.figures.models import RollUp
from bihuan.figures.queries import FIGURES, count, last_year, trend
from bihuan.zones.models import Zone
from bihuan.zones.permissions import require

COUNTER = System("figures", frozenset({Permission.FIGURE_READ}))


@transaction.atomic
def roll_up(*, zone: Zone, by: System = COUNTER, at: datetime) -> None:
    """Count the rolled figures and the trend of a zone and keep them with this moment.

    Figures follow from the records and can be counted again at any time, so this writes
    nothing into the ledger.
    """
    on = day_of(at)
    require(by, Permission.FIGURE_READ, zone=zone, on=on)
    for figure in FIGURES:
        if figure.rolled:
            value = count(zone, figure, last_year(on))
            _keep(zone, figure.code, {"number": value.number, "of": value.of}, at)
    _keep(zone, "trend", {"series": trend(zone, on=on)}, at)


def _keep(zone: Zone, code: str, values: dict[str, object], at: datetime) -> None:
    RollUp.objects.update_or_create(zone=zone, code=code, defaults={**values, "computed_at": at})
