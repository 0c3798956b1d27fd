"""Visits: who met, what was answered, what was found."""

from typing import ClassVar
from uuid import UUID

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from bihuan.accounts.models import Person
from bihuan.cases.models import Case, Origin
from bihuan.core.permissions import Permission
from bihuan.dossiers.models import Dossier, reached
from bihuan.files.models import StoredFile
from bihuan.rounds.models.rounds import Checklist, Round
from bihuan.zones.models import ZoneRow
from bihuan.zones.permissions import Standing


class VisitQuerySet(models.QuerySet["Visit"]):
    """Visits by who may see them."""

    def visible_to(self, standing: Standing) -> "VisitQuerySet":
        """Return the zone's visits to dossiers in reach, and those the person made."""
        scope = standing.scope(Permission.ROUND_READ)
        rows = self.filter(zone=standing.zone)
        if scope.whole_zone:
            return rows
        dossiers = Dossier.objects.filter(reached(scope), zone=standing.zone)
        return rows.filter(Q(dossier__in=dossiers.values("pk")) | Q(by=standing.person))

    def made_here(self) -> "VisitQuerySet":
        """Return visits recorded here; imported history never counts as done here."""
        return self.filter(origin=Origin.HERE)


class Visit(ZoneRow):
    """One meeting of people and a dossier (检查/走访记录). Never altered.

    answers and notes are by the item codes of the checklist version used; an item that
    is not there was not looked at. fingerprint is the SHA-256 of all that was sent, so
    that the same visit sent again is the same record.
    """

    number = models.CharField(_("visit number"), max_length=24)
    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="+")
    round = models.ForeignKey(
        Round, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    checklist = models.ForeignKey(
        Checklist, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    visited_on = models.DateField(_("day of the visit"))
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    answers = models.JSONField(_("answers"), default=dict)
    notes = models.JSONField(_("remarks"), default=dict)
    summary = models.TextField(_("what was inspected"), blank=True)
    refusal = models.CharField(_("signing refused because"), max_length=300, blank=True)
    found = models.PositiveSmallIntegerField(_("findings"), default=0)
    fingerprint = models.CharField(max_length=64, blank=True)
    recorded_at = models.DateTimeField(_("recorded"))
    by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    by_name = models.CharField(_("recorded by"), max_length=64)
    origin = models.CharField(max_length=6, choices=Origin.choices, default=Origin.HERE)
    reference = models.CharField(_("number in the earlier ledger"), max_length=80, blank=True)
    dossier_id: UUID
    round_id: UUID | None
    checklist_id: UUID | None
    by_id: UUID | None

    objects: ClassVar[models.Manager["Visit"]] = VisitQuerySet.as_manager()

    class Meta:
        verbose_name = _("visit")
        verbose_name_plural = _("visits")
        constraints = (
            models.UniqueConstraint(fields=("zone", "number"), name="visit_number_once_a_zone"),
            models.CheckConstraint(
                name="visit_made_here_is_timed",
                condition=Q(origin=Origin.IMPORT)
                | Q(started_at__isnull=False, ended_at__gte=F("started_at")),
            ),
            models.CheckConstraint(
                name="visit_imported_belongs_to_no_round",
                condition=Q(origin=Origin.HERE) | Q(round=None),
            ),
        )
        indexes = (
            models.Index(fields=("zone", "visited_on", "id"), name="visit_by_day"),
            models.Index(fields=("dossier", "visited_on", "id"), name="visit_by_dossier"),
            models.Index(fields=("by", "visited_on"), name="visit_by_person"),
            models.Index(fields=("round", "visited_on"), name="visit_by_round"),
        )

    def __str__(self) -> str:
        return self.number


class Present(ZoneRow):
    """Someone who was there, on our side or theirs, with their signature if they signed."""

    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="present")
    place = models.PositiveSmallIntegerField()
    side = models.CharField(
        max_length=6, choices=[("ours", _("our side")), ("theirs", _("their side"))]
    )
    name = models.CharField(_("full name"), max_length=64)
    title = models.CharField(_("post"), max_length=100, blank=True)
    certificate = models.CharField(_("enforcement certificate"), max_length=40, blank=True)
    signature = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    visit_id: UUID
    signature_id: UUID | None

    class Meta:
        verbose_name = _("person present")
        verbose_name_plural = _("people present")
        constraints = (models.UniqueConstraint(fields=("visit", "place"), name="present_in_order"),)

    def __str__(self) -> str:
        return self.name


class Photo(ZoneRow):
    """A photo of a visit that belongs to no finding."""

    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="photos")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    visit_id: UUID
    file_id: UUID

    class Meta:
        verbose_name = _("photo")
        verbose_name_plural = _("photos")

    def __str__(self) -> str:
        return str(self.file_id)


class Finding(ZoneRow):
    """A case that a visit opened, or an open one it met again (known)."""

    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="findings")
    place = models.PositiveSmallIntegerField()
    item = models.CharField(max_length=20, blank=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    is_known = models.BooleanField(default=False)
    visit_id: UUID
    case_id: UUID

    class Meta:
        verbose_name = _("finding")
        verbose_name_plural = _("findings")
        constraints = (models.UniqueConstraint(fields=("visit", "place"), name="finding_in_order"),)
        indexes = (models.Index(fields=("case",), name="finding_by_case"),)

    def __str__(self) -> str:
        return str(self.case_id)
