"""What pages and jobs ask about imports."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.files.storage import default_storage
from django.utils import translation
from django.utils.translation import gettext as _

from bihuan.accounts.models import Person
from bihuan.core.composition import listed
from bihuan.sheets.models import Batch, SheetRow
from bihuan.sheets.rules.importing import Context, Importer, Verdict

STORED = "sheets"
ASIDES = 8  # rows named that are no data


def importer_of(code: str) -> Importer:
    """Return the declaration of an import; KeyError if no domain declares it."""
    for importer in listed("IMPORTERS"):
        if isinstance(importer, Importer) and importer.code == code:
            return importer
    raise KeyError(code)


def stored_at(batch: Batch) -> str:
    """Return where a batch's file lies in the store."""
    return f"{batch.zone_id}/{STORED}/{batch.sha256}"


@contextmanager
def local_copy(batch: Batch) -> Iterator[Path]:
    """Give the file of a batch as a local path, fetched where the store is elsewhere."""
    stored = stored_at(batch)
    try:
        yield Path(default_storage.path(stored))
    except NotImplementedError:
        with tempfile.NamedTemporaryFile() as copy, default_storage.open(stored) as source:
            for piece in source.chunks():
                copy.write(piece)
            copy.flush()
            yield Path(copy.name)


def refused_rows(batch: Batch, sheet: str | None = None) -> Iterator[SheetRow]:
    """Yield the refused rows, of one sheet or all, in the file's order."""
    rows = SheetRow.objects.filter(batch=batch, verdict=Verdict.REFUSED).order_by("pk")
    if sheet is not None:
        rows = rows.filter(sheet=sheet)
    return rows.iterator(chunk_size=2000)


def place_of(sheet: str, number: int) -> str:
    """Return where a row stands, in words; sheet is "" where the file is one table."""
    if sheet:
        return _("row %(number)s of “%(sheet)s”") % {"number": number, "sheet": sheet}
    return _("row %(number)s") % {"number": number}


def in_language(person: Person) -> Any:
    """Speak, within the block, the language of a person."""
    return translation.override(person.language)


def context_of(batch: Batch, by: Person, at: datetime, sheet: str = "") -> Context:
    """Return where the rows of a batch are judged, and what they are taken from."""
    reference = " · ".join(filter(None, (batch.name[:200], sheet)))
    sent = "" if batch.sent_by_id == by.pk else f" · {batch.sent_by.name}"
    return Context(batch.zone, by, at, f"{reference} ({batch.sha256[:8]}){sent}")


def remarks_on(batch: Batch) -> list[str]:
    """Say what of a file was not taken over, and why: sheets, columns, rows."""
    said = []
    for table in batch.sheets:
        name = table["name"]
        head = _("Sheet “%(name)s”: ") % {"name": name} if name else ""
        if table.get("reason"):
            said.append(head + table["reason"])
        if table.get("ignored"):
            columns = "、".join(table["ignored"])
            said.append(
                head + _("Columns that are not taken over: %(columns)s.") % {"columns": columns}
            )
        if table.get("asides"):
            rows = "、".join(f"{number} {text}" for number, text in table["asides"][:ASIDES])
            more = " …" if table["left_out"] > ASIDES else ""
            said.append(head + _("Rows that are no data: %(rows)s.") % {"rows": rows + more})
    if batch.hidden:
        said.append(
            _(
                "Hidden sheets are not read: %(names)s. Show them in the file and send it again if they belong."
            )
            % {"names": "、".join(batch.hidden)}
        )
    return said
