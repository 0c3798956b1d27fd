"""What a person may do in a zone, and over which rows."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, cast
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from bihuan.accounts.models import Person
from bihuan.core.actors import Actor, System
from bihuan.core.permissions import ROLES, Permission, Reach
from bihuan.core.ready import Given, Ready, room
from bihuan.core.refusals import Forbidden
from bihuan.zones.models import Cell, Post, Zone

OUTSIDERS = frozenset({"platform", "enterprise"})  # roles that never answer for others' dossiers

_POSTS = Ready(
    lambda: Post.objects.filter(person=Given("person"), zone=Given("zone")).held_on(Given("on"))
)
_POSTS_BY_SLUG = Ready(
    lambda: (
        Post.objects.filter(person=Given("person"), zone__slug=Given("slug"))
        .held_on(Given("on"))
        .select_related("zone")
    )
)
_CELLS = Ready(lambda: Cell.objects.filter(zone=Given("zone")).values_list("pk", "path"))


@dataclass(frozen=True)
class Scope:
    """The rows a permission holds over: the union of what is named here."""

    whole_zone: bool = False
    cells: frozenset[UUID] = frozenset()
    units: frozenset[UUID] = frozenset()
    contact: UUID | None = None

    def __bool__(self) -> bool:
        return self.whole_zone or bool(self.cells or self.units or self.contact)


@dataclass
class Standing:
    """A person in a zone on a day, with the posts they hold there."""

    person: Person
    zone: Zone
    posts: list[Post] = field(default_factory=list)

    @cached_property
    def permissions(self) -> frozenset[Permission]:
        return frozenset(p for post in self.posts for p in ROLES[post.role].permissions)

    @cached_property
    def units(self) -> tuple[UUID, ...]:
        """The units of the posts held."""
        return tuple({post.unit_id for post in self.posts if post.unit_id})

    def may(self, permission: Permission) -> bool:
        """Say whether the person holds permission anywhere in the zone."""
        return permission in self.permissions

    def holds(self, *roles: str) -> bool:
        """Say whether the person holds one of these roles in the zone."""
        return any(post.role in roles for post in self.posts)

    def scope(self, permission: Permission) -> Scope:
        """Return the rows over which the person holds permission."""
        cached = self._scopes.get(permission)
        if cached is None:
            cached = self._scopes[permission] = self._scope(permission)
        return cached

    @cached_property
    def _scopes(self) -> dict[Permission, Scope]:
        return {}

    def _scope(self, permission: Permission) -> Scope:
        posts = [p for p in self.posts if permission in ROLES[p.role].permissions]
        reach = {ROLES[post.role].reach for post in posts}
        if Reach.ZONE in reach:
            return Scope(whole_zone=True)
        tops = [post.cell_id for post in posts if ROLES[post.role].reach is Reach.CELL]
        return Scope(
            cells=self._subtrees(cell for cell in tops if cell),
            units=frozenset(
                post.unit_id
                for post in posts
                if post.unit_id and ROLES[post.role].reach is Reach.UNIT
            ),
            # whoever works for the zone also reaches what is in their own name
            contact=self.person.pk if {post.role for post in posts} - OUTSIDERS else None,
        )

    def _subtrees(self, tops: Iterable[UUID]) -> frozenset[UUID]:
        wanted = set(tops)
        if not wanted:
            return frozenset()
        roots = tuple(path for pk, path in self._cells if pk in wanted)
        return frozenset(pk for pk, path in self._cells if path.startswith(roots))

    @cached_property
    def _cells(self) -> list[tuple[UUID, str]]:
        return list(_CELLS.ask(zone=self.zone.pk))


Form = tuple[bool, int, int, bool]  # the whole zone, room for so many cells, units; a contact


@dataclass(frozen=True)
class _Anyone:
    """A standing to narrow by, of somebody who will be told; equal for who reaches in one form."""

    permissions: tuple[Permission, ...]
    forms: tuple[Form, ...]
    room_for_units: int
    person = Given("person")
    zone = Given("zone")

    @property
    def units(self) -> Any:
        return _given("units", self.room_for_units)

    def scope(self, permission: Permission) -> Scope:
        whole_zone, cells, units, contact = self.forms[self.permissions.index(permission)]
        return Scope(
            whole_zone=whole_zone,
            cells=_given(f"{permission}.cells", cells),
            units=_given(f"{permission}.units", units),
            contact=cast("Any", self.person if contact else None),
        )


def _given(name: str, length: int) -> Any:
    return Given(name, length) if length else frozenset()


def anyone_like(standing: Standing, *permissions: Permission) -> tuple[Standing, dict[str, Any]]:
    """Return a standing to compile a query with, and the values that tell whose it is.

    It serves all who reach in the same form with these permissions, is equal to theirs, and
    knows zone, person, units and scope, but no posts. See core.ready.
    """
    forms: list[Form] = []
    values = {"person": standing.person.pk, "zone": standing.zone.pk, "units": standing.units}
    for permission in permissions:
        scope = standing.scope(permission)
        cells, units = room(len(scope.cells)), room(len(scope.units))
        forms.append((scope.whole_zone, cells, units, scope.contact is not None))
        values[f"{permission}.cells"] = tuple(scope.cells)
        values[f"{permission}.units"] = tuple(scope.units)
    anyone = _Anyone(permissions, tuple(forms), room(len(standing.units)))
    return cast("Standing", anyone), values


class WithinReach:
    """A query of rows in somebody's reach, compiled once for each form of reach.

    build is given a standing for visible_to, and returns the queryset; permissions are all
    that it narrows by. See core.ready.
    """

    def __init__(
        self, build: Callable[[Standing], QuerySet[Any]], *permissions: Permission
    ) -> None:
        self._build = build
        self._permissions = permissions
        self._ready: dict[Standing, Ready] = {}

    def ask(self, standing: Standing, **values: Any) -> list[Any]:
        """Return the rows that standing reaches, for these values."""
        anyone, whose = anyone_like(standing, *self._permissions)
        if anyone not in self._ready:
            self._ready[anyone] = Ready(lambda: self._build(anyone))
        return self._ready[anyone].ask(**values, **whose)


def standing_of(person: Person, zone: Zone, *, on: date) -> Standing:
    """Return person's standing in zone on a day; one query, kept on the person."""
    kept: dict[tuple[UUID, date], Standing] = person.__dict__.setdefault("_standings", {})
    key = (zone.pk, on)
    if key not in kept:
        posts = _POSTS.ask(person=person.pk, zone=zone.pk, on=on) if person.is_active else []
        kept[key] = Standing(person, zone, posts)
    return kept[key]


def standing_at(person: Person, slug: str, *, on: date) -> Standing | None:
    """Return person's standing in the zone of an address, None for no post there; one query."""
    posts: list[Post] = _POSTS_BY_SLUG.ask(person=person.pk, slug=slug, on=on)
    if not posts or not person.is_active:
        return None
    zone = posts[0].zone
    standing = Standing(person, zone, posts)
    person.__dict__.setdefault("_standings", {})[zone.pk, on] = standing
    return standing


def who_asks(request: HttpRequest) -> Standing:
    """Return who asks for a page of a zone, as zones.middleware found them to stand."""
    standing: Standing = request.standing  # type: ignore[attr-defined]
    return standing


def forget_standing(person: Person) -> None:
    """Drop what standing_of keeps on person; for actions that change posts."""
    person.__dict__.pop("_standings", None)


def require(by: Actor, permission: Permission, *, zone: Zone, on: date, row: Any = None) -> None:
    """Raise Forbidden unless by holds permission in zone on that day.

    row, where given, must lie within the reach of the post that grants it: it has
    some of cell_id, unit_id, owner_unit_id and contact_id (a dossier does).
    """
    if isinstance(by, System):
        allowed = permission in by.permissions
    elif isinstance(by, Person):
        scope = standing_of(by, zone, on=on).scope(permission)
        allowed = bool(scope) if row is None else within(scope, row)
    else:
        allowed = False
    if not allowed:
        raise Forbidden(_("You are not allowed to do this here."))


def within(scope: Scope, row: Any) -> bool:
    """Say whether row (anything with a dossier's columns) lies within scope."""
    return (
        scope.whole_zone
        or getattr(row, "cell_id", None) in scope.cells
        or bool(scope.units & {getattr(row, "unit_id", None), getattr(row, "owner_unit_id", None)})
        or (scope.contact is not None and getattr(row, "contact_id", None) == scope.contact)
    )
