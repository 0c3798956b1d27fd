from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import pytest

from bihuan.ledger.rules.body import Entry, canonical, head_of, sealed, tail_of, utc_text

ZONE = UUID("0199f000-0000-7000-8000-000000000001")
AT = datetime(2026, 11, 23, 14, 56, 7, tzinfo=timezone(timedelta(hours=8)))
WHO = "system:test"


def write(entry: Entry, **changes: object) -> str:
    given = {"actor": WHO, "at": AT, "seq": 7, "zone_id": ZONE, "origin": "here"} | changes
    return canonical(entry, **given)


def test_a_body_has_one_spelling():
    entry = Entry(
        "case.closed",
        ("case", "42"),
        {"to": "closed", "from": "submitted", "n": 3, "on": date(2026, 11, 23), "why": None},
        ["ab" * 32],
    )
    assert write(entry) == (
        '{"about":["case","42"],"actor":"system:test","at":"2026-11-23T06:56:07.000000Z",'
        '"data":{"from":"submitted","n":3,"on":"2026-11-23","to":"closed","why":null},'
        f'"files":["{"ab" * 32}"],"kind":"case.closed","origin":"here","seq":7,"v":1,'
        f'"zone":"{ZONE}"}}'
    )


def test_text_is_composed_and_stays_readable():
    assert '"name":"Café 闭环"' in write(Entry("a.b", ("x", "1"), {"name": "Cafe\u0301 闭环"}))


def test_a_body_begins_and_ends_as_its_columns_say():
    body = write(Entry("case.closed", ("case", "42"), {"kind": "x"}))
    assert body.startswith(head_of("case", "42", WHO, utc_text(AT)))
    assert body.endswith(tail_of("case.closed", "here", 7, str(ZONE)))


@pytest.mark.parametrize(
    "value", [1.5, {"a": [1.0]}, {1: "x"}, b"x", object(), {"at": {"deep": {2.0}}}]
)
def test_what_has_two_spellings_is_refused(value):
    with pytest.raises(TypeError, match=r"data"):
        write(Entry("a.b", ("x", "1"), {"it": value}))


def test_decimals_and_ids_are_written_out():
    body = write(Entry("a.b", ("x", "1"), {"m2": Decimal("1E+2"), "id": ZONE, "at": AT}))
    assert f'"data":{{"at":"2026-11-23T06:56:07.000000Z","id":"{ZONE}","m2":"100"}}' in body


@pytest.mark.parametrize(
    ("entry", "changes"),
    [
        (Entry("closed", ("case", "1")), {}),
        (Entry("Case.closed", ("case", "1")), {}),
        (Entry("case.closed", ('ca"se', "1")), {}),
        (Entry("case.closed", ("case", "a\\b")), {}),
        (Entry("case.closed", ("case", "")), {}),
        (Entry("case.closed", ("case", "1"), None, ["AB" * 32]), {}),
        (Entry("case.closed", ("case", "1"), None, ["ab"]), {}),
        (Entry("case.closed", ("case", "1")), {"origin": "there"}),
        (Entry("case.closed", ("case", "1")), {"actor": 'x","at":"y'}),
    ],
)
def test_names_that_would_break_the_frame_are_refused(entry, changes):
    with pytest.raises(ValueError, match=r"cannot name|no kind|no SHA|no origin"):
        write(entry, **changes)


def test_a_time_without_zone_is_refused():
    with pytest.raises(TypeError):
        write(Entry("a.b", ("x", "1")), at=datetime(2026, 1, 1))  # noqa: DTZ001


def test_times_are_utc_to_the_microsecond():
    assert utc_text(datetime(2026, 1, 1, 0, 0, 0, 5, tzinfo=UTC)) == "2026-01-01T00:00:00.000005Z"


def test_a_seal_hides_the_value_and_needs_its_salt():
    salt = bytes(range(16))
    assert sealed("13812345678", salt) == sealed("13812345678", salt)
    assert sealed("13812345678", salt) != sealed("13812345678", bytes(16))
    assert "138" not in sealed("13812345678", salt)[:3]
    with pytest.raises(ValueError, match="16"):
        sealed("x", b"short")
