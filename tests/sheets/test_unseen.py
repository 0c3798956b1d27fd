"""Sheets as offices send them: several tables on one, marks, words and wrappings around a value."""

import contextlib
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from bihuan.core.refusals import Refused
from bihuan.dossiers.models import Dossier
from bihuan.rounds.models import Visit
from bihuan.safety.importers import words
from bihuan.sheets import actions
from bihuan.sheets.models import SheetRow
from bihuan.sheets.queries import refused_rows, remarks_on
from bihuan.sheets.rules import cells, dates, headers
from bihuan.sheets.rules.cells import Noted, Unreadable
from tests.factories.dossiers import DossierFactory
from tests.sheets.conftest import xlsx
from tests.sheets.test_reading import COLUMNS, read

ABOVE = [
    ["一、规上企业"],
    ["序号", "企业名称", "主要负责人", "从业人数"],
    [1, "甲厂", "张三", 100],
    [2, "乙厂", "李四", "很多"],
]
BELOW = [
    ["二、规下企业"],
    ["序号", "单位名称", "从业人数", "负责人", "联系方式", "地址"],
    [1, "丙厂", 10, "王五", "13803568003", "南街"],
    [2, "丁厂", "不少", "赵六", "13803568004", "北街"],
]


def taken(found):
    """Return a value and whether it was noted."""
    return (found.value, True) if isinstance(found, Noted) else (found, False)


def test_a_second_table_below_with_other_headings_is_read_by_its_own(take, confirm):
    batch = take("enterprises", "名单.xlsx", xlsx([*ABOVE, [], *BELOW]))
    assert batch.counts == {"new": 2, "refused": 2}
    first, second = (it["name"] for it in batch.sheets)
    assert [(row.sheet, row.number) for row in SheetRow.objects.filter(verdict="new")] == [
        (first, 3),
        (second, 8),
    ]
    assert [row.raw[:3] for row in refused_rows(batch, second)] == [[2, "丁厂", "不少"]]
    confirm(batch)
    assert set(Dossier.objects.values_list("name", flat=True)) == {"甲厂", "丙厂"}


def test_sheets_written_have_names_that_excel_takes(clerk, now):
    wanted = ["2025/11检查[全部]", "", "a" * 40, "A" * 40, "'引号'"]
    tables = [(name, ["列"], [["值"]]) for name in wanted]
    with actions.save_tables(tables=tables, by=clerk, at=now) as book:
        names = CalamineWorkbook.from_filelike(book).sheet_names
    assert len({it.lower() for it in names}) == len(wanted)
    assert [names[0], names[4]] == ["2025 11检查 全部", "引号"]


def test_rows_above_the_headings_are_never_lost_silently(take):
    unknown = [["编码", "客商", "电话"], ["K1", "旧厂", "5221234"], [None] * 3]
    batch = take("enterprises", "名单.xlsx", xlsx([*unknown, *ABOVE[1:3]]))
    assert batch.counts == {"new": 1}
    assert "旧厂" in " ".join(remarks_on(batch))


def test_tables_side_by_side_are_refused():
    row = ["序号", "企业名称", "电话"]
    with pytest.raises(Refused, match="side by side"):
        headers.find(
            [[*row, None, *row], [1, "甲厂", "5221234", None, 2, "乙厂", "5221235"]], COLUMNS
        )


def test_the_row_that_numbers_the_columns_is_no_data(take):
    head = ["序号", "单位详细\n名称", "主要负责人", "从业人员\n期末人数"]
    batch = take(
        "enterprises", "a.xlsx", xlsx([head, ["甲", "乙", "丙", 1], [1, "甲厂", "张三", 9]])
    )
    assert batch.counts == {"new": 1}


def test_headings_in_two_languages_and_all_that_were_found(take):
    head = ["Company Name 企业名称", "Contact Person 负责人", "Email 地址"]
    batch = take("enterprises", "a.xlsx", xlsx([head, ["甲厂", "Bob 王", "a@b.cn"]]))
    assert (batch.counts, batch.sheets[0]["ignored"]) == ({"new": 1}, ["Email 地址"])
    over = [["企业名称", "挂牌时间", "五落实", ""], ["", "", "整改措施", "整改资金"]]
    assert "企业名称" in take("hazards", "b.xlsx", xlsx(over)).reason


@pytest.mark.parametrize(
    ("written", "meant", "noted"),
    [
        ("二〇二五年三月七日", "2025-03-07", False),
        ("2025年十一月二十三日", "2025-11-23", False),
        ("二○二五年十月十日", "2025-10-10", False),
        ("2025、3、13", "2025-03-13", False),
        ("2025。3。16", "2025-03-16", False),
        ("2025年3月18日（周二）", "2025-03-18", False),
        ("2025-03-24 星期一", "2025-03-24", False),
        ("2025.3.19-20", "2025-03-19", True),
        ("2025年3月21-22日", "2025-03-21", True),
        ("2025-06-10至2025-06-11", "2025-06-10", True),
    ],
)
def test_days_in_words_and_between_other_marks(written, meant, noted):
    assert taken(dates.exact_day(written)) == (meant, noted)


@pytest.mark.parametrize(
    "wrong", ["无至2025-03-01", "二〇二五年十三月七日", "25.3.9", "3/17/2025", "2025.03."]
)
def test_what_is_no_one_day(wrong):
    with pytest.raises(Unreadable):
        dates.exact_day(wrong)


READERS = (
    dates.day, dates.exact_day, dates.day_or_span, cells.credit_code, cells.phone, cells.name,
    cells.whole, cells.yes_no,
)  # fmt: skip


@given(
    st.text("〇零二三十廿年月日号底前限至到-./、。,:T ()（）周六13579转★停产Ee+\u202d", max_size=14)
)
def test_what_looks_like_a_value_is_one_or_is_refused(text):
    """A day is a day of the calendar, whatever was written; nothing else is raised."""
    for reader in READERS:
        with contextlib.suppress(Unreadable):
            value = taken(reader(text))[0]
            if value and reader in (dates.day, dates.exact_day):
                date.fromisoformat(value)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2025年3月底前", "2025-03-31"),
        ("限期2025年11月20日前完成", "2025-11-20"),
        ("限7日内", "+7"),
        ("现场整改", "+0"),
    ],
)
def test_deadlines(written, meant):
    assert dates.day_or_span(written) == meant


@pytest.mark.parametrize(
    ("name", "sheet"),
    [("检查台账2025年.xlsx", "1月"), ("检查台账.xlsx", "2025年1月"), ("a.xlsx", "2025")],
)
def test_the_year_may_stand_in_the_name_of_the_file_or_the_sheet(name, sheet):
    rows = [["企业名称", "电话"], ["甲厂", "1"]]
    assert headers.find(rows, COLUMNS, (sheet, name.removesuffix(".xlsx"))).year == 2025
    assert headers.find(rows, COLUMNS, ("1月", "导出2025-11-03")).year is None


def test_days_without_a_year_are_completed_in_every_sheet(take, confirm, zone):
    DossierFactory(zone=zone, name="甲厂")
    rows = [["日期", "企业", "检查人"], ["1.5", "甲厂", "张三"], ["1月12日", "甲厂", "张三"]]
    batch = take("visits", "检查2025年.xlsx", xlsx(rows))
    assert batch.counts == {"new": 2}
    confirm(batch)
    days = Visit.objects.order_by("visited_on").values_list("visited_on", flat=True)
    assert [day.isoformat() for day in days] == ["2025-01-05", "2025-01-12"]


@pytest.mark.parametrize(
    ("written", "meant", "noted"),
    [
        ("13800000000/13900000000", "13800000000", True),
        ("13800000001、\n13900000001", "13800000001", True),
        ("办公室0356-5221235", "0356-5221235", True),
        ("13800000005（办）", "13800000005", True),
        ("(0356)8123456-802", "(0356)8123456转802", False),
        ("0356-8123456转801", "0356-8123456转801", False),
        ("\u202d13835610101\u202c", "13835610101", False),
        ("138-0000-0003", "138-0000-0003", False),
        (13835512345.0, "13835512345", False),
    ],
)
def test_telephones_among_other_things(written, meant, noted):
    assert taken(cells.phone(written)) == (meant, noted)


CODE = "91110000600037341L"


@pytest.mark.parametrize(
    "written",
    [
        CODE.lower(), f"{CODE}（三证合一）", f"统一社会信用代码：{CODE}", f"{CODE}(1-1)", f"{CODE}1-1", f"{CODE} 1-1",
        f"'{CODE}", f"{CODE}\t",
    ],
)  # fmt: skip
def test_a_credit_code_among_other_things(written):
    assert cells.credit_code(written) == CODE


@pytest.mark.parametrize("written", ["办理中", "个体户", "（新办）"])
def test_words_are_no_credit_code(written):
    assert taken(cells.credit_code(written)) == (None, True)


@pytest.mark.parametrize(
    ("written", "meant", "noted"),
    [
        ("★山西甲有限公司", "山西甲有限公司", False),
        ("3、山西甲有限公司*", "山西甲有限公司", False),
        ("山西甲有限公司(停产)", "山西甲有限公司", True),
        ("山西甲（集团）有限公司", "山西甲（集团）有限公司", False),
        ("360科技公司", "360科技公司", False),
    ],
)
def test_marks_of_a_list_are_no_part_of_a_name(written, meant, noted):
    assert taken(cells.name(written)) == (meant, noted)


def test_a_number_with_a_remark():
    assert taken(cells.whole("120（其中女工30人）")) == (120, True)
    assert cells.yes_no("是（2021年）") is True


@pytest.mark.parametrize("name", ["a.csv", "a.xls", "a.xlsx"])
def test_text_is_read_whatever_it_is_called(tmp_path, name):
    text = '企业名称\t信用代码\r\n甲厂\t="0123"\r\n'
    assert read(tmp_path, name, text.encode("gb18030")) == [
        ["企业名称", "信用代码"],
        ["甲厂", "0123"],
    ]


EXCEL_2003 = """<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>
<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">
<Worksheet ss:Name="表"><Table><Row><Cell ss:MergeAcross="2"><Data ss:Type="String">企业列表</Data></Cell></Row>
<Row ss:Index="3"><Cell><Data>企业名称</Data></Cell><Cell><Data>网格</Data></Cell><Cell><Data>人数</Data></Cell></Row>
<Row><Cell><Data>甲厂</Data></Cell><Cell ss:Index="3"><Data ss:Type="Number">15</Data></Cell></Row>
</Table></Worksheet></Workbook>"""


def test_xml_as_excel_2003_wrote_it(tmp_path):
    assert read(tmp_path, "a.xls", EXCEL_2003.encode()) == [
        ["企业列表", "", ""], [], ["企业名称", "网格", "人数"], ["甲厂", "", "15"],
    ]  # fmt: skip


def test_rows_far_below_in_xml_are_too_many(tmp_path):
    far = EXCEL_2003.replace('Row ss:Index="3"', 'Row ss:Index="99999999"')
    with pytest.raises(Refused, match="too large"):
        read(tmp_path, "a.xls", far.encode())


def test_circled_numbers_part_a_cell_without_other_marks():
    assert words.numbered("①电线乱接②油品未隔离") == ["电线乱接", "油品未隔离"]
    assert words.numbered("见图①处") == ["见图①处"]


def test_several_names_in_one_cell_are_told(take, zone):
    DossierFactory(zone=zone, name="甲公司")
    rows = [["包联企业", "包联干部"], ["甲公司、乙公司", "石岩"]]
    batch = take("contacts", "a.xlsx", xlsx(rows))
    assert "2" in SheetRow.objects.get(batch=batch).reason
