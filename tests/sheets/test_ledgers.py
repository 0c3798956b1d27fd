"""Ledgers as offices keep them: several sheets, merged cells, notes below, words for everything."""

import io
from datetime import date

import pytest
import xlsxwriter

from bihuan.cases.models import Case
from bihuan.dossiers.models import Dossier, Source
from bihuan.enterprises.models import Enterprise
from bihuan.ledger.models import Event
from bihuan.rounds.models import Visit
from bihuan.sheets import actions
from bihuan.sheets.models import SheetRow
from bihuan.sheets.queries import remarks_on
from tests.factories.dossiers import DossierFactory
from tests.factories.zones import CellFactory, PostFactory
from tests.sheets.conftest import xlsx


def rows_of(batch):
    return list(SheetRow.objects.filter(batch=batch).order_by("pk"))


def verdicts(batch):
    return [row.verdict for row in rows_of(batch)]


def book(sheets, merged=(), hidden=()) -> bytes:
    """Return a workbook of sheets by name; merged are (sheet, first row, column, last row)."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as made:
        for name, rows in sheets.items():
            sheet = made.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
            for which, first, column, last in merged:
                if which == name:
                    sheet.merge_range(first, column, last, column, rows[first][column])
            if name in hidden:
                sheet.hide()
    return file.getvalue()


def test_every_sheet_is_read_and_what_is_not_is_said(take, confirm):
    head = ["企业名称", "主要负责人", "面积"]
    sheets = {
        "米山": [head, ["甲厂", "张三", "3.5亩"]],
        "马村": [["马村名单"], head, ["乙厂", "李四", 2], ["甲厂", "张三", 1]],
        "说明": [["一、分园区填写"]],
        "旧": [head, ["旧厂", "王五", 1]],
    }
    batch = take("enterprises", "名单.xlsx", book(sheets, hidden=("旧",)))
    assert [(row.sheet, row.number, row.verdict) for row in rows_of(batch)] == [
        ("米山", 2, "new"), ("马村", 3, "new"), ("马村", 4, "refused"),
    ]  # fmt: skip
    assert "“米山”第 2 行（甲厂）" in rows_of(batch)[2].reason
    said = " ".join(remarks_on(batch))
    assert all(word in said for word in ("面积", "说明", "旧"))
    confirm(batch)
    assert set(Dossier.objects.values_list("name", flat=True)) == {"甲厂", "乙厂"}


def test_headings_merged_over_two_rows_name_the_columns_below_them(take, confirm):
    rows = [
        ["单位名称", "主要负责人", "", "安全管理人员", ""],
        ["单位名称", "姓名", "联系电话", "姓名", "联系电话"],
        ["甲厂", "张三", "13835551234", "李四", "0356-5223344"],
    ]
    confirm(take("enterprises", "a.xlsx", book({"表": rows}, merged=(("表", 0, 0, 1),))))
    enterprise = Enterprise.objects.get()
    assert (enterprise.principal, enterprise.principal_phone) == ("张三", "13835551234")
    assert (enterprise.safety_manager, enterprise.safety_manager_phone) == ("李四", "0356-5223344")


def test_sums_notes_and_repeated_headings_are_no_data_and_are_told(take):
    head = ["序号", "企业名称", "主要负责人"]
    rows = [
        head, [1, "甲厂", "张三"], head, [2, "乙厂", "李四"],
        ["小计：2家", "", ""], ["合  计", "", 2], ["填表说明：1.如实填写", "", ""],
        ["2.规上打√", "", ""], ["填表人：王芳", "", "审核人：赵局"],
    ]  # fmt: skip
    batch = take("enterprises", "a.xlsx", xlsx(rows))
    assert [row.number for row in rows_of(batch)] == [2, 4]
    assert [number for number, _text in batch.sheets[0]["asides"]] == [3, 5, 6, 7, 8, 9]


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (["甲厂", "张三", 911404000000001600, "120"], "15"),
        (["甲厂", "张三", "9.1140405E+17", "120"], "15"),
        (["甲厂", "张三", "", "30余人"], "30余人"),
        (["甲厂", "张三", "#N/A", "30"], "公式"),
        (["甲厂", "", "", "30"], "主要负责人"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_what_to_do(take, cells, said):
    batch = take(
        "enterprises", "a.xlsx", xlsx([["企业名称", "主要负责人", "信用代码", "人数"], cells])
    )
    (row,) = rows_of(batch)
    assert row.verdict == "refused"
    assert said in row.reason


def test_a_formula_that_was_never_computed_is_no_empty_cell(take):
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as made:
        sheet = made.add_worksheet()
        sheet.write_row(0, 0, ["企业名称", "主要负责人", "联系电话"])
        sheet.write_row(1, 0, ["甲厂", "张三"])
        sheet.write_formula(1, 2, "=VLOOKUP(1,A:B,2,0)", None, "")
        sheet.write_row(2, 0, ["乙厂", "李四"])
        sheet.write_formula(2, 2, "=1/0", None, "#DIV/0!")
    batch = take("enterprises", "a.xlsx", file.getvalue())
    assert verdicts(batch)[1] == "refused"


def test_brackets_of_either_width_and_spaces_are_one_name(take, confirm, zone):
    head = ["企业名称", "主要负责人"]
    confirm(take("enterprises", "a.xlsx", xlsx([head, ["山西甲（集团）有限公司", "张三"]])))
    again = take("enterprises", "b.xlsx", xlsx([head, ["山西 甲(集团)有限公司", "张三"]]))
    assert verdicts(again) == ["unchanged"]
    visit = [["受检单位", "检查日期", "检查人"], ["山西甲(集团)有限公司", "2026-03-12", "李四"]]
    assert verdicts(take("visits", "c.xlsx", xlsx(visit))) == ["new"]


def test_one_code_with_two_names_and_one_name_with_and_without_code(take):
    code, other = "91140405000000019L", "91140405000000035A"
    rows = [
        ["企业名称", "信用代码", "主要负责人"],
        ["甲厂", code, "张三"], ["甲集团", code, "张三"],  # one code
        ["乙厂", other, "李四"], ["乙厂", "", "李四"],  # one of them without
    ]  # fmt: skip
    batch = take("enterprises", "a.xlsx", xlsx(rows))
    assert verdicts(batch) == ["new", "refused", "new", "refused"]


def test_a_file_is_refused_in_the_language_of_who_sent_it(take):
    assert "电子表格" in take("enterprises", "a.xls", b"MZ" + b"0" * 100).reason


def test_an_import_is_written_by_who_confirms_it_and_names_who_sent_it(take, zone, now):
    batch = take("enterprises", "a.xlsx", xlsx([["企业名称", "主要负责人"], ["甲厂", "张三"]]))
    other = PostFactory(zone=zone, role="safety_office", person__name="复核员").person
    batch = actions.confirm(batch=batch, by=other, at=now)
    assert batch.confirmed_by == other
    actions.write(batch=batch, by=other, at=now)
    event = Event.objects.get(kind="enterprise.registered")
    assert event.actor == other.actor_id
    source = Source.objects.get()
    assert (source.by_name, "台账员" in source.reference) == ("复核员", True)


def test_rows_refused_after_the_preview_keep_their_cells(take, confirm):
    rows = [["企业名称", "主要负责人", "人数"], ["甲厂", "张三", 9]]
    confirm(take("enterprises", "a.xlsx", xlsx(rows)))
    late = take("enterprises", "b.xlsx", xlsx([rows[0], ["甲厂", "张三", 10]]))
    confirm(take("enterprises", "c.xlsx", xlsx([rows[0], ["甲厂", "张三", 11]])))
    assert confirm(late).counts["left"] == 1
    (row,) = rows_of(late)
    assert row.raw[:3] == ["甲厂", "张三", 10]


def test_what_is_known_of_an_enterprise_changes_with_the_sheet(take, confirm, zone):
    PostFactory(zone=zone, role="contact", person__name="孙包联")
    CellFactory(zone=zone, code="second", name="二网格")
    first = [["企业名称", "主要负责人"], ["甲厂", "张三"]]
    confirm(take("enterprises", "a.xlsx", xlsx(first)))
    head = ["企业名称", "生产状态", "重点领域", "所属网格", "包联人", "生产地址"]
    rows = [head, ["甲厂", "停产", "工贸企业", "二网格", "孙包联", "工业路9号"]]
    batch = take("enterprises", "b.xlsx", xlsx(rows))
    (row,) = rows_of(batch)
    assert row.verdict == "changed"
    assert all(word in row.reason for word in ("孙包联", "二网格", "工业路9号"))
    assert confirm(batch).counts["written"] == 1
    dossier = Dossier.objects.select_related("cell", "contact").get()
    assert (dossier.state, dossier.cell.name, dossier.contact.name) == (
        "suspended", "二网格", "孙包联",
    )  # fmt: skip
    assert [it.sector for it in Enterprise.objects.get().sectors.all()] == ["industry_trade"]
    assert verdicts(take("enterprises", "c.xlsx", xlsx(rows))) == ["unchanged"]


LEDGER = [
    ["2024年安全生产检查台账"],
    ["序号", "检查时间", "检查单位", "被检查企业", "检查人员", "隐患描述", "隐患类别", "隐患等级",
     "整改措施", "整改期限", "整改情况", "复查时间", "是否销号"],
    [1, "2024.3.5", "应急局", "甲厂", "张三、李四", "配电箱未上锁", "用电安全", "一般", "上锁", "立即整改", "已整改", "2024.3.8", "是"],
    ["", "", "", "", "", "灭火器过期", "消防安全", "一般", "更换", "5日内", "已整改", "2024.3.9", "是"],
    ["", "", "", "", "", "通道堵塞", "怪类别", "一般", "清理", "长期", "整改中", "", "否"],
    [2, "2024-04-02", "应急局", "甲厂", "张三", "1.未设报警器；2.规程未上墙；3、物资不足", "综合", "重大", "", "2024-05-01", "1.已整改 2.整改中 3.已整改", "2024-04-20", ""],
    [3, "2024-04-09", "应急局", "甲厂", "张三", "未发现隐患", "", "", "", "", "", "", ""],
    ["合计", "", "", "", "", "5条"],
]  # fmt: skip


@pytest.mark.parametrize("merged", [True, False])
def test_an_inspection_ledger_brings_visits_and_their_hazards(take, confirm, zone, merged):
    DossierFactory(zone=zone, name="甲厂")
    places = [("账", 2, column, 4) for column in range(5)] if merged else []
    batch = take("visits", "检查台账.xlsx", book({"账": LEDGER}, merged=places))
    assert verdicts(batch) == ["new"] * 5, [row.reason for row in rows_of(batch)]
    assert confirm(batch).counts["written"] == 5
    visits = {visit.visited_on: visit for visit in Visit.objects.all()}
    assert [(day.isoformat(), it.found) for day, it in sorted(visits.items())] == [
        ("2024-03-05", 3), ("2024-04-02", 3), ("2024-04-09", 0),
    ]  # fmt: skip
    assert visits[date(2024, 4, 9)].summary == "未发现隐患"
    cases = {case.title: case for case in Case.objects.all()}
    assert {title: case.status for title, case in cases.items()} == {
        "配电箱未上锁": "closed", "灭火器过期": "closed", "通道堵塞": "open",
        "未设报警器": "closed", "规程未上墙": "open", "物资不足": "closed",
    }  # fmt: skip
    assert cases["配电箱未上锁"].on_time is None  # rechecked later; when rectified nobody said
    assert (cases["灭火器过期"].on_time, cases["灭火器过期"].due_on) == (True, date(2024, 3, 10))
    assert cases["通道堵塞"].due_on is None
    assert "怪类别" in cases["通道堵塞"].description
    assert cases["未设报警器"].grade == "major"
    assert (cases["配电箱未上锁"].category, cases["配电箱未上锁"].finder_name) == (
        "electricity", "张三、李四",
    )  # fmt: skip
    again = take("visits", "检查台账.xlsx", book({"账": LEDGER}, merged=places))
    assert set(verdicts(again)) == {"unchanged"}
    assert Visit.objects.count() == 3


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"检查时间": "2024年4月"}, "2024年4月"),
        ({"被检查企业": "乙化工"}, "山西乙化工有限公司"),
        ({"整改情况": "已制定整改方案"}, "已制定整改方案"),
        ({"整改期限": "尽快"}, "尽快"),
        ({"隐患描述": "1.门坏 2.灯坏", "整改情况": "1.已整改 2.未整改 3.已整改"}, "3"),
        ({"复查时间": "2024-01-01"}, "早于"),
    ],
)
def test_a_history_that_cannot_be_understood_is_refused_on_its_row(take, zone, cells, said):
    DossierFactory(zone=zone, name="甲厂有限公司")
    DossierFactory(zone=zone, name="山西乙化工有限公司")
    row = {
        "检查时间": "2024-03-05", "被检查企业": "甲厂有限公司", "检查人员": "张三",
        "隐患描述": "门坏", "整改情况": "已整改", "整改期限": "2024-03-20", "复查时间": "2024-03-19",
    } | cells  # fmt: skip
    (told,) = rows_of(take("visits", "a.xlsx", xlsx([list(row), list(row.values())])))
    assert told.verdict == "refused"
    assert said in told.reason


def test_a_closing_without_a_day_is_never_made_punctual(take, confirm, zone):
    DossierFactory(zone=zone, name="甲厂")
    rows = [
        ["企业", "隐患", "检查日期", "整改期限", "整改情况"],
        ["甲厂", "门坏", "2024-03-05", "2024-03-20", "已整改"],
    ]
    batch = take("hazards", "a.xlsx", xlsx(rows))
    assert "2024-03-20" in rows_of(batch)[0].reason
    confirm(batch)
    case = Case.objects.get()
    assert (case.status, case.on_time, case.rectified_on) == ("closed", None, None)


def test_same_as_above_is_taken_from_above_and_said(take, zone):
    DossierFactory(zone=zone, name="甲厂")
    rows = [
        ["企业", "检查日期", "检查人员"],
        ["甲厂", "2024-03-05", "张三"],
        ["同上", "2024-03-06", "同上"],
    ]
    batch = take("visits", "a.xlsx", xlsx(rows))
    assert verdicts(batch) == ["new", "new"]
    assert rows_of(batch)[1].notes


def test_a_numbered_row_without_its_enterprise_is_not_given_to_the_one_above(take, zone):
    DossierFactory(zone=zone, name="甲厂")
    rows = [
        ["序号", "企业", "检查日期", "检查人员"],
        [1, "甲厂", "2024-03-05", "张三"],
        [2, "", "", "李四"],
    ]
    assert verdicts(take("visits", "a.xlsx", xlsx(rows))) == ["new", "refused"]
