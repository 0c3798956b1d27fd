"""The tree of grid cells. A cell's path is kept true for it and all below it."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.accounts.models import Person
from bihuan.core.actors import Actor
from bihuan.core.composition import listed
from bihuan.core.days import day_of
from bihuan.core.permissions import Permission
from bihuan.core.refusals import Refused
from bihuan.ledger.actions import record
from bihuan.zones import rules
from bihuan.zones.actions.people import end_post, give_post
from bihuan.zones.models import Cell, Post, Zone
from bihuan.zones.permissions import require
from bihuan.zones.queries import lock_person, lock_zone


@transaction.atomic
def add_cell(
    *,
    zone: Zone,
    code: str,
    name: str,
    leader: Person,
    parent: Cell | None = None,
    outline: Any = None,
    by: Actor,
    at: datetime,
) -> Cell:
    """Add a cell below parent (None: at the top) with the person who leads it.

    The leader gets a cell leader's post here unless one of theirs already covers it.
    """
    require(by, Permission.ZONE_SETUP, zone=zone, on=day_of(at))
    _check_leader(leader)
    lock_zone(zone)  # so that the parent is not moved meanwhile
    parent = _within(zone, parent)
    code = rules.check_cell_code(code)
    if Cell.objects.filter(zone=zone, code=code).exists():
        raise Refused(_("There is a cell with this code already."), field="code")
    cell = Cell(
        zone=zone,
        parent=parent,
        code=code,
        name=_name(name),
        path=rules.path_of(parent.path if parent else "", code),
        leader=leader,
        outline=rules.check_outline(outline),
    )
    cell.save(force_insert=True)
    data = {"code": code, "name": cell.name, "path": cell.path, "leader": leader.pk}
    _tell(cell, "cell.added", data, by, at)
    _give_leaders_post(cell, leader, by, at)
    return cell


@transaction.atomic
def rename_cell(*, cell: Cell, name: str, by: Actor, at: datetime) -> Cell:
    """Rename a cell; its code and path stay."""
    require(by, Permission.ZONE_SETUP, zone=cell.zone, on=day_of(at))
    old, cell.name = cell.name, _name(name)
    if cell.name != old:
        cell.save(update_fields=["name"])
        _tell(cell, "cell.renamed", {"from": old, "to": cell.name}, by, at)
    return cell


@transaction.atomic
def draw_outline(*, cell: Cell, outline: Any, by: Actor, at: datetime) -> Cell:
    """Set a cell's outline on the map: GeoJSON in WGS-84 / CGCS2000, or None to remove it."""
    require(by, Permission.ZONE_SETUP, zone=cell.zone, on=day_of(at))
    new = rules.check_outline(outline)
    if new != cell.outline:
        cell.outline = new
        cell.save(update_fields=["outline"])
        _tell(cell, "cell.outlined", {"drawn": new is not None}, by, at)
    return cell


@transaction.atomic
def move_cell(*, cell: Cell, parent: Cell | None, by: Actor, at: datetime) -> Cell:
    """Hang a cell and all below it under another parent (None: at the top).

    The dossiers go with it; who reaches them through a cell changes accordingly.
    """
    require(by, Permission.ZONE_SETUP, zone=cell.zone, on=day_of(at))
    lock_zone(cell.zone)  # one change of the tree at a time
    cell = Cell.objects.select_related("zone").get(pk=cell.pk)
    parent = _within(cell.zone, parent)
    if parent and parent.path.startswith(cell.path):
        raise Refused(_("A cell cannot hang below itself."), field="parent")
    old = cell.path
    new = rules.path_of(parent.path if parent else "", cell.code)
    if new == old:
        return cell
    moved = list(Cell.objects.filter(zone=cell.zone, path__startswith=old))
    for each in moved:
        above, code = (new + each.path[len(old) :]).rstrip("/").rsplit("/", 1)
        each.path = rules.path_of(above + "/" if above else "", code)
    Cell.objects.bulk_update(moved, ["path"])
    cell.path, cell.parent = new, parent
    cell.save(update_fields=["path", "parent"])
    _tell(cell, "cell.moved", {"from": old, "to": new, "cells": len(moved)}, by, at)
    return cell


@transaction.atomic
def close_cell(*, cell: Cell, by: Actor, at: datetime) -> Cell:
    """Take an emptied cell out of use. Its code, and what was written of it, stay.

    Refused while a cell below it is in use, a dossier sits in it, or a post is held for it
    by anyone but its leader, whose post for it ends with it.
    """
    on = day_of(at)
    require(by, Permission.ZONE_SETUP, zone=cell.zone, on=on)
    lock_zone(cell.zone)  # nothing is hung below it, or put in it, meanwhile
    cell = Cell.objects.select_related("zone", "leader").get(pk=cell.pk)
    if not cell.is_open:
        return cell
    below = Cell.objects.filter(zone=cell.zone, parent=cell, is_open=True).count()
    if below:
        raise Refused(
            _("%(count)s cells in use hang below %(cell)s. Move or close them first.")
            % {"count": below, "cell": cell.name}
        )
    for of in listed("CELL_HOLDERS"):
        if sentence := of(cell):
            raise Refused(sentence)
    posts = Post.objects.filter(zone=cell.zone, cell=cell).held_on(on).select_related("person")
    cell.is_open = False
    cell.save(update_fields=["is_open"])
    for post in posts:
        end_post(post=post, reason=cell.name, by=by, at=at)
    _tell(cell, "cell.closed", {"code": cell.code, "name": cell.name}, by, at)
    return cell


@transaction.atomic
def name_leader(*, cell: Cell, leader: Person, by: Actor, at: datetime) -> Cell:
    """Put a cell into another person's hands; they get a cell leader's post if they need one."""
    require(by, Permission.PEOPLE_MANAGE, zone=cell.zone, on=day_of(at))
    cell = (
        Cell.objects.select_for_update(of=("self",), no_key=True)
        .select_related("zone")
        .get(pk=cell.pk)
    )
    _check_leader(leader)
    old, cell.leader = cell.leader_id, leader
    if old != leader.pk:
        cell.save(update_fields=["leader"])
        _tell(cell, "cell.handed_over", {"from": old, "to": leader.pk}, by, at)
    _give_leaders_post(cell, leader, by, at)
    return cell


def _give_leaders_post(cell: Cell, leader: Person, by: Actor, at: datetime) -> None:
    """Give leader a cell leader's post unless one of theirs covers the cell today."""
    on = day_of(at)
    posts = Post.objects.filter(zone=cell.zone, person=leader, role="cell_leader").held_on(on)
    if any(
        cell.path.startswith(post.cell.path) for post in posts.select_related("cell") if post.cell
    ):
        return
    post = Post(zone=cell.zone, person=leader, role="cell_leader", cell=cell, starts_on=on)
    give_post(post=post, by=by, at=at)


def _check_leader(leader: Person) -> None:
    if not lock_person(leader).is_active:
        raise Refused(_("This person is deactivated. Choose someone else."), field="leader")


def _within(zone: Zone, parent: Cell | None) -> Cell | None:
    """Return parent as it is now; refuse one of another zone."""
    if parent is None:
        return None
    found = Cell.objects.filter(zone=zone, pk=parent.pk, is_open=True).first()
    if found is None:
        raise Refused(_("There is no such cell in use in this zone."), field="parent")
    return found


def _name(name: str) -> str:
    if not name.strip():
        raise Refused(_("Give the cell a name."), field="name")
    return name.strip()


def _tell(cell: Cell, kind: str, data: dict[str, Any], by: Actor, at: datetime) -> None:
    record(zone_id=cell.zone_id, kind=kind, about=("cell", str(cell.pk)), by=by, at=at, data=data)
