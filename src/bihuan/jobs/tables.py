"""How jobs are listed for the operator."""

from html import escape

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bihuan.core.composition import table
from bihuan.ui.filters import Choice
from bihuan.ui.tables import Badge, Column, Kind, Table

STATES = {
    "READY": Badge(_("waiting"), "grey"),
    "RUNNING": Badge(_("running"), "blue"),
    "SUCCESSFUL": Badge(_("done"), "green"),
    "FAILED": Badge(pgettext_lazy("job", "given up"), "red"),
}


def task_words(path: str) -> str:
    """Return what a task is called; one that nobody named is shown by its path."""
    return str(table("TASKS").get(path, path))


JOBS = Table(
    name="jobs",
    caption=_("Background work"),
    order="-enqueued_at",
    empty=_("No background work yet."),
    filters=(
        Choice(
            key="status",
            label=_("State"),
            choices=[(code, it.label) for code, it in STATES.items()],
        ),
    ),
    columns=(
        Column(
            key="task_path",
            label=_("Task"),
            link="jobs:detail",
            wide=True,
            draw=lambda path: escape(task_words(path)),
        ),
        Column(key="status", label=_("State"), kind=Kind.BADGE, badges=STATES),
        Column(key="enqueued_at", label=_("Asked for"), kind=Kind.DATETIME, sort=True),
        Column(key="started_at", label=_("Begun"), kind=Kind.DATETIME),
        Column(key="finished_at", label=_("Ended"), kind=Kind.DATETIME),
        Column(key="exception_class_path", label=_("Error")),
    ),
)
