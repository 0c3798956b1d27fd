"""What happens to cases by itself."""

import logging

from django.utils import timezone
from django_tasks import task

from bihuan.cases import actions
from bihuan.core.refusals import Refused
from bihuan.zones.models import Zone

log = logging.getLogger("bihuan.cases")


@task()
def sweep_deadlines() -> None:
    """Escalate what is late, zone by zone; a zone without a calendar does not stop the others."""
    for zone in Zone.objects.order_by("slug"):
        try:
            actions.escalate_late(zone=zone, at=timezone.now())
        except Refused as refused:
            log.warning("deadlines of %s were not swept: %s", zone.slug, refused)
