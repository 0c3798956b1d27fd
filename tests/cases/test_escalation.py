"""Late cases go up the ladder: by working days, once, and without stopping each other."""

from datetime import timedelta

from bihuan.cases import actions
from bihuan.cases.models import Case
from tests.cases.conftest import events


def test_escalation_climbs_by_working_days_late_and_tells_nobody_twice(world):
    case = world.assigned()  # due on 29 September 2026
    at = world.now.replace(day=30)
    assert actions.escalate_late(zone=world.zone, at=at) == 1
    assert actions.escalate_late(zone=world.zone, at=at) == 0
    after_holiday = world.now.replace(month=10, day=12)
    assert actions.escalate_late(zone=world.zone, at=after_holiday) == 2
    case.refresh_from_db()
    assert case.level == 3
    told = case.moves.filter(name="escalate").order_by("seq")
    assert [move.data["role"] for move in told] == ["contact", "cell_leader", "leader"]
    assert events(case)[-1] == "case.escalated"


def test_cases_at_the_top_of_the_ladder_do_not_keep_others_from_climbing(world, monkeypatch):
    monkeypatch.setattr("bihuan.cases.actions.escalate.AT_ONCE", 1)
    first = world.assigned()
    october = world.now.replace(month=10, day=12)
    assert actions.escalate_late(zone=world.zone, at=october) == 3
    second = world.report("Bare wires", due_on=world.now.date() + timedelta(days=20))
    assert actions.escalate_late(zone=world.zone, at=october) == 2
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.level, second.level) == (3, 2)


def test_a_case_moved_on_during_the_sweep_does_not_stop_it(world, monkeypatch):
    moved, other = world.assigned(), world.assigned()
    october = world.now.replace(month=10, day=12)

    def meanwhile(*, case, wanted, by, at):
        if case == moved.pk:
            Case.objects.filter(pk=case).update(version=9)
        return actions.make_move(case=case, wanted=wanted, by=by, at=at)

    monkeypatch.setattr("bihuan.cases.actions.escalate.make_move", meanwhile)
    assert actions.escalate_late(zone=world.zone, at=october) == 3
    moved.refresh_from_db()
    other.refresh_from_db()
    assert (moved.level, other.level) == (0, 3)
