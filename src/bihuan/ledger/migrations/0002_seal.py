"""A seat belt: the database itself refuses to change or remove what was recorded.

Whoever owns the database can take it off; the signed checkpoints are the proof.
"""

from django.db import migrations

TABLES = ("ledger_event", "ledger_checkpoint")
NO = "the ledger is append-only"


def _sqlite(table):
    for verb in ("UPDATE", "DELETE"):
        yield (
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{NO}'); END"
        )


def _postgresql(table):
    yield (
        "CREATE OR REPLACE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{NO}'; END $$"
    )
    yield (
        f"CREATE TRIGGER {table}_sealed BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse()"
    )


def on(vendor):
    """Return the statements that create the triggers."""
    make = {"sqlite": _sqlite, "postgresql": _postgresql}[vendor]
    return [statement for table in TABLES for statement in make(table)]


def off(vendor):
    """Return the statements that drop them."""
    if vendor == "postgresql":
        return [f"DROP TRIGGER IF EXISTS {table}_sealed ON {table}" for table in TABLES]
    verbs = ("update", "delete")
    return [f"DROP TRIGGER IF EXISTS {table}_no_{verb}" for table in TABLES for verb in verbs]


def put_on(apps, schema_editor):
    for statement in on(schema_editor.connection.vendor):
        schema_editor.execute(statement)


def take_off(apps, schema_editor):
    for statement in off(schema_editor.connection.vendor):
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]

    operations = [migrations.RunPython(put_on, take_off)]
