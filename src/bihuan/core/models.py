"""What every record has."""

from django.db import models

from bihuan.core.ids import new_id


class Record(models.Model):
    """A row named by a UUIDv7, which a phone without signal can make for itself."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)

    class Meta:
        abstract = True
