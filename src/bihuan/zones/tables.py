"""How people are listed."""

from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bihuan.core.masking import mask_phone
from bihuan.core.permissions import ROLES
from bihuan.ui.filters import Choice, Words
from bihuan.ui.tables import Badge, Column, Kind, Table
from bihuan.zones.models import Post, Zone


def posts_in(zone: Zone) -> Callable[[Sequence[Any]], Mapping[Any, str]]:
    """Return what fills in the posts that people hold in zone today. One query."""

    def fill(ids: Sequence[Any]) -> Mapping[Any, str]:
        held = Post.objects.filter(zone=zone, person__in=ids).held_on(timezone.localdate())
        told: dict[Any, list[str]] = {}
        for post in held.select_related("cell", "unit"):
            where = post.cell or post.unit
            words = f"{ROLES[post.role].name}{f'（{where}）' if where else ''}"
            told.setdefault(post.person_id, []).append(words)
        return {pk: "、".join(words) for pk, words in told.items()}

    return fill


def by_role(zone: Zone) -> Callable[[QuerySet[Any], str], QuerySet[Any]]:
    """Return what narrows people to those who hold a role in zone today."""

    def narrow(rows: QuerySet[Any], role: str) -> QuerySet[Any]:
        held = Post.objects.filter(zone=zone, role=role).held_on(timezone.localdate())
        return rows.filter(pk__in=held.values("person"))

    return narrow


def masked(phone: Any) -> str:
    return escape(mask_phone(phone)) if phone else ""


def people_of(zone: Zone) -> Table:
    """Return the list of a zone's people."""
    return Table(
        name="people",
        caption=_("People"),
        sheet=_("People ledger"),
        order="name",
        filters=(
            Words(key="q", label=_("Name or sign-in name"), fields=("name", "username")),
            Choice(
                key="role",
                label=_("Role"),
                choices=[(role.code, role.name) for role in ROLES.values()],
                apply=by_role(zone),
            ),
            Choice(
                key="active",
                label=_("May sign in"),
                choices=[("1", _("yes")), ("0", _("no"))],
                apply=lambda rows, answer: rows.filter(is_active=answer == "1"),
            ),
        ),
        columns=(
            Column(
                key="name", label=pgettext_lazy("person", "Name"), link="zones:person", sort=True
            ),
            Column(key="username", label=_("Sign-in name"), sort=True),
            Column(key="phone", label=_("Mobile phone"), draw=masked),
            Column(key="posts", label=_("Posts"), fill=posts_in(zone), wide=True),
            Column(
                key="is_active",
                label=_("Account"),
                kind=Kind.BADGE,
                badges={True: Badge(_("active"), "green"), False: Badge(_("out of use"), "grey")},
            ),
            Column(key="last_login", label=_("Last signed in"), kind=Kind.DATETIME),
        ),
    )
