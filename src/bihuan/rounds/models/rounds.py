"""Rounds and the checklists they are asked by."""

from functools import cached_property
from typing import ClassVar
from uuid import UUID

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bihuan.cases.models import Origin
from bihuan.enterprises.models import Sector
from bihuan.rounds.rules.checklist import Item, items_of
from bihuan.rounds.rules.coverage import (
    ROUND_STATE_NAMES,
    TEMPLATE_NAMES,
    Counts,
    Criteria,
    RoundState,
    criteria_of,
)
from bihuan.zones.models import ZoneRow


class Checklist(ZoneRow):
    """One version of a checklist. Never altered: a correction is the next version."""

    code = models.SlugField(_("code"), max_length=40)
    version = models.PositiveIntegerField(_("version"))
    name = models.CharField(_("name"), max_length=100)
    sector = models.CharField(_("key sector"), max_length=16, choices=Sector.choices, blank=True)
    note = models.TextField(_("remarks"), blank=True)
    rows = models.JSONField(default=list)
    loaded_at = models.DateTimeField(_("loaded"))
    loaded_by_name = models.CharField(max_length=64)
    is_current = models.BooleanField(_("in use"), default=True)

    objects: ClassVar[models.Manager["Checklist"]] = models.Manager()

    class Meta:
        verbose_name = _("checklist")
        verbose_name_plural = _("checklists")
        constraints = (
            models.UniqueConstraint(
                fields=("zone", "code", "version"), name="checklist_version_once_a_zone"
            ),
            models.UniqueConstraint(
                fields=("zone", "code"),
                condition=Q(is_current=True),
                name="checklist_current_once_a_zone",
            ),
        )

    def __str__(self) -> str:
        return f"{self.name} v{self.version}"

    @cached_property
    def items(self) -> tuple[Item, ...]:
        return items_of(self.rows)


class Round(ZoneRow):
    """A list of dossiers frozen on a date, a checklist, a deadline (排查/走访).

    total, visited and excused are what its entries add up to, kept by the actions that
    change an entry, so that lists of rounds need not count.
    """

    name = models.CharField(_("name"), max_length=100)
    template = models.CharField(
        _("sort of round"),
        max_length=8,
        choices=[(t.value, words) for t, words in TEMPLATE_NAMES.items()],
    )
    criteria = models.JSONField(_("who is on the list"), default=dict)
    checklist = models.ForeignKey(
        Checklist, on_delete=models.PROTECT, related_name="+", verbose_name=_("checklist")
    )
    note = models.TextField(_("requirements"), blank=True)
    due_on = models.DateField(_("to be done by"))
    state = models.CharField(
        _("state"),
        max_length=9,
        choices=[(s.value, words) for s, words in ROUND_STATE_NAMES.items()],
        default=RoundState.OPEN,
    )
    total = models.PositiveIntegerField(_("on the list"), default=0)
    visited = models.PositiveIntegerField(_("visited"), default=0)
    excused = models.PositiveIntegerField(_("excused"), default=0)
    opened_at = models.DateTimeField(pgettext_lazy("time", "round opened"))
    opened_by_name = models.CharField(_("opened by"), max_length=64)
    ended_at = models.DateTimeField(_("round ended"), null=True, blank=True)
    ended_by_name = models.CharField(_("ended by"), max_length=64, blank=True)
    ended_reason = models.CharField(_("reason"), max_length=300, blank=True)
    origin = models.CharField(max_length=6, choices=Origin.choices, default=Origin.HERE)
    checklist_id: UUID

    objects: ClassVar[models.Manager["Round"]] = models.Manager()

    class Meta:
        verbose_name = _("round")
        verbose_name_plural = _("rounds")
        constraints = (
            models.CheckConstraint(
                name="round_ends_with_its_date",
                condition=Q(state__in=("opening", "open"), ended_at=None)
                | ~Q(state__in=("opening", "open")) & Q(ended_at__isnull=False),
            ),
            models.CheckConstraint(
                name="round_closes_complete",
                condition=~Q(state=RoundState.CLOSED) | Q(total=F("visited") + F("excused")),
            ),
            models.CheckConstraint(
                name="round_cancelled_says_why",
                condition=~Q(state=RoundState.CANCELLED) | ~Q(ended_reason=""),
            ),
        )
        indexes = (
            models.Index(fields=("zone", "state", "due_on", "id"), name="round_by_due"),
            models.Index(fields=("zone", "opened_at", "id"), name="round_by_opening"),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def chosen(self) -> Criteria:
        """What the list was frozen by."""
        return criteria_of(self.criteria)

    @property
    def counts(self) -> Counts:
        to_go = self.total - self.visited - self.excused
        return Counts(self.visited, self.excused, to_go)


class Opening(ZoneRow):
    """The list of a long round, frozen when it was opened and not yet written out as entries.

    listed is rules.coverage.packed(): ids of dossiers and of the cells they sat in, in order.
    """

    round = models.OneToOneField(Round, on_delete=models.PROTECT, related_name="+")
    listed = models.BinaryField()
    round_id: UUID

    objects: ClassVar[models.Manager["Opening"]] = models.Manager()

    class Meta:
        verbose_name = _("list being written out")
        verbose_name_plural = _("lists being written out")

    def __str__(self) -> str:
        return str(self.round_id)
