"""Who does things: a person, or a part of the system under its own name."""

from dataclasses import dataclass, field
from typing import Protocol

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bihuan.core.permissions import Permission

SYSTEM_NAMES: dict[str, Promise] = {  # what parts of the system are called on pages
    "command line": _("command line"),
    "deadline sweep": _("deadline sweep"),
    "demo": _("the making of the demo"),
    "figures": _("figures"),
    "ledger": _("ledger"),
    "newcomers": _("the joining of newcomers"),
    "search index": _("search index"),
    "sweeper": _("the nightly sweep"),
    "worker": _("background work"),
}


class Actor(Protocol):
    """Whoever an action is carried out by."""

    @property
    def actor_id(self) -> str:
        """Stable text that names the actor in the ledger."""

    @property
    def display_name(self) -> str:
        """How the actor is shown to people."""


@dataclass(frozen=True)
class System:
    """A named part of the system, allowed just what it needs.

    System("deadline sweep", {Permission.CASE_ESCALATE}) acts in every zone.
    """

    name: str
    permissions: frozenset[Permission] | set[Permission] = field(default_factory=frozenset)

    @property
    def actor_id(self) -> str:
        return f"system:{self.name}"

    @property
    def display_name(self) -> str:
        return self.name


def part_of_system(name: str) -> str:
    """Return what a part of the system is called; a name we do not know stays as it is."""
    return str(SYSTEM_NAMES.get(name, name))
