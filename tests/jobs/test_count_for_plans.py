"""By night SQLite counts what it chooses its plans by; PostgreSQL has its own way."""

import pytest
from django.db import connection

from bihuan.jobs.tasks import count_for_plans
from tests.factories.zones import PostFactory

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL counts of itself"),
]


def test_every_table_that_has_rows_is_counted():
    PostFactory()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE zones_zone")
        cursor.execute("DELETE FROM sqlite_stat1")
        count_for_plans.call()
        cursor.execute("SELECT DISTINCT tbl FROM sqlite_stat1")
        counted = {name for (name,) in cursor.fetchall()}
    assert {"zones_zone", "zones_post", "accounts_person"} <= counted
