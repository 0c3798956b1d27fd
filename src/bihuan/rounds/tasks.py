"""What happens to rounds in the background."""

from uuid import UUID

from django.utils import timezone
from django_tasks import task

from bihuan.rounds import actions
from bihuan.rounds.models import Round
from bihuan.zones.models import Zone


@task()
def write_out(*, round: str, zone: str) -> None:  # noqa: A002
    """Write out the list of a round that is being opened. Harmless when it is open already."""
    row = Round.objects.get(pk=UUID(round), zone=UUID(zone))
    actions.write_out(round_id=row.pk, at=timezone.now())


def ask_to_write_out(row: Round) -> None:
    """Enqueue the writing out of a round's list."""
    write_out.enqueue(round=str(row.pk), zone=str(row.zone_id))


@task()
def join_newcomers() -> None:
    """Let newcomers join the open rounds of every zone."""
    for zone in Zone.objects.order_by("slug"):
        actions.join_everywhere(zone=zone, at=timezone.now())
