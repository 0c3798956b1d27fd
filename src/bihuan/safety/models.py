"""Who may enforce: delegations on record. Everything else safety owns is a case or a visit."""

from typing import ClassVar
from uuid import UUID

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bihuan.accounts.models import Person
from bihuan.files.models import StoredFile
from bihuan.zones.models import Unit, ZoneRow


class Basis(models.TextChoices):
    """How a unit came to its powers (授权 by law or regulation, 委托 by an authority)."""

    AUTHORISED = "authorised", _("authorised by law or regulation")
    ENTRUSTED = "entrusted", _("entrusted by an authority")


class Delegation(ZoneRow):
    """A recorded delegation of enforcement powers to a unit, from a day to a day."""

    unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, related_name="+", verbose_name=_("unit")
    )
    basis = models.CharField(_("basis"), max_length=10, choices=Basis.choices)
    granted_by = models.CharField(_("granted by"), max_length=200)
    document = models.CharField(_("document and number"), max_length=200)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"), null=True, blank=True)
    recorded_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(_("recorded"))
    withdrawn_on = models.DateField(_("withdrawn"), null=True, blank=True)
    unit_id: UUID

    objects: ClassVar[models.Manager["Delegation"]] = models.Manager()

    class Meta:
        verbose_name = _("delegation of powers")
        verbose_name_plural = _("delegations of powers")
        constraints = (
            models.CheckConstraint(
                name="delegation_ends_after_it_starts",
                condition=Q(ends_on=None) | Q(ends_on__gt=models.F("starts_on")),
            ),
        )
        indexes = (models.Index(fields=("zone", "unit"), name="delegation_by_unit"),)

    def __str__(self) -> str:
        return self.document
