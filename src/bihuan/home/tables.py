"""How the work that waits is listed."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from bihuan.cases.tables import GRADE_BADGES, due_column
from bihuan.ui.tables import Column, Kind, Table


def as_drawn(html: str) -> str:
    """Pass on what the cockpit has drawn and escaped."""
    return html


CELLS = Table(
    name="cells",
    caption=_("Who answers for what is late"),
    order="name",
    columns=(
        Column(key="name", label=_("Grid cell")),
        Column(key="leader", label=_("Cell leader")),
        Column(key="dossiers", label=_("Enterprises"), kind=Kind.NUMBER),
        Column(key="to_go", label=_("To visit / on lists"), kind=Kind.NUMBER, draw=as_drawn),
        Column(key="live", label=_("Not ended"), kind=Kind.NUMBER, draw=as_drawn),
        Column(key="overdue", label=_("Overdue"), kind=Kind.NUMBER, draw=as_drawn),
        Column(key="majors", label=_("Major"), kind=Kind.NUMBER, draw=as_drawn),
    ),
)
CASES = Table(
    name="my-cases",
    order="due_on",
    columns=(
        Column(key="title", label=_("What was found"), link="cases:detail", wide=True),
        Column(
            key="dossier__name", label=_("Dossier"), link="dossiers:detail", link_id="dossier_id"
        ),
        Column(key="grade", label=_("Grade"), kind=Kind.BADGE, badges=GRADE_BADGES),
        Column(key="rectifier_unit__name", label=_("Rectified by")),
        Column(key="dossier__contact__name", label=_("Contact")),
        due_column(),
    ),
)
SUBMITTED = Table(
    name="my-submitted",
    order="rectified_on",
    columns=(
        Column(key="title", label=_("What was found"), link="cases:detail", wide=True),
        Column(
            key="dossier__name", label=_("Dossier"), link="dossiers:detail", link_id="dossier_id"
        ),
        Column(key="grade", label=_("Grade"), kind=Kind.BADGE, badges=GRADE_BADGES),
        Column(key="rectifier_unit__name", label=_("Rectified by")),
        Column(key="rectified_on", label=_("Submitted"), kind=Kind.DATE),
    ),
)
ENTRIES = Table(
    name="my-entries",
    order="round__due_on",
    columns=(
        Column(key="dossier__name", label=_("Dossier"), link="rounds:visit_entry", wide=True),
        Column(key="dossier__place", label=_("Place"), wide=True),
        Column(key="round__name", label=_("Round"), link="rounds:detail", link_id="round_id"),
        Column(key="round__due_on", label=_("Due"), kind=Kind.DUE),
    ),
)
EXCUSES = Table(
    name="my-excuses",
    order="asked_at",
    columns=(
        Column(key="entry__dossier__name", label=_("Dossier"), link="rounds:decide", wide=True),
        Column(key="asked_by__name", label=_("Asked by")),
        Column(key="asked_at", label=_("When"), kind=Kind.DATETIME),
    ),
)
DOCUMENTS = Table(
    name="my-documents",
    order="valid_to",
    columns=(
        Column(
            key="dossier__name", label=_("Dossier"), link="dossiers:detail", link_id="dossier_id",
            wide=True,
        ),
        Column(key="name", label=_("Document")),
        Column(key="valid_to", label=_("Valid until"), kind=Kind.ENDS),
    ),
)  # fmt: skip
TABLES: Mapping[str, Table] = {
    "cases": CASES,
    "submitted": SUBMITTED,
    "entries": ENTRIES,
    "excuses": EXCUSES,
    "documents": DOCUMENTS,
}
