"""What the queue itself does not remember: who works on what, and which schedules fired."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class Lease(models.Model):
    """A worker works on a job. Once attempt has moved on, the earlier worker's word is void."""

    job = models.UUIDField(primary_key=True)
    worker = models.CharField(max_length=64)
    attempt = models.PositiveIntegerField()
    beat_at = models.DateTimeField()

    objects: ClassVar[models.Manager["Lease"]] = models.Manager()

    class Meta:
        verbose_name = _("lease")
        verbose_name_plural = _("leases")

    def __str__(self) -> str:
        return f"{self.job} {self.attempt}"


class Firing(models.Model):
    """A schedule was due at a moment, and somebody enqueued it; once, by the constraint."""

    name = models.CharField(max_length=60)
    due_at = models.DateTimeField()
    fired_at = models.DateTimeField()

    objects: ClassVar[models.Manager["Firing"]] = models.Manager()

    class Meta:
        verbose_name = _("firing")
        verbose_name_plural = _("firings")
        constraints = (models.UniqueConstraint(fields=("name", "due_at"), name="fires_once"),)

    def __str__(self) -> str:
        return f"{self.name} {self.due_at}"
