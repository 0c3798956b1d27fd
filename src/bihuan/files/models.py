"""Evidence as it was received: kept once under its hash, never altered."""

from typing import ClassVar
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from bihuan.accounts.models import Person
from bihuan.zones.models import ZoneRow


class StoredFile(ZoneRow):
    """One uploaded file of a zone. The bytes lie under files/<zone>/<sha256>.

    taken_at and lat/lng are what a photograph says of itself (EXIF); received_at is ours.
    shown_sha256 names the re-encoded copy of a photograph that pages show.
    """

    sha256 = models.CharField(max_length=64)
    name = models.CharField(_("file name"), max_length=255)
    mime = models.CharField(_("type"), max_length=100)
    size = models.PositiveBigIntegerField(_("bytes"))
    shown_sha256 = models.CharField(max_length=64, blank=True)
    taken_at = models.DateTimeField(_("taken"), null=True, blank=True)
    lat = models.DecimalField(_("latitude"), max_digits=9, decimal_places=6, null=True, blank=True)
    lng = models.DecimalField(_("longitude"), max_digits=9, decimal_places=6, null=True, blank=True)
    received_at = models.DateTimeField(_("received"))
    received_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    is_synthetic = models.BooleanField(_("made for the demo"), default=False)
    received_by_id: UUID | None

    objects: ClassVar[models.Manager["StoredFile"]] = models.Manager()

    class Meta:
        verbose_name = _("file")
        verbose_name_plural = _("files")
        indexes = (models.Index(fields=("zone", "sha256"), name="file_by_hash"),)

    def __str__(self) -> str:
        return self.name
