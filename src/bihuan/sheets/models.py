"""Sheets that were sent in, and what became of each row."""

from typing import ClassVar
from uuid import UUID

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bihuan.accounts.models import Person
from bihuan.core.permissions import Permission
from bihuan.sheets.rules.importing import VERDICT_NAMES, Verdict
from bihuan.zones.models import ZoneRow
from bihuan.zones.permissions import Standing


class BatchState(models.TextChoices):
    """How far an import has come."""

    WAITING = "waiting", _("waiting to be read")
    READ = "read", _("read, awaiting confirmation")
    CONFIRMED = "confirmed", _("confirmed, being written")
    DONE = "done", _("done")
    REFUSED = "refused", _("could not be read")
    DISCARDED = "discarded", _("discarded")


class BatchQuerySet(models.QuerySet["Batch"]):
    """Batches by who may see them."""

    def visible_to(self, standing: Standing) -> "BatchQuerySet":
        """Return the zone's batches, or a person's own where their post reaches only a part."""
        rows = self.filter(zone=standing.zone)
        if standing.scope(Permission.SHEET_IMPORT).whole_zone:
            return rows
        return rows.filter(sent_by=standing.person)


class Batch(ZoneRow):
    """One file sent in for import (导入批次). Nothing is written before it is confirmed.

    sheets tells of each table of the file what was made of it (rules.importing.Table);
    hidden names the sheets that are hidden in it, which are not read.
    """

    importer = models.CharField(_("what"), max_length=20)
    name = models.CharField(_("file name"), max_length=255)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField(_("bytes"))
    state = models.CharField(
        _("state"), max_length=10, choices=BatchState.choices, default=BatchState.WAITING
    )
    reason = models.CharField(_("why not"), max_length=500, blank=True)
    sheets = models.JSONField(default=list)
    hidden = models.JSONField(default=list)
    counts = models.JSONField(default=dict)
    total = models.PositiveIntegerField(_("rows"), default=0)
    done = models.PositiveIntegerField(_("rows done"), default=0)
    sent_at = models.DateTimeField(_("sent"))
    sent_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True)
    confirmed_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    sent_by_id: UUID

    objects: ClassVar[models.Manager["Batch"]] = BatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        constraints = (
            models.CheckConstraint(
                name="batch_confirmed_by_someone_at_some_time",
                condition=Q(confirmed_by=None, confirmed_at=None)
                | Q(confirmed_by__isnull=False, confirmed_at__isnull=False),
            ),
        )
        indexes = (models.Index(fields=("zone", "sent_at", "id"), name="batch_by_time"),)

    def __str__(self) -> str:
        return self.name


class SheetRow(models.Model):
    """One row of a batch. raw is kept for refused rows, so that they can be mended.

    sheet is "" where the file is one table; notes are what was not taken quite as written.
    """

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="rows")
    sheet = models.CharField(_("sheet"), max_length=100, blank=True)
    number = models.PositiveIntegerField(_("row"))
    verdict = models.CharField(
        _("verdict"), max_length=9, choices=[(v.value, VERDICT_NAMES[v]) for v in Verdict]
    )
    reason = models.CharField(_("reason"), max_length=1000, blank=True)
    label = models.CharField(_("what"), max_length=200, blank=True)
    values = models.JSONField(default=dict)
    notes = models.JSONField(default=list)
    raw = models.JSONField(null=True)
    written = models.BooleanField(_("written"), default=False)

    class Meta:
        verbose_name = _("row of a sheet")
        verbose_name_plural = _("rows of a sheet")
        constraints = (
            models.UniqueConstraint(fields=("batch", "sheet", "number"), name="row_once"),
        )
        indexes = (
            models.Index(fields=("batch", "verdict", "id"), name="row_by_verdict"),
            models.Index(fields=("batch", "written", "id"), name="row_by_written"),
        )

    def __str__(self) -> str:
        return f"{self.batch_id} {self.number}"
