"""A case stands in its dossier's cell: always, whoever moves the dossier, and whatever else happens."""

import ast
import random
from datetime import timedelta

import pytest
from django.db.models import F
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bihuan.accounts.models import Person
from bihuan.cases import actions
from bihuan.cases.models import Case
from bihuan.cases.queries import contradictions
from bihuan.cases.rules.declaration import Proof
from bihuan.core.refusals import Forbidden, Refused, Stale
from bihuan.dossiers.actions import move_to_cell
from bihuan.dossiers.models import Dossier
from bihuan.ledger.models import Event
from bihuan.zones.models import Cell, Post
from bihuan.zones.permissions import standing_of
from tests.architecture.house import inside, ours, parse
from tests.rounds.test_at_once import at_once


def strays():
    """Return the cases that stand elsewhere than their dossiers; there must never be one."""
    return Case.objects.exclude(cell=F("dossier__cell"))


def cell_of(world, code, path, **more):
    return Cell.objects.create(
        zone=world.zone, code=code, name=code, path=path, leader=world.people.leader, **more
    )


@pytest.fixture
def other(world):
    return cell_of(world, "b", "/b/")


def another_dossier(world, code, cell, **more):
    more = {"contact": world.people.contact, **more}
    return Dossier.objects.create(
        zone=world.zone, kind="enterprise", code=code, name=code, cell=cell, opened_at=world.now,
        **more,
    )  # fmt: skip


def ended(world):
    case = world.report("Put right")
    return world.move(
        case, "fix_on_spot", by=world.people.contact, proofs=list(Proof)[:2], measures="x"
    )


def test_all_cases_of_a_dossier_move_with_it_and_no_others(world, other):
    neighbour = another_dossier(world, "QY-0002", world.cell)
    past = [
        actions.PastCase(it, "Old leak", world.now - timedelta(days=9), "inspector")
        for it in (world.dossier, neighbour)
    ]
    old, stays = actions.take_over(
        zone=world.zone, kind="hazard", past=past, by=world.people.office, at=world.now
    )
    moving = {world.report().pk, ended(world).pk, old.pk}
    before = dict(Case.objects.values_list("pk", "version"))
    told = Event.objects.count()
    move_to_cell(dossier=world.dossier, cell=other, by=world.people.office, at=world.now)
    assert set(Case.objects.filter(cell=other).values_list("pk", flat=True)) == moving
    assert Case.objects.get(pk=stays.pk).cell == world.cell
    assert dict(Case.objects.values_list("pk", "version")) == before  # nobody's form grows stale
    (event,) = Event.objects.order_by("seq")[told:]
    assert (event.kind, event.about_id) == ("dossier.moved", str(world.dossier.pk))
    assert not list(contradictions(world.zone.pk))


def test_a_refused_move_moves_no_case(world, other, request):
    dossier, office, case = world.dossier, world.people.office, world.report()
    foreign = Cell(zone=world.zone, code="x", name="x", path="/x/", leader=world.people.leader)
    for cell, by, version, refusal in (
        (other, world.people.auditor, None, Forbidden),
        (other, office, dossier.version + 1, Stale),
        (foreign, office, None, Refused),
        (other, office, None, request.getfixturevalue("broken_ledger")),
    ):
        with pytest.raises(refusal):
            move_to_cell(dossier=dossier, cell=cell, version=version, by=by, at=world.now)
        assert Case.objects.get(pk=case.pk).cell == world.cell
        assert Dossier.objects.get(pk=dossier.pk).cell == world.cell


def test_what_is_opened_after_the_move_stands_where_the_dossier_now_is(world, other):
    """Also where whoever reports looked at the dossier before."""
    seen_before = Dossier.objects.get(pk=world.dossier.pk)
    move_to_cell(dossier=world.dossier, cell=other, by=world.people.office, at=world.now)
    world.dossier = seen_before
    assert world.report().cell == other
    past = [actions.PastCase(seen_before, "Old leak", world.now - timedelta(days=9), "inspector")]
    given = {"zone": world.zone, "kind": "hazard", "by": world.people.office, "at": world.now}
    assert actions.take_over(past=past, **given)[0].cell == other
    assert not strays().exists()


def test_a_case_put_elsewhere_past_the_actions_is_found(world, other):
    case = world.report()
    last = Event.objects.latest("seq").seq
    Case.objects.filter(pk=case.pk).update(cell=other)
    assert list(contradictions(world.zone.pk)) == [(last, f"{case.number} cell_id")]


def test_lists_of_a_cell_are_those_of_its_dossiers(world, other):
    """For each person and each cell, from the list's page: what its dossiers' cells say."""
    chance = random.Random(7)
    cells = [world.cell, other, cell_of(world, "aa", "/a/aa/", parent=world.cell)]
    chief = Person.objects.create(username="chief", name="chief", joined_at=world.now)
    Post.objects.create(
        zone=world.zone, person=chief, role="cell_leader", cell=world.cell,
        starts_on=world.now.date(),
    )  # fmt: skip
    people = [chief, world.people.office, world.people.contact, world.people.other_contact]
    for number in range(8):
        dossier = another_dossier(
            world, f"QY-1{number}", chance.choice(cells), contact=chance.choice(people[2:])
        )
        for title in range(chance.randrange(4)):
            world.dossier = dossier
            world.report(f"{title} of {number}", by=world.people.office)
    for dossier in Dossier.objects.all():
        move_to_cell(
            dossier=dossier, cell=chance.choice(cells), by=world.people.office, at=world.now
        )
    assert not strays().exists()
    for person in people:
        standing = standing_of(person, world.zone, on=world.now.date())
        client = Client()
        client.force_login(person)
        for cell in cells:
            within = Case.objects.filter(dossier__cell__path__startswith=cell.path)
            seen = set(Case.objects.visible_to(standing).values_list("pk", flat=True))
            if person == chief:
                below = Case.objects.filter(dossier__cell__path__startswith=world.cell.path)
                assert seen == set(below.values_list("pk", flat=True))
            for more in ("", "&status=live", "&late=1"):
                answer = client.get(
                    f"{reverse('cases:list', args=['east'])}?cell={cell.path}{more}"
                )
                expected = (
                    within if more != "&late=1" else within.overdue(today=timezone.localdate())
                )
                shown = {row[0] for row in answer.context["page"].rows}
                assert shown == seen & set(expected.values_list("pk", flat=True)), (cell, more)


@pytest.mark.fault
@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    """Two people at one moment."""

    def test_one_moves_the_dossier_while_another_reports(self, world, other, fault_rounds):
        for turn in range(fault_rounds * 3):
            to = (other, world.cell)[turn % 2]
            moved, reported = at_once(
                lambda to=to: move_to_cell(
                    dossier=world.dossier, cell=to, by=world.people.office, at=world.now
                ),
                lambda turn=turn: world.report(f"Finding {turn}"),
            )
            assert moved.cell == to
            assert Case.objects.get(pk=reported.pk).cell == to
            assert not strays().exists()

    def test_one_moves_the_dossier_while_another_imports(self, world, other, fault_rounds):
        for turn in range(fault_rounds * 3):
            to = (other, world.cell)[turn % 2]
            past = [actions.PastCase(world.dossier, f"{turn}", world.now - timedelta(days=9), "he")]
            given = {"zone": world.zone, "kind": "hazard", "by": world.people.office}
            moved, _taken = at_once(
                lambda to=to: move_to_cell(
                    dossier=world.dossier, cell=to, by=world.people.office, at=world.now
                ),
                lambda past=past, given=given: actions.take_over(past=past, at=world.now, **given),
            )
            assert moved.cell == to
            assert not strays().exists()

    def test_one_moves_the_dossier_while_another_gives_it_its_case(
        self, world, other, fault_rounds
    ):
        """Assigning may have to write to the dossier, too: neither waits for the other for ever."""
        for turn in range(fault_rounds * 3):
            to = (other, world.cell)[turn % 2]
            world.dossier = another_dossier(world, f"QY-2{turn}", (world.cell, other)[turn % 2])
            case = world.report(by=world.people.office)
            moved, assigned = at_once(
                lambda to=to: move_to_cell(
                    dossier=world.dossier, cell=to, by=world.people.office, at=world.now
                ),
                lambda case=case: world.move(case, "assign", by=world.people.office, unit="own"),
            )
            assert moved.cell == to
            assert assigned.rectifier_unit == Dossier.objects.get(pk=world.dossier.pk).owner_unit
            assert not strays().exists()


WRITERS = {  # who writes the column cell of rows that are there; of dossiers only the first
    ("dossiers/actions/headers.py", "move_to_cell"),
    ("cases/actions/follow.py", "follow_dossier"),
}


def writes_a_cell(node):
    if isinstance(node, ast.Assign):
        return any(isinstance(it, ast.Attribute) and it.attr in COLUMN for it in node.targets)
    called = node.func.attr if isinstance(node, ast.Call) and hasattr(node.func, "attr") else ""
    return called in ("update", "setattr") and bool(COLUMN & {it.arg for it in node.keywords})


COLUMN = {"cell", "cell_id"}


def test_nothing_else_moves_a_dossier_or_a_case_to_another_cell():
    found = {
        (inside(path), function.name)
        for path in ours()
        for function in ast.walk(parse(path))
        if isinstance(function, ast.FunctionDef) and any(map(writes_a_cell, ast.walk(function)))
    }
    assert found == WRITERS
