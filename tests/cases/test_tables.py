"""Late is said of whom the clock runs against, and of nobody else."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from bihuan.cases.models import Case
from bihuan.cases.rules.declaration import Proof
from bihuan.cases.tables import due_column


@pytest.fixture
def drawn(world):
    """Draw a case's date as seen 40 days after the tests' day."""

    def drawn(case):
        with time_machine.travel(world.now + timedelta(days=40), tick=False):
            column = due_column()
            (told,) = Case.objects.filter(pk=case.pk).values_list(*column.paths)
            return column.drawing(timezone.localdate())(told)

    return drawn


def test_an_open_case_past_its_date_is_late(world, drawn):
    assert "bh-late" in drawn(world.assigned())


def test_what_was_submitted_in_time_is_not_late_while_it_waits_for_us(world, drawn):
    assert drawn(world.submitted()) == "2026-09-29"


def test_what_ended_in_time_is_not_late(world, drawn):
    case = world.report()
    world.move(case, "fix_on_spot", by=world.people.contact, proofs=list(Proof)[:2], measures="x")
    assert drawn(case) == "2026-09-29"


def test_what_was_rectified_late_says_so_for_good(world, drawn):
    case = world.assigned()
    late = world.now + timedelta(days=30)
    world.move(case, "extend", by=world.people.leader, due_on="2026-10-30", reason="parts")
    world.move(
        case, "submit", by=world.people.enterprise, at=late, proofs=[Proof.AFTER], measures="x"
    )
    assert "bh-red" in drawn(case)
    assert "bh-late" not in drawn(case)


def test_a_paused_clock_counts_nothing(world, drawn):
    case = world.assigned()
    world.move(case, "pause", by=world.people.leader, reason="court")
    assert "bh-late" not in drawn(case)
