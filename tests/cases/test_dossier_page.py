"""What a dossier's page shows of its cases, and whom they hold back."""

from types import SimpleNamespace

from django.test import RequestFactory

from bihuan.cases.panels import open_cases
from bihuan.cases.queries import cases_resting
from bihuan.zones.permissions import standing_of
from tests.factories.zones import someone


def drawn(world, person):
    request = RequestFactory().get("/")
    request.standing = standing_of(person, world.zone, on=world.now.date())
    request.resolver_match = SimpleNamespace(kwargs={"zone": world.zone.slug})
    request.user = person
    return open_cases(request, world.dossier)


def test_the_live_cases_of_a_dossier_are_shown_in_two_queries(world, django_assert_num_queries):
    case = world.report("Blocked fire exit")
    with django_assert_num_queries(2):  # the person's posts, the cases
        html = drawn(world, world.people.office)
    assert case.number in html
    assert "Blocked fire exit" in html


def test_who_may_not_report_sees_nothing_where_there_is_nothing(world):
    assert drawn(world, someone(world.zone, "auditor")) == ""
    assert f"/cases/report/{world.dossier.pk}/" in drawn(world, world.people.contact)


def test_a_case_to_rectify_rests_on_the_person(world):
    case = world.assigned()
    person = someone(world.zone, "contact")
    assert [it.count for it in cases_resting(person, world.zone)] == [0]
    case.rectifier = person
    case.save()
    assert [it.count for it in cases_resting(person, world.zone)] == [1]
