"""Files, hostile and merely odd."""

import io
import zipfile

import pytest

from bihuan.core.refusals import Refused
from bihuan.sheets.rules import headers, reading
from bihuan.sheets.rules.cells import text
from bihuan.sheets.rules.headers import Column
from tests.sheets.conftest import xlsx


def read(tmp_path, name, content):
    path = tmp_path / "file"
    path.write_bytes(content)
    (sheet,) = reading.open_book(path, name).sheets
    return list(sheet.rows())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030"])
@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_text_in_any_encoding(tmp_path, encoding, separator):
    lines = [["企业名称", "人数"], ["示例厂", "12"]]
    content = "\r\n".join(separator.join(line) for line in lines).encode(encoding)
    assert read(tmp_path, "a.csv", content) == lines


def test_what_excel_calls_unicode_text(tmp_path):
    content = "企业名称\t人数\r\n示例厂\t12\r\n".encode("utf-16")
    assert read(tmp_path, "a.txt", content) == [["企业名称", "人数"], ["示例厂", "12"]]


def test_a_web_page_called_xls_is_read_as_what_it_is(tmp_path):
    page = (
        "<html><table><tr><td colspan=2>清单</td></tr><tr><th>企业名称<th>网格</tr>"
        "<tr><td>甲厂</td><td rowspan=2>一网格</td></tr><tr><td>乙厂</td></tr></table>"
    )
    assert read(tmp_path, "a.xls", page.encode()) == [
        ["清单", ""], ["企业名称", "网格"], ["甲厂", "一网格"], ["乙厂", "一网格"],
    ]  # fmt: skip


def sheet_with(cells: str) -> bytes:
    """Return a workbook whose one sheet holds this XML, with everything else sound."""
    sound = io.BytesIO(xlsx([["a"]]))
    made = io.BytesIO()
    with (
        zipfile.ZipFile(sound) as source,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for part in source.infolist():
            content = source.read(part)
            if part.filename == "xl/worksheets/sheet1.xml":
                content = (
                    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
                    f"<sheetData>{cells}</sheetData></worksheet>"
                ).encode()
            target.writestr(part.filename, content)
    return made.getvalue()


HOSTILE = {
    "empty": ("a.xlsx", b""),
    "a picture": ("a.xlsx", b"\x89PNG\r\n\x1a\n" + b"0" * 100),
    "a zip that is none": ("a.xlsx", b"PK\x03\x04" + b"0" * 100),
    "an old workbook that is none": ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"0" * 600),
    "a far corner": (
        "a.xlsx",
        sheet_with('<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'),
    ),
    "a thousand columns": (
        "a.xlsx",
        sheet_with('<row r="1"><c r="ALL1"><v>1</v></c></row>'),
    ),
    "a bomb": ("a.xlsx", sheet_with("<row>" + " " * 300_000_000 + "</row>")),
    "ten thousand tables in each other": ("a.xls", b"<html>" + b"<table><tr><td>" * 10_000),
    "cells over millions of columns": (
        "a.xls", b"<table>" + b"<tr>" + b"<td rowspan=99999999 colspan=99999999>a</td>" * 5000,
    ),
    "a million columns of text": ("a.csv", b"a" + b"," * 1_000_000),
    "an entity that grows": (
        "a.xlsx",
        sheet_with('<row r="1"><c r="A1" t="inlineStr"><is><t>&j;</t></is></c></row>'),
    ),
    "zeros called csv": ("a.csv", b"\x00" * 500),
    "a program called txt": ("a.exe", b"MZ" + b"\x90" * 200),
}  # fmt: skip


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_files_are_refused_with_a_sentence(tmp_path, case):
    with pytest.raises(Refused) as refused:
        read(tmp_path, *HOSTILE[case])
    assert str(refused.value)


def test_a_formula_is_read_as_what_it_shows(tmp_path):
    rows = read(tmp_path, "a.xlsx", xlsx([["企业名称"], ['=HYPERLINK("http://x","y")']]))
    assert rows[1][0] in (0, 0.0, "0", "")  # never the formula's text, never evaluated


COLUMNS = (
    Column("name", "企业名称", text, ("单位名称",), required=True),
    Column("phone", "联系电话", text, ("电话",)),
    Column("cell", "网格", text),
)


def test_headings_are_found_below_titles_and_blank_rows():
    rows = [
        ["某开发区企业台账", None, None],
        [None] * 3,
        ["填报单位：安监站"],
        ["序号", "单位名称\n（全称）", "电 话*"],
    ]
    found = headers.find(rows, COLUMNS)
    assert (found.heading_row, found.places) == (3, {"name": 1, "phone": 2})
    assert (found.ignored, found.serial) == ((), 0)


def test_two_rows_of_headings_are_read_as_one():
    rows = [
        ["企业名称", "联系方式", None],
        [None, "联系电话", "网格"],
        ["示例厂", "0355-1234567", "一网格"],
    ]
    found = headers.find(rows, COLUMNS)
    assert (found.heading_row, found.places) == (1, {"name": 0, "phone": 1, "cell": 2})


def test_a_missing_heading_is_named():
    with pytest.raises(Refused, match="企业名称"):
        headers.find([["电话", "网格"]], COLUMNS)


def test_what_headings_were_found_instead_is_told():
    sheet = [("2026年汇总表", None, None), ("序列", "啥东西", "数量"), (1, "灭火器", 3)]
    with pytest.raises(Refused, match="啥东西"):
        headers.find(sheet, COLUMNS)
    with pytest.raises(Refused, match="empty"):
        headers.find([(None, None), ("", " ")], COLUMNS)
