"""What waits for whom."""

from bihuan.cases import actions
from bihuan.home.queries import to_decide
from bihuan.zones.permissions import standing_of
from tests.cases.conftest import kind, world

__all__ = ["kind", "world"]  # fixtures


def test_a_request_that_was_escalated_meanwhile_still_waits_for_its_decision(world):
    case = world.assigned()
    world.move(
        case, "ask_extension", by=world.people.enterprise, due_on="2026-10-20", reason="parts"
    )
    late = world.now.replace(month=10, day=12)
    actions.escalate_late(zone=world.zone, at=late)
    standing = standing_of(world.people.leader, world.zone, on=late.date())
    assert list(to_decide(standing, late.date())) == [case]
    world.move(case, "extend", by=world.people.leader, at=late, due_on="2026-10-20", reason="parts")
    assert not to_decide(standing, late.date()).exists()
