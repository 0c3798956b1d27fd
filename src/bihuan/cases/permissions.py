"""Who may make which move of which case."""

from datetime import date

from django.utils.translation import gettext as _

from bihuan.accounts.models import Person
from bihuan.cases.models import Case
from bihuan.core.actors import Actor, System
from bihuan.core.permissions import Permission
from bihuan.core.refusals import Forbidden
from bihuan.zones.permissions import Standing, standing_of, within


def allows(standing: Standing, permission: Permission, case: Case) -> bool:
    """Say whether a person's posts give them permission over a case.

    They do through its dossier, through the unit that rectifies it, or where the
    person is named as the one who rectifies.
    """
    scope = standing.scope(permission)
    return bool(scope) and (
        within(scope, case.dossier)
        or case.rectifier_unit_id in scope.units
        or case.rectifier_id == standing.person.pk
    )


def require(by: Actor, permission: Permission, case: Case, *, on: date) -> None:
    """Raise Forbidden unless by holds permission over a case on that day."""
    if isinstance(by, System):
        allowed = permission in by.permissions
    elif isinstance(by, Person):
        allowed = allows(standing_of(by, case.zone, on=on), permission, case)
    else:
        allowed = False
    if not allowed:
        raise Forbidden(_("Your post does not let you do this with this case."))
