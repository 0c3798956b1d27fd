"""The words of what the ledger records: each kind of event, and what events are about.

A test finds every kind that any action records and looks for it here.
"""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bihuan.cases.rules.declaration import GRADE_NAMES, STATUS_NAMES, Kind
from bihuan.core.permissions import ROLES

Words = str | Promise

OF_APPS: tuple[tuple[str, Words], ...] = (
    ("calendar.entered", _("holiday arrangement entered")),
    ("case.reported", _("case reported")),
    ("case.imported", _("case taken over from earlier records")),
    ("cell.added", _("grid cell added")),
    ("cell.closed", _("grid cell taken out of use")),
    ("cell.handed_over", _("grid cell handed over")),
    ("cell.moved", _("grid cell moved")),
    ("cell.outlined", _("grid cell outlined on the map")),
    ("cell.renamed", _("grid cell renamed")),
    ("checklist.loaded", _("checklist loaded")),
    ("delegation.recorded", _("delegation of powers recorded")),
    ("delegation.withdrawn", _("delegation of powers withdrawn")),
    ("document.added", _("document added")),
    ("document.withdrawn", _("document withdrawn")),
    ("dossier.graded", _("risk graded")),
    ("dossier.handed_over", _("contact changed")),
    ("dossier.moved", _("dossier moved to another cell")),
    ("dossier.organisation_opened", _("enterprise given a place of its own")),
    ("dossier.state_set", _("state of the dossier changed")),
    ("enterprise.amended", _("enterprise amended")),
    ("enterprise.landlord_set", _("landlord recorded")),
    ("enterprise.personal_shown", _("telephone number shown")),
    ("enterprise.registered", _("enterprise registered")),
    ("enterprise.sectors_set", _("key sectors set")),
    ("excuse.asked", _("excuse from a visit asked for")),
    ("excuse.approved", _("excuse from a visit approved")),
    ("excuse.declined", _("excuse from a visit declined")),
    ("file.kept", _("file received")),
    ("job.dropped", _("background job dropped")),
    ("job.retried", _("background job tried again")),
    ("ledger.exported", _("ledger downloaded for checking")),
    ("ledger.found_damaged", _("ledger verified: damaged")),
    ("ledger.verified", _("ledger verified: whole")),
    ("list.exported", _("list exported")),
    ("person.access_renewed", _("access renewed")),
    ("person.changed", _("person's details changed")),
    ("person.deactivated", _("person deactivated")),
    ("person.enrolled", _("person enrolled")),
    ("person.reactivated", _("person active again")),
    ("post.ended", _("post ended")),
    ("post.given", _("post given")),
    ("post.offered", _("post offered to someone of another zone")),
    ("round.assigned", _("visits assigned")),
    ("round.cancelled", _("round cancelled")),
    ("round.closed", _("round closed")),
    ("round.joined", _("dossier joined the round")),
    ("round.opened", _("round opened")),
    ("sheet.confirmed", _("import confirmed")),
    ("sheet.discarded", _("import discarded")),
    ("sheet.sent", _("sheet sent for import")),
    ("sheet.written", _("import written")),
    ("site.added", _("production site added")),
    ("site.closed", _("production site given up")),
    ("statutory_form.allowed", _("statutory form allowed")),
    ("unit.added", _("unit added")),
    ("unit.closed", _("unit closed")),
    ("unit.renamed", _("unit renamed")),
    ("visit.imported", _("visit taken over from earlier records")),
    ("visit.recorded", _("visit recorded")),
    ("zone.described", _("zone described")),
    ("zone.founded", _("zone founded")),
)

# what an event is about: its sort, its word, and the page that shows one
SUBJECTS: tuple[tuple[str, Words, str], ...] = (
    ("batch", _("import of a sheet"), "sheets:batch"),
    ("calendar", _("calendar"), ""),
    ("case", _("case"), "cases:detail"),
    ("cell", _("grid cell"), ""),
    ("checklist", _("checklist"), "rounds:checklist"),
    ("delegation", _("delegation of powers"), ""),
    ("dossier", _("dossier"), "dossiers:detail"),
    ("file", _("file"), "files:original"),
    ("job", _("job"), "jobs:detail"),
    ("ledger", _("ledger"), ""),
    ("list", _("list"), ""),
    ("person", _("person"), ""),
    ("round", _("round"), "rounds:detail"),
    ("unit", _("unit"), ""),
    ("visit", _("visit"), "rounds:visit"),
    ("zone", _("zone"), ""),
)

# where what an event is about is called by its name of today: a model of the zone, its column
SUBJECT_NAMES: dict[str, tuple[str, str]] = {
    "batch": ("sheets.Batch", "name"),
    "case": ("cases.Case", "number"),
    "cell": ("zones.Cell", "name"),
    "checklist": ("rounds.Checklist", "name"),
    "dossier": ("dossiers.Dossier", "name"),
    "file": ("files.StoredFile", "name"),
    "round": ("rounds.Round", "name"),
    "unit": ("zones.Unit", "name"),
    "visit": ("rounds.Visit", "number"),
}

FIELDS: dict[str, Words] = {  # what the details of an event are called, beside those of moves
    "address": pgettext_lazy("detail", "address"),
    "category": pgettext_lazy("detail", "category"),
    "clause": pgettext_lazy("detail", "clause"),
    "code": pgettext_lazy("detail", "code"),
    "days_late": pgettext_lazy("detail", "working days late"),
    "division": pgettext_lazy("detail", "administrative division code"),
    "due_on": pgettext_lazy("detail", "due"),
    "duty": pgettext_lazy("detail", "own duty"),
    "excused": pgettext_lazy("detail", "excused"),
    "found": pgettext_lazy("detail", "findings"),
    "grade": pgettext_lazy("detail", "grade"),
    "items": pgettext_lazy("detail", "number of items"),
    "mime": pgettext_lazy("detail", "kind of file"),
    "note": pgettext_lazy("detail", "remarks"),
    "on_behalf": pgettext_lazy("detail", "on whose behalf, and why"),
    "path": pgettext_lazy("detail", "place in the grid"),
    "role": pgettext_lazy("detail", "role"),
    "rows": pgettext_lazy("detail", "number of rows"),
    "safety_duty": pgettext_lazy("detail", "safety duty"),
    "sectors": pgettext_lazy("detail", "key sectors"),
    "signed": pgettext_lazy("detail", "signed by the visited"),
    "sites": pgettext_lazy("detail", "production sites"),
    "size": pgettext_lazy("detail", "size"),
    "title": pgettext_lazy("detail", "title"),
    "total": pgettext_lazy("detail", "number on the list"),
    "valid_from": pgettext_lazy("detail", "valid from"),
    "version": pgettext_lazy("detail", "version"),
    "visited": pgettext_lazy("detail", "visited"),
    "visited_on": pgettext_lazy("detail", "day of the visit"),
}


def fields(kinds: tuple[Kind, ...]) -> dict[str, Words]:
    """Return what the details of events are called: the apps' and what moves ask for."""
    asked = {it.name: it.label for kind in kinds for rule in kind.moves for it in rule.inputs}
    return {**asked, **FIELDS}


def values(kinds: tuple[Kind, ...]) -> dict[str, Words]:
    """Return the words of codes in events about cases and posts."""
    categories = {code: words for kind in kinds for code, words in kind.categories.items()}
    roles = {code: role.name for code, role in ROLES.items()}
    states = {code.value: words for it in (GRADE_NAMES, STATUS_NAMES) for code, words in it.items()}
    return {**categories, **roles, **states}


def events(kinds: tuple[Kind, ...]) -> tuple[tuple[str, Words], ...]:
    """Return every kind of event with its words: the apps' and the moves of all cases."""
    moves = {f"case.{rule.past}": rule.story for kind in kinds for rule in kind.moves}
    return (*OF_APPS, *moves.items())
