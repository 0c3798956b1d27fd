"""Counting by the hour what is too dear to count at every look."""

from datetime import datetime

from django.db import transaction

from bihuan.core.actors import System
from bihuan.core.days import day_of
from bihuan.core.permissions import Permission
from bihuan.figures.models import RollUp
from bihuan.figures.queries import FIGURES, count_all, count_by_cell, last_year, trend
from bihuan.zones.models import Zone
from bihuan.zones.permissions import require

COUNTER = System("figures", frozenset({Permission.FIGURE_READ}))


def roll_up(*, zone: Zone, by: System = COUNTER, at: datetime) -> None:
    """Count the figures, the trend and the cells of a zone and keep them with this moment.

    Figures follow from the records and can be counted again at any time, so this writes
    nothing into the ledger. Counting a year of a large zone takes a while: it is done before
    the transaction, so that nobody's write waits for it.
    """
    on = day_of(at)
    require(by, Permission.FIGURE_READ, zone=zone, on=on)
    counted = count_all(zone, FIGURES, last_year(on))
    months, cells = trend(zone, on=on), count_by_cell(zone, on=on)
    with transaction.atomic():
        for value in counted:
            _keep(zone, value.figure.code, {"number": value.number, "of": value.of}, at)
        _keep(zone, "trend", {"series": months}, at)
        _keep(zone, "by_cell", {"series": cells}, at)
    zone.__dict__.pop("_rolled", None)


def _keep(zone: Zone, code: str, values: dict[str, object], at: datetime) -> None:
    RollUp.objects.update_or_create(zone=zone, code=code, defaults={**values, "computed_at": at})
