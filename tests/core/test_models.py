"""What every model shares."""

import re

import pytest
from django.db import connection
from django.db.models import Exists, OuterRef

from bihuan.accounts.models import Person
from bihuan.cases.models import Case
from bihuan.core.ids import new_id
from bihuan.zones.models import Cell
from tests.factories.zones import PersonFactory

pytestmark = pytest.mark.django_db


def test_a_yes_or_no_is_looked_up_in_an_index():
    """PostgreSQL does so whatever is written; SQLite only for a comparison."""
    if connection.vendor != "sqlite":
        pytest.skip("an empty table tells nothing of PostgreSQL's choice")
    due = Case.objects.filter(zone_id=new_id(), is_live=True, due_on__isnull=False)
    plan = due.order_by("due_on", "id").values_list("id")[:51].explain()
    assert "COVERING INDEX case_live_by_due" in plan
    assert "TEMP B-TREE" not in plan


def test_a_condition_that_is_no_column_stands_as_it_is():
    """Compared with true, a pair of columns would be found in no index."""
    within = Cell.objects.filter(pk=OuterRef("dossier__cell"))
    sql = str(Case.objects.filter(Exists(within)).query)
    assert not re.search(r"\) = ", sql.partition("LIMIT 1")[2])


def test_among_is_in_with_one_parameter():
    people = [PersonFactory() for _ in range(4)]
    wanted = [people[0].pk, people[2].pk.hex]
    rows = Person.objects.filter(pk__among=wanted)
    assert {it.pk for it in rows} == {people[0].pk, people[2].pk}
    assert not Person.objects.filter(pk__among=[]).exists()
    assert Person.objects.exclude(pk__among=wanted).count() == Person.objects.count() - 2
    assert len(rows.query.sql_with_params()[1]) == 1
