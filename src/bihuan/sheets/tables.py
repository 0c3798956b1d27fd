"""How imports and their rows are listed."""

from dataclasses import replace
from html import escape

from django.utils.translation import gettext_lazy as _

from bihuan.sheets.models import BatchState
from bihuan.sheets.queries import importer_of
from bihuan.sheets.rules.importing import VERDICT_NAMES, Verdict
from bihuan.ui.filters import Choice
from bihuan.ui.tables import Badge, Column, Kind, Table

VERDICT_BADGES = {
    Verdict.NEW: Badge(VERDICT_NAMES[Verdict.NEW], "green"),
    Verdict.CHANGED: Badge(VERDICT_NAMES[Verdict.CHANGED], "blue"),
    Verdict.UNCHANGED: Badge(VERDICT_NAMES[Verdict.UNCHANGED], "grey"),
    Verdict.REFUSED: Badge(VERDICT_NAMES[Verdict.REFUSED], "red"),
}
TONES = {
    "waiting": "grey",
    "read": "orange",
    "confirmed": "blue",
    "done": "green",
    "refused": "red",
}
STATE_BADGES = {
    state.value: Badge(state.label, TONES.get(state.value, "grey")) for state in BatchState
}


def what_it_holds(code: str) -> str:
    return escape(str(importer_of(code).name))


BATCHES = Table(
    name="batches",
    caption=_("Imports"),
    order="-sent_at",
    empty=_("Nothing has been imported yet. Choose above what you have a sheet of."),
    columns=(
        Column(key="name", label=_("File"), link="sheets:batch", wide=True),
        Column(key="importer", label=_("What the sheet holds"), draw=what_it_holds),
        Column(key="state", label=_("State"), kind=Kind.BADGE, badges=STATE_BADGES),
        Column(key="total", label=_("Rows"), kind=Kind.NUMBER),
        Column(key="sent_by__name", label=_("Sent by")),
        Column(key="sent_at", label=_("Sent"), kind=Kind.DATETIME, sort=True),
    ),
)
SHEET = Column(key="sheet", label=_("Sheet"))
NUMBER = Column(key="number", label=_("Row"), kind=Kind.NUMBER)
REST = (
    Column(key="label", label=_("What")),
    Column(key="verdict", label=_("Verdict"), kind=Kind.BADGE, badges=VERDICT_BADGES),
    Column(key="reason", label=_("Why, or what changes"), wide=True),
)
ROWS = Table(
    name="rows",
    caption=_("Rows of the file"),
    order="id",
    empty=_("No row of this kind."),
    filters=(
        Choice(
            key="verdict",
            label=_("Verdict"),
            choices=[(v.value, VERDICT_NAMES[v]) for v in Verdict],
        ),
    ),
    columns=(NUMBER, *REST),
)
ROWS_OF_SHEETS = replace(ROWS, columns=(SHEET, NUMBER, *REST))
