"""Zones, their units and grid cells, and who holds which post."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bihuan.accounts.models import Person
from bihuan.core.models import Record
from bihuan.core.permissions import ROLES
from bihuan.core.ready import Given


class Zone(Record):
    """A development zone (开发区): the tenant every other row belongs to."""

    slug = models.SlugField(_("short name"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=100, unique=True)
    division = models.CharField(_("administrative division code"), max_length=6, blank=True)
    centre_lat = models.DecimalField(_("latitude"), max_digits=9, decimal_places=6, null=True)
    centre_lng = models.DecimalField(_("longitude"), max_digits=9, decimal_places=6, null=True)
    is_synthetic = models.BooleanField(_("made for the demo"), default=False)

    class Meta:
        verbose_name = _("zone")
        verbose_name_plural = _("zones")

    def __str__(self) -> str:
        return self.name


class ZoneRow(Record):
    """A row that belongs to exactly one zone."""

    zone = models.ForeignKey(
        Zone, on_delete=models.PROTECT, related_name="+", verbose_name=_("zone"), db_index=False
    )
    zone_id: UUID

    class Meta:
        abstract = True


class UnitKind(models.TextChoices):
    DEPARTMENT = "department", _("department")
    PLATFORM = "platform", _("platform company")
    ENTERPRISE = "enterprise", _("enterprise")


class Unit(ZoneRow):
    """A department of the zone, its platform company, or an enterprise's own organisation."""

    kind = models.CharField(_("kind"), max_length=12, choices=UnitKind.choices)
    name = models.CharField(_("name"), max_length=200)
    is_open = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("unit")
        verbose_name_plural = _("units")
        constraints = (
            models.UniqueConstraint(
                fields=("zone", "name"),
                condition=~Q(kind="enterprise"),
                name="unit_name_once_a_zone",
            ),
        )
        indexes = (models.Index(fields=("zone", "kind", "name"), name="unit_by_kind"),)

    def __str__(self) -> str:
        return self.name


class Cell(ZoneRow):
    """A grid cell (网格). Cells form a tree; every dossier sits in exactly one.

    path is "/" + the codes from the root down + "/", so that a subtree is a prefix.
    outline is a GeoJSON polygon in WGS-84 / CGCS2000.
    """

    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    code = models.SlugField(_("code"), max_length=20)
    name = models.CharField(_("name"), max_length=100)
    path = models.CharField(_("path"), max_length=200)
    leader = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("cell leader")
    )
    outline = models.JSONField(_("outline"), null=True, blank=True)
    is_open = models.BooleanField(_("in use"), default=True)
    parent_id: UUID | None
    leader_id: UUID

    class Meta:
        verbose_name = _("grid cell")
        verbose_name_plural = _("grid cells")
        constraints = (
            models.UniqueConstraint(fields=("zone", "path"), name="cell_path_once_a_zone"),
            models.UniqueConstraint(fields=("zone", "code"), name="cell_code_once_a_zone"),
        )
        indexes = (models.Index(fields=("leader",), name="cell_by_leader"),)

    def __str__(self) -> str:
        return self.name


class PostQuerySet(models.QuerySet["Post"]):
    """Posts by day."""

    def held_on(self, day: date | Given) -> "PostQuerySet":
        """Return the posts held on day; a period is half open [starts_on, ends_on)."""
        return self.filter(Q(ends_on=None) | Q(ends_on__gt=day), starts_on__lte=day)


class Post(ZoneRow):
    """A role a person holds in a zone, from a date to a date (任职).

    cell bounds a cell leader's reach, unit that of a department, a platform company
    or an enterprise; duty is their own work (一岗) and safety_duty what they answer for
    in safety beside it (双责).
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(
        _("role"), max_length=20, choices=[(role.code, role.name) for role in ROLES.values()]
    )
    title = models.CharField(pgettext_lazy("post", "title"), max_length=100, blank=True)
    cell = models.ForeignKey(
        Cell, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    duty = models.CharField(_("own duty"), max_length=200, blank=True)
    safety_duty = models.CharField(_("safety duty"), max_length=200, blank=True)
    certificate = models.CharField(_("enforcement certificate"), max_length=40, blank=True)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"), null=True, blank=True)
    person_id: UUID
    cell_id: UUID | None
    unit_id: UUID | None

    objects: ClassVar[models.Manager["Post"]] = PostQuerySet.as_manager()

    class Meta:
        verbose_name = _("post")
        verbose_name_plural = _("posts")
        constraints = (
            models.CheckConstraint(
                name="post_ends_after_it_starts",
                condition=Q(ends_on=None) | Q(ends_on__gte=models.F("starts_on")),
            ),
            models.CheckConstraint(
                name="post_of_a_cell_leader_names_the_cell",
                condition=~Q(role="cell_leader") | Q(cell__isnull=False),
            ),
            models.CheckConstraint(
                name="post_of_a_unit_names_the_unit",
                condition=~Q(role__in=("department", "platform", "enterprise"))
                | Q(unit__isnull=False),
            ),
        )
        indexes = (
            models.Index(fields=("person", "zone"), name="post_by_person"),
            models.Index(fields=("zone", "role"), name="post_by_role"),
        )

    def __str__(self) -> str:
        return f"{self.person} · {self.role}"


class YearCalendar(ZoneRow):
    """The State Council's holiday arrangement for a year, entered by an administrator.

    days maps an ISO date to true (a working day on a weekend) or false (a day off).
    """

    year = models.PositiveSmallIntegerField(_("year"))
    source = models.CharField(_("notice"), max_length=200)
    days = models.JSONField(_("days"))

    class Meta:
        verbose_name = _("holiday arrangement")
        verbose_name_plural = _("holiday arrangements")
        constraints = (
            models.UniqueConstraint(fields=("zone", "year"), name="calendar_once_a_year"),
        )

    def __str__(self) -> str:
        return str(self.year)
