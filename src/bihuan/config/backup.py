"""Backups that have been checked, and their way back.

A backup is a folder: the database, the stored files, the keys, and manifest.json with
the size and SHA-256 of each. It appears under its name only when it is whole. The copy's
database is checked and its ledgers are verified before it counts.
"""

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

import bihuan
from bihuan.config import postgres
from bihuan.core.refusals import Refused

MANIFEST = "manifest.json"
SQLITE_NAME = "db.sqlite3"
POSTGRES_NAME = "db.dump"
PIECE = 1 << 20


def kept() -> dict[str, Path]:
    """Return what a backup holds beside the database: its name there, its place here."""
    return {
        "files": Path(settings.MEDIA_ROOT),
        "ledger": Path(settings.LEDGER_KEYS),
        "secret_key": settings.DATA_DIR / "secret_key",
    }


def back_up(folder: Path) -> str:
    """Back everything up under the folder, check the copy, and say where it is.

    Refuses, leaving nothing behind, if the copy is not sound.
    """
    now = timezone.now()
    target = folder.resolve() / f"bihuan-{now:%Y%m%dT%H%M%SZ}"
    with _appearing_whole(target) as partial:
        keys = kept()["ledger"]
        _copy(keys, partial / "ledger")  # first: no checkpoint in it is younger than the copy
        is_sqlite = connection.vendor == "sqlite"
        (_copy_sqlite if is_sqlite else postgres.dump)(
            partial / (SQLITE_NAME if is_sqlite else POSTGRES_NAME)
        )
        for name, place in kept().items():
            if place != keys:
                _copy(place, partial / name)
        _verify_copy(partial)
        manifest = {
            "version": bihuan.__version__,
            "made_at": now.isoformat(),
            "database": connection.vendor,
            "files": {str(path.relative_to(partial)): digest(path) for path in files_of(partial)},
        }
        (partial / MANIFEST).write_text(json.dumps(manifest, indent=1, sort_keys=True), "utf-8")
    return _("Backed up and verified: %(folder)s") % {"folder": target}


def restore(folder: Path) -> str:
    """Restore a backup into an empty data folder and an empty database, and verify it."""
    manifest = read_manifest(folder)
    check_whole(folder, manifest)
    if manifest["database"] != connection.vendor:
        raise Refused(
            _(
                "This backup is of %(theirs)s and this site runs on %(ours)s. Set DATABASE_URL to match."
            )
            % {"theirs": manifest["database"], "ours": connection.vendor}
        )
    _refuse_unless_empty()
    for name, place in kept().items():
        _copy(folder / name, place)
    if connection.vendor == "sqlite":
        _place_sqlite(folder / SQLITE_NAME, Path(connection.settings_dict["NAME"]))
    else:
        postgres.restore(folder / POSTGRES_NAME, connection.settings_dict)
    _verify_ledgers({})
    return _("Restored and verified, as of %(time)s.") % {"time": manifest["made_at"]}


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return a backup's manifest; refuse a folder that is no backup."""
    try:
        found: dict[str, Any] = json.loads((folder / MANIFEST).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise Refused(
            _("%(folder)s is not a backup: it has no manifest.") % {"folder": folder}
        ) from error
    return found


def check_whole(folder: Path, manifest: dict[str, Any]) -> None:
    """Refuse a backup in which a file is missing, altered or added."""
    there = {str(path.relative_to(folder)): path for path in files_of(folder)}
    wanted = manifest["files"]
    wrong = [
        name
        for name in sorted(there.keys() | wanted.keys())
        if name not in there or name not in wanted or digest(there[name]) != wanted[name]
    ]
    if wrong:
        raise Refused(
            _("The backup was damaged or altered: %(names)s. Nothing was restored.")
            % {"names": ", ".join(wrong[:5])}
        )


def files_of(folder: Path) -> Iterator[Path]:
    """Yield the files of a backup, its manifest left out."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path != folder / MANIFEST:
            yield path


def digest(path: Path) -> list[object]:
    """Return a file's size and SHA-256, as the manifest holds them."""
    with path.open("rb") as file:
        return [path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest()]


@contextmanager
def _appearing_whole(target: Path) -> Iterator[Path]:
    partial = target.with_name(f".{target.name}.partial")
    partial.mkdir(parents=True, mode=0o700)
    try:
        yield partial
        os.sync()
        partial.rename(target)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True)
    elif source.exists():
        shutil.copy2(source, target)


def _copy_sqlite(target: Path) -> None:
    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(target)])


def _place_sqlite(source: Path, target: Path) -> None:
    connection.close()
    partial = target.with_name(f"{target.name}.partial")
    shutil.copy2(source, partial)
    partial.rename(target)


def _refuse_unless_empty() -> None:
    busy = connection.introspection.table_names() or any(Path(settings.MEDIA_ROOT).rglob("*"))
    if busy:
        raise Refused(
            _("This site already holds data. Restore into an empty data folder: set BIHUAN_DATA.")
        )
    connection.close()
    if connection.vendor == "sqlite":
        for rest in ("", "-wal", "-shm"):
            Path(f"{connection.settings_dict['NAME']}{rest}").unlink(missing_ok=True)


def _verify_copy(folder: Path) -> None:
    if connection.vendor != "sqlite":
        with postgres.scratch(folder / POSTGRES_NAME, connection.settings_dict) as url:
            _verify_ledgers({"DATABASE_URL": url, "BIHUAN_LEDGER_KEYS": str(folder / "ledger")})
        return
    path = folder / SQLITE_NAME
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as copy:
        said = copy.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if said != "ok":
        raise Refused(_("The copy of the database is damaged: %(said)s") % {"said": said})
    check = folder.with_name(f"{folder.name}.check")
    try:
        check.mkdir()
        shutil.copy2(path, check / SQLITE_NAME)
        _verify_ledgers({"BIHUAN_DATA": str(check), "BIHUAN_LEDGER_KEYS": str(folder / "ledger")})
    finally:
        shutil.rmtree(check, ignore_errors=True)


def _verify_ledgers(environment: dict[str, str]) -> None:
    """Verify every ledger in a process of its own, which knows only the copy."""
    command = [sys.executable, "-m", "bihuan.config.cli", "ledger", "verify"]
    done = subprocess.run(  # noqa: S603  our own command
        command, env=os.environ | environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise Refused(
            _("The ledger in the copy does not verify: %(said)s")
            % {"said": (done.stdout + done.stderr).strip()[-500:]}
        )
