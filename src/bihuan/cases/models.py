"""Cases, their moves and the evidence of each."""

from dataclasses import replace
from datetime import date
from functools import reduce
from operator import or_
from typing import ClassVar
from uuid import UUID

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bihuan.accounts.models import Person
from bihuan.cases.rules.declaration import (
    GRADE_NAMES,
    LIVE,
    PROOF_NAMES,
    STATUS_NAMES,
    Grade,
    Status,
)
from bihuan.core.permissions import Permission
from bihuan.dossiers.models import Dossier, reached
from bihuan.files.models import StoredFile
from bihuan.zones.models import Cell, Unit, ZoneRow
from bihuan.zones.permissions import Standing


class Origin(models.TextChoices):
    HERE = "here", _("made here")
    IMPORT = "import", _("imported history")


def _ways(standing: Standing, permission: Permission) -> list[Q]:
    """Return the conditions any of which gives someone permission over a case."""
    scope = standing.scope(permission)
    ways = [Q(rectifier=standing.person)]
    if permission is Permission.CASE_READ:
        ways.append(Q(found_by=standing.person))
    if scope.units:
        ways.append(Q(rectifier_unit__in=scope.units))
    if scope.cells:
        ways.append(Q(cell__in=scope.cells))
    if beyond := replace(scope, cells=frozenset()):
        dossiers = Dossier.objects.filter(reached(beyond), zone=standing.zone)
        ways.append(Q(dossier__in=dossiers.values("pk")))
    return ways


class CaseQuerySet(models.QuerySet["Case"]):
    """Cases by who may see them and how they stand."""

    def visible_to(
        self, standing: Standing, permission: Permission = Permission.CASE_READ
    ) -> "CaseQuerySet":
        """Return the zone's cases over which the person holds permission.

        Beside the reach of their posts everyone has what they must rectify, and sees what
        they found.
        """
        rows = self.filter(zone=standing.zone)
        if standing.scope(permission).whole_zone:
            return rows
        return rows.filter(reduce(or_, _ways(standing, permission)))

    def seen_in_ways(self, standing: Standing) -> list["CaseQuerySet"]:
        """Return the cases that a person of some reach may read, by each way an index finds.

        A case may be in several.
        """
        rows = self.filter(zone=standing.zone)
        return [rows.filter(way) for way in _ways(standing, Permission.CASE_READ)]

    def live(self) -> "CaseQuerySet":
        """Return cases that have not ended."""
        return self.filter(is_live=True)

    def overdue(self, *, today: date) -> "CaseQuerySet":
        """Return cases past their present date that nobody has rectified yet."""
        return self.filter(
            is_live=True,
            due_on__lt=today,
            paused_on=None,
            status__in=(Status.OPEN, Status.ASSIGNED),
        )


class Case(ZoneRow):
    """Something that must be closed (事项).

    Columns after "title" that tell how it stands (status, due dates, level, …) are what
    its moves add up to (rules.story.fold), kept here by the action that makes a move so
    that lists can find them. last_move is the latest that a person made (rules.story.latest):
    escalation by the clock, stops and pauses leave what was asked for waiting.
    cell is where its dossier stands, and goes along when that moves (actions.follow_dossier),
    so that lists of a cell need not look at every dossier.
    """

    kind = models.CharField(_("kind"), max_length=12)
    number = models.CharField(_("number"), max_length=24)
    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="+", db_index=False)
    cell = models.ForeignKey(Cell, on_delete=models.PROTECT, related_name="+", db_index=False)
    title = models.CharField(_("title"), max_length=200)
    description = models.TextField(_("description"), blank=True)
    place = models.CharField(_("place"), max_length=200, blank=True)
    category = models.CharField(_("category"), max_length=30, blank=True)
    clause = models.CharField(_("clause"), max_length=80, blank=True)
    grade = models.CharField(
        _("grade"), max_length=8, choices=[(g.value, GRADE_NAMES[g]) for g in Grade]
    )
    status = models.CharField(
        _("status"), max_length=12, choices=[(s.value, STATUS_NAMES[s]) for s in Status]
    )
    is_live = models.BooleanField(default=True)
    found_at = models.DateTimeField(_("found"))
    found_by = models.ForeignKey(
        Person,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    finder_name = models.CharField(_("found by"), max_length=64)
    rectifier_unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    rectifier = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    due_on = models.DateField(_("due"), null=True, blank=True)
    original_due_on = models.DateField(_("originally due"), null=True, blank=True)
    paused_on = models.DateField(_("paused since"), null=True, blank=True)
    rectified_on = models.DateField(_("rectified"), null=True, blank=True)
    on_time = models.BooleanField(_("on time"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    level = models.PositiveSmallIntegerField(_("escalated"), default=0)
    recurs = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    origin = models.CharField(max_length=6, choices=Origin.choices, default=Origin.HERE)
    version = models.PositiveIntegerField(default=1)
    last_move = models.CharField(max_length=20, blank=True)
    dossier_id: UUID
    cell_id: UUID
    found_by_id: UUID | None
    rectifier_unit_id: UUID | None
    rectifier_id: UUID | None
    recurs_id: UUID | None

    objects: ClassVar[models.Manager["Case"]] = CaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        constraints = (
            models.UniqueConstraint(fields=("zone", "number"), name="case_number_once_a_zone"),
            models.CheckConstraint(
                name="case_is_live_until_it_ends",
                condition=Q(is_live=True, status__in=sorted(LIVE), ended_at=None)
                | Q(is_live=False) & ~Q(status__in=sorted(LIVE)),
            ),
        )
        indexes = (  # a foreign key that begins one has no other of its own
            models.Index(fields=("zone", "due_on", "id"), name="case_by_due"),
            models.Index(fields=("zone", "found_at", "id"), name="case_by_finding"),
            models.Index(fields=("zone", "status", "found_at", "id"), name="case_by_status"),
            models.Index(fields=("zone", "grade", "found_at", "id"), name="case_by_grade"),
            models.Index(fields=("zone", "ended_at"), name="case_by_end"),
            models.Index(fields=("zone", "cell", "found_at", "id"), name="case_by_cell"),
            # the few that are live, with all that tells whether one is late, and where it is
            models.Index(
                fields=("zone", "found_at", "id", "status", "due_on", "paused_on", "cell"),
                name="case_live_by_finding",
                condition=Q(is_live=True),
            ),
            models.Index(
                fields=("zone", "due_on", "id", "status", "paused_on", "cell"),
                name="case_live_by_due",
                condition=Q(is_live=True),
            ),
            models.Index(
                fields=("zone", "status", "due_on", "id", "paused_on", "cell"),
                name="case_live_by_status",
                condition=Q(is_live=True),
            ),
            models.Index(
                fields=("zone", "cell", "status", "due_on", "id", "paused_on", "found_at"),
                name="case_live_by_cell",
                condition=Q(is_live=True),
            ),
            models.Index(
                fields=("zone", "status", "rectified_on", "id", "last_move", "grade"),
                name="case_live_by_rectified",
                condition=Q(is_live=True),
            ),
            models.Index(
                fields=("zone", "last_move", "due_on", "id"),
                name="case_live_by_move",
                condition=Q(is_live=True),
            ),
            models.Index(
                fields=("zone", "found_by", "status", "due_on", "id", "paused_on"),
                name="case_live_by_finder",
                condition=Q(is_live=True),
            ),
            # what lists of somebody's dossiers narrow and order by: the rows are not fetched
            models.Index(
                fields=(
                    *("dossier", "is_live", "status", "paused_on"),
                    *("due_on", "found_at", "id", "zone"),
                ),
                name="case_by_dossier",
            ),
            models.Index(fields=("rectifier_unit", "is_live", "due_on"), name="case_by_unit"),
            models.Index(
                fields=(
                    *("rectifier", "zone", "is_live", "status"),
                    *("due_on", "id", "paused_on"),
                ),
                name="case_by_rectifier",
                condition=Q(rectifier__isnull=False),  # most have none: else it seems to hold all
            ),
            models.Index(fields=("found_by", "is_live"), name="case_by_finder"),
        )

    def __str__(self) -> str:
        return f"{self.number} {self.title}"


class Move(ZoneRow):
    """A change of a case (流转): who, when, from what to what, why. Never altered.

    data holds what the move asked for, by the names of its declaration.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="moves")
    seq = models.PositiveIntegerField()
    name = models.CharField(max_length=20)
    from_status = models.CharField(max_length=12, blank=True)
    to_status = models.CharField(max_length=12)
    at = models.DateTimeField()
    by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    by_name = models.CharField(max_length=64)
    data = models.JSONField(default=dict)
    origin = models.CharField(max_length=6, choices=Origin.choices, default=Origin.HERE)
    case_id: UUID
    by_id: UUID | None

    class Meta:
        verbose_name = _("move")
        verbose_name_plural = _("moves")
        constraints = (models.UniqueConstraint(fields=("case", "seq"), name="move_in_order"),)
        indexes = (models.Index(fields=("zone", "name", "at"), name="move_by_name"),)

    def __str__(self) -> str:
        return f"{self.case_id} {self.seq} {self.name}"


class Evidence(ZoneRow):
    """A file that a move of a case rests on."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="evidence")
    move = models.ForeignKey(Move, on_delete=models.PROTECT, related_name="evidence")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    proof = models.CharField(
        max_length=8, choices=[(p.value, words) for p, words in PROOF_NAMES.items()]
    )
    case_id: UUID
    move_id: UUID
    file_id: UUID

    class Meta:
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")

    def __str__(self) -> str:
        return self.proof


class Counter(ZoneRow):
    """The last number given out in a series of a zone, e.g. YH2026."""

    series = models.CharField(max_length=16)
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("zone", "series"), name="counter_once_a_series"),
        )

    def __str__(self) -> str:
        return f"{self.series}{self.last}"
