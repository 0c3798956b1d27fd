"""The enterprise register (一企一档)."""

from typing import ClassVar
from uuid import UUID

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bihuan.accounts.models import new_salt
from bihuan.dossiers.models import Dossier, Source
from bihuan.zones.models import ZoneRow


class Sector(models.TextChoices):
    """The fields that safety work watches first (重点领域)."""

    CHEMICALS = "chemicals", _("hazardous chemicals")
    CONSTRUCTION = "construction", _("construction")
    INDUSTRY_TRADE = "industry_trade", _("industry and trade")
    FIRE = "fire", _("fire key unit")
    EQUIPMENT = "equipment", _("special equipment")
    PETROL = "petrol", _("petrol station")


class Enterprise(models.Model):
    """What is particular to an enterprise; the header is its dossier, one-to-one."""

    dossier: models.OneToOneField[Dossier, Dossier] = models.OneToOneField(
        Dossier, on_delete=models.PROTECT, primary_key=True, related_name="+"
    )
    zone = models.ForeignKey(
        "zones.Zone", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    uscc = models.CharField(_("unified social credit code"), max_length=18, blank=True)
    short_name = models.CharField(_("short name"), max_length=60, blank=True)
    registered_address = models.CharField(_("registered address"), max_length=300, blank=True)
    legal_representative = models.CharField(_("legal representative"), max_length=64, blank=True)
    principal = models.CharField(_("principal responsible person"), max_length=64)
    principal_phone = models.CharField(_("their phone"), max_length=20, blank=True)
    safety_manager = models.CharField(_("safety manager"), max_length=64, blank=True)
    safety_manager_phone = models.CharField(_("their phone"), max_length=20, blank=True)
    safety_manager_full_time = models.BooleanField(_("full-time"), null=True, blank=True)
    safety_body = models.BooleanField(_("has a safety department"), null=True, blank=True)
    industry = models.CharField(_("industry class (GB/T 4754)"), max_length=5, blank=True)
    headcount = models.PositiveIntegerField(_("headcount"), null=True, blank=True)
    above_size = models.BooleanField(_("above designated size"), null=True, blank=True)
    above_size_since = models.DateField(_("directory batch"), null=True, blank=True)
    landlord = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("landlord"),
    )
    landlord_agreement_on = models.DateField(_("safety agreement signed"), null=True, blank=True)
    salt = models.BinaryField(max_length=16, default=new_salt, editable=False)
    dossier_id: UUID
    zone_id: UUID
    landlord_id: UUID | None

    objects: ClassVar[models.Manager["Enterprise"]] = models.Manager()

    class Meta:
        verbose_name = _("enterprise")
        verbose_name_plural = _("enterprises")
        constraints = (
            models.UniqueConstraint(
                fields=("zone", "uscc"), condition=~Q(uscc=""), name="uscc_once_a_zone"
            ),
            models.CheckConstraint(
                name="above_size_says_since_when",
                condition=Q(above_size=True, above_size_since__isnull=False)
                | Q(above_size__isnull=True)
                | Q(above_size=False),
            ),
        )
        indexes = (
            models.Index(fields=("zone", "industry"), name="enterprise_by_industry"),
            models.Index(fields=("zone", "landlord"), name="enterprise_by_landlord"),
            models.Index(fields=("zone", "above_size"), name="enterprise_by_size"),
        )

    def __str__(self) -> str:
        return self.dossier.name


class SectorFlag(ZoneRow):
    """An enterprise belongs to a key sector."""

    enterprise = models.ForeignKey(Enterprise, on_delete=models.PROTECT, related_name="sectors")
    sector = models.CharField(_("key sector"), max_length=16, choices=Sector.choices)
    enterprise_id: UUID

    class Meta:
        verbose_name = _("key sector")
        verbose_name_plural = _("key sectors")
        constraints = (
            models.UniqueConstraint(
                fields=("zone", "sector", "enterprise"), name="sector_once_an_enterprise"
            ),
        )

    def __str__(self) -> str:
        return self.sector


class Site(ZoneRow):
    """A place where an enterprise produces; not its registered address."""

    enterprise = models.ForeignKey(Enterprise, on_delete=models.PROTECT, related_name="sites")
    name = models.CharField(_("name"), max_length=100)
    address = models.CharField(_("address"), max_length=300)
    lat = models.DecimalField(_("latitude"), max_digits=9, decimal_places=6, null=True, blank=True)
    lng = models.DecimalField(_("longitude"), max_digits=9, decimal_places=6, null=True, blank=True)
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(_("given up"), null=True, blank=True)

    class Meta:
        verbose_name = _("production site")
        verbose_name_plural = _("production sites")
        indexes = (models.Index(fields=("zone", "address"), name="site_by_address"),)

    def __str__(self) -> str:
        return self.name


class DocumentKind(models.TextChoices):
    """The papers an enterprise's dossier holds."""

    LICENCE = "licence", _("business licence")
    SAFETY_PERMIT = "safety_permit", _("work safety permit")
    CHEMICAL_PERMIT = "chemical_permit", _("hazardous chemicals operation permit")
    POLLUTION_PERMIT = "pollution_permit", _("pollutant discharge permit")
    HIGH_TECH = "high_tech", _("high-tech enterprise certificate")
    SPECIALISED = "specialised", _("specialised and innovative enterprise (专精特新)")
    TECH_CENTRE = "tech_centre", _("enterprise technology centre (provincial or above)")
    DOCTORAL_STATION = "doctoral_station", _("doctoral innovation station")
    PLAN = "plan", _("emergency plan")
    DRILL = "drill", _("drill record")
    SPECIAL_WORK = "special_work", _("special operation certificate")
    EQUIPMENT = "equipment", _("special equipment registration")
    STANDARDISATION = "standardisation", _("safety standardisation certificate")
    OTHER = "other", _("other")
