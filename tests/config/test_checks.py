"""A deployment whose database would lose writes does not start."""

import pytest
from django.conf import settings
from django.db import connection

from bihuan.config import checks

GOOD = {
    "ENGINE": "django.db.backends.sqlite3",
    "ATOMIC_REQUESTS": False,
    "OPTIONS": {
        "transaction_mode": "IMMEDIATE",
        "timeout": 30,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    },
}
SOUND = (3, 53, 4)


def ids(database, version=SOUND):
    return [message.id for message in checks.faults_of_sqlite(database, version)]


def with_options(**options):
    return GOOD | {"OPTIONS": GOOD["OPTIONS"] | options}


@pytest.mark.parametrize(
    ("version", "sound"),
    [
        ((3, 6, 23), True),  # no WAL yet
        ((3, 7, 0), False),
        ((3, 40, 1), False),  # Debian 12
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 52, 0), False),  # withdrawn
        ((3, 53, 0), True),
    ],
)
def test_which_libraries_are_sound(version, sound):
    assert checks.is_sound(version) is sound


def test_the_products_own_settings_pass():
    assert ids(GOOD) == []


def test_the_library_in_use_is_sound():
    assert checks.sound_databases(None) == []


@pytest.mark.parametrize(
    ("database", "error"),
    [
        (with_options(init_command="PRAGMA journal_mode=WAL"), "bihuan.E002"),
        (
            with_options(init_command="PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"),
            "bihuan.E002",
        ),
        (with_options(init_command="PRAGMA synchronous=FULL;"), "bihuan.E002"),
        (with_options(transaction_mode="DEFERRED"), "bihuan.E003"),
        (with_options(transaction_mode=None), "bihuan.E003"),
        (with_options(timeout=5), "bihuan.E004"),
    ],
)
def test_an_unsafe_setting_is_named(database, error):
    assert ids(database) == [error]


def test_a_vulnerable_library_is_refused_in_wal_mode():
    assert ids(GOOD, version=(3, 40, 1)) == ["bihuan.E001"]


def test_atomic_requests_are_refused():
    faults = checks.faults_of(GOOD | {"ATOMIC_REQUESTS": True})
    assert [message.id for message in faults] == ["bihuan.E005"]


def test_a_data_folder_that_is_not_there_is_refused(settings, tmp_path):
    settings.DATA_DIR = tmp_path / "nowhere"
    assert [message.id for message in checks.data_folder(None)] == ["bihuan.E006"]


@pytest.mark.django_db
def test_tests_run_in_the_modes_of_the_product():
    if connection.vendor != "sqlite":
        pytest.skip("about SQLite")
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA journal_mode")
        journal = cursor.fetchone()[0]
        cursor.execute("PRAGMA synchronous")
        synchronous = cursor.fetchone()[0]
    assert (journal, synchronous) == ("wal", 2)
    assert settings.DATABASES["default"]["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
