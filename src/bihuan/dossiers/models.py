"""The header of everything looked after, who answers for it, and its documents."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _

from bihuan.accounts.models import Person
from bihuan.core.permissions import Permission
from bihuan.files.models import StoredFile
from bihuan.zones.models import Cell, Unit, ZoneRow
from bihuan.zones.permissions import Scope, Standing


class DossierKind(models.TextChoices):
    ENTERPRISE = "enterprise", _("enterprise")


class DossierState(models.TextChoices):
    ACTIVE = "active", _("in operation")
    SUSPENDED = "suspended", _("production suspended")
    LEFT = "left", _("moved away or closed")


class Risk(models.TextChoices):
    """The four colours. Unknown is not low."""

    UNKNOWN = "", _("not yet graded")
    RED = "red", _("major risk (red)")
    ORANGE = "orange", _("considerable risk (orange)")
    YELLOW = "yellow", _("general risk (yellow)")
    BLUE = "blue", _("low risk (blue)")


def reached(scope: Scope, prefix: str = "") -> Q:
    """Return the condition "within scope" on a dossier; prefix is the way to it."""
    reach = Q(pk__in=())
    if scope.cells:
        reach |= Q(**{f"{prefix}cell__in": scope.cells})
    if scope.units:
        reach |= Q(**{f"{prefix}unit__in": scope.units})
        reach |= Q(**{f"{prefix}owner_unit__in": scope.units})
    if scope.contact:
        reach |= Q(**{f"{prefix}contact": scope.contact})
    return reach


class DossierQuerySet(models.QuerySet["Dossier"]):
    """Dossiers by who may see them and whether they are still looked after."""

    def visible_to(
        self, standing: Standing, permission: Permission = Permission.DOSSIER_READ
    ) -> "DossierQuerySet":
        """Return the dossiers of the zone over which the person holds permission."""
        scope = standing.scope(permission)
        rows = self.filter(zone=standing.zone)
        if scope.whole_zone:
            return rows
        return rows.filter(reached(scope))

    def for_page(self) -> "DossierQuerySet":
        """Return the dossiers with what their page shows of others; contact_since is a day."""
        held = Contact.objects.filter(dossier=OuterRef("pk"), ends_on=None)
        loaded = self.select_related("zone", "cell__leader", "unit", "contact")
        return loaded.annotate(contact_since=Subquery(held.values("starts_on")[:1]))

    def looked_after(self) -> "DossierQuerySet":
        """Return the dossiers that a round must reach: all but those that left."""
        return self.exclude(state=DossierState.LEFT)


class Dossier(ZoneRow):
    """The header (档) shared by everything looked after.

    unit is the department or platform company it belongs to (归口单位), owner_unit its
    own organisation. contact is the person answerable today; Contact rows tell since when.
    provenance maps a Source's id to the names of the facts that came from it; "id#17"
    is row 17 of that source (rules.restate).
    """

    kind = models.CharField(_("kind"), max_length=12, choices=DossierKind.choices)
    code = models.CharField(_("dossier code"), max_length=30)
    name = models.CharField(_("name"), max_length=200)
    cell = models.ForeignKey(
        Cell, on_delete=models.PROTECT, related_name="+", verbose_name=_("grid cell")
    )
    unit = models.ForeignKey(
        Unit,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("responsible unit"),
    )
    owner_unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    contact = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("contact")
    )
    place = models.CharField(_("place"), max_length=300, blank=True)
    lat = models.DecimalField(_("latitude"), max_digits=9, decimal_places=6, null=True, blank=True)
    lng = models.DecimalField(_("longitude"), max_digits=9, decimal_places=6, null=True, blank=True)
    state = models.CharField(
        _("state"), max_length=10, choices=DossierState.choices, default=DossierState.ACTIVE
    )
    risk = models.CharField(
        _("risk"), max_length=6, choices=Risk.choices, default=Risk.UNKNOWN, blank=True
    )
    last_visited_on = models.DateField(_("last visited"), null=True, blank=True)
    provenance = models.JSONField(default=dict)
    is_synthetic = models.BooleanField(_("made for the demo"), default=False)
    opened_at = models.DateTimeField(_("opened"))
    version = models.PositiveIntegerField(default=1)
    cell_id: UUID
    unit_id: UUID | None
    owner_unit_id: UUID | None
    contact_id: UUID

    objects: ClassVar[models.Manager["Dossier"]] = DossierQuerySet.as_manager()

    class Meta:
        verbose_name = _("dossier")
        verbose_name_plural = _("dossiers")
        constraints = (
            models.UniqueConstraint(fields=("zone", "code"), name="dossier_code_once_a_zone"),
        )
        indexes = (
            # the last columns spare fetching rows to see whether they are in the list at all
            models.Index(fields=("zone", "kind", "name", "id", "state"), name="dossier_by_name"),
            models.Index(fields=("zone", "kind", "last_visited_on", "id"), name="dossier_by_visit"),
            models.Index(
                fields=("zone", "cell", "name", "id", "kind", "state"), name="dossier_by_cell"
            ),
            models.Index(
                fields=("zone", "contact", "name", "id", "kind", "state"),
                name="dossier_by_contact",
            ),
            models.Index(
                fields=("zone", "risk", "name", "id", "kind", "state"), name="dossier_by_risk"
            ),
            models.Index(fields=("zone", "contact", "cell", "state"), name="dossier_by_load"),
            models.Index(fields=("id", "cell"), name="dossier_to_cell"),
            models.Index(fields=("zone", "state", "name", "id"), name="dossier_by_state"),
            models.Index(fields=("zone", "unit"), name="dossier_by_unit"),
            models.Index(fields=("zone", "owner_unit"), name="dossier_by_owner"),
        )

    def __str__(self) -> str:
        return self.name


class SourceKind(models.TextChoices):
    TYPED = "typed", _("typed in")
    SHEET = "sheet", _("imported sheet")
    VISIT = "visit", _("visit")
    OTHER = "other", _("other")


class Source(ZoneRow):
    """Where facts came from: typed in, a sheet, a visit (依据来源)."""

    kind = models.CharField(_("kind"), max_length=10, choices=SourceKind.choices)
    reference = models.CharField(_("from what"), max_length=300)
    at = models.DateTimeField(_("when"))
    by_name = models.CharField(_("who"), max_length=64)

    class Meta:
        verbose_name = _("source")
        verbose_name_plural = _("sources")

    def __str__(self) -> str:
        return self.reference


class ContactQuerySet(models.QuerySet["Contact"]):
    """Contacts by day."""

    def held_on(self, day: date) -> "ContactQuerySet":
        """Return who answered on day; a period is half open [starts_on, ends_on)."""
        return self.filter(Q(ends_on=None) | Q(ends_on__gt=day), starts_on__lte=day)


class Contact(ZoneRow):
    """Who answers for a dossier (包联), from a date to a date, never a gap."""

    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="contacts")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)

    objects: ClassVar[models.Manager["Contact"]] = ContactQuerySet.as_manager()

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        constraints = (
            models.UniqueConstraint(
                fields=("dossier",), condition=Q(ends_on=None), name="one_contact_today"
            ),
            models.CheckConstraint(
                name="contact_ends_after_it_starts",
                condition=Q(ends_on=None) | Q(ends_on__gte=models.F("starts_on")),
            ),
        )
        indexes = (models.Index(fields=("zone", "person"), name="contact_by_person"),)

    def __str__(self) -> str:
        return f"{self.person} → {self.dossier}"


class Document(ZoneRow):
    """A certificate or other paper of a dossier, with how long it is valid."""

    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="documents")
    kind = models.CharField(_("kind"), max_length=30)
    name = models.CharField(_("name"), max_length=200)
    number = models.CharField(_("number"), max_length=80, blank=True)
    issued_by = models.CharField(_("issued by"), max_length=200, blank=True)
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_to = models.DateField(_("valid until"), null=True, blank=True)
    file = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        indexes = (
            models.Index(fields=("zone", "valid_to"), name="document_by_expiry"),
            models.Index(fields=("zone", "kind"), name="document_by_kind"),
        )

    def __str__(self) -> str:
        return self.name
