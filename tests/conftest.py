"""What every test stands on."""

from importlib import import_module

import pytest
from django.db import connection


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Take the ledger's seat belt off, so that a test database can be emptied between tests."""
    seal = import_module("bihuan.ledger.migrations.0002_seal")
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        for statement in seal.off(connection.vendor):
            cursor.execute(statement)
