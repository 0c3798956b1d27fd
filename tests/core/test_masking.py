import pytest

from bihuan.core.masking import mask_phone, mask_phones_in


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


def test_numbers_in_running_text():
    assert mask_phones_in("联系13812341234或0355") == "联系138****1234或0355"
    assert mask_phones_in("编号2138123412345") == "编号2138123412345"
