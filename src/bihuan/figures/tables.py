"""The rows behind figures."""

from django.utils.translation import gettext_lazy as _

from bihuan.cases.tables import STATUS_BADGES
from bihuan.ui.tables import Badge, Column, Kind, Table

DOSSIERS = Table(
    name="figure-dossiers",
    order="name",
    empty=_("The figure is zero: it counts no row."),
    columns=(
        Column(key="name", label=_("Name"), link="dossiers:detail", sort=True, wide=True),
        Column(key="code", label=_("Code")),
        Column(key="cell__name", label=_("Grid cell")),
        Column(key="contact__name", label=_("Contact")),
        Column(key="last_visited_on", label=_("Last visit"), kind=Kind.DATE, sort=True),
    ),
)
ENTRIES = Table(
    name="figure-entries",
    order="dossier__name",
    empty=_("The figure is zero: it counts no row."),
    columns=(
        Column(
            key="dossier__name", label=_("Name"), link="dossiers:detail", link_id="dossier_id",
            sort=True, wide=True,
        ),
        Column(key="round__name", label=_("Round"), link="rounds:detail", link_id="round_id"),
        Column(key="cell__name", label=_("Grid cell")),
        Column(
            key="state", label=_("State"), kind=Kind.BADGE,
            badges={"visited": Badge(_("visited"), "green"), "excused": Badge(_("excused"), "grey"),
                    "to_go": Badge(_("to go"), "orange")},
        ),
        Column(key="settled_on", label=_("Settled"), kind=Kind.DATE),
    ),
)  # fmt: skip
MOVES = Table(
    name="figure-moves",
    order="-at",
    empty=_("The figure is zero: it counts no row."),
    columns=(
        Column(key="case__number", label=_("Case"), link="cases:detail", link_id="case_id"),
        Column(key="case__title", label=_("What was found"), wide=True),
        Column(key="by_name", label=_("By")),
        Column(key="at", label=_("When"), kind=Kind.DATETIME, sort=True),
        Column(key="to_status", label=_("Status then"), kind=Kind.BADGE, badges=STATUS_BADGES),
    ),
)
