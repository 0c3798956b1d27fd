"""Titles have tokens of their own: what was indexed without them is read again."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = (("search", "0002_words"),)
    operations = (migrations.RunSQL("UPDATE search_cursor SET seq = 0", migrations.RunSQL.noop),)
