import pytest

from bihuan.core.masking import mask_id_number, mask_name, mask_phone, mask_phones_in


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("13812341234", "138****1234"),
        ("+86 138 1234 1234", "138****1234"),
        ("0355-8512345", "0355-851****"),
        ("", ""),
        ("119", "***"),
    ],
)
def test_phones(phone, shown):
    assert mask_phone(phone) == shown


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("140402199001011234", "140***********1234"),
        ("14040219900101123X", "140***********123X"),
        ("12345", "*****"),
        ("", ""),
    ],
)
def test_id_numbers(number, shown):
    assert mask_id_number(number) == shown


@pytest.mark.parametrize(
    ("name", "shown"), [("张三", "张*"), ("欧阳修", "欧**"), ("李", "李"), ("", "")]
)
def test_names(name, shown):
    assert mask_name(name) == shown


def test_numbers_in_running_text():
    assert mask_phones_in("联系13812341234或0355") == "联系138****1234或0355"
    assert mask_phones_in("编号2138123412345") == "编号2138123412345"
