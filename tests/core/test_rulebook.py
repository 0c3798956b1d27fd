from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.core.rulebook import (
    Confidence,
    NotInForce,
    Rule,
    Rulebook,
    caution,
    read,
    rule,
    rulebook,
)

TODAY = date(2026, 11, 23)
EVERY = rulebook().every_version()

ROW = """
[[rule]]
id = "a.b"
doc = "某规定"
doc_no = "第1号"
article = "第一条"
summary = "……"
valid_from = 2020-01-01
confidence = "{confidence}"
source_note = "正文"
{more}
"""


def written(confidence: str = "A", more: str = "") -> list[Rule]:
    return read(ROW.format(confidence=confidence, more=more))


def test_a_rule_is_found_by_the_day():
    old, new = (rule("hazard.reinspection", on=day) for day in (date(2026, 1, 31), TODAY))
    assert (old.value, old.confidence) == ({"days": 10}, Confidence.RECALLED)
    assert (new.doc_no, new.value) == ("应急管理部令第18号", {})
    assert rulebook().version(old.version) is old


def test_one_word_changed_the_ammonia_rule_and_both_versions_stay():
    before = rule("major.ammonia.2", on=date(2023, 5, 14))
    after = rule("major.ammonia.2", on=date(2023, 5, 15))
    assert "且" in before.summary
    assert "或者" in after.summary


def test_a_rule_is_not_in_force_before_its_day(english):
    with pytest.raises(NotInForce, match="not in force on 2005-01-01"):
        rule("hazard.major", on=date(2005, 1, 1))


def test_a_rule_that_ended_is_refused():
    ended = Rulebook(written(more="valid_to = 2021-12-31"))
    assert ended.rule("a.b", on=date(2021, 12, 31))
    with pytest.raises(NotInForce):
        ended.rule("a.b", on=date(2022, 1, 1))


def test_what_was_never_written_down_is_a_mistake_of_ours():
    with pytest.raises(KeyError):
        rule("no.such", on=TODAY)
    with pytest.raises(KeyError):
        rulebook().version("hazard.major@1999-01-01")
    with pytest.raises(KeyError):
        rulebook().version("no.such@2008-02-01")


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (written(more="valid_to = 2019-12-31"), "ends before it begins"),
        (written("U", "value = { days = 10 }"), "unverified and yet has numbers"),
        (written() + written(), "begins while"),
    ],
)
def test_rows_that_contradict_each_other_are_refused(rows, said):
    with pytest.raises(ValueError, match=said):
        Rulebook(rows)


def test_an_unknown_confidence_or_column_is_refused():
    with pytest.raises(ValueError, match="D"):
        written("D")
    with pytest.raises(TypeError):
        written(more='colour = "red"')


@pytest.mark.parametrize(
    ("confidence", "warned"), [("A", False), ("B", False), ("C", True), ("U", True)]
)
def test_people_are_told_to_check_what_is_not_certain(confidence, warned, english):
    (row,) = written(confidence, more="header_checked = true")
    assert caution(row) == ("check against the original" if warned else "")
    (recalled,) = written(confidence)
    assert caution(recalled) == "check against the original"


@pytest.mark.parametrize("row", EVERY, ids=lambda row: row.version)
def test_every_row_says_where_it_comes_from(row):
    assert row.doc
    assert row.summary
    assert row.source_note
    assert row.citation.startswith(f"《{row.doc}》")
    assert all(isinstance(number, int) for number in row.value.values())
    if row.confidence is Confidence.READ:
        assert row.article


def test_versions_are_unique():
    assert len({row.version for row in EVERY}) == len(EVERY)


@given(st.sampled_from(EVERY), st.integers(-4000, 4000))
def test_at_most_one_version_holds_on_any_day(row, away):
    day = row.valid_from + timedelta(days=away)
    holding = [other for other in EVERY if other.id == row.id and other.holds_on(day)]
    assert len(holding) <= 1
    assert [found.id for found in rulebook().in_force(on=day, prefix=row.id)].count(row.id) == len(
        holding
    )


def test_deadlines_of_the_loop_are_at_hand():
    assert rule("equipment.reinspection", on=TODAY).value["working_days"] == 10
    assert rule("work-safety-act.78", on=TODAY).value["working_days"] == 7
    assert rule("work-safety-act.24", on=TODAY).value["headcount_over"] == 100
    assert rule("procedure.two-officers", on=TODAY).value["officers"] == 2
