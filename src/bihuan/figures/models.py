"""Figures that are too dear to count at every look, with the moment they were counted."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from bihuan.zones.models import ZoneRow


class RollUp(ZoneRow):
    """The latest value of a figure, or of a series of them, in a zone."""

    code = models.CharField(max_length=40)
    number = models.BigIntegerField(null=True)
    of = models.BigIntegerField(null=True)
    series = models.JSONField(null=True)
    computed_at = models.DateTimeField()

    objects: ClassVar[models.Manager["RollUp"]] = models.Manager()

    class Meta:
        verbose_name = _("figure")
        verbose_name_plural = _("figures")
        constraints = (models.UniqueConstraint(fields=("zone", "code"), name="figure_once"),)

    def __str__(self) -> str:
        return self.code
