"""The words of what the ledger records: each kind of event, and what events are about.

A test finds every kind that any action records and looks for it here.
"""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bihuan.cases.rules.declaration import Kind

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


def events(kinds: tuple[Kind, ...]) -> tuple[tuple[str, Words], ...]:
    """Return every kind of event with its words: the apps' and the moves of all cases."""
    moves = {f"case.{rule.past}": rule.story for kind in kinds for rule in kind.moves}
    return (*OF_APPS, *moves.items())
