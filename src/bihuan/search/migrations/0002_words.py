"""The full-text table: FTS5 on SQLite, a tsvector under a GIN index on PostgreSQL."""

from django.db import migrations

ON = {
    "sqlite": (
        "CREATE VIRTUAL TABLE search_words USING fts5("
        "words, content='', contentless_delete=1, detail=none, tokenize='unicode61')",
    ),
    "postgresql": (
        "ALTER TABLE search_entry ADD COLUMN words tsvector",
        "CREATE INDEX search_entry_words ON search_entry USING gin (words)",
    ),
}
OFF = {
    "sqlite": ("DROP TABLE search_words",),
    "postgresql": ("ALTER TABLE search_entry DROP COLUMN words",),
}


def run(statements):
    def step(apps, schema_editor):
        for statement in statements[schema_editor.connection.vendor]:
            schema_editor.execute(statement)

    return step


class Migration(migrations.Migration):
    dependencies = (("search", "0001_initial"),)
    operations = (migrations.RunPython(run(ON), run(OFF)),)
