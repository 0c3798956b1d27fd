"""On PostgreSQL a common word is sought among the newest entries of a kind.

By -id, for there the planner has but this index to walk: by id it may walk all kinds.
"""

from django.db import migrations

ON = "CREATE INDEX search_entry_newest ON search_entry (zone_id, kind, (-id))"
OFF = "DROP INDEX search_entry_newest"


def run(statement):
    def step(apps, schema_editor):
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(statement)

    return step


class Migration(migrations.Migration):
    dependencies = (("search", "0003_titles"),)
    operations = (migrations.RunPython(run(ON), run(OFF)),)
