"""What every model shares."""

import pytest
from django.db import connection

from bihuan.cases.models import Case
from bihuan.core.ids import new_id


@pytest.mark.django_db
@pytest.mark.parametrize("live", [True, False])
def test_a_yes_or_no_is_looked_up_in_an_index(live):
    """PostgreSQL does so whatever is written; SQLite only for a comparison."""
    if connection.vendor != "sqlite":
        pytest.skip("an empty table tells nothing of PostgreSQL's choice")
    due = Case.objects.filter(zone_id=new_id(), is_live=live, due_on__isnull=False)
    plan = due.order_by("due_on", "id").values_list("id")[:51].explain()
    assert "case_by_due" in plan
    assert "TEMP B-TREE" not in plan
