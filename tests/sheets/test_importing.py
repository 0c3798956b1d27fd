"""From a messy sheet to the register, and back out again."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from python_calamine import CalamineWorkbook

from bihuan.cases.models import Case
from bihuan.core.refusals import Forbidden, Refused
from bihuan.dossiers.models import Contact, Dossier
from bihuan.enterprises import importers
from bihuan.enterprises.importers import writing
from bihuan.enterprises.models import Enterprise
from bihuan.ledger.models import Event
from bihuan.rounds.models import Visit
from bihuan.sheets import actions
from bihuan.sheets.models import Batch, SheetRow
from bihuan.sheets.queries import refused_rows
from tests.factories.dossiers import DossierFactory
from tests.factories.enterprises import EnterpriseFactory
from tests.factories.zones import PostFactory, UnitFactory
from tests.sheets.conftest import xlsx

MESSY = [
    ["高新园区企业安全生产台账（2026年）", None, None, None, None, None],
    [None] * 6,
    ["序号", "单位名称", "联系电话", "主要负责人", "从业人员", "统一社会信用代码"],
    [1, "山西甲铸造有限公司", "１３８ ３５５５ １２３４", "张三", "１２０人", "91110000600037341L"],
    [2, "山西乙化工有限公司", None, "李四", None, None],
    [None, None, None, None, None, None],
    [3, "山西丙机械有限公司", "abc", "王五", 30, None],
    [4, "山西丁食品有限公司", None, None, 8, None],
    [5, "山西戊建材有限公司", None, "赵六", 8, "91110000600037341X"],
    [6, "山西乙化工有限公司", None, "李四", None, None],
]


def verdicts(batch):
    return dict(SheetRow.objects.filter(batch=batch).values_list("number", "verdict"))


def test_a_messy_sheet_is_previewed_confirmed_and_written_once(take, confirm, zone):
    batch = take("enterprises", "台账.xlsx", xlsx(MESSY, merge=(0, 5, MESSY[0][0])))
    assert batch.state == "read", batch.reason
    assert verdicts(batch) == {
        4: "new", 5: "new", 7: "refused", 8: "refused", 9: "refused", 10: "refused",
    }  # fmt: skip
    assert not Enterprise.objects.exists()
    batch = confirm(batch)
    assert batch.state == "done"
    assert batch.counts["written"] == 2
    first = Enterprise.objects.select_related("dossier").get(uscc="91110000600037341L")
    assert (first.headcount, first.principal_phone) == (120, "13835551234")
    assert Enterprise.objects.get(dossier__name="山西乙化工有限公司").headcount is None
    events = Event.objects.filter(kind="enterprise.registered")
    assert {event.origin for event in events} == {"import"}
    confirm(batch)
    assert Enterprise.objects.count() == 2
    again = take("enterprises", "台账.xlsx", xlsx(MESSY[:5]))
    assert set(verdicts(again).values()) == {"unchanged"}


def test_reasons_name_the_cell(take):
    batch = take("enterprises", "a.xlsx", xlsx(MESSY))
    reasons = {row.number: row.reason for row in refused_rows(batch)}
    assert "abc" in reasons[7]
    assert reasons[8]
    assert "5" in reasons[10]


def test_a_refused_row_can_be_downloaded_mended_and_sent_again(take, confirm, clerk, now):
    batch = take("enterprises", "a.xlsx", xlsx(MESSY))
    rows = [[*row.raw, row.reason] for row in refused_rows(batch) if row.raw[3]]
    tables = [("", [*batch.sheets[0]["headings"], "原因"], rows)]
    book = actions.save_tables(tables=tables, by=clerk, at=now)
    with book:
        sent_back = CalamineWorkbook.from_filelike(book).get_sheet_by_index(0).to_python()
    sent_back[1][2] = "0355-1234567"
    again = take("enterprises", "mended.xlsx", xlsx(sent_back[:2]))
    assert list(verdicts(again).values()) == ["new"], list(refused_rows(again))
    assert confirm(again).counts["written"] == 1


def test_changes_are_shown_and_written(take, confirm):
    confirm(take("enterprises", "a.xlsx", xlsx(MESSY[2:5])))
    changed = [MESSY[2], [1, "山西甲铸造股份有限公司", None, "张三", 150, "91110000600037341L"]]
    batch = take("enterprises", "b.xlsx", xlsx(changed))
    row = SheetRow.objects.get(batch=batch)
    assert row.verdict == "changed"
    assert "120 → 150" in row.reason
    confirm(batch)
    enterprise = Enterprise.objects.select_related("dossier").get(uscc="91110000600037341L")
    assert (enterprise.headcount, enterprise.dossier.name) == (150, "山西甲铸造股份有限公司")
    assert enterprise.principal_phone == "13835551234"  # an empty cell erases nothing


def test_what_changed_after_the_preview_is_not_written_over(take, confirm, zone, clerk, now):
    first = take("enterprises", "a.xlsx", xlsx(MESSY[2:5]))
    confirm(
        take(
            "enterprises",
            "b.xlsx",
            xlsx([MESSY[2], [1, "山西甲铸造有限公司", None, "钱七", 9, "91110000600037341L"]]),
        )
    )
    written = confirm(first)
    assert written.counts["written"] == 1
    assert Enterprise.objects.get(uscc="91110000600037341L").principal == "钱七"


def test_nothing_is_half_written_and_a_cut_off_import_goes_on(take, clerk, now, monkeypatch):
    rows = [[n, f"第{n}厂", None, "张三", n, None] for n in range(1200)]
    batch = take("enterprises", "a.xlsx", xlsx([MESSY[2], *rows]))
    batch = actions.confirm(batch=batch, by=clerk, at=now)
    calls = []

    def cut(*args, **kwargs):
        calls.append(1)
        if len(calls) == 2:
            raise OSError("power")
        return real(*args, **kwargs)

    real = writing.register_many
    monkeypatch.setattr(writing, "register_many", cut)
    with pytest.raises(OSError, match="power"):
        actions.write(batch=batch, by=clerk, at=now)
    assert Enterprise.objects.count() == SheetRow.objects.filter(written=True).count() == 500
    monkeypatch.setattr(writing, "register_many", real)
    batch.refresh_from_db()
    actions.write(batch=batch, by=clerk, at=now)
    assert Enterprise.objects.count() == 1200


@pytest.mark.parametrize("role", ["auditor", "contact", "leader"])
def test_who_may_not_import(take, zone, role):
    person = PostFactory(zone=zone, role=role).person
    with pytest.raises(Forbidden):
        take("enterprises", "a.xlsx", xlsx(MESSY), by=person)


def test_a_discarded_preview_leaves_nothing(take, clerk, now):
    batch = take("enterprises", "a.xlsx", xlsx(MESSY))
    actions.discard(batch=batch, by=clerk, at=now)
    assert not SheetRow.objects.exists()
    with pytest.raises(Refused):
        actions.confirm(batch=actions_reload(batch), by=clerk, at=now)


def actions_reload(batch):
    batch.refresh_from_db()
    return batch


def test_contacts_are_handed_over(take, confirm, zone, now):
    new = PostFactory(zone=zone, role="contact", person__name="新包联").person
    dossier = DossierFactory(zone=zone, name="甲厂")
    sheet = [["企业", "包联干部"], ["甲厂", "新包联"], ["乙厂", "新包联"], ["甲厂", "没有这人"]]
    batch = take("contacts", "包联.xlsx", xlsx(sheet[:3]))
    assert list(verdicts(batch).values()) == ["changed", "refused"]
    confirm(batch)
    dossier.refresh_from_db()
    assert dossier.contact == new
    assert Contact.objects.filter(dossier=dossier, ends_on=None).count() == 1


def test_past_visits_enter_as_history(take, confirm, zone, now):
    dossier = DossierFactory(zone=zone, name="甲厂")
    rows = [
        ["被检查单位", "检查时间", "检查人员", "检查情况"],
        ["甲厂", datetime(2026, 3, 12), "张三、李四", "消防通道堵塞"],  # noqa: DTZ001
        ["甲厂", "2026年5月8日", "张三", ""],
        ["甲厂", (now + timedelta(days=9)).strftime("%Y-%m-%d"), "张三", ""],
    ]
    batch = take("visits", "检查.xlsx", xlsx(rows))
    assert list(verdicts(batch).values()) == ["new", "new", "refused"]
    confirm(batch)
    assert {visit.origin for visit in Visit.objects.filter(dossier=dossier)} == {"import"}
    assert Dossier.objects.get(pk=dossier.pk).last_visited_on == date(2026, 5, 8)
    assert set(verdicts(take("visits", "检查.xlsx", xlsx(rows[:3]))).values()) == {"unchanged"}


def test_past_hazards_enter_as_history_open_or_closed(take, confirm, zone):
    DossierFactory(zone=zone, name="甲厂")
    rows = [
        ["企业名称", "隐患描述", "检查日期", "隐患级别", "整改期限", "整改情况", "销号日期"],
        ["甲厂", "配电箱未接地", "2026/3/12", "一般", "2026/3/20", "已整改", "2026/3/18"],
        ["甲厂", "未设泄爆", "2026/8/1", "重大隐患", "2026/10/1", "整改中", None],
        ["甲厂", "时间颠倒", "2026/8/1", "一般", None, "已整改", "2026/7/1"],
    ]
    batch = take("hazards", "隐患.xlsx", xlsx(rows))
    assert list(verdicts(batch).values()) == ["new", "new", "refused"], list(refused_rows(batch))
    confirm(batch)
    cases = {case.title: case for case in Case.objects.all()}
    assert (cases["配电箱未接地"].status, cases["配电箱未接地"].on_time) == ("closed", True)
    assert (cases["未设泄爆"].is_live, cases["未设泄爆"].grade) == (True, "major")
    assert {event.origin for event in Event.objects.filter(kind="case.imported")} == {"import"}
    assert set(verdicts(take("hazards", "隐患.xlsx", xlsx(rows[:3]))).values()) == {"unchanged"}


@pytest.fixture
def tenant_of(zone):
    """A platform company's clerk, and the company."""
    unit = UnitFactory(zone=zone, kind="platform", name="甲平台公司")
    person = PostFactory(zone=zone, role="platform", unit=unit).person
    return person, unit


def test_a_platform_company_imports_only_what_belongs_to_it(take, zone, tenant_of):
    person, unit = tenant_of
    DossierFactory(zone=zone, name="自家租户", unit=unit)
    DossierFactory(zone=zone, name="别家企业")
    heading = ["企业", "检查日期", "检查人员"]
    rows = [heading, ["自家租户", "2026-03-12", "甲"], ["别家企业", "2026-03-12", "甲"]]
    assert list(verdicts(take("visits", "a.xlsx", xlsx(rows), by=person)).values()) == [
        "new",
        "refused",
    ]
    register = [
        ["企业名称", "主要负责人", "归口单位"],
        ["新租户", "张三", "甲平台公司"],
        ["外来企业", "李四", "乙局"],
    ]
    UnitFactory(zone=zone, name="乙局")
    batch = take("enterprises", "b.xlsx", xlsx(register), by=person)
    assert list(verdicts(batch).values()) == ["new", "refused"]
    with pytest.raises(Forbidden):
        take("contacts", "c.xlsx", xlsx([["企业", "包联干部"], ["自家租户", "甲"]]), by=person)


def test_a_preview_tells_a_platform_company_nothing_of_others(take, confirm, zone, tenant_of):
    confirm(take("enterprises", "a.xlsx", xlsx(MESSY[2:5])))
    changed = [MESSY[2], [1, "山西甲铸造有限公司", None, "某某", 150, "91110000600037341L"]]
    batch = take("enterprises", "b.xlsx", xlsx(changed), by=tenant_of[0])
    row = SheetRow.objects.get(batch=batch)
    assert row.verdict == "refused"
    assert "120" not in row.reason


def test_what_others_sent_is_not_theirs_to_see_or_confirm(
    client, take, zone, clerk, tenant_of, now
):
    batch, person = take("enterprises", "a.xlsx", xlsx(MESSY)), tenant_of[0]
    client.force_login(person)
    assert client.get(f"/z/{zone.slug}/imports/{batch.pk}/").status_code == 404
    with pytest.raises(Forbidden):
        actions.confirm(batch=batch, by=person, at=now)
    with pytest.raises(Forbidden):
        actions.discard(batch=batch, by=person, at=now)
    client.force_login(clerk)
    assert client.get(f"/z/{zone.slug}/imports/{batch.pk}/").status_code == 200


def test_what_is_discarded_while_it_is_read_stays_discarded(take, clerk, now, monkeypatch):
    judge = importers.ENTERPRISES.judge

    def discarded_meanwhile(context, rows):
        Batch.objects.update(state="discarded")
        return judge(context, rows)

    monkeypatch.setattr(
        "bihuan.sheets.actions._common.importer_of",
        lambda code: replace(importers.ENTERPRISES, judge=discarded_meanwhile),
    )
    assert take("enterprises", "a.xlsx", xlsx(MESSY)).state == "discarded"
    assert not SheetRow.objects.exists()


def test_another_change_after_the_preview_is_not_written_over(take, confirm):
    confirm(take("enterprises", "a.xlsx", xlsx(MESSY[2:4])))

    def sheet(headcount):
        return xlsx(
            [MESSY[2], [1, "山西甲铸造有限公司", None, "张三", headcount, "91110000600037341L"]]
        )

    first = take("enterprises", "b.xlsx", sheet(150))
    confirm(take("enterprises", "c.xlsx", sheet(200)))
    assert confirm(first).counts["left"] == 1
    assert Enterprise.objects.get().headcount == 200


def test_a_confirmation_and_the_job_that_writes_stand_or_fall_together(
    take, clerk, now, monkeypatch
):
    batch = take("enterprises", "a.xlsx", xlsx(MESSY))

    def power_cut(batch):
        raise OSError("power cut")

    with pytest.raises(OSError, match="power cut"):
        actions.confirm(batch=batch, then=power_cut, by=clerk, at=now)
    assert actions_reload(batch).state == "read"


def test_headings_and_words_of_an_office_s_own_ledger_are_understood(take, zone):
    DossierFactory(zone=zone, name="山西甲铸造有限公司")
    rows = [
        ["某开发区安全生产检查台账"],
        ["序号", "受检单位", "检查时间", "存在的问题", "整改情况", "复查时间"],
        [1, "山西甲铸造有限公司", "2025.12.3", "灭火器过期", "已整改到位", "2025.12.9"],
        [2, "山西甲铸造", "2025.12.3", "灭火器过期", "立即整改", None],
    ]
    batch = take("hazards", "检查台账.xlsx", xlsx(rows))
    assert verdicts(batch) == {3: "new", 4: "refused"}
    refused = SheetRow.objects.get(batch=batch, number=4)
    assert "full registered name" in str(refused.reason) or "企业全称" in str(refused.reason)


def test_who_is_no_longer_above_size_is_of_no_batch(take, confirm, zone):
    head = ["企业名称", "主要负责人", "是否规上", "入规时间"]
    confirm(take("enterprises", "a.xlsx", xlsx([head, ["甲公司", "张三", "是", "2024-01-01"]])))
    confirm(take("enterprises", "b.xlsx", xlsx([head[:3], ["甲公司", "张三", "否"]])))
    enterprise = Enterprise.objects.get(dossier__name="甲公司")
    assert (enterprise.above_size, enterprise.above_size_since) == (False, None)


def test_a_row_that_its_action_refuses_keeps_no_other_from_being_written(
    take, confirm, monkeypatch
):
    write = importers.ENTERPRISES.write

    def picky(context, judged):
        if any("乙" in it.row.values["name"] for it in judged):
            raise Refused("not this one")
        write(context, judged)

    batch = take("enterprises", "a.xlsx", xlsx(MESSY[2:5]))
    monkeypatch.setattr(
        "bihuan.sheets.actions._common.importer_of",
        lambda code: replace(importers.ENTERPRISES, write=picky),
    )
    batch = confirm(batch)
    assert (batch.state, batch.counts["written"], batch.counts["left"]) == ("done", 1, 1)
    assert SheetRow.objects.get(batch=batch, verdict="refused").reason == "not this one"
    assert Enterprise.objects.get().dossier.name == "山西甲铸造有限公司"


def test_what_cannot_be_taken_over_is_left_out_and_said_not_the_whole_row(take, confirm):
    rows = [
        ["企业名称", "主要负责人", "是否规上", "行业领域"],
        ["甲厂", "张三", "是", "危化品、食品"],
        ["合计", None, None, None],
    ]
    batch = take("enterprises", "a.xlsx", xlsx(rows))
    row = SheetRow.objects.get(batch=batch)
    assert row.verdict == "new"
    assert "食品" in row.reason
    confirm(batch)
    enterprise = Enterprise.objects.get()
    assert enterprise.above_size is None
    assert [flag.sector for flag in enterprise.sectors.all()] == ["chemicals"]


def test_a_deadline_in_words_counts_from_the_finding(take, confirm, zone):
    DossierFactory(zone=zone, name="甲厂")
    rows = [
        ["企业名称", "存在问题", "检查日期", "整改期限"],
        ["甲厂", "灯坏", "2026-08-01", "立即整改"],
        ["甲厂", "门堵", "2026-08-01", "限一周内"],
        ["甲厂", "无证", "2026-08-01", "15日内整改"],
        ["甲厂", "无账", "2026-08-01", "尽快"],
    ]
    batch = take("hazards", "a.xlsx", xlsx(rows))
    assert list(verdicts(batch).values()) == ["new", "new", "new", "refused"]
    confirm(batch)
    due = dict(Case.objects.values_list("title", "due_on"))
    assert due == {"灯坏": date(2026, 8, 1), "门堵": date(2026, 8, 8), "无证": date(2026, 8, 16)}


def test_new_enterprises_of_the_platform_company_come_under_it(take, zone, now):
    """Its clerk reaches what is under its unit: a tenants' sheet names no responsible unit."""
    own = UnitFactory(zone=zone, kind="platform", name="恒通集团")
    other = UnitFactory(zone=zone, name="应急管理局")
    clerk = PostFactory(zone=zone, role="platform", unit=own).person
    EnterpriseFactory(dossier=DossierFactory(zone=zone, name="别家的厂", unit=other))
    rows = [
        ["企业名称", "主要负责人", "归口单位", "入驻地址"],
        ["新租户厂", "张三", None, "B区1栋"],
        ["别家的厂", "李四", None, None],
        ["归别家的新厂", "王五", "应急管理局", None],
    ]
    batch = take("enterprises", "租户.xlsx", xlsx(rows), by=clerk)
    assert batch.counts == {"new": 1, "refused": 2}
    said = list(SheetRow.objects.filter(batch=batch).order_by("number").values_list("reason"))
    assert "请联系安监部门" in said[1][0]
    assert "写明归口单位或网格" in said[2][0]
    batch = actions.confirm(batch=batch, by=clerk, at=now)
    actions.write(batch=batch, by=clerk, at=now)
    made = Dossier.objects.get(name="新租户厂")
    assert (made.unit, made.place) == (own, "B区1栋")
