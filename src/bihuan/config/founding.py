"""`bihuan found`: a zone and its first administrator, who does the rest in the browser."""

from collections.abc import Iterator

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from bihuan.accounts.models import Person
from bihuan.config.serving import prepare
from bihuan.core.actors import System
from bihuan.core.permissions import Permission
from bihuan.zones.actions import found_zone, renew_access
from bihuan.zones.rules import NewPerson

FOUNDER = System("founder", frozenset({Permission.ZONE_SETUP, Permission.PEOPLE_MANAGE}))


def found(*, slug: str, name: str, division: str, administrator: str) -> Iterator[str]:
    """Found a zone, and yield what the one at the terminal hands to its administrator.

    Nobody gets a password from us: the link works once and lets the administrator set
    their own. Raises Refused where the short name or the sign-in name is taken.
    """
    prepare()
    now = timezone.now()
    with translation.override(settings.LANGUAGE_CODE):  # the name stays; the terminal's does not
        name_of_post = _("administrator")
    with transaction.atomic():
        zone = found_zone(
            slug=slug,
            name=name,
            division=division,
            administrator=NewPerson(username=administrator, name=name_of_post),
            by=FOUNDER,
            at=now,
        )
        person = Person.objects.get(username=administrator)
        key, token = renew_access(zone=zone, person=person, by=FOUNDER, at=now)
    hours = settings.PASSWORD_RESET_TIMEOUT // 3600
    yield _("%(zone)s is founded. Its administrator signs in as %(username)s.") % {
        "zone": zone.name,
        "username": administrator,
    }
    yield _(
        "They set their password here, once, within %(hours)d hours (below the site's address):"
    ) % {"hours": hours}
    yield f"    {reverse('accounts:welcome', args=(key, token))}"
