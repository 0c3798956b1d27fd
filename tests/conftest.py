"""What every test shares: the databases, the clock's default, and the flags."""

import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.db import connection
from django.template import base as template_base
from django.utils import translation

import bihuan.config.sqlite  # noqa: F401  before anything opens a database

ROOT = Path(__file__).parents[1]
DATABASE_FIXTURES = {"db", "transactional_db", "django_db_reset_sequences", "live_server"}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--only-database",
        action="store_true",
        help="run just what touches the database, browser journeys left out",
    )
    parser.addoption(
        "--fault-rounds",
        type=int,
        default=2,
        help="how often each fault is provoked (a long run: 20)",
    )
    parser.addoption(
        "--soak-minutes",
        type=float,
        default=0,
        help="how long an office works on each database without a break (a long run: 30)",
    )


def touches_database(item: pytest.Item) -> bool:
    """Say whether a test asks for the database by mark or by fixture."""
    names = set(getattr(item, "fixturenames", ()))
    return bool(item.get_closest_marker("django_db")) or bool(names & DATABASE_FIXTURES)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--only-database"):
        return
    kept = [
        item for item in items if touches_database(item) and not item.get_closest_marker("browser")
    ]
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = kept


def pytest_configure(config: pytest.Config) -> None:
    """Compile the catalogues first, so that pages speak Chinese wherever the tests run."""
    if not hasattr(config, "workerinput"):
        subprocess.run([sys.executable, ROOT / "scripts" / "messages", "compile"], check=True)


@pytest.fixture(autouse=True)
def _source_language() -> Iterator[None]:
    """Outside of requests, tests read the sources' own sentences."""
    with translation.override("en"):
        yield


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Take the ledger's seat belt off, so that a test database can be emptied between tests."""
    seal = import_module("bihuan.ledger.migrations.0002_seal")
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        for statement in seal.off(connection.vendor):
            cursor.execute(statement)


@pytest.fixture
def fault_rounds(request: pytest.FixtureRequest) -> int:
    """How many times to provoke a fault."""
    return int(request.config.getoption("--fault-rounds"))


@pytest.fixture
def now() -> datetime:
    """A Tuesday morning in the middle of the working year."""
    return datetime(2026, 9, 15, 9, 30, tzinfo=ZoneInfo(settings.TIME_ZONE))


@pytest.fixture
def english() -> Iterator[None]:
    """Let refusals speak English, so that a test can read what they say."""
    with translation.override("en"):
        yield


class LedgerBroke(Exception):
    """What a test makes the ledger raise."""


@pytest.fixture
def broken_ledger(monkeypatch):
    """Let every write of the ledger fail; the exception it fails with."""

    def fail(*args: object, **kwargs: object) -> NoReturn:
        raise LedgerBroke

    monkeypatch.setattr("bihuan.ledger.actions._lock_head", fail)
    return LedgerBroke


@pytest.fixture(scope="session", autouse=True)
def _no_bare_fractions_on_pages() -> Iterator[None]:
    """Fail a page that shows a float or Decimal without saying how: |count, |money, |area…"""
    show = template_base.render_value_in_context

    def strict(value: object, context: object) -> str:
        if isinstance(value, float | Decimal):
            raise TypeError(f"{value!r} is shown bare; give it a format of {{% load bihuan %}}")
        return show(value, context)

    template_base.render_value_in_context = strict
    yield
    template_base.render_value_in_context = show


def documented_events() -> dict[str, set[str]]:
    """Return, from docs/develop/events.md, kind -> the keys that may stand in its data."""
    text = (ROOT / "docs" / "develop" / "events.md").read_text("utf-8")
    rows = [line.split("|") for line in text.splitlines() if line.startswith("| `")]
    return {row[1].strip(" `"): set(re.findall(r"`(\w+)`", row[4])) for row in rows}


MADE_UP = {"ledger", "search", "ui", "browser", "architecture"}  # where events are invented


@pytest.fixture(autouse=True)
def _events_tell_what_is_documented(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fail what records an event that tells more than docs/develop/events.md says."""
    if request.path.relative_to(ROOT / "tests").parts[0] in MADE_UP:
        return
    actions = import_module("bihuan.ledger.actions")
    known, write = EVENTS_TOLD, actions.canonical

    def checked(entry: Any, **more: Any) -> str:
        more_keys = set(entry.data or {}) - known.get(entry.kind, set(entry.data or {}))
        assert not more_keys, f"say in docs/develop/events.md that {entry.kind} tells {more_keys}"
        return write(entry, **more)

    monkeypatch.setattr(actions, "canonical", checked)


EVENTS_TOLD = documented_events()
