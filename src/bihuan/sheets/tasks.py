"""Reading and writing imports in the background."""

from uuid import UUID

from django.utils import timezone
from django_tasks import task

from bihuan.sheets import actions
from bihuan.sheets.models import Batch


@task()
def read_batch(batch: str) -> None:
    """Read a batch that waits. Harmless when it was read already."""
    row = Batch.objects.select_related("zone", "sent_by").get(pk=UUID(batch))
    actions.read(batch=row, by=row.sent_by, at=timezone.now())


@task()
def write_batch(batch: str) -> None:
    """Write a confirmed batch from where it stands. Harmless when it is done already."""
    row = Batch.objects.select_related("zone", "sent_by").get(pk=UUID(batch))
    actions.write(batch=row, by=row.sent_by, at=timezone.now())
