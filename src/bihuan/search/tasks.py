"""The index follows the ledger."""

from django.utils import timezone
from django_tasks import task

from bihuan.search.actions import follow_ledger
from bihuan.zones.models import Zone


@task()
def follow_every_ledger() -> None:
    """Index what happened in every zone."""
    for zone in Zone.objects.order_by("slug"):
        follow_ledger(zone=zone, at=timezone.now())
