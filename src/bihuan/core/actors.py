"""Who does things: a person, or a part of the system under its own name."""

from dataclasses import dataclass, field
from typing import Protocol

from bihuan.core.permissions import Permission


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
