"""What pages and jobs ask about imports."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.files.storage import default_storage
from django.utils import translation

from bihuan.core.composition import listed
from bihuan.sheets.models import Batch, SheetRow
from bihuan.sheets.rules.importing import Importer, Verdict

STORED = "sheets"


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


def refused_rows(batch: Batch) -> Iterator[tuple[int, str, Sequence[Any]]]:
    """Yield number, reason and cells of the refused rows, in the file's order."""
    rows = SheetRow.objects.filter(batch=batch, verdict=Verdict.REFUSED).order_by("number")
    for row in rows.iterator(chunk_size=2000):
        yield row.number, row.reason, row.raw or []


def in_language(batch: Batch) -> Any:
    """Speak, within the block, the language of the person who sent a batch."""
    return translation.override(batch.sent_by.language)
