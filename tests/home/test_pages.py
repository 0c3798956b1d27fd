"""My work by role, the cockpit, and figures that open the very rows they count."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from bihuan.cases import actions as cases
from bihuan.cases.models import Case
from bihuan.cases.rules.declaration import Grade
from bihuan.dossiers.models import Dossier
from bihuan.figures.queries import FIGURES
from bihuan.rounds.models import Entry
from bihuan.zones.models import Cell
from tests.factories.zones import PostFactory, ZoneFactory
from tests.permissions.test_matrix import east
from tests.permissions.world import NEAR, ROLES_HERE, signed_in

__all__ = ["east"]


def at(name, *args):
    return reverse(name, args=("east", *args))


def shown(client, name, *args):
    answer = client.get(at(name, *args))
    assert answer.status_code == 200, (name, args)
    return answer


@pytest.mark.parametrize("role", ROLES_HERE)
def test_my_work_counts_what_its_lists_show(role, east):
    client = signed_in(east.people[role])
    for it in shown(client, "home:mine").context["waiting"]:
        listed = client.get(it.href).context["page"]
        assert listed.total == it.count, it.work.code
        assert listed.rows, it.work.code


def test_an_office_is_asked_to_assign_and_a_contact_to_visit(east):
    office = shown(signed_in(east.people["safety_office"]), "home:mine").context["waiting"]
    assert {it.work.code: it.count for it in office}["assign"] == 3
    leader = shown(signed_in(east.people["leader"]), "home:mine").context["waiting"]
    assert {it.work.code: it.count for it in leader}["excuse"] == 1
    contact = shown(signed_in(east.people["contact"]), "home:mine").context["waiting"]
    assert {it.work.code: it.count for it in contact}["visit"] == 2
    auditor = shown(signed_in(east.people["auditor"]), "home:mine").context["waiting"]
    assert auditor == []


@pytest.mark.parametrize("role", ["leader", "safety_office", "auditor", "administrator"])
def test_every_figure_opens_as_many_rows_as_it_counts(role, east):
    client = signed_in(east.people[role])
    values = {it.figure.code: it for it in shown(client, "figures:list").context["values"]}
    assert values.keys() == {it.code for it in FIGURES}
    for code, value in values.items():
        assert shown(client, "figures:rows", code).context["page"].total == value.number, code
    assert (values["enterprises"].number, values["live"].number) == (3, 3)


def test_a_tile_of_the_cockpit_says_what_its_list_says(east):
    client = signed_in(east.people["leader"])
    cockpit = shown(client, "home:cockpit")
    for tile in (*cockpit.context["tiles"], *cockpit.context["basics"]):
        rows = client.get(tile.href)
        assert rows.status_code == 200, tile.label
        number = re.match(r"[\d,]+", str(tile.note or tile.value))
        assert number is None or int(number[0].replace(",", "")) == rows.context["page"].total


def test_a_cell_of_the_map_opens_the_cases_it_counts(east):
    Case.objects.update(due_on=timezone.localdate() - timedelta(days=3))
    client = signed_in(east.people["leader"])
    outlines = shown(client, "home:cockpit").context["map"].outlines
    for it in outlines:
        assert client.get(it.href).context["page"].total == it.value, it.name
    assert max(it.value for it in outlines) > 0


def test_reading_asks_no_more_of_more_rows(east):
    client = signed_in(east.people["leader"])
    urls = [at("home:mine"), at("home:work", "assign"), at("home:cockpit"), at("figures:list")]
    urls += [at("figures:rows", code) for code in ("enterprises", "live", "coverage", "extended")]

    def asked():
        for url in urls:
            client.get(url)
            with CaptureQueriesContext(connection) as seen:
                client.get(url)
            yield len(seen)

    dossier = Dossier.objects.get(pk=east.rows[NEAR]["dossier"])

    def find(*numbers):
        for number in numbers:
            cases.report(
                kind="hazard", dossier=dossier,
                finding=cases.Finding(f"第{number}处", grade=Grade.GENERAL, category="fire"),
                by=east.people["safety_office"], at=east.now,
            )  # fmt: skip

    find(*range(8))  # from eight on my work counts what it does not show
    few = dict(zip(urls, asked(), strict=True))
    find(*range(8, 28))
    assert dict(zip(urls, asked(), strict=True)) == few
    assert max(few.values()) <= 12, few


def test_my_work_asks_as_much_of_who_holds_every_post_as_of_who_holds_one(east):
    """All kinds of work together: their ids, their counts, and the rows of each model."""
    everyone = PostFactory(zone=east.zone, role="leader").person
    for role in ("safety_office", "contact", "administrator"):
        PostFactory(zone=east.zone, person=everyone, role=role)
    PostFactory(zone=east.zone, person=everyone, role="cell_leader", cell=Cell.objects.first())
    client = signed_in(everyone)
    Entry.objects.update(assignee=everyone)
    Case.objects.update(rectifier=everyone)
    shown(client, "home:mine")
    with CaptureQueriesContext(connection) as seen:
        waiting = shown(client, "home:mine").context["waiting"]
    assert {it.work.kind for it in waiting} >= {"cases", "entries", "excuses"}
    assert len(seen) <= 10, [it["sql"] for it in seen]


def test_who_has_posts_in_two_zones_chooses(east):
    person = east.people["leader"]
    client = signed_in(person)
    assert client.get("/").url == at("home:mine")
    PostFactory(person=person, zone=ZoneFactory(slug="west", name="西川开发区"), role="leader")
    assert client.get("/").url == reverse("home:zones")
    page = client.get("/zones/").content.decode()
    assert "东山开发区" in page
    assert "西川开发区" in page


def test_evidence_leaves_as_it_came_and_runs_nothing(east):
    client = signed_in(east.people["contact"])
    kept = east.rows[NEAR]["file"]
    shown_copy = client.get(at("files:show", kept))
    original = client.get(at("files:original", kept))
    assert original["Content-Disposition"].startswith("attachment")
    for answer in (shown_copy, original):
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer["Content-Security-Policy"]
        assert answer.getvalue()[:2] == b"\xff\xd8"


def test_who_founds_a_zone_is_led_to_its_first_round(db):
    zone = ZoneFactory(slug="east")
    admin = signed_in(PostFactory(zone=zone, role="administrator").person)
    found = shown(admin, "home:mine")
    steps = {it.step.page: it for it in found.context["first_steps"]}
    assert [page for page, it in steps.items() if it.is_done] == ["zones:calendar"]
    assert steps["zones:units"].href == at("zones:units")
    assert steps["rounds:open"].href == ""  # the safety office's, not the administrator's
    assert "今天没有待办" not in found.content.decode()
    office = signed_in(PostFactory(zone=zone, role="safety_office").person)
    assert shown(office, "home:mine").context["first_steps"][-1].href
    contact = signed_in(PostFactory(zone=zone, role="contact").person)
    assert shown(contact, "home:mine").context["first_steps"] == []


def test_a_zone_that_has_had_a_round_is_led_no_more(east):
    for role in ("administrator", "safety_office"):
        assert shown(signed_in(east.people[role]), "home:mine").context["first_steps"] == []
