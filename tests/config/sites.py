"""A site of its own for a test: a data folder, a database, and the command line."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import psycopg
from psycopg import sql

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Site:
    """Where a site keeps its data, and what its processes are told."""

    folder: Path
    environment: dict[str, str]

    def bihuan(self, *arguments: object) -> "subprocess.CompletedProcess[str]":
        """Run the command line of the product, in English."""
        return self.python("-m", "bihuan.config.cli", "--lang", "en", *map(str, arguments))

    def python(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run Python with the site's settings."""
        return subprocess.run(
            [sys.executable, *arguments],
            env=os.environ | self.environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def run(self, script: str) -> str:
        """Run statements inside the product; what they print."""
        done = self.python("-c", PRELUDE + script)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()


PRELUDE = """
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "bihuan.config.settings"
import bihuan.config.sqlite, django
django.setup()
"""


@contextmanager
def a_site(folder: Path, *, like: Site | None = None) -> Iterator[Site]:
    """Give a site on the kind of database that the tests run on: empty, or like another."""
    if like is None:
        folder.mkdir()
    else:
        shutil.copytree(like.folder, folder)
    given = {
        "BIHUAN_DATA": str(folder),
        "BIHUAN_LEDGER_KEYS": str(folder / "ledger"),
        "PYTHONPATH": str(ROOT / "src"),
    }
    server = os.environ.get("DATABASE_URL")
    if server is None:
        yield Site(folder, given)
        return
    name = f"site_{uuid4().hex}"
    template = like.environment["DATABASE_URL"].partition("@/")[2].partition("?")[0] if like else ""
    create = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
        sql.Identifier(name), sql.Identifier(template or "template1")
    )
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(create)
        try:
            yield Site(folder, given | {"DATABASE_URL": server.replace("/postgres?", f"/{name}?")})
        finally:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
