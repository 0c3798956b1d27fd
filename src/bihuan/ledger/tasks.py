"""What the ledger does by itself: sign hourly, verify nightly."""

import logging
from contextlib import suppress
from uuid import UUID

from django.utils import timezone
from django_tasks import task

from bihuan.core.actors import System
from bihuan.ledger import actions, queries

log = logging.getLogger("bihuan.ledger")
CLERK = System("ledger")


@task()
def checkpoint_every_ledger() -> None:
    """Sign each ledger that has grown since its last checkpoint; a damaged one is not signed."""
    for zone_id in queries.zones_with_events():
        with suppress(actions.LedgerDamaged):  # which is logged, and shown on the ledger's page
            actions.checkpoint(zone_id=zone_id, by=CLERK, at=timezone.now())


@task()
def verify_every_ledger() -> None:
    """Verify each ledger and note the result in it."""
    for zone_id in queries.zones_with_events():
        _verify(zone_id)


@task()
def verify_ledger(zone: str) -> None:
    """Verify the ledger of one zone, named by its id."""
    _verify(UUID(zone))


def _verify(zone_id: UUID) -> None:
    verdict = queries.verify(zone_id)
    for finding in verdict.findings:
        log.error("the ledger is damaged: %s", finding)
    with suppress(actions.LedgerDamaged):
        actions.note_verdict(verdict=verdict, by=CLERK, at=timezone.now())
