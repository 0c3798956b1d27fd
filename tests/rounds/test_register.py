"""The register of a round: narrowed, counted within reach, given out by name."""

import pytest
from django.utils import timezone

from bihuan.core.ids import new_id
from bihuan.rounds import actions
from bihuan.rounds.models import Entry
from tests.rounds import test_pages as pages
from tests.rounds.test_pages import at

pytestmark = pytest.mark.django_db
now, client_of, row, entry = pages.now, pages.client_of, pages.row, pages.entry


def test_the_register_is_narrowed_by_name_code_and_who_goes(client_of, world, row):
    given = row.entries.get(dossier=world.dossiers[1])
    actions.assign(
        round_id=row.pk, who=actions.Who(entries=[given.pk]), person=world.people.leader,
        by=world.people.office, at=timezone.now(),
    )  # fmt: skip
    client = client_of("office")

    def found(**asked):
        page = client.get(at("rounds:detail", row.pk), asked).context["page"]
        return {line[1] for line in page.rows}

    assert found() == {"Works 0001", "Works 0002"}
    assert found(q="0002") == {"Works 0002"}
    assert found(q="qy-0001") == {"Works 0001"}
    assert found(q="none") == set()
    assert found(person="leader") == found(person=str(world.people.leader.pk)) == {"Works 0002"}
    assert found(person="other_contact") == set()  # given away
    assert found(person=str(world.people.contact.pk)) == {"Works 0001"}
    assert found(person="nobody") == set()


def test_numbers_are_those_of_ones_own_reach(client_of, world, row):
    mine = client_of("contact").get(at("rounds:detail", row.pk))
    assert [tile.value for tile in mine.context["tiles"]] == [1, 0, 0, 1]
    assert mine.context["all"].total == 2
    whole = client_of("office").get(at("rounds:detail", row.pk))
    assert [tile.value for tile in whole.context["tiles"]] == [2, 0, 0, 2]
    assert whole.context["all"] is None


def test_who_gets_dossiers_may_be_named_and_must_be_one_person(client_of, world, row, entry):
    client, page = client_of("office"), at("rounds:assign", row.pk)
    assert client.post(page, {"pk": entry.pk, "person": "leader"}).status_code == 302
    assert Entry.objects.get(pk=entry.pk).assignee == world.people.leader
    for nobody in ("contac", "nobody", str(new_id())):
        assert client.post(page, {"pk": entry.pk, "person": nobody}).status_code == 422
    assert client.post(page, {"pk": entry.pk, "person": ""}).status_code == 302
    assert Entry.objects.get(pk=entry.pk).assignee is None
