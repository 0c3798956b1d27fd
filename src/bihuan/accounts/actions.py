"""What people change about their own sign-in."""

from datetime import datetime

from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from bihuan.accounts.models import Person
from bihuan.accounts.permissions import codes_of
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


@transaction.atomic
def note_wrong_code(*, person: Person, by: Actor, at: datetime) -> None:
    """Count a wrong code of the second factor, from wherever it came."""
    _require_self(person, by)
    recent = AccessAttempt.objects.filter(
        username=codes_of(person), attempt_time__gte=at - settings.AXES_COOLOFF_TIME
    )
    if not recent.update(failures_since_start=F("failures_since_start") + 1):
        made = AccessAttempt.objects.create(username=codes_of(person), failures_since_start=1)
        AccessAttempt.objects.filter(pk=made.pk).update(attempt_time=at)


@transaction.atomic
def forget_wrong_codes(*, person: Person, by: Actor, at: datetime) -> None:
    """Begin the count anew after a right code."""
    _require_self(person, by)
    AccessAttempt.objects.filter(username=codes_of(person)).delete()


def forget_sessions(*, by: Actor, at: datetime) -> int:
    """Drop the sessions that had expired by then. Returns how many."""
    return Session.objects.filter(expire_date__lt=at).delete()[0]


def _require_self(person: Person, by: Actor) -> None:
    if by.actor_id != person.actor_id:
        raise Forbidden(_("Only the person themselves may change this."))
