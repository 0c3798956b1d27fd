"""The hourly counting."""

from django.utils import timezone
from django_tasks import task

from bihuan.figures.actions import roll_up
from bihuan.zones.models import Zone


@task()
def roll_up_all() -> None:
    """Count the rolled figures of every zone."""
    for zone in Zone.objects.order_by("slug"):
        roll_up(zone=zone, at=timezone.now())
