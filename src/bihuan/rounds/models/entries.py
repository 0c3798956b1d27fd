"""The list of a round: each dossier to go, visited or excused."""

from typing import ClassVar
from uuid import UUID

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bihuan.accounts.models import Person
from bihuan.core.permissions import Permission
from bihuan.dossiers.models import Dossier, reached
from bihuan.files.models import StoredFile
from bihuan.rounds.models.rounds import Round
from bihuan.rounds.models.visits import Visit
from bihuan.rounds.rules.coverage import (
    EXCUSAL_NAMES,
    JOINED_NAMES,
    STATE_NAMES,
    VERDICT_NAMES,
    EntryState,
    RoundState,
    Verdict,
)
from bihuan.zones.models import Cell, Zone, ZoneRow
from bihuan.zones.permissions import Standing


class EntryQuerySet(models.QuerySet["Entry"]):
    """Entries by who may see them and who goes."""

    def visible_to(self, standing: Standing) -> "EntryQuerySet":
        """Return the entries whose dossier is in reach, and those in the person's name."""
        scope = standing.scope(Permission.ROUND_READ)
        rows = self.filter(zone=standing.zone)
        if scope.whole_zone:
            return rows
        dossiers = Dossier.objects.filter(reached(scope), zone=standing.zone)
        return rows.filter(Q(dossier__in=dossiers.values("pk")) | Q(assignee=standing.person))

    def of(self, person: Person) -> "EntryQuerySet":
        """Return the entries person must see to: assigned, or as contact of the day."""
        theirs = Dossier.objects.filter(contact=person)
        return self.filter(Q(assignee=person) | Q(assignee=None, dossier__in=theirs.values("pk")))

    def to_go(self) -> "EntryQuerySet":
        return self.filter(state=EntryState.TO_GO)

    def under_way(self) -> "EntryQuerySet":
        return self.filter(round__state=RoundState.OPEN)


class Entry(ZoneRow):
    """A dossier on a round's list. assignee None means: whoever is its contact on the day;
    a visit leaves it in the name of who that was.

    cell is where the dossier sat when it joined, so that coverage by cell stays put.
    """

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="entries")
    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="+")
    cell = models.ForeignKey(Cell, on_delete=models.PROTECT, related_name="+")
    assignee = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    state = models.CharField(
        _("state"),
        max_length=7,
        choices=[(s.value, words) for s, words in STATE_NAMES.items()],
        default=EntryState.TO_GO,
    )
    joined = models.CharField(
        _("on the list because"),
        max_length=8,
        choices=[(j.value, words) for j, words in JOINED_NAMES.items()],
    )
    joined_at = models.DateTimeField(pgettext_lazy("round", "joined"))
    joined_why = models.CharField(_("reason"), max_length=200, blank=True)
    settled_on = models.DateField(_("settled"), null=True, blank=True)
    visit = models.ForeignKey(
        Visit, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    round_id: UUID
    dossier_id: UUID
    cell_id: UUID
    assignee_id: UUID | None
    visit_id: UUID | None

    objects: ClassVar[models.Manager["Entry"]] = EntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("entry of a list")
        verbose_name_plural = _("entries of a list")
        constraints = (
            models.UniqueConstraint(fields=("round", "dossier"), name="entry_once_a_round"),
            models.CheckConstraint(
                name="entry_visited_has_its_visit",
                condition=Q(state=EntryState.VISITED, visit__isnull=False)
                | ~Q(state=EntryState.VISITED) & Q(visit=None),
            ),
            models.CheckConstraint(
                name="entry_settled_is_dated",
                condition=Q(state=EntryState.TO_GO, settled_on=None)
                | ~Q(state=EntryState.TO_GO) & Q(settled_on__isnull=False),
            ),
        )
        indexes = (
            models.Index(fields=("round", "id"), name="entry_in_order"),
            models.Index(fields=("round", "state", "id"), name="entry_by_state"),
            models.Index(fields=("round", "cell", "state"), name="entry_by_cell"),
            models.Index(
                fields=("zone", "assignee", "state"),
                name="entry_by_assignee",
                condition=Q(assignee__isnull=False),  # most are their contact's
            ),
            models.Index(fields=("dossier", "state"), name="entry_by_dossier"),
        )

    def __str__(self) -> str:
        return f"{self.round_id} {self.dossier_id}"


class ExcuseQuerySet(models.QuerySet["Excuse"]):
    """Excuses by how they were decided."""

    def waiting(self, zone: Zone) -> "ExcuseQuerySet":
        """Return the zone's excuses that wait for approval in rounds still open."""
        return self.filter(zone=zone, verdict=Verdict.ASKED, entry__round__state=RoundState.OPEN)


class Excuse(ZoneRow):
    """Why a dossier was not visited: a reason code, evidence, and another person's approval."""

    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="excuses")
    reason = models.CharField(
        _("reason"),
        max_length=10,
        choices=[(e.value, words) for e, words in EXCUSAL_NAMES.items()],
    )
    note = models.CharField(_("remarks"), max_length=300, blank=True)
    evidence = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(_("proposed"))
    verdict = models.CharField(
        _("decision on an excuse"),
        max_length=8,
        choices=[(v.value, words) for v, words in VERDICT_NAMES.items()],
        default=Verdict.ASKED,
    )
    decided_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decision_note = models.CharField(_("opinion"), max_length=300, blank=True)
    entry_id: UUID
    evidence_id: UUID
    asked_by_id: UUID
    decided_by_id: UUID | None

    objects: ClassVar[models.Manager["Excuse"]] = ExcuseQuerySet.as_manager()

    class Meta:
        verbose_name = _("excuse")
        verbose_name_plural = _("excuses")
        constraints = (
            models.UniqueConstraint(
                fields=("entry",), condition=Q(verdict="asked"), name="excuse_waiting_once"
            ),
            models.CheckConstraint(
                name="excuse_decided_by_another",
                condition=Q(verdict="asked", decided_by=None, decided_at=None)
                | ~Q(verdict="asked")
                & Q(decided_by__isnull=False, decided_at__isnull=False)
                & ~Q(decided_by=F("asked_by")),
            ),
        )
        indexes = (models.Index(fields=("zone", "verdict"), name="excuse_by_verdict"),)

    def __str__(self) -> str:
        return self.reason
