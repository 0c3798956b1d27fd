"""Everything that changes a zone's setup, its cells, its people and its calendar."""

from bihuan.zones.actions.cells import (
    add_cell,
    close_cell,
    draw_outline,
    move_cell,
    name_leader,
    rename_cell,
)
from bihuan.zones.actions.people import (
    NewPost,
    accept_post,
    appoint,
    change_person,
    deactivate_person,
    end_post,
    move_post,
    offer_post,
    reactivate,
    renew_access,
)
from bihuan.zones.actions.setup import (
    add_unit,
    close_unit,
    describe_zone,
    enter_calendar,
    found_zone,
    rename_unit,
)

__all__ = (
    "NewPost",
    "accept_post",
    "add_cell",
    "add_unit",
    "appoint",
    "change_person",
    "close_cell",
    "close_unit",
    "deactivate_person",
    "describe_zone",
    "draw_outline",
    "end_post",
    "enter_calendar",
    "found_zone",
    "move_cell",
    "move_post",
    "name_leader",
    "offer_post",
    "reactivate",
    "rename_cell",
    "rename_unit",
    "renew_access",
)
