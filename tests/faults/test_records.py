"""Somebody edits the records by SQL and leaves the ledger alone: verifying says which, and how."""

import pytest
from django.core.files.storage import default_storage

from bihuan.cases.models import Case, Evidence, Move
from bihuan.config.ledgers import verdicts
from bihuan.files.models import StoredFile
from bihuan.files.rules import path_of
from bihuan.ledger.models import Event
from bihuan.ledger.queries import verify
from bihuan.ledger.rules.verify import Damage
from tests.ledger.books import sql
from tests.permissions.test_matrix import east
from tests.permissions.world import FAR, NEAR

__all__ = ["east"]
pytestmark = [pytest.mark.fault, pytest.mark.django_db]


def told(east):
    """Return what verifying says of the records; nothing else may be wrong."""
    verdict = verify(east.zone.pk)
    assert {finding.damage for finding in verdict.findings} <= {Damage.ROWS}
    return [finding.about for finding in verdict.findings]


@pytest.fixture
def case(east) -> Case:
    return Case.objects.get(pk=east.rows[NEAR]["case"])


def test_records_that_were_left_alone_agree(east):
    assert told(east) == []


CHANGES = [
    ({"status": "closed", "is_live": False, "ended_at": "2026-11-23T00:00:00Z"}, {"status", "is_live", "ended_at"}),
    ({"due_on": "2030-01-01"}, {"due_on"}),
    ({"original_due_on": "2030-01-01"}, {"original_due_on"}),
    ({"grade": "major"}, {"grade"}),
    ({"title": "没有隐患"}, {"title"}),
    ({"category": ""}, {"category"}),
    ({"level": 3}, {"level"}),
    ({"on_time": True}, {"on_time"}),
    ({"rectified_on": "2026-01-01"}, {"rectified_on"}),
    ({"found_at": "2026-01-01T00:00:00Z"}, {"found_at"}),
    ({"number": "YH1999-0001"}, {"move 1"}),
]  # fmt: skip


@pytest.mark.parametrize(("change", "named"), CHANGES)
def test_a_case_that_says_other_than_its_moves(east, case, change, named):
    Case.objects.filter(pk=case.pk).update(**change)
    number = change.get("number", case.number)
    assert set(told(east)) == {f"{number} {name}" for name in named}


def test_a_case_given_to_another_dossier(east, case):
    Case.objects.filter(pk=case.pk).update(dossier=east.rows[FAR]["dossier"])
    assert set(told(east)) == {f"{case.number} dossier_id", f"{case.number} cell_id"}


MOVES = [
    {"at": "2026-01-01T00:00:00Z"},
    {"by": None},
    {"to_status": "closed"},
    {"from_status": "assigned"},
    {"name": "close"},
    {"data": {}},
]


@pytest.mark.parametrize("change", MOVES)
def test_a_move_that_says_other_than_the_ledger(east, case, change):
    Move.objects.filter(case=case).update(**change)
    assert f"{case.number} move 1" in told(east)


def test_a_finder_exchanged_in_case_and_move_alike(east, case):
    other = east.people["far_contact"]
    Move.objects.filter(case=case).update(by=other)
    Case.objects.filter(pk=case.pk).update(found_by=other)
    assert told(east) == [f"{case.number} move 1"]


def test_a_move_slipped_in_or_taken_out(east, case):
    move = Move.objects.get(case=case)
    Move.objects.create(
        zone=case.zone, case=case, seq=2, name="void", from_status="open", to_status="void",
        at=move.at, by_name="", data={},
    )  # fmt: skip
    assert told(east) == [f"{case.number} moves"]
    Move.objects.filter(case=case, seq=2).delete()
    Evidence.objects.filter(case=case).delete()
    assert told(east) == [f"{case.number} evidence of move 1"]
    Move.objects.filter(case=case).delete()
    assert told(east) == [f"{case.number} moves"]


def test_a_case_wiped_out_is_missed(east, case):
    Evidence.objects.filter(case=case).delete()
    Move.objects.filter(case=case).delete()
    sql("DELETE FROM cases_case WHERE id = %s", case.pk)
    assert told(east) == [f"{case.pk} missing"]


def test_a_case_made_by_hand_has_no_event(east, case):
    case.pk, case.number = None, "YH2026-9999"
    case.save(force_insert=True)
    assert told(east) == ["YH2026-9999 moves"]


def test_evidence_exchanged_for_another_photo(east, case):
    kept = case.evidence.get().file
    other = StoredFile.objects.exclude(sha256=kept.sha256).first()
    Evidence.objects.filter(case=case).update(file=other)
    assert told(east) == [f"{case.number} evidence of move 1"]
    Evidence.objects.filter(case=case).update(file=kept)
    StoredFile.objects.filter(pk=kept.pk).update(sha256=other.sha256)
    assert f"{case.number} evidence of move 1" in told(east)
    assert f"file {kept.pk}" in told(east)


def test_a_stored_file_struck_from_the_table_is_missed(east, case):
    kept = case.evidence.get().file
    Evidence.objects.filter(case=case).delete()
    StoredFile.objects.filter(pk=kept.pk).delete()
    assert f"file {kept.pk} missing" in told(east)


@pytest.mark.parametrize("how", ["altered", "deleted", "emptied"])
def test_bytes_of_evidence_changed_in_the_store(east, case, how):
    """Verifying the ledger does not read every photo; with the evidence it does."""
    kept = case.evidence.get().file
    path = path_of(kept.zone_id, kept.sha256)
    with default_storage.open(path) as file:
        content = bytearray(file.read())
    default_storage.delete(path)
    content[20] ^= 1
    if how != "deleted":
        with default_storage.open(path, "wb") as file:
            file.write(content if how == "altered" else b"")
    assert told(east) == []
    ((_name, verdict),) = verdicts(slug="east", held=(), with_evidence=True)
    damaged = StoredFile.objects.filter(zone=east.zone, sha256=kept.sha256)
    assert {finding.about for finding in verdict.findings} == {
        f"bytes of file {it.pk} ({it.name})" for it in damaged
    }


def test_the_ledger_names_the_event_that_says_otherwise(east, case):
    Case.objects.filter(pk=case.pk).update(title="没有隐患")
    (finding,) = verify(east.zone.pk).findings
    event = Event.objects.get(zone_id=east.zone.pk, seq=finding.seq)
    assert (event.kind, event.about_id) == ("case.reported", str(case.pk))
    assert str(finding) == f"{east.zone.pk} {finding.seq} rows {case.number} title"


STRANGE = [  # what no page could have written
    "UPDATE dossiers_dossier SET provenance = '[1]'",
    """UPDATE dossiers_dossier SET provenance = '{"x#y": ["name"]}'""",
    "UPDATE rounds_round SET criteria = '{\"x\": 1.5}'",
    "UPDATE rounds_visit SET answers = '{\"G01\": 1.5}'",
    "UPDATE cases_move SET data = '7'",
]


@pytest.mark.parametrize("statement", STRANGE)
def test_a_record_that_cannot_even_be_read_is_a_finding(east, statement):
    sql(statement)
    assert told(east)
