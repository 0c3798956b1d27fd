"""`bihuan import` and `bihuan export`: the spreadsheet desk without a browser."""

from collections.abc import Iterator
from pathlib import Path

from django.utils import timezone
from django.utils.translation import gettext as _

from bihuan.accounts.models import Person
from bihuan.config.exports import EXPORTS
from bihuan.core.composition import listed
from bihuan.core.refusals import Refused
from bihuan.sheets import actions
from bihuan.sheets.actions import export
from bihuan.sheets.models import Batch, BatchState, SheetRow
from bihuan.sheets.queries import place_of, refused_rows, remarks_on
from bihuan.sheets.rules.containers import MAX_BYTES
from bihuan.sheets.rules.importing import VERDICT_NAMES, Verdict
from bihuan.zones.models import Zone
from bihuan.zones.permissions import standing_of

NOTED = 50  # rows whose notes are printed


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
    with path.open("rb") as file:
        content = file.read(MAX_BYTES + 1)
    batch = actions.send(
        zone=zone_called(zone),
        importer=kind,
        name=path.name,
        content=content,
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
    """Yield how many rows there are of each verdict, what is noted of rows that are taken, then
    each refused row with its reason."""
    for verdict, name in VERDICT_NAMES.items():
        yield f"{name}: {batch.counts.get(verdict.value, 0)}"
    yield from remarks_on(batch)
    noted = SheetRow.objects.filter(batch=batch).exclude(verdict=Verdict.REFUSED).exclude(reason="")
    for row in noted.order_by("pk")[:NOTED]:
        yield _line(row, f"{row.label}，{VERDICT_NAMES[Verdict(row.verdict)]}。{row.reason}")
    if (more := noted.count() - NOTED) > 0:
        yield _("  … and %(count)d more rows with a note; the page of the import lists them.") % {
            "count": more
        }
    for row in refused_rows(batch):
        yield _line(row, row.reason)


def _line(row: SheetRow, told: str) -> str:
    return "  " + _("%(row)s: %(reason)s") % {
        "row": place_of(row.sheet, row.number),
        "reason": told,
    }


def take_out(*, code: str, zone: str, person: str, target: Path) -> str:
    """Write a list, as far as the person may see it, as a spreadsheet."""
    listing = EXPORTS.get(code)
    if listing is None:
        names = ", ".join(f"{it.code} ({it.title})" for it in EXPORTS.values())
        raise Refused(_("There is no such list. There are: %(names)s.") % {"names": names})
    if target.exists():
        raise Refused(_("%(name)s is there already. Choose another name.") % {"name": target})
    found, by = zone_called(zone), person_called(person)
    rows = listing.rows(standing_of(by, found, on=timezone.localdate()))
    with export(
        zone=found,
        title=listing.title,
        table=listing.table,
        rows=rows.order_by(listing.table.order, "pk"),
        by=by,
        at=timezone.now(),
    ) as book:
        target.write_bytes(book.read())
    return str(target)
