"""A real zone begins with one command, and nobody is given a password."""

import pytest
from django.urls import reverse

from bihuan.accounts.models import Person
from bihuan.config import founding
from bihuan.core.refusals import Refused
from bihuan.ledger.models import Event
from bihuan.zones.models import Post, Zone


@pytest.fixture(autouse=True)
def prepared(monkeypatch):
    """Leave tables and static files as they are."""
    monkeypatch.setattr(founding, "prepare", lambda: None)


def begin(slug="east"):
    return list(
        founding.found(
            slug=slug, name=f"{slug} 开发区", division="140581", administrator=f"{slug}.admin"
        )
    )


def test_the_administrator_sets_a_password_by_the_link_and_signs_in(db, client):
    *_said, link = begin()
    person = Person.objects.get(username="east.admin")
    assert not person.has_usable_password()
    assert Post.objects.get(person=person).role == "administrator"
    page = client.get(link.strip(), follow=True)
    assert page.status_code == 200
    chosen = "Gaoping-2026-kaifaqu"
    fields = [name for name in page.context["form"].fields if "password" in name]
    client.post(page.request["PATH_INFO"], dict.fromkeys(fields, chosen), follow=True)
    person.refresh_from_db()
    assert person.check_password(chosen)
    client.force_login(person)
    assert client.get(reverse("home:mine", args=["east"])).status_code == 200
    kinds = set(Event.objects.values_list("kind", flat=True))
    assert {"zone.founded", "person.enrolled", "post.given"} <= kinds


def test_a_short_name_is_given_once(db):
    begin()
    with pytest.raises(Refused):
        begin()
    assert Zone.objects.count() == 1
