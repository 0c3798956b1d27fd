import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc

from bihuan.core.codes import (
    USCC_ALPHABET,
    WrongCode,
    check_industry,
    check_phone,
    check_uscc,
    divisions,
    organisation_check_digit,
    sections,
)

VALID = [
    "91110000600037341L",
    "914403001922038216",
    "9144030071526726XG",
    "91330100799655058B",
    "12100000400010275N",
    "N2330106799655058H",  # synthetic: a village collective
]


@pytest.mark.parametrize("code", VALID)
def test_real_codes_are_accepted(code):
    assert check_uscc(code) == code


@pytest.mark.parametrize("code", VALID)
def test_every_single_mistyped_character_is_found(code):
    tried = 0
    for place, right in enumerate(code):
        for char in set(USCC_ALPHABET) - {right}:
            tried += 1
            with pytest.raises(WrongCode):
                check_uscc(code[:place] + char + code[place + 1 :])
    assert tried == 540


@given(st.sampled_from(VALID), st.integers(0, 16))
def test_swapped_neighbours_are_found(code, place):
    swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    if swapped != code:
        with pytest.raises(WrongCode):
            check_uscc(swapped)


@pytest.mark.parametrize(
    "text",
    [
        " 9111 0000 6000 37341l ",
        "９１１１００００６０００３７３４１Ｌ",
        "911100-00600037341L",
        "911100\u201300600037341L",
        "\ufeff91110000600037341L\u200b",
    ],
)
def test_what_people_paste_is_read_as_meant(text):
    assert check_uscc(text) == "91110000600037341L"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("9111000060003734", "has 18 characters; this one has 16"),
        ("91110000600O37341L", "Character 12 is O, which the code never uses. Is it meant to be 0"),
        ("9111000060003734中L", "Character 17 is 中"),
        ("91A10000600037341L", "Characters 3 to 8 .* must be digits, not A10000"),
        ("91110000600037342L", "mistyped"),
        ("", "this one has 0"),
    ],
)
def test_the_refusal_names_what_is_wrong(text, said, english):
    with pytest.raises(WrongCode, match=said):
        check_uscc(text)


def test_the_organisation_code_inside_is_checked_as_well(english):
    wrong = "91110000600037342"
    whole = wrong + uscc.calc_check_digit(wrong)
    assert uscc.is_valid(whole)
    with pytest.raises(WrongCode, match="organisation code"):
        check_uscc(whole)


def test_organisation_codes_may_end_in_x():
    assert organisation_check_digit("71526726") == "X"


@given(st.text())
def test_no_text_breaks_the_reading(text):
    with pytest.raises(WrongCode):
        check_uscc(text)


@pytest.mark.parametrize(
    ("text", "code", "section", "division"),
    [
        ("C", "C", "制造业", ""),
        ("c33", "C33", "制造业", "金属制品业"),
        ("3311", "C3311", "制造业", "金属制品业"),
        ("Ｃ３３１１", "C3311", "制造业", "金属制品业"),
        ("0111", "A0111", "农、林、牧、渔业", "农业"),
        ("F5265", "F5265", "批发和零售业", "零售业"),
    ],
)
def test_industries_find_their_section(text, code, section, division):
    found = check_industry(text)
    assert (found.code, found.section_name, found.division_name) == (code, section, division)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "letter A to T"),
        ("Z33", "letter A to T"),
        ("C3", "letter A to T"),
        ("C33111", "letter A to T"),
        ("99", "no division 99"),
        ("A3311", "belongs to section C, not A"),
        ("制造业", "letter A to T"),
    ],
)
def test_wrong_industries_are_refused_with_the_reason(text, said, english):
    with pytest.raises(WrongCode, match=said):
        check_industry(text)


def test_the_classification_is_whole():
    assert "".join(sections()) == "ABCDEFGHIJKLMNOPQRST"
    assert list(divisions()) == [f"{n:02}" for n in range(1, 98)]


@pytest.mark.parametrize(
    "text", ["13812341234", "138 1234 1234", "+86 138-1234-1234", "１３８１２３４１２３４"]
)
def test_mobile_numbers(text):
    assert check_phone(text) == "13812341234"


@pytest.mark.parametrize("text", ["1381234123", "23812341234", "12812341234", "无", ""])
def test_wrong_mobile_numbers(text):
    with pytest.raises(WrongCode):
        check_phone(text)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("13812341234", "13812341234"),
        ("0355-8512345", "0355-8512345"),
        ("（0355）8512345", "0355-8512345"),
        ("010 62512345", "010-62512345"),
        ("8512345", "8512345"),
        ("0355-8512345转8001", "0355-8512345转8001"),
        ("0355-8512345 ext 12", "0355-8512345转12"),
        ("400-123-4567", "4001234567"),
        ("12350", "12350"),
        ("119", "119"),
    ],
)
def test_phones(text, number):
    assert check_phone(text) == number


@pytest.mark.parametrize("text", ["", "同上", "123", "138123412345", "0355", "85123"])
def test_wrong_phones(text):
    with pytest.raises(WrongCode):
        check_phone(text)
