from datetime import date

import pytest
from django.db import IntegrityError, transaction

from bihuan.cases.models import Case
from bihuan.core.ids import new_id
from bihuan.core.refusals import Forbidden, Refused, Stale
from bihuan.dossiers.models import Dossier
from bihuan.ledger.models import Event
from bihuan.rounds import actions, queries
from bihuan.rounds.models import Excuse, Visit
from bihuan.rounds.rules.coverage import Counts, Excusal
from bihuan.zones.models import Zone
from tests.rounds.conftest import counts, entry_of, kinds

pytestmark = pytest.mark.django_db


# --- visits ------------------------------------------------------------------------------


def test_a_visit_ticks_the_dossier_off(world):
    dossier = world.dossier()
    row = world.open()
    visit = world.visit(dossier, entry=entry_of(row, dossier), answers={"G01": "yes", "G03": "7"})
    assert visit.number == "JC2026-0001"
    assert visit.checklist == world.checklist
    assert entry_of(row, dossier).visit == visit
    assert counts(row) == Counts(visited=1) == queries.tally(row)
    assert Dossier.objects.get(pk=dossier.pk).last_visited_on == date(2026, 9, 15)
    assert kinds(world)[-1] == "visit.recorded"


def test_the_same_visit_posted_three_times_is_one(world):
    dossier = world.dossier()
    row = world.open()
    found, files = world.finding()
    signature = world.file()
    told = world.told(signature=signature, findings=(found,), answers={"G01": "yes"})
    key = new_id()
    sent = [
        world.visit(
            dossier, entry=entry_of(row, dossier), key=key, told=told, files=[*files, signature]
        )
        for _again in range(3)
    ]
    assert len({visit.pk for visit in sent}) == 1
    assert (Visit.objects.count(), Case.objects.count()) == (1, 1)
    assert counts(row) == Counts(visited=1)
    assert kinds(world).count("visit.recorded") == 1


def test_the_same_id_with_other_contents_is_stale(world):
    dossier = world.dossier()
    key = new_id()
    world.visit(dossier, key=key)
    with pytest.raises(Stale):
        world.visit(dossier, key=key, summary="Other words")
    assert Visit.objects.count() == 1


def test_each_finding_is_a_case_with_its_own_deadline(world):
    dossier = world.dossier()
    one, files = world.finding(title="Exit blocked", due_on=date(2026, 9, 20), item="G01")
    two, more = world.finding(title="Wire loose", due_on=date(2026, 9, 30))
    visit = world.visit(dossier, files=[*files, *more], findings=(one, two))
    cases = Case.objects.order_by("due_on")
    assert [case.title for case in cases] == ["Exit blocked", "Wire loose"]
    assert [case.due_on.day for case in cases] == [20, 30]
    assert {case.status for case in cases} == {"assigned"}
    assert {case.rectifier_unit.name for case in cases} == {dossier.name}
    assert visit.found == 2
    assert cases[0].evidence.get().proof == "before"


def test_corrected_on_the_spot_is_closed_with_both_photos(world):
    dossier = world.dossier()
    found, files = world.finding(corrected="Boxes moved")
    world.visit(dossier, files=files, findings=(found,))
    case = Case.objects.get()
    assert (case.status, case.on_time) == ("closed", True)
    assert set(case.evidence.values_list("proof", flat=True)) == {"before", "after"}


def test_a_known_case_is_met_again_and_not_doubled(world):
    dossier = world.dossier()
    found, files = world.finding(item="G01")
    row = world.open()
    world.visit(dossier, files=files, findings=(found,))
    case = Case.objects.get()
    again = type(found)(item="G01", known=case.number)
    visit = world.visit(
        dossier, entry=entry_of(row, dossier), findings=(again,), answers={"G01": "no"}
    )
    assert Case.objects.count() == 1
    assert (visit.found, visit.findings.get().case) == (0, case)
    elsewhere = world.dossier()
    with pytest.raises(Refused):
        world.visit(elsewhere, findings=(again,))


def test_a_refused_finding_leaves_nothing(world):
    dossier = world.dossier()
    row = world.open()
    good, files = world.finding()
    bad, more = world.finding(category="no such category")
    with pytest.raises(Refused) as refused:
        world.visit(
            dossier, entry=entry_of(row, dossier), files=[*files, *more], findings=(good, bad)
        )
    assert refused.value.field == "finding-1-category"
    assert not Visit.objects.exists()
    assert not Case.objects.exists()
    assert counts(row) == Counts(to_go=1)


def test_if_the_event_fails_the_visit_is_undone_wholly(world, monkeypatch):
    dossier = world.dossier()
    row = world.open()
    found, files = world.finding()

    def fail(**kwargs):
        raise IntegrityError

    monkeypatch.setattr("bihuan.rounds.actions.visits.record", fail)
    with pytest.raises(IntegrityError):
        world.visit(dossier, entry=entry_of(row, dossier), files=files, findings=(found,))
    assert not Visit.objects.exists()
    assert not Case.objects.exists()
    assert counts(row) == Counts(to_go=1) == queries.tally(row)
    assert Dossier.objects.get(pk=dossier.pk).last_visited_on is None


def test_refusing_to_sign_is_recorded(world):
    dossier = world.dossier()
    visit = world.visit(dossier, told=world.told(refusal="Disputes the finding"))
    assert visit.refusal == "Disputes the finding"
    with pytest.raises(Refused) as refused:
        world.visit(dossier, told=world.told())
    assert refused.value.field == "signature"


@pytest.mark.parametrize("who", ["other_contact", "auditor", "stranger", "enterprise"])
def test_who_does_not_reach_a_dossier_records_no_visit(world, who):
    dossier = world.dossier()
    with pytest.raises(Forbidden):
        world.visit(dossier, by=getattr(world.people, who))
    assert not Visit.objects.exists()


def test_photos_must_be_ones_own_and_arrive(world):
    dossier = world.dossier()
    found, files = world.finding(world.people.other_contact)
    with pytest.raises(Refused):
        world.visit(dossier, files=files, findings=(found,))
    with pytest.raises(Refused):
        world.visit(dossier, findings=(found,))


def test_a_second_visit_of_one_entry_is_refused(world):
    dossier = world.dossier()
    row = world.open()
    world.visit(dossier, entry=entry_of(row, dossier))
    with pytest.raises(Refused):
        world.visit(dossier, entry=entry_of(row, dossier))
    world.visit(dossier)
    assert counts(row) == Counts(visited=1)


def test_an_earlier_visit_does_not_turn_the_clock_back(world):
    dossier = world.dossier(last_visited_on=date(2026, 9, 16))
    world.visit(dossier)
    assert Dossier.objects.get(pk=dossier.pk).last_visited_on == date(2026, 9, 16)


# --- excuses -----------------------------------------------------------------------------


def test_an_excuse_counts_when_another_person_approves(world):
    dossier = world.dossier()
    row = world.open()
    excuse = world.excuse(entry_of(row, dossier))
    assert counts(row) == Counts(to_go=1)
    world.decide(excuse)
    assert counts(row) == Counts(excused=1) == queries.tally(row)
    assert kinds(world)[-2:] == ["excuse.asked", "excuse.approved"]


def test_nobody_approves_their_own_excuse(world):
    dossier = world.dossier()
    row = world.open()
    excuse = world.excuse(entry_of(row, dossier), by=world.people.office)
    with pytest.raises(Refused):
        world.decide(excuse, by=world.people.office)
    with pytest.raises(Forbidden):
        world.decide(excuse, by=world.people.contact)
    with pytest.raises(IntegrityError), transaction.atomic():
        Excuse.objects.filter(pk=excuse.pk).update(
            verdict="approved", decided_by=world.people.office, decided_at=world.now
        )


def test_a_declined_excuse_leaves_the_dossier_to_go_and_may_be_asked_again(world):
    dossier = world.dossier()
    row = world.open()
    excuse = world.excuse(entry_of(row, dossier))
    with pytest.raises(Refused):
        world.excuse(entry_of(row, dossier))
    with pytest.raises(Refused):
        world.decide(excuse, approve=False)
    world.decide(excuse, approve=False, note="The gate was open")
    assert counts(row) == Counts(to_go=1)
    with pytest.raises(Refused):
        world.decide(excuse)
    world.decide(world.excuse(entry_of(row, dossier)))
    assert counts(row) == Counts(excused=1)


def test_an_excuse_needs_its_own_evidence_and_other_needs_words(world):
    dossier = world.dossier()
    entry = entry_of(world.open(), dossier)
    with pytest.raises(Refused):
        world.excuse(entry, reason=Excusal.OTHER)
    for evidence in (None, world.file(world.people.other_contact)):
        with pytest.raises(Refused) as refused:
            actions.ask_excuse(
                entry_id=entry.pk, reason=Excusal.MOVED, note="", evidence=evidence,
                by=world.people.contact, at=world.now,
            )  # fmt: skip
        assert refused.value.field == "evidence"


def test_an_excuse_sent_again_from_a_phone_is_one(world):
    first, second = world.dossier(), world.dossier()
    row, key = world.open(), new_id()
    excuse = world.excuse(entry_of(row, first), key=key)
    assert excuse.pk == key
    world.decide(excuse, approve=False, note="The gate was open")
    assert world.excuse(entry_of(row, first), key=key) == excuse
    assert kinds(world).count("excuse.asked") == 1
    with pytest.raises(Stale):
        world.excuse(entry_of(row, second), key=key)


def test_who_is_visited_after_all_is_visited_and_not_excused(world):
    dossier = world.dossier()
    row = world.open()
    world.decide(world.excuse(entry_of(row, dossier)))
    world.visit(dossier, entry=entry_of(row, dossier))
    assert counts(row) == Counts(visited=1) == queries.tally(row)
    with pytest.raises(Refused):
        world.excuse(entry_of(row, dossier))


def test_an_excuse_is_overtaken_by_a_visit(world):
    dossier = world.dossier()
    row = world.open()
    excuse = world.excuse(entry_of(row, dossier))
    world.visit(dossier, entry=entry_of(row, dossier))
    with pytest.raises(Refused):
        world.decide(excuse)
    assert counts(row) == Counts(visited=1)


# --- importing history -------------------------------------------------------------------


def past(dossier, day=date(2026, 3, 1), **more):
    return actions.PastVisit(dossier, day, **{"visitors": "Wang", **more})


def test_imported_visits_are_history_and_settle_no_round(world):
    dossier = world.dossier()
    row = world.open()
    rows = [past(dossier), past(dossier, date(2026, 4, 1)), past(dossier)]
    made = actions.import_visits(zone=world.zone, past=rows, by=world.people.office, at=world.now)
    assert len(made) == 2
    assert not actions.import_visits(
        zone=world.zone, past=rows, by=world.people.office, at=world.now
    )
    assert Dossier.objects.get(pk=dossier.pk).last_visited_on == date(2026, 4, 1)
    assert counts(row) == Counts(to_go=1)
    assert not Visit.objects.made_here().exists()
    events = Event.objects.filter(kind="visit.imported")
    assert [event.origin for event in events] == ["import", "import"]


def test_imports_are_refused_whole(world):
    dossier = world.dossier()
    foreign = Zone.objects.create(slug="west", name="West zone")
    for bad in (past(dossier, date(2027, 1, 1)), past(dossier, visitors=" ")):
        with pytest.raises(Refused):
            actions.import_visits(
                zone=world.zone, past=[past(dossier), bad], by=world.people.office, at=world.now
            )
    with pytest.raises(Forbidden):
        actions.import_visits(
            zone=foreign, past=[past(dossier)], by=world.people.office, at=world.now
        )
    assert not Visit.objects.exists()
