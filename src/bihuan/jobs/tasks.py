"""What the database itself wants done by night."""

from django.db import connection
from django_tasks import task


@task()
def count_for_plans() -> None:
    """Let SQLite count anew, table by table, what it chooses its plans by (ANALYZE).

    PostgreSQL does so of itself. Others may write between one table and the next.
    """
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"ANALYZE {connection.ops.quote_name(table)}")
