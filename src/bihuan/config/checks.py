"""Mistakes of a deployment that must stop it at the start. See docs/adr/0004."""

import os
import re
import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error

FIRST_WITH_WAL = (3, 7, 0)
MENDED = (3, 51, 3)
MENDED_BRANCHES = {(3, 50): 7, (3, 44): 6}  # branch -> first sound release of it
WITHDRAWN = {(3, 52, 0)}
SHORTEST_TIMEOUT_S = 20


def is_sound(version: tuple[int, int, int]) -> bool:
    """Say whether this SQLite keeps a database whole in WAL mode (the WAL-reset bug)."""
    branch = version[:2]
    if branch in MENDED_BRANCHES:
        return version[2] >= MENDED_BRANCHES[branch]
    return version < FIRST_WITH_WAL or (version >= MENDED and version not in WITHDRAWN)


def pragmas(command: str) -> dict[str, str]:
    """Return the settings of an init command, in lower case."""
    found = re.findall(r"pragma\s+(\w+)\s*=\s*([\w-]+)", command, re.IGNORECASE)
    return {name.lower(): value.lower() for name, value in found}


def faults_of_sqlite(
    database: dict[str, Any], version: tuple[int, int, int]
) -> Iterator[CheckMessage]:
    """Yield what is unsafe about an SQLite database's settings."""
    options = database.get("OPTIONS", {})
    said = pragmas(options.get("init_command", ""))
    if said.get("journal_mode") == "wal" and not is_sound(version):
        number = ".".join(map(str, version))
        yield Error(
            f"SQLite {number} can corrupt a database in WAL mode.",
            hint="Install the locked requirements: pysqlite3 brings a sound library.",
            id="bihuan.E001",
        )
    if said.get("journal_mode") != "wal" or said.get("synchronous") not in ("full", "extra"):
        yield Error(
            "SQLite must run with journal_mode=WAL and synchronous=FULL.",
            hint="With less, a power cut can take back what was acknowledged.",
            id="bihuan.E002",
        )
    if str(options.get("transaction_mode", "")).upper() != "IMMEDIATE":
        yield Error(
            "SQLite must run with transaction_mode=IMMEDIATE.",
            hint="With deferred transactions about half of all concurrent writes fail.",
            id="bihuan.E003",
        )
    if options.get("timeout", 5) < SHORTEST_TIMEOUT_S:
        yield Error(
            f"SQLite's timeout must be at least {SHORTEST_TIMEOUT_S} seconds.", id="bihuan.E004"
        )


def faults_of(database: dict[str, Any]) -> Iterator[CheckMessage]:
    """Yield what is unsafe about the settings of one database."""
    if database.get("ATOMIC_REQUESTS"):
        yield Error(
            "ATOMIC_REQUESTS must be off.",
            hint="With it every page view takes the write lock.",
            id="bihuan.E005",
        )
    if str(database["ENGINE"]).endswith("sqlite3"):
        yield from faults_of_sqlite(database, sqlite3.sqlite_version_info)


def sound_databases(
    app_configs: Sequence[AppConfig] | None, **kwargs: object
) -> list[CheckMessage]:
    """Refuse database settings under which writes fail or get lost."""
    return [fault for database in settings.DATABASES.values() for fault in faults_of(database)]


def data_folder(app_configs: Sequence[AppConfig] | None, **kwargs: object) -> list[CheckMessage]:
    """Refuse to start where nothing can be kept."""
    folder = settings.DATA_DIR
    if folder.is_dir() and os.access(folder, os.W_OK | os.X_OK):
        return []
    return [
        Error(
            f"The data folder {folder} is not there or cannot be written.",
            hint="Create it, or set BIHUAN_DATA to a folder on a local disk.",
            id="bihuan.E006",
        )
    ]
