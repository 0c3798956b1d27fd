"""Cells that hold two columns, columns that hold one, and headings that are nearly known."""

import pytest

from bihuan.cases.models import Case
from bihuan.core.refusals import Refused
from bihuan.dossiers.models import Dossier
from bihuan.enterprises.models import Enterprise
from bihuan.rounds.models import Visit
from bihuan.safety.importers import words
from bihuan.sheets.models import SheetRow
from bihuan.sheets.queries import remarks_on
from bihuan.sheets.rules import cells, dates, headers
from bihuan.sheets.rules.headers import Column
from bihuan.sheets.rules.importing import parse
from tests.factories.dossiers import DossierFactory
from tests.sheets.conftest import xlsx

PERSON = Column("principal", "主要负责人", cells.text)
PHONE = Column("phone", "主要负责人电话", cells.phone, ("联系电话",), beside=("principal",))
GUARD = Column("guard", "安全员", cells.text)
GUARD_PHONE = Column("guard_phone", "安全员电话", cells.phone, beside=("guard",))
TICKED = Column("sectors", "重点领域", cells.text, ticked={"危化品": "危化品", "工贸": "工贸"})
FIRM = Column("name", "企业名称", cells.name, required=True)
OFFICE = (FIRM, PERSON, PHONE, GUARD, GUARD_PHONE, TICKED)


def taken(headings, row, columns=OFFICE):
    layout = headers.find([*headings, row], columns)
    parsed = parse(len(headings) + 1, row, layout, columns)
    said = {name: value for name, value in parsed.values.items() if value is not None}
    return said, parsed.notes, layout.ignored


@pytest.mark.parametrize("heading", ["主要负责人及电话", "主要负责人及联系方式", "主要负责人"])
@pytest.mark.parametrize(
    ("cell", "name", "phone"),
    [
        ("张建国13835512345", "张建国", "13835512345"),
        ("李红 0356-5221234", "李红", "0356-5221234"),
        ("王铁柱\n18635601234", "王铁柱", "18635601234"),
        ("赵丽(安全科长) 152 3561 2345", "赵丽(安全科长)", "152 3561 2345"),
        ("孙浩／１３７５３６１２３４５", "孙浩", "13753612345"),
        ("钱进（电话：13753612345）", "钱进", "13753612345"),
        ("周强", "周强", None),
    ],
)
def test_a_name_and_its_telephone_in_one_cell_are_parted(heading, cell, name, phone):
    said, notes, ignored = taken([["企业名称", heading]], ["甲厂", cell])
    assert (said.get("principal"), said.get("phone")) == (name, phone)
    assert (notes, ignored) == ((), ())


def test_a_second_number_is_said_to_be_left_out():
    said, notes, _ignored = taken(
        [["企业名称", "主要负责人及电话"]], ["甲厂", "陶然 13803560014；姜维 13803560015"]
    )
    assert (said["principal"], said["phone"]) == ("陶然", "13803560014")
    assert "0015" in notes[0]
    assert "13803560015" not in notes[0]  # read by whoever sees the preview


def test_a_telephone_is_of_the_person_it_stands_beside():
    """The telephone of somebody no column is about is nobody else's."""
    row = ["甲厂", "张三", "13800000001", "李四", "13800000002", "王五", "13800000003"]
    headings = ["企业名称", "主要负责人", "联系电话", "安全员", "联系电话", "联系人", "联系电话"]
    said, _notes, ignored = taken([headings], row)
    assert (said["phone"], said["guard_phone"]) == ("13800000001", "13800000002")
    assert ignored == ("联系人", "联系电话")
    said, _notes, ignored = taken(
        [["企业名称", "联系人", "联系电话"]], ["甲厂", "王五", "13800000003"]
    )
    assert "phone" not in said
    assert "联系电话" in ignored


def test_ticked_columns_are_words_of_one():
    headings = [
        ["企业名称", "重点领域（打√）", None, None],
        [None, "危化品", "是否工贸", "消防"],
    ]
    assert taken(headings, ["甲厂", "√", "是", "√"])[0]["sectors"] == "危化品、工贸"
    assert "sectors" not in taken(headings, ["甲厂", None, "否", None])[0]
    said, notes, _ignored = taken(headings, ["甲厂", "√", "3台", None])
    assert said["sectors"] == "危化品"
    assert "3台" in notes[0]


def test_the_first_of_several_headings_of_a_column_is_taken_and_the_others_told():
    who = Column("who", "包联人", cells.text, ("包联干部", "包联领导"))
    said, _notes, ignored = taken(
        [["企业名称", "包联领导", "包联干部"]], ["甲厂", "局长", "小李"], (FIRM, who)
    )
    assert (said["who"], ignored) == ("小李", ("包联领导",))


def test_numbered_columns_of_one_fact_are_joined():
    who = Column("who", "执法人员", cells.text)
    headings = [["企业名称", "执法人员1", "执法人员2"]]
    assert taken(headings, ["甲厂", "高勇", "梁宽"], (FIRM, who))[0]["who"] == "高勇、梁宽"
    assert taken(headings, ["甲厂", "高勇", None], (FIRM, who))[0]["who"] == "高勇"


def test_a_day_without_a_year_is_of_the_year_the_title_names():
    day = Column("day", "日期", dates.exact_day)
    title = ["巡查记录（2026年7月）", None]
    said, notes, _ignored = taken([title, ["企业名称", "日期"]], ["甲厂", "7月1日"], (FIRM, day))
    assert said["day"] == "2026-07-01"
    assert "2026" in notes[0]
    two = ["2025年12月—2026年1月", None]
    layout = headers.find([two, ["企业名称", "日期"]], (FIRM, day))
    assert parse(3, ["甲厂", "7月1日"], layout, (FIRM, day)).verdict == "refused"


def test_a_sheet_without_a_row_is_empty():
    with pytest.raises(Refused, match="empty"):
        headers.find([], (FIRM,))


LIST = [
    ["安全生产全员包联台账", None, None, None, None, None, None],
    [
        "序号",
        "企业名称",
        "主要负责人及电话",
        "重点领域（打√）",
        None,
        "风险等级（红橙黄蓝）",
        "登记状态",
    ],
    [None, None, None, "危化品", "加油站", None, None],
    ["一、化工产业（1家）", None, None, None, None, None, None],
    [1, "甲新材料公司", "李红梅 0356-5221234", "√", None, "红", "在营（开业）企业"],
    [2, "乙加油站", "孙浩/13753612345", "√", "√", "较大风险", "存续"],
]


def test_a_list_of_ticks_and_shared_cells_comes_in_and_is_then_unchanged(take, confirm):
    batch = take("enterprises", "a.xlsx", xlsx(LIST))
    assert batch.counts == {"new": 2}, remarks_on(batch)
    assert "一、化工产业" in " ".join(remarks_on(batch))
    confirm(batch)
    first = Enterprise.objects.get(dossier__name="甲新材料公司")
    assert (first.principal, first.principal_phone) == ("李红梅", "0356-5221234")
    second = Enterprise.objects.get(dossier__name="乙加油站")
    assert {it.sector for it in second.sectors.all()} == {"chemicals", "petrol"}
    assert [it.risk for it in Dossier.objects.order_by("code")] == ["red", "orange"]
    assert take("enterprises", "a.xlsx", xlsx(LIST)).counts == {"unchanged": 2}
    graded = [*LIST[:4], [*LIST[4][:5], "蓝", None]]
    unknown = [*LIST[:4], [*LIST[4][:5], "未评级", None]]
    assert take("enterprises", "c.xlsx", xlsx(unknown)).counts == {"unchanged": 1}
    again = take("enterprises", "b.xlsx", xlsx(graded))
    assert again.counts == {"changed": 1}
    confirm(again)
    assert Dossier.objects.get(name="甲新材料公司").risk == "blue"


def test_a_register_of_checks_with_ticked_ends(take, confirm, zone):
    DossierFactory(zone=zone, name="甲厂")
    rows = [
        ["检查日期", "单位名称", "执法人员1", "执法人员2", "违法违规行为或隐患描述", "是否重大火灾隐患", "已整改", "未整改"],
        ["2026-05-11", "甲厂", "邹凯", "章鱼", "防火卷帘下堆物", "否", "√", None],
        ["2026-05-12至2026-05-13", "甲厂", "邹凯", None, "喷淋系统停用", "是", None, "√"],
        ["2026-05-14", "甲厂", "邹凯", None, "未见明显隐患", None, None, None],
    ]  # fmt: skip
    batch = take("visits", "a.xlsx", xlsx(rows))
    assert batch.counts == {"new": 3}, [it.reason for it in SheetRow.objects.all()]
    assert not remarks_on(batch)
    confirm(batch)
    said = Case.objects.order_by("number").values_list("title", "grade", "is_live")
    assert set(said) == {("防火卷帘下堆物", "general", False), ("喷淋系统停用", "major", True)}


def test_what_was_due_before_it_was_found_is_refused(take, zone):
    DossierFactory(zone=zone, name="甲厂")
    rows = [
        ["企业", "检查日期", "隐患", "整改期限"],
        ["甲厂", "2026-05-11", "灭火器过期", "2026-01-05"],
    ]
    assert take("hazards", "a.xlsx", xlsx(rows)).counts == {"refused": 1}


@pytest.mark.parametrize(
    "text", ["未见明显隐患", "经检查，未发现问题", "暂未发现隐患", "未发现存在安全隐患", "无隐患"]
)
def test_nothing_found(text):
    assert words.found_nothing(text)


@pytest.mark.parametrize("text", ["未见消防器材检查记录", "无灭火器", "未发现报警器"])
def test_a_lack_is_something_found(text):
    assert not words.found_nothing(text)


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("已完成整改", "closed"),
        ("现场更换", "closed"),
        ("已于3月5日整改完毕", "closed"),
        ("第1项已整改，第2项未整改", "open"),
        ("未整改，正在联系检验机构", "open"),
    ],
)
def test_what_became_of_it(text, state):
    assert words.state_of(text) == state


def test_a_grade_between_is_general_and_noted():
    found = words.grade("较大")
    assert (found.value, "较大" in found.note) == ("general", True)
    assert words.grade("重大") == "major"
    assert words.day_or_open("未完成").value is None


def test_a_row_of_our_own_register_is_never_taken_for_another(take, confirm, zone):
    """As an export has it, under other headings and with a count where a hazard would stand."""
    DossierFactory(zone=zone, name="甲厂")
    rows = [["企业", "检查日期", "检查人员", "隐患"], ["甲厂", "2026-05-11", "高勇", "灭火器过期"]]
    confirm(take("visits", "a.xlsx", xlsx(rows)))
    case, visit = Case.objects.get(), Visit.objects.get()
    seen = [
        ["编号", "企业", "检查日期", "记录人", "发现问题"],
        [visit.number, "甲厂", "2026-05-11", None, 1],
    ]
    assert take("visits", "b.xlsx", xlsx(seen)).counts == {"unchanged": 1}
    told = [
        ["编号", "企业", "发现时间", "问题", "整改完成"],
        [case.number, "甲厂", "2026-05-12", "另一种写法", None],
    ]
    assert take("hazards", "c.xlsx", xlsx(told)).counts == {"unchanged": 1}
    told[1][0] = "YH2026-9999"
    assert take("hazards", "d.xlsx", xlsx(told)).counts == {"new": 1}
