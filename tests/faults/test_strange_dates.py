"""Days that no calendar on the wall shows, in every form and every filter: a sentence, never a crash."""

from datetime import timedelta

import pytest
from django.forms import DateField, DateTimeField
from django.utils import timezone

from bihuan.core.permissions import ROLES
from bihuan.ledger.queries import verify
from tests.permissions.test_matrix import FORM, PAGES, READ, address, east, near_for
from tests.permissions.test_smuggling import filled
from tests.permissions.world import body, signed_in

__all__ = ["east"]
pytestmark = [pytest.mark.fault, pytest.mark.django_db]
DAYS = (
    "0001-01-01", "9999-12-31", "9999-12-30", "2026-02-31", "1899-12-31", "10000-01-01", "二〇二六年",
    "２０２６-11-23", "NaN",
)  # fmt: skip
ROLES_ASKED = ("safety_office", "administrator")
NUMBERS = ("-1", "99999999999999999999", "1e400", "٣", "²", "")


def crashes(answer) -> bool:
    body(answer)
    return bool(answer.status_code >= 500)


@pytest.mark.parametrize("role", ROLES_ASKED)
def test_in_forms(role, east):
    client, wrong, tried = signed_in(east.people[role]), [], 0
    for name, page in PAGES.items():
        if page.how != FORM or page.permission not in ROLES[role].permissions:
            continue
        url = address(name, east, east, near_for(role))
        shown = client.get(url)
        body(shown)
        form = shown.context.get("form") if shown.context else None
        for field, it in getattr(form, "fields", {}).items():
            if not isinstance(it, DateField | DateTimeField):
                continue
            for day in DAYS:
                tried += 1
                if crashes(client.post(url, {**filled(form, {field}), field: day, "anew": "1"})):
                    wrong.append((name, field, day))
    assert tried
    assert not wrong
    assert verify(east.zone.pk).is_whole


def test_in_addresses(east):
    role = "safety_office"
    client, wrong = signed_in(east.people[role]), []
    for name, page in PAGES.items():
        if page.how not in {READ, FORM} or page.permission not in ROLES[role].permissions:
            continue
        url = address(name, east, east, near_for(role))
        shown = client.get(url)
        body(shown)
        listing = shown.context.get("page") if shown.context else None
        table = getattr(listing, "table", None)
        names = {key for it in getattr(table, "filters", ()) for key in it.names()}
        names |= {"on", "page", "sort", "before", "after", "jump", "to", "not_visited_since", "q"}
        for value in (*DAYS, *NUMBERS, "x" * 5000, "%", "\\", "'", "🏭"):
            query = dict.fromkeys(names, value)
            if crashes(client.get(url, query)):
                wrong.append((name, value[:20]))
    assert not wrong


def test_both_ends_of_a_span_of_days_are_included(east):
    """Of times, too: what was found at noon of the last day was found on it."""
    client, today = signed_in(east.people["safety_office"]), timezone.localdate()
    before = today - timedelta(days=1)
    for name in ("cases:list", "safety:hazards"):
        url = address(name, east, east)
        for first, last, found in ((today, today, True), (before, before, False)):
            said = body(client.get(url, {"found_from": first, "found_to": last})).decode()
            assert ("东山far通道堵塞" in said) is found, (name, first)
