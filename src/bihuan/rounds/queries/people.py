"""Who goes: the people whose post lets them record visits."""

from datetime import date
from uuid import UUID

from django.utils.translation import gettext as _

from bihuan.accounts.models import Person
from bihuan.core.ids import id_in
from bihuan.core.permissions import ROLES, Permission
from bihuan.core.refusals import Refused
from bihuan.zones.models import Post, Zone

VISITING = [code for code, role in ROLES.items() if Permission.VISIT_RECORD in role.permissions]
BETWEEN = " · "


def goers(zone: Zone, *, on: date, words: str = "", most: int = 20) -> list[tuple[UUID, str]]:
    """Return (id, name with unit or cell and post) of who goes in a zone; one query.

    words narrow by name. Two of one name, unit and post are told apart by sign-in name.
    """
    name = words.split(BETWEEN)[0].strip()
    posts = Post.objects.filter(zone=zone, role__in=VISITING, person__is_active=True).held_on(on)
    if name:
        posts = posts.filter(person__name__icontains=name)
    found: dict[UUID, list[str]] = {}
    for post in posts.select_related("person", "unit", "cell").order_by("person__name", "id"):
        where = post.unit or post.cell
        parts = (post.person.name, where.name if where else "", post.title)
        own = found.setdefault(post.person_id, [BETWEEN.join(filter(None, parts))])
        own[1:] = [post.person.username]
        if len(found) > most:
            break
    said = [label for label, _sign_in in found.values()]
    return [
        (pk, f"{label}{BETWEEN}{sign_in}" if said.count(label) > 1 else label)
        for pk, (label, sign_in) in list(found.items())[:most]
    ]


def goer_called(zone: Zone, said: str, *, on: date) -> list[UUID]:
    """Return the ids of who is meant by an id, a label of goers(), or a name; perhaps several."""
    if known := id_in(said):
        here = Post.objects.filter(zone=zone, person=known)
        return [known] if here.exists() else []
    found = goers(zone, on=on, words=said, most=500)
    exact = [pk for pk, label in found if label == said]
    same = [pk for pk, label in found if label.split(BETWEEN)[0] == said]
    return exact or same or [pk for pk, _label in found]


def the_goer(zone: Zone, said: str, *, on: date) -> UUID:
    """Return the one who is meant by an id, a label or a name; Refused if none or several are."""
    found = goer_called(zone, said, on=on)
    if not found:
        raise Refused(_("Nobody who visits is called so."), field="person")
    if len(found) > 1:
        raise Refused(
            _("Several people are called so. Choose one of those proposed."), field="person"
        )
    return found[0]


def goer_label(zone: Zone, person_id: UUID, *, on: date) -> str:
    """Return what goers() calls a person, or their name where they hold no such post."""
    name = name_of(person_id)
    return dict(goers(zone, on=on, words=name, most=500)).get(person_id, name)


def name_of(person_id: UUID) -> str:
    """Return a person's name, or nothing."""
    return Person.objects.filter(pk=person_id).values_list("name", flat=True).first() or ""
