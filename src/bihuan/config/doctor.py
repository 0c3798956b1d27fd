"""`bihuan doctor`: what is wrong with this installation, and what to do about it."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.checks import WARNING, run_checks
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bihuan.files.models import StoredFile
from bihuan.files.rules import path_of
from bihuan.jobs.queries import health
from bihuan.ledger.models import Event, Head

LEAST_FREE_BYTES = 1 << 30
OLDEST_WAITING = timedelta(minutes=10)
OLDEST_POSTGRESQL = 15_00_00
SERVED = ("vendor/tabler/tabler.min.css", "vendor/htmx/htmx.min.js", "vendor/tabler/icons.svg")


@dataclass(frozen=True)
class Finding:
    """One thing examined: whether it is well, what was found, what to do."""

    is_ok: bool
    text: str
    advice: str = ""

    def line(self) -> str:
        """Return the finding as one line for a terminal."""
        mark = "✓" if self.is_ok else "✗"
        return f"{mark} {self.text}" + (f" → {self.advice}" if self.advice else "")


def examine() -> list[Finding]:
    """Examine everything; what cannot be examined is itself a finding."""
    return [finding for part in PARTS for finding in _safely(part)]


def _safely(part: Callable[[], Iterator[Finding]]) -> list[Finding]:
    try:
        return list(part())
    except (DatabaseError, OSError) as error:
        return [Finding(False, str(error).strip(), _("Is the database up and set up?"))]


def settings_are_sound() -> Iterator[Finding]:
    """Report the system checks."""
    messages = [message for message in run_checks() if message.level >= WARNING]
    for message in messages:
        yield Finding(False, f"{message.id}: {message.msg}", message.hint or "")
    if not messages:
        yield Finding(True, _("The settings are sound."))


def data_folder() -> Iterator[Finding]:
    """Report whether there is room for evidence and backups."""
    free = shutil.disk_usage(settings.DATA_DIR).free
    text = _("Data folder %(folder)s: %(free)d MB free.") % {
        "folder": settings.DATA_DIR,
        "free": free >> 20,
    }
    yield Finding(
        free >= LEAST_FREE_BYTES, text, "" if free >= LEAST_FREE_BYTES else _("Make room.")
    )


def database() -> Iterator[Finding]:
    """Report the database's own version, and the modes it really runs in."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA journal_mode")
            journal = cursor.fetchone()[0]
            cursor.execute("PRAGMA synchronous")
            synchronous = cursor.fetchone()[0]
            fine = journal == "wal" and synchronous >= 2
            text = f"SQLite {sqlite3.sqlite_version}, journal_mode={journal}, synchronous={synchronous}"
            yield Finding(fine, text, "" if fine else _("Is the file on a local disk?"))
        else:
            cursor.execute("SHOW server_version_num")
            number = int(cursor.fetchone()[0])
            fine = number >= OLDEST_POSTGRESQL
            text = f"PostgreSQL {number // 10000}.{number % 10000}"
            yield Finding(fine, text, "" if fine else _("Use PostgreSQL 15 or later."))


def migrations() -> Iterator[Finding]:
    """Report tables that lag behind the code."""
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if waiting:
        text = _("%(count)d changes of the tables are waiting.") % {"count": len(waiting)}
        yield Finding(False, text, _("Stop the server and start it again."))
    else:
        yield Finding(True, _("The tables are up to date."))


def assets() -> Iterator[Finding]:
    """Report what pages or languages would lack."""
    lacking = [name for name in SERVED if finders.find(name) is None]
    text = _("Parts of the pages: %(names)s missing.") % {"names": ", ".join(lacking)}
    yield (
        Finding(False, text, "make assets")
        if lacking
        else Finding(True, _("The parts of the pages are there."))
    )
    package = Path(settings.PACKAGE)
    stale = [po for po in package.glob("*/locale/*/LC_MESSAGES/*.po") if _is_stale(po)]
    yield (
        Finding(False, _("The Chinese catalogues are not compiled."), "make install")
        if stale
        else (Finding(True, _("The Chinese catalogues are there.")))
    )


def _is_stale(po: Path) -> bool:
    mo = po.with_suffix(".mo")
    return not mo.exists() or mo.stat().st_mtime < po.stat().st_mtime


def ledgers() -> Iterator[Finding]:
    """Report a ledger whose head is not its last event."""
    last = dict(Event.objects.values_list("zone_id").annotate(last=Max("seq")))
    heads = dict(Head.objects.values_list("zone_id", "size"))
    torn = [zone for zone in {*last, *heads} if last.get(zone, 0) != heads.get(zone, 0)]
    if torn:
        text = _("The ledger's head is not its last event in: %(zones)s.") % {
            "zones": ", ".join(map(str, torn))
        }
        yield Finding(False, text, "bihuan ledger verify")
    else:
        words = ngettext(
            "%(count)d ledger ends where it says.",
            "%(count)d ledgers end where they say.",
            len(heads),
        )
        yield Finding(True, words % {"count": len(heads)})


def evidence() -> Iterator[Finding]:
    """Report stored files whose bytes are missing or cut short. Altered bytes: ledger verify."""
    files = StoredFile.objects.order_by("pk").only("zone_id", "sha256", "name", "size")
    lost = [it for it in files.iterator(chunk_size=2000) if size_of(it) != it.size]
    if not lost:
        yield Finding(True, _("The stored files are all there."))
        return
    names = ", ".join(f"{it.name} ({it.sha256[:12]})" for it in lost[:5])
    text = _("%(count)d stored files are missing or cut short: %(names)s.")
    yield Finding(
        False, text % {"count": len(lost), "names": names}, _("Bring them back from a backup.")
    )


def size_of(kept: StoredFile) -> int | None:
    """Return how many bytes the store holds of a file; None where it has none."""
    try:
        return int(default_storage.size(path_of(kept.zone_id, kept.sha256)))
    except OSError:
        return None


def jobs() -> Iterator[Finding]:
    """Report background work that nobody takes."""
    yield waiting_jobs(timezone.now())


def waiting_jobs(now: datetime) -> Finding:
    """Return how long the oldest due job has been waiting."""
    waited = health(now=now).oldest_wait
    if waited is None:
        return Finding(True, _("No job is waiting."))
    text = _("The oldest job has been waiting for %(minutes)d minutes.") % {
        "minutes": waited.total_seconds() // 60
    }
    fine = waited < OLDEST_WAITING
    return Finding(fine, text, "" if fine else _("Is `bihuan worker` running?"))


PARTS: tuple[Callable[[], Iterator[Finding]], ...] = (
    settings_are_sound,
    data_folder,
    database,
    migrations,
    assets,
    ledgers,
    evidence,
    jobs,
)
