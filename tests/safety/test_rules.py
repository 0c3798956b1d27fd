import tomllib
from datetime import date
from pathlib import Path

import pytest
from django.utils import translation

from bihuan import safety
from bihuan.cases.rules.declaration import (
    ENDS,
    HAND_NAMES,
    STATUS_NAMES,
    Grade,
    Hand,
    Kind,
    Status,
    faults,
)
from bihuan.cases.rules.moves import FOR_MAJOR, STANDARD
from bihuan.core.composition import listed
from bihuan.core.permissions import ROLES
from bihuan.enterprises.models import Sector
from bihuan.rounds.forms.visit import CLAUSE_LENGTH, cited
from bihuan.rounds.rules.checklist import AnswerKind, content_of
from bihuan.rounds.rules.coverage import PRESETS
from bihuan.safety.rules import CATEGORIES, HAZARD, Mandate, statutory_refusal
from tests.architecture.house import ROOT

FILES = sorted((Path(safety.__file__).parent / "checklists").glob("*.toml"))
DAY = date(2026, 9, 15)


def read(path):
    return content_of(tomllib.loads(path.read_text("utf-8")))


@pytest.fixture
def chinese():
    with translation.override("zh-hans"):
        yield


@pytest.mark.parametrize(
    "kind", [k for k in listed("KINDS") if isinstance(k, Kind)], ids=lambda kind: kind.code
)
def test_every_kind_of_case_is_sound(kind):
    assert faults(kind) == []
    assert {step.role for step in kind.ladder} <= set(ROLES)


def test_a_hazard_has_every_move_of_the_loop():
    assert set(HAZARD.moves) == {*STANDARD, *FOR_MAJOR}
    assert [step.role for step in HAZARD.ladder] == ["contact", "cell_leader", "leader"]
    assert HAZARD.deadlines.keys() == set(Grade)
    assert all("国家" in str(d.basis) or "state" in str(d.basis) for d in HAZARD.deadlines.values())


def test_there_is_a_checklist_for_each_key_sector_and_two_for_all():
    contents = [read(path) for path in FILES]
    assert {content.sector for content in contents} == {"", *Sector.values}
    codes = {content.code for content in contents}
    assert {"general", "holiday"} <= codes
    assert {preset.checklist for preset in PRESETS.values()} <= codes


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_supplied_checklist_finds_what_the_loop_knows(path):
    content = read(path)
    assert content.code == path.stem
    assert len(content.items) >= 10
    for item in content.items:
        if item.kind is AnswerKind.YES_NO:
            assert item.finds.category in CATEGORIES, item.code
            assert item.clauses or content.code == "holiday", f"{item.code} rests on nothing"
        assert len(cited(item)) <= CLAUSE_LENGTH
        assert not item.clauses or cited(item), f"{item.code}: no clause fits"


def test_what_was_not_read_in_the_original_says_so():
    unread = {
        f"{path.stem}/{item.code}" for path in FILES for item in read(path).items if item.unread
    }
    # What the sources mark C or U; anything else here, or missing, is a mistake of the data.
    assert {"industry_trade/M16", "industry_trade/M09", "fire/X13", "chemicals/H09"} <= unread
    assert "general/G07" not in unread
    assert "industry_trade/M01" not in unread


def test_superseded_regulations_are_never_shown_as_certain():
    for path in FILES:
        for item in read(path).items:
            for clause in item.clauses:
                if clause.document == "危险化学品安全管理条例":
                    assert clause.unread, f"{path.stem}/{item.code}"


def test_ammonia_is_judged_by_or_and_not_by_and():
    (item,) = [item for item in read(FILES[[p.stem for p in FILES].index("industry_trade")]).items
               if item.code == "M16"]  # fmt: skip
    assert "或者" in item.finds.phrase
    assert "且" not in item.finds.phrase


@pytest.mark.parametrize(
    ("mandates", "officers", "allowed"),
    [
        ([], ["A1", "A2"], False),
        ([Mandate("u", date(2026, 1, 1), None)], ["A1"], False),
        ([Mandate("u", date(2026, 1, 1), None)], ["A1", "A1"], False),
        ([Mandate("u", date(2026, 1, 1), None)], ["A1", "A2"], True),
        ([Mandate("u", date(2026, 10, 1), None)], ["A1", "A2"], False),
        ([Mandate("u", date(2026, 1, 1), DAY)], ["A1", "A2"], False),
        ([Mandate("u", DAY, date(2026, 9, 16))], ["A1", "A2"], True),
    ],
)
def test_statutory_forms_need_powers_on_record_and_two_officers(mandates, officers, allowed):
    assert (statutory_refusal(mandates, officers, DAY) is None) == allowed


def mermaid(kind: Kind) -> str:
    """Draw the states of a kind as the guide shows them."""
    names = {status: str(STATUS_NAMES[status]) for status in Status}
    lines = ["stateDiagram-v2", "    [*] --> open", *(f"    {s}: {names[s]}" for s in Status)]
    for rule in kind.moves:
        if rule.target is None or rule.hand is Hand.SYSTEM:
            continue
        for source in Status:
            if source in rule.sources:
                lines.append(f"    {source} --> {rule.target}: {rule.label_at(source)}")
    lines += [f"    {end} --> [*]" for end in Status if end in ENDS]
    return "\n".join(lines)


def test_the_guide_draws_the_loop_as_it_is_declared(chinese):
    guide = (ROOT / "docs" / "guide" / "隐患闭环.md").read_text("utf-8")
    drawn = guide.split("```mermaid\n")[1].split("\n```")[0]
    assert drawn == mermaid(HAZARD)


def test_the_guide_names_every_move_and_who_makes_it(chinese):
    guide = (ROOT / "docs" / "guide" / "隐患闭环.md").read_text("utf-8")
    for rule in HAZARD.moves:
        able = "、".join(str(r.name) for r in ROLES.values() if rule.permission in r.permissions)
        assert f"| {rule.label} | {HAND_NAMES[rule.hand]} | {able or '—'} |" in guide


def test_what_is_found_opens_cases_of_exactly_one_kind_that_visits_can_move():
    found = [kind for kind in listed("KINDS") if kind.is_found]
    assert len(found) == 1
    assert {"assign", "fix_on_spot"} <= {rule.name for rule in found[0].moves}
