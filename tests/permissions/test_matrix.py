"""Every page, every role, own zone, another zone, another's rows: exactly what is declared."""

from collections import Counter
from dataclasses import dataclass

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse

from bihuan.core.permissions import ROLES, Permission
from bihuan.zones.models import Post
from tests.architecture.test_pages import OPEN_TO_STRANGERS
from tests.architecture.test_pages import PAGES as ALL_PAGES
from tests.permissions.world import (
    FAR,
    NEAR,
    REACHES_ALL,
    ROLES_HERE,
    Place,
    body,
    place,
    signed_in,
)

P = Permission
READ, FORM, ACT = "read", "form", "act"  # shows; shows and writes; only writes
OF_A_DOSSIER = {"dossier", "enterprise", "site", "document", "file", "case", "entry", "visit"}


@dataclass(frozen=True)
class Declared:
    """Who may open a page, how it answers, and of which row it speaks."""

    permission: Permission
    how: str = READ
    row: str = ""
    more: tuple[str, ...] = ()  # the rest of its address
    only: frozenset[str] | None = None  # roles for whom it exists, where not all with permission


def form(permission, row="", *more, only=None):
    return Declared(permission, FORM, row, more, frozenset(only) if only else None)


def act(permission, row="", *more, only=None):
    return Declared(permission, ACT, row, more, frozenset(only) if only else None)


def read(permission, row="", *more, only=None):
    return Declared(permission, READ, row, more, frozenset(only) if only else None)


ASSIGNERS = {"leader", "safety_office", "department", "cell_leader", "contact"}
PAGES = {
    "home:mine": read(P.WORK),
    "home:work": read(P.WORK, "", "late", only=ASSIGNERS),
    "home:cockpit": read(P.FIGURE_READ),
    "figures:list": read(P.FIGURE_READ),
    "figures:rows": read(P.FIGURE_READ, "", "live"),
    "cases:list": read(P.CASE_READ),
    "cases:find": read(P.CASE_REPORT),
    "cases:report": form(P.CASE_REPORT, "dossier"),
    "cases:detail": read(P.CASE_READ, "case"),
    "cases:move": form(P.CASE_READ, "case", "assign", only=ASSIGNERS),
    "dossiers:detail": read(P.DOSSIER_READ, "dossier"),
    "dossiers:history": read(P.DOSSIER_READ, "dossier"),
    "dossiers:change": form(P.DOSSIER_EDIT, "dossier", "cell"),
    "dossiers:add_document": form(P.DOSSIER_EDIT, "dossier"),
    "dossiers:give_account": form(P.PEOPLE_MANAGE, "dossier"),
    "dossiers:documents": read(P.DOSSIER_READ),
    "dossiers:withdraw": form(P.DOSSIER_EDIT, "document"),
    "dossiers:contacts": read(P.CONTACT_READ),
    "dossiers:hand_over": form(P.DOSSIER_HAND_OVER),
    "dossiers:held": read(P.CONTACT_READ, "person", only=REACHES_ALL),
    "enterprises:list": read(P.DOSSIER_READ),
    "enterprises:new": form(P.DOSSIER_EDIT),
    "enterprises:edit": form(P.DOSSIER_EDIT, "enterprise"),
    "enterprises:sectors": form(P.DOSSIER_EDIT, "enterprise"),
    "enterprises:names": read(P.DOSSIER_EDIT),
    "enterprises:landlord": form(P.DOSSIER_EDIT, "enterprise"),
    "enterprises:add_site": form(P.DOSSIER_EDIT, "enterprise"),
    "enterprises:close_site": form(P.DOSSIER_EDIT, "site"),
    "enterprises:show": act(P.PERSONAL_READ, "enterprise", "safety_manager_phone"),
    "files:keep": act(P.WORK),
    "files:show": read(P.WORK, "file"),
    "files:original": read(P.WORK, "file"),
    "jobs:list": read(P.JOB_OPERATE),
    "jobs:detail": read(P.JOB_OPERATE, "job"),
    "jobs:retry": act(P.JOB_OPERATE, "job"),
    "jobs:drop": act(P.JOB_OPERATE, "job"),
    "ledger:list": read(P.LEDGER_READ),
    "ledger:event": read(P.LEDGER_READ, "seq"),
    "ledger:verify": act(P.LEDGER_READ),
    "ledger:bundle": form(P.LEDGER_READ),
    "ledger:checkpoint": read(P.LEDGER_READ, "checkpoint"),
    "rounds:list": read(P.ROUND_READ),
    "rounds:open": form(P.ROUND_MANAGE),
    "rounds:count": read(P.ROUND_MANAGE),
    "rounds:mine": read(P.VISIT_RECORD),
    "rounds:route": read(P.ROUND_READ),
    "rounds:people": read(P.ROUND_READ),
    "rounds:excuses": read(P.ROUND_EXCUSE),
    "rounds:decide": act(P.ROUND_EXCUSE, "excuse"),
    "rounds:detail": read(P.ROUND_READ, "round"),
    "rounds:export_list": read(P.SHEET_EXPORT, "round"),
    "rounds:coverage": read(P.ROUND_READ, "round"),
    "rounds:assign": act(P.ROUND_MANAGE, "round"),
    "rounds:join": act(P.ROUND_MANAGE, "round"),
    "rounds:join_newcomers": act(P.ROUND_MANAGE, "round"),
    "rounds:close": act(P.ROUND_MANAGE, "round"),
    "rounds:cancel": act(P.ROUND_MANAGE, "round"),
    "rounds:entry": read(P.ROUND_READ, "entry"),
    "rounds:visit_entry": form(P.VISIT_RECORD, "entry"),
    "rounds:excuse": form(P.VISIT_RECORD, "entry"),
    "rounds:visits": read(P.ROUND_READ),
    "rounds:visit": read(P.ROUND_READ, "visit"),
    "rounds:visit_dossier": form(P.VISIT_RECORD, "dossier"),
    "rounds:checklists": read(P.ROUND_READ),
    "rounds:checklist": read(P.ROUND_READ, "checklist"),
    "safety:hazards": read(P.CASE_READ),
    "safety:majors": read(P.CASE_READ),
    "safety:record": read(P.ROUND_READ, "visit"),
    "safety:notice": read(P.ROUND_READ, "visit"),
    "safety:opinion": read(P.CASE_READ, "case"),
    "safety:transfer": read(P.CASE_READ, "case"),
    "safety:load_checklists": act(P.ROUND_MANAGE),
    "safety:powers": read(P.CONTACT_READ),
    "safety:delegate": form(P.ZONE_SETUP),
    "safety:withdraw": act(P.ZONE_SETUP, "power"),
    "safety:statutory": act(P.CASE_DECIDE, "unit"),
    "search:find": read(P.WORK),
    "sheets:batches": form(P.SHEET_IMPORT),
    "sheets:template": read(P.SHEET_IMPORT, "", "enterprises"),
    "sheets:batch": read(P.SHEET_IMPORT, "batch", only=REACHES_ALL),
    "sheets:confirm": act(P.SHEET_IMPORT, "batch", only=REACHES_ALL),
    "sheets:discard": act(P.SHEET_IMPORT, "batch", only=REACHES_ALL),
    "sheets:refused": read(P.SHEET_IMPORT, "batch", only=REACHES_ALL),
    "zones:setup": read(P.ZONE_SETUP),
    "zones:describe": form(P.ZONE_SETUP),
    "zones:roles": read(P.WORK),
    "zones:calendar": read(P.ZONE_SETUP),
    "zones:year": form(P.ZONE_SETUP, "", 2031),
    "zones:units": form(P.ZONE_SETUP),
    "zones:unit": form(P.ZONE_SETUP, "unit"),
    "zones:close_unit": form(P.ZONE_SETUP, "unit"),
    "zones:cells": read(P.ZONE_SETUP),
    "zones:add_cell": form(P.ZONE_SETUP),
    "zones:cell": read(P.ZONE_SETUP, "cell"),
    "zones:change_cell": form(P.ZONE_SETUP, "cell", "name"),
    "zones:close_cell": form(P.ZONE_SETUP, "cell"),
    "zones:people": read(P.PEOPLE_MANAGE),
    "zones:appoint": form(P.PEOPLE_MANAGE),
    "zones:person": read(P.PEOPLE_MANAGE, "person"),
    "zones:change_person": form(P.PEOPLE_MANAGE, "person"),
    "zones:switch_person": form(P.PEOPLE_MANAGE, "person"),
    "zones:access": act(P.PEOPLE_MANAGE, "person"),
    "zones:end_post": form(P.PEOPLE_MANAGE, "post"),
    "zones:move_post": form(P.PEOPLE_MANAGE, "post"),
}
IN_A_ZONE = {name for name, route, _view in ALL_PAGES if route.startswith("z/<slug:zone>/")}
# What a reader of everything may leave behind: notes of having read it.
NOTES = {"ledger.verified", "ledger.exported", "list.exported"}
PAPERS = {"safety:record", "safety:notice", "safety:opinion", "safety:transfer"}
IN_WORDS = {"jobs:retry", "jobs:drop"}  # what is gone or another zone's: the same sentence
NUMBERED = {"seq", "checkpoint"}  # the same number may be another zone's: nothing to smuggle


@pytest.fixture
def east(db, settings, tmp_path) -> Place:
    settings.MEDIA_ROOT = tmp_path
    settings.LEDGER_KEYS = tmp_path / "keys"
    return place("east", "东山")


@pytest.fixture
def west(east) -> Place:
    return place("west", "西川")


def address(name: str, zone: Place, rows: Place, which: str = NEAR) -> str:
    page = PAGES[name]
    row = [rows.row(page.row, which)] if page.row else []
    return reverse(name, args=[zone.zone.slug, *row, *page.more])


def near_for(role: str) -> str:
    return "platform" if role == "platform" else NEAR


def expected(name: str, role: str, method: str, *, reached: bool) -> set[int]:
    """Return how a page of the own zone may answer. What writes refuses an empty form."""
    page = PAGES[name]
    if page.permission not in ROLES[role].permissions:
        return {403}
    if page.how == ACT and method == "GET":
        return {405}
    if not reached:
        return {409, 422} if name in IN_WORDS else {404}
    if page.only is not None and role not in page.only:
        return {404} if method == "GET" else {403, 404, 409, 422}
    if name in PAPERS:  # or a sentence that there is nothing to print yet
        return {200, 422}
    if method == "GET" or page.how == READ:
        return {200}
    return {200, 302, 409, 422}


def test_every_page_of_a_zone_is_declared_here():
    assert PAGES.keys() == IN_A_ZONE
    views = {name: view for name, _route, view in ALL_PAGES}
    assert {name: it.permission for name, it in PAGES.items()} == {
        name: views[name].permission for name in PAGES
    }


def test_every_role_is_tried():
    assert set(ROLES_HERE) == ROLES.keys()


@pytest.mark.parametrize("role", ROLES_HERE)
def test_looking(role, east, west):
    """GET: in the own zone by permission and reach; of a foreign zone nothing exists."""
    client = signed_in(east.people[role])
    wrong = []

    def look(name, where, url, fine):
        answer = client.get(url)
        body(answer)
        if answer.status_code not in fine:
            wrong.append((name, where, answer.status_code, fine))

    for name, page in PAGES.items():
        near = near_for(role)
        look(
            name, "near", address(name, east, east, near), expected(name, role, "GET", reached=True)
        )
        look(name, "foreign zone", address(name, west, west), {404})
        if page.row in OF_A_DOSSIER:
            all_of_it = role in REACHES_ALL
            fine = expected(name, role, "GET", reached=all_of_it)
            look(name, "another's", address(name, east, east, FAR), fine)
        if page.row and page.row not in NUMBERED:
            fine = expected(name, role, "GET", reached=False)
            look(name, "smuggled", address(name, east, west), fine)
    assert not wrong, "\n".join(map(str, wrong))


@pytest.mark.parametrize("role", ROLES_HERE)
def test_writing(role, east, west):
    """POST: refused in the same way, and nothing of another zone or enterprise changes."""
    client = signed_in(east.people[role])
    wrong = []
    hidden = contents(west)

    def send(name, where, url, fine):
        answer = client.post(url)
        body(answer)
        if answer.status_code not in fine:
            wrong.append((name, where, answer.status_code, fine))

    writing = {name: page for name, page in PAGES.items() if page.how != READ}
    for name, page in writing.items():
        fine = expected(name, role, "POST", reached=False)
        send(name, "foreign zone", address(name, west, west), {404})
        if page.row in OF_A_DOSSIER and role not in REACHES_ALL:
            send(name, "another's", address(name, east, east, FAR), fine)
        if page.row and page.row not in NUMBERED:
            send(name, "smuggled", address(name, east, west), fine)
    assert contents(west) == hidden
    for name in writing:
        fine = expected(name, role, "POST", reached=True)
        send(name, "near", address(name, east, east, near_for(role)), fine)
    assert contents(west) == hidden
    assert not wrong, "\n".join(map(str, wrong))


def contents(place: Place) -> dict[str, list[object]]:
    """Return every row of a zone, by table."""
    return {
        model._meta.label: sorted(map(repr, model._base_manager.filter(zone=place.zone.pk).values()))
        for model in apps.get_models()
        if any(field.name == "zone" for field in model._meta.fields)
        and model._meta.label not in {"search.Cursor"}
    }  # fmt: skip


def everything() -> Counter[str]:
    """Return every row of every table but sessions, and but what a reader may leave behind."""
    rows: Counter[str] = Counter()
    for model in apps.get_models():
        if model._meta.label == "ledger.Event":
            rows.update(
                map(repr, model._base_manager.exclude(kind__in=NOTES).values("kind", "body"))
            )
        elif model._meta.app_label not in {"sessions", "ledger"} and model._meta.managed:
            rows.update(repr((model._meta.label, row)) for row in model._base_manager.values())
    return rows


def test_an_auditor_writes_nothing_anywhere(east, west):
    client = signed_in(east.people["auditor"])
    before = everything()
    for name in PAGES:
        for method in (client.get, client.post):
            body(method(address(name, east, east), {"about": ""}))
    after = everything()
    assert after == before, (after - before, before - after)


@pytest.mark.django_db
def test_who_is_not_signed_in_sees_the_door_only(east):
    client = Client()
    for name in PAGES:
        for answer in (client.get(url := address(name, east, east)), client.post(url)):
            assert answer.status_code == 302, name
            assert answer["Location"].startswith("/account/sign-in/"), name
    for name, route, _view in ALL_PAGES:
        if "<" not in route and name not in OPEN_TO_STRANGERS:
            answer = client.get(f"/{route}")
            assert answer.status_code == 302, name


def test_whose_post_has_ended_finds_no_zone(east, now):
    person = east.people["auditor"]
    Post.objects.filter(person=person).update(ends_on="2026-01-01")
    client = signed_in(person)
    for name in PAGES:
        assert client.get(address(name, east, east)).status_code == 404, name
