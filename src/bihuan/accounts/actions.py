"""What people change about their own sign-in."""

from datetime import datetime

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.accounts.models import Person
from bihuan.core.actors import Actor
from bihuan.core.refusals import Forbidden, Refused

LANGUAGES = frozenset(code for code, _name in settings.LANGUAGES)


@transaction.atomic
def choose_language(*, person: Person, language: str, by: Actor, at: datetime) -> None:
    """Remember the language person wants to be spoken to in."""
    _require_self(person, by)
    if language not in LANGUAGES:
        raise Refused(_("Choose one of the languages of the list."), field="language")
    person.language = language
    person.save(update_fields=["language"])


@transaction.atomic
def change_password(*, person: Person, password: str, by: Actor, at: datetime) -> None:
    """Give person a new password, already checked; all their other sessions end."""
    _require_self(person, by)
    person.set_password(password)
    person.password_changed_at = at
    person.save(update_fields=["password", "password_changed_at"])


def forget_sessions(*, by: Actor, at: datetime) -> int:
    """Drop the sessions that had expired by then. Returns how many."""
    return Session.objects.filter(expire_date__lt=at).delete()[0]


def _require_self(person: Person, by: Actor) -> None:
    if by.actor_id != person.actor_id:
        raise Forbidden(_("Only the person themselves may change this."))
