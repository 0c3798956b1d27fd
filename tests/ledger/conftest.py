from importlib import import_module

import pytest
from django.db import connection

seal = import_module("bihuan.ledger.migrations.0002_seal")


@pytest.fixture
def sealed_tables(db):
    """The triggers of a real database, for one test; the test database has them off."""
    with connection.cursor() as cursor:
        for statement in seal.on(connection.vendor):
            cursor.execute(statement)
