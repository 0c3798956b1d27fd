"""The tests' own pages, and someone signed in to look at them."""

from pathlib import Path

import pytest
from django.utils import timezone

from bihuan.accounts.models import Person


@pytest.fixture
def pages(settings):
    """Serve tests/ui/urls.py beside the product's pages."""
    settings.ROOT_URLCONF = "tests.ui.urls"
    engine = settings.TEMPLATES[0]
    settings.TEMPLATES = [{**engine, "DIRS": [Path(__file__).parent / "templates"]}]


@pytest.fixture
def person(db):
    return Person.objects.create(username="wang.li", name="王丽", joined_at=timezone.now())


@pytest.fixture
def browser_of(client, person, pages):
    """A test client signed in as someone, that may see the tests' pages."""
    client.force_login(person)
    return client
