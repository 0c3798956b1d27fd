"""Reading and writing imports in the background."""

from uuid import UUID

from django.utils import timezone
from django_tasks import task

from bihuan.sheets import actions
from bihuan.sheets.models import Batch


@task()
def read_batch(*, batch: str, zone: str) -> None:
    """Read a batch of a zone that waits. Harmless when it was read already."""
    row = Batch.objects.select_related("zone", "sent_by").get(pk=UUID(batch), zone=UUID(zone))
    actions.read(batch=row, by=row.sent_by, at=timezone.now())


@task()
def write_batch(*, batch: str, zone: str) -> None:
    """Write a confirmed batch of a zone from where it stands. Harmless when it is done already."""
    rows = Batch.objects.select_related("zone", "sent_by", "confirmed_by")
    row = rows.get(pk=UUID(batch), zone=UUID(zone))
    actions.write(batch=row, by=row.confirmed_by or row.sent_by, at=timezone.now())


def ask_to_read(batch: Batch) -> None:
    """Enqueue the reading of a batch."""
    read_batch.enqueue(batch=str(batch.pk), zone=str(batch.zone_id))


def ask_to_write(batch: Batch) -> None:
    """Enqueue the writing of a confirmed batch."""
    write_batch.enqueue(batch=str(batch.pk), zone=str(batch.zone_id))
