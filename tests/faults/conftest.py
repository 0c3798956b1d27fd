"""Databases of their own, which may be broken."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

ROOT = Path(__file__).parents[2]
Run = Callable[..., subprocess.Popen[str]]


def environment(folder: Path, url: str = "") -> dict[str, str]:
    known = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    known |= {
        "BIHUAN_DATA": str(folder),
        "DJANGO_SETTINGS_MODULE": "bihuan.config.settings",
        "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
    }
    return known | ({"DATABASE_URL": url} if url else {})


def start(
    env: dict[str, str], *words: object, program: str = "tests.faults.deed"
) -> subprocess.Popen[str]:
    """Start one of the commands of a program."""
    command = [sys.executable, "-m", program, *map(str, words)]
    return subprocess.Popen(
        command, env=env, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )


def run(env: dict[str, str], *words: object, program: str = "tests.faults.deed") -> str:
    """Run one to its end and return what it said."""
    process = start(env, *words, program=program)
    said, _ = process.communicate(timeout=300)
    assert process.returncode == 0, said
    return said


@pytest.fixture(scope="session")
def founded(tmp_path_factory) -> Path:
    """An SQLite database with a zone in it, closed properly; copy it, never write to it."""
    folder = tmp_path_factory.mktemp("founded")
    run(environment(folder), "prepare")
    return folder / "db.sqlite3"


@pytest.fixture
def postgres_url() -> Iterator[str]:
    """A PostgreSQL database with a zone in it, beside the one the tests run on."""
    given = os.environ.get("DATABASE_URL", "")
    if not given:
        pytest.skip("runs where DATABASE_URL names a PostgreSQL")
    name = f"bihuan_fault_{os.getpid()}"
    with psycopg.connect(given, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
    parts = urlsplit(given)
    yield urlunsplit(parts._replace(path=f"/{name}"))
    with psycopg.connect(given, autocommit=True) as server:
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")
