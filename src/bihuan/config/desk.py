"""`bihuan import`: the spreadsheet desk without a browser, by the same actions."""

from collections.abc import Iterator
from pathlib import Path

from django.utils import timezone
from django.utils.translation import gettext as _

from bihuan.accounts.models import Person
from bihuan.core.composition import listed
from bihuan.core.refusals import Refused
from bihuan.sheets import actions
from bihuan.sheets.models import Batch, BatchState
from bihuan.sheets.queries import refused_rows
from bihuan.sheets.rules.importing import VERDICT_NAMES
from bihuan.zones.models import Zone


def zone_called(slug: str) -> Zone:
    """Return a zone by its short name; refuse one that is not here."""
    zone = Zone.objects.filter(slug=slug).first()
    if zone is None:
        raise Refused(_("There is no zone %(name)s here.") % {"name": slug})
    return zone


def person_called(username: str) -> Person:
    """Return an active person by sign-in name; refuse one that is not here."""
    person = Person.objects.filter(username__iexact=username, is_active=True).first()
    if person is None:
        raise Refused(_("There is no active person %(name)s here.") % {"name": username})
    return person


def bring_in(*, path: Path, kind: str, zone: str, person: str, confirmed: bool) -> Iterator[str]:
    """Read a sheet, say what each kind of row would come to, and write it if confirmed."""
    known = {importer.code: importer.name for importer in listed("IMPORTERS")}
    if kind not in known:
        names = ", ".join(f"{code} ({name})" for code, name in known.items())
        raise Refused(_("Say what the sheet holds: %(names)s.") % {"names": names})
    by = person_called(person)
    batch = actions.send(
        zone=zone_called(zone),
        importer=kind,
        name=path.name,
        content=path.read_bytes(),
        by=by,
        at=timezone.now(),
    )
    batch = actions.read(batch=batch, by=by, at=timezone.now())
    if batch.state == BatchState.REFUSED:
        raise Refused(batch.reason)
    yield from lines_of(batch)
    if confirmed:
        batch = actions.confirm(batch=batch, by=by, at=timezone.now())
        batch = actions.write(batch=batch, by=by, at=timezone.now())
        yield _("Written: %(count)d rows.") % {"count": batch.counts["written"]}
    else:
        yield _("Nothing was written. Add --confirm to write it.")


def lines_of(batch: Batch) -> Iterator[str]:
    """Yield how many rows there are of each verdict, then each refused row with its reason."""
    for verdict, name in VERDICT_NAMES.items():
        yield f"{name}: {batch.counts.get(verdict.value, 0)}"
    for number, reason, _cells in refused_rows(batch):
        yield _("  row %(number)d: %(reason)s") % {"number": number, "reason": reason}
