"""Someone who can sign in."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from bihuan.accounts.models import Person

PASSWORD = "correct horse battery"


@pytest.fixture
def person(db):
    """An office worker with a password."""
    someone = Person(username="wang.li", name="王丽", phone="13800001111", joined_at=timezone.now())
    someone.set_password(PASSWORD)
    someone.save()
    return someone


@pytest.fixture(autouse=True)
def _fresh_limits():
    """Let no test use up the tries of the next one."""
    cache.clear()


@pytest.fixture
def later(time_machine):
    """Return a function that lets so many minutes pass."""
    time_machine.move_to(timezone.now())
    return lambda minutes: time_machine.shift(timedelta(minutes=minutes))
