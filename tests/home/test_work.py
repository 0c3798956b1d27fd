"""What waits for whom."""

from datetime import timedelta

import pytest

from bihuan.cases import actions
from bihuan.cases.rules.declaration import Grade
from bihuan.dossiers.models import Document, Source
from bihuan.home.queries import expiring, to_close, to_decide, to_sign, to_verify
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


def waiting(world, person):
    """Say for which hand the zone's submitted cases wait, as person sees it."""
    standing = standing_of(person, world.zone, on=world.now.date())
    kinds = {"verify": to_verify, "sign": to_sign, "close": to_close}
    return [code for code, rows in kinds.items() if rows(standing, world.now.date()).exists()]


def test_a_verified_case_waits_to_be_closed_and_no_longer_to_be_verified(world):
    case = world.submitted()
    assert waiting(world, world.people.office) == ["verify"]
    world.move(case, "verify", by=world.people.office, opinion="ok")
    assert waiting(world, world.people.office) == ["close"]
    world.move(case, "close", by=world.people.office)
    assert waiting(world, world.people.office) == []


@pytest.mark.parametrize("resumed_after", ["submit", "verify", "countersign"])
def test_resumed_work_does_not_hide_what_a_major_hazard_waits_for(world, resumed_after):
    people, case = world.people, world.assigned(grade=Grade.MAJOR)
    plan = dict.fromkeys(("responsible", "measures", "funds", "time_limit", "contingency"), "x")
    world.move(case, "plan", by=people.enterprise, **plan)
    world.move(case, "approve_plan", by=people.leader)
    world.move(case, "stop", by=people.leader, reason="dust")
    steps = {
        "submit": lambda: world.submitted(case),
        "verify": lambda: world.move(case, "verify", by=people.office, opinion="ok"),
        "countersign": lambda: world.move(case, "countersign", by=people.deputy),
    }
    expected = {
        "submit": (["verify"], []),
        "verify": ([], ["sign"]),
        "countersign": (["close"], []),
    }
    for name, step in steps.items():
        step()
        if name == resumed_after:
            world.move(case, "resume_work", by=people.leader, review="runs well")
        seen = (waiting(world, people.office), waiting(world, people.leader))
        assert seen == expected[name], name


def test_a_plan_waits_whatever_happens_beside_it(world):
    people, case = world.people, world.assigned(grade=Grade.MAJOR)
    plan = dict.fromkeys(("responsible", "measures", "funds", "time_limit", "contingency"), "x")
    later = world.now.date() + timedelta(days=200)
    beside = {
        "stop": {"reason": "dust"},
        "pause": {"reason": "flood"},
        "resume": {},
        "resume_work": {"review": "runs well"},
        "extend": {"due_on": later, "reason": "parts"},
    }
    world.move(case, "plan", by=people.enterprise, **plan)
    for name, inputs in beside.items():
        world.move(case, name, by=people.leader, **inputs)
        standing = standing_of(people.leader, world.zone, on=world.now.date())
        assert to_decide(standing, world.now.date()).exists(), name
    world.move(case, "approve_plan", by=people.leader)
    assert not to_decide(standing, world.now.date()).exists()


def test_a_paper_that_ran_out_long_ago_still_waits(world):
    source = Source.objects.create(
        zone=world.zone, kind="typed", reference="", at=world.now, by_name="office"
    )
    for code, days in (("old", -300), ("soon", 20), ("later", 60)):
        Document.objects.create(
            zone=world.zone,
            dossier=world.dossier,
            kind="licence",
            name=code,
            valid_to=world.now.date() + timedelta(days=days),
            source=source,
        )
    standing = standing_of(world.people.office, world.zone, on=world.now.date())
    names = expiring(standing, world.now.date()).values_list("name", flat=True)
    assert set(names) == {"old", "soon"}
