"""Everything that changes the register of enterprises."""

from bihuan.enterprises.actions.amend import Amendment, amend, amend_many
from bihuan.enterprises.actions.parts import (
    add_site,
    close_site,
    set_landlord,
    set_sectors,
    show_phone,
)
from bihuan.enterprises.actions.register import (
    NewEnterprise,
    NewSite,
    RowsRefused,
    register,
    register_many,
)

__all__ = (
    "Amendment",
    "NewEnterprise",
    "NewSite",
    "RowsRefused",
    "add_site",
    "amend",
    "amend_many",
    "close_site",
    "register",
    "register_many",
    "set_landlord",
    "set_sectors",
    "show_phone",
)
