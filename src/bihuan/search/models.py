"""The index over everything. Its words lie in a table of the database's own making (0002)."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from bihuan.zones.models import Zone


class Entry(models.Model):
    """One thing that can be found. Its number is its row in the full-text table."""

    id = models.BigAutoField(primary_key=True)
    zone = models.ForeignKey(Zone, on_delete=models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=20)
    subject = models.UUIDField()

    objects: ClassVar[models.Manager["Entry"]] = models.Manager()

    class Meta:
        verbose_name = _("search entry")
        verbose_name_plural = _("search entries")
        constraints = (
            models.UniqueConstraint(fields=("zone", "kind", "subject"), name="found_once"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"


class Cursor(models.Model):
    """How far into a zone's ledger the index has read."""

    zone = models.OneToOneField(Zone, on_delete=models.CASCADE, related_name="+", primary_key=True)
    seq = models.BigIntegerField(default=0)

    objects: ClassVar[models.Manager["Cursor"]] = models.Manager()

    class Meta:
        verbose_name = _("search cursor")
        verbose_name_plural = _("search cursors")

    def __str__(self) -> str:
        return str(self.seq)
