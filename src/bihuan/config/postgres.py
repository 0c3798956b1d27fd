"""PostgreSQL's own tools, for backups."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from django.db import connection
from django.utils.translation import gettext as _

from bihuan.core.refusals import Refused


def dump(target: Path) -> None:
    """Write the whole database, as of one moment, in PostgreSQL's custom format."""
    _run(
        "pg_dump",
        "--format=custom",
        "--no-owner",
        f"--file={target}",
        database=connection.settings_dict,
    )


def restore(source: Path, database: dict[str, Any]) -> None:
    """Fill an empty database from a dump, all of it or nothing."""
    _run(
        "pg_restore",
        "--no-owner",
        "--exit-on-error",
        "--single-transaction",
        f"--dbname={database['NAME']}",
        str(source),
        database=database,
    )


@contextmanager
def scratch(source: Path, database: dict[str, Any]) -> Iterator[str]:
    """Restore a dump into a database of its own for the time of a check; its address."""
    name = f"bihuan_check_{os.getpid()}"
    theirs = database | {"NAME": name}
    _run("createdb", name, database=database)
    try:
        restore(source, theirs)
        yield address(theirs)
    finally:
        _run("dropdb", "--if-exists", name, database=database)


def address(database: dict[str, Any]) -> str:
    """Return the DATABASE_URL of a database's settings."""
    host, user, password = database["HOST"], database["USER"], database["PASSWORD"]
    who = quote(user) + (f":{quote(password, safe='')}" if password else "")
    if host.startswith("/"):
        return f"postgresql://{who}@/{database['NAME']}?{urlencode({'host': host})}"
    port = f":{database['PORT']}" if database["PORT"] else ""
    return f"postgresql://{who}@{host}{port}/{database['NAME']}"


def _run(tool: str, *arguments: str, database: dict[str, Any]) -> None:
    path = shutil.which(tool)
    if path is None:
        raise Refused(
            _("%(tool)s is not installed: add Debian's package postgresql-client.") % {"tool": tool}
        )
    environment = os.environ | {
        "PGHOST": database["HOST"],
        "PGPORT": str(database["PORT"] or ""),
        "PGUSER": database["USER"],
        "PGPASSWORD": database["PASSWORD"],
        "PGDATABASE": database["NAME"],
    }
    given = {name: value for name, value in environment.items() if value}
    done = subprocess.run(  # noqa: S603  a tool of the database
        [path, *arguments], env=given, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise Refused(
            _("%(tool)s failed: %(said)s") % {"tool": tool, "said": done.stderr.strip()[-500:]}
        )
