"""How a sheet names the facts of an enterprise, and the words in its cells."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from django.utils.translation import gettext_lazy

from bihuan.dossiers.models import DossierState, Risk
from bihuan.enterprises.models import Sector
from bihuan.sheets.rules import cells, dates
from bihuan.sheets.rules.headers import Column
from bihuan.sheets.rules.reading import Cell

_SECTORS = {  # the eight trades are 工贸: 冶金、有色、建材、机械、轻工、纺织、烟草、商贸
    Sector.CHEMICALS: "危险化学品 危化品 危化 化工 危险化学品企业 危化企业 危化品企业 化工企业 危化行业 医药化工",
    Sector.CONSTRUCTION: "建筑施工 建筑 建筑施工企业 建筑业 建筑行业 施工企业 建筑企业 施工",
    Sector.INDUSTRY_TRADE: "工贸 工贸行业 工贸企业 工矿商贸 冶金 有色 建材 机械 轻工 纺织 烟草 商贸 机械制造 "
    "机械行业 建材行业 轻工行业 纺织行业 商贸行业 冶金行业 有色行业 铸造",
    Sector.FIRE: "消防 消防重点 消防重点单位 消防安全重点单位 消防安全 消防安全重点 消防重点企业",
    Sector.EQUIPMENT: "特种设备 特种设备使用单位 特种设备企业 特种设备生产单位",
    Sector.PETROL: "加油站 加油加气站 加气站 油气站 加油（气）站 成品油零售",
}
SECTOR_WORDS: dict[str, str] = {
    word: sector for sector, words in _SECTORS.items() for word in words.split()
} | {value: value for value in Sector.values}
STATE_WORDS: dict[str, str] = {
    "正常": DossierState.ACTIVE,
    "在产": DossierState.ACTIVE,
    "正常生产": DossierState.ACTIVE,
    "生产": DossierState.ACTIVE,
    "营业": DossierState.ACTIVE,
    "停产": DossierState.SUSPENDED,
    "停产停业": DossierState.SUSPENDED,
    "半停产": DossierState.ACTIVE,
    "试生产": DossierState.ACTIVE,
    "正常经营": DossierState.ACTIVE,
    "经营": DossierState.ACTIVE,
    "正常营业": DossierState.ACTIVE,
    "基本正常": DossierState.ACTIVE,
    "正在生产": DossierState.ACTIVE,
    "间歇生产": DossierState.ACTIVE,
    "季节性生产": DossierState.ACTIVE,
    "生产经营正常": DossierState.ACTIVE,
    "开业": DossierState.ACTIVE,
    "存续": DossierState.ACTIVE,
    "停工": DossierState.SUSPENDED,
    "停业": DossierState.SUSPENDED,
    "歇业": DossierState.SUSPENDED,
    "长期停产": DossierState.SUSPENDED,
    "吊销": DossierState.LEFT,
    "搬迁": DossierState.LEFT,
    "搬离": DossierState.LEFT,
    "注销": DossierState.LEFT,
    "关闭": DossierState.LEFT,
    "已搬离": DossierState.LEFT,
    "在营": DossierState.ACTIVE,
    "在营企业": DossierState.ACTIVE,
    "在业": DossierState.ACTIVE,
    "营业中": DossierState.ACTIVE,
    "生产中": DossierState.ACTIVE,
    "投产": DossierState.ACTIVE,
    "已投产": DossierState.ACTIVE,
    "运营": DossierState.ACTIVE,
    "运行": DossierState.ACTIVE,
    "季节性停产": DossierState.SUSPENDED,
    "临时停产": DossierState.SUSPENDED,
    "全停": DossierState.SUSPENDED,
    "已停产": DossierState.SUSPENDED,
    "停产整顿": DossierState.SUSPENDED,
    "已注销": DossierState.LEFT,
    "已搬迁": DossierState.LEFT,
    "迁出": DossierState.LEFT,
    "已迁出": DossierState.LEFT,
    "已关闭": DossierState.LEFT,
    "倒闭": DossierState.LEFT,
} | {value: value for value in DossierState.values}


_RISKS = {
    Risk.RED: "红 红色 红色风险 Ⅰ级 一级 1级 重大 重大风险 重大风险（红色） 红色（重大风险）",
    Risk.ORANGE: "橙 橙色 橙色风险 Ⅱ级 二级 2级 较大 较大风险 较大风险（橙色） 橙色（较大风险）",
    Risk.YELLOW: "黄 黄色 黄色风险 Ⅲ级 三级 3级 一般 一般风险 一般风险（黄色） 黄色（一般风险）",
    Risk.BLUE: "蓝 蓝色 蓝色风险 Ⅳ级 四级 4级 低 低风险 低风险（蓝色） 蓝色（低风险）",
}
RISK_WORDS: dict[str, str] = {
    word: risk for risk, words in _RISKS.items() for word in words.split()
} | {value: value for value in Risk.values if value}
RISK_WORDS |= dict.fromkeys(("未评级", "未定级", "未评定", "未分级"), "")  # states nothing


def _industry(cell: Cell) -> str | None:
    """Return the code of an industry without its name: C2614 有机化学原料制造."""
    code = cells.code(cell)
    return re.sub(r"(?<=\d)(\.0|[\u4e00-\u9fff].*)$", "", code) if code else None


def _column(
    name: str,
    label: Any,
    read: cells.Reader,
    *synonyms: str,
    required: bool = False,
    example: str = "",
    beside: tuple[str, ...] = (),
    ticked: Mapping[str, str] = MappingProxyType({}),
) -> Column:
    return Column(name, label, read, synonyms, required, example, beside=beside, ticked=ticked)


COLUMNS = (
    _column("name", gettext_lazy("enterprise name"), cells.name, "企业名称", "单位名称", "公司名称", "企业", "名称", "企业全称",
            "单位", "生产经营单位名称", "生产经营单位", "企业单位名称", "公司全称", "企业名", "公司", "商户名称",
            "市场主体名称", "单位详细名称", "法人单位名称", "入驻企业", "入驻企业名称", "租户名称", "承租单位", "承租方", required=True, example="山西示例制造有限公司"),
    _column("uscc", gettext_lazy("unified social credit code"), cells.credit_code, "统一社会信用代码", "信用代码",
            "社会信用代码", "统一信用代码", "机构代码", "营业执照号", "统一社会信用代码证号", "信用代码证号",
            "营业执照注册号", "统一代码", "社会统一信用代码", "营业执照编号", example="91140000MA0EXAMPLE"),
    _column("short_name", gettext_lazy("short name"), cells.text, "简称", "企业简称"),
    _column("registered_address", gettext_lazy("registered address"), cells.text, "注册地址", "住所", "注册地"),
    _column("site", gettext_lazy("production site"), cells.text, "生产地址", "生产经营地址", "经营地址", "厂址",
            "实际地址", "生产经营场所", "地址", "企业地址", "详细地址", "厂区地址", "经营场所", "生产场所", "单位地址", "入驻地址",
            "实际生产地址", "实际经营地址", "所在地", "具体地址", "生产场所地址"),
    _column("legal_representative", gettext_lazy("legal representative"), cells.text, "法定代表人", "法人",
            "法人代表", "法人姓名", "法定代表人姓名", "法人代表姓名", "企业法人"),
    _column("principal", gettext_lazy("principal responsible person"), cells.text, "主要负责人", "负责人",
            "企业负责人", "单位负责人", "主要负责人姓名", "实际控制人", "实际负责人", "负责人姓名",
            "企业主要负责人", "消防安全责任人", "厂长", "总经理", example="张三"),
    _column("principal_phone", gettext_lazy("principal's phone"), cells.phone, "负责人电话", "联系电话",
            "主要负责人电话", "电话", "手机", "手机号", "联系方式", "负责人联系方式", "主要负责人联系电话",
            "主要负责人联系方式", "主要负责人手机", "主要负责人手机号", "负责人手机", "负责人联系电话", "手机号码", "联系电话号码",
            "电话号码", "企业负责人电话", "负责人手机号", "消防安全责任人电话", "法定代表人电话", "法人电话", "法人手机", "法人手机号", "法人联系电话",
            "法定代表人联系电话", "法定代表人手机",
            beside=("principal", "legal_representative")),
    _column("safety_manager", gettext_lazy("safety manager"), cells.text, "安全管理人员", "安全员",
            "安全负责人", "安全管理员", "安全生产管理人员", "分管安全负责人", "安全管理人员姓名", "安全员姓名",
            "安全管理负责人", "专职安全员姓名", "安全总监"),
    _column("safety_manager_phone", gettext_lazy("safety manager's phone"), cells.phone, "安全员电话",
            "安全管理人员电话", "安全负责人电话", "安全管理人员联系电话", "安全员联系电话", "安全管理人员联系方式",
            "安全员联系方式", "安全管理人员手机", "安全员手机", "安全负责人联系电话", "安全管理员电话", "安全管理员联系电话",
            beside=("safety_manager",)),
    _column("safety_manager_full_time", gettext_lazy("full-time safety manager"), cells.yes_no, "专职",
            "是否专职", "专职安全员", "是否专职安全管理人员"),
    _column("industry", gettext_lazy("industry code (GB/T 4754)"), _industry, "行业代码", "行业类别代码",
            "国民经济行业代码", "行业分类代码", "行业小类"),
    _column("headcount", gettext_lazy("headcount"), cells.whole, "从业人数", "职工人数", "员工人数", "人数",
            "从业人员", "从业人员数量", "在册人数", "职工总数", "员工总数", "员工数", "职工数", "从业人员数", "从业人数合计",
            "从业人员总数", "用工人数", "在岗人数", "企业人数", "员工数量", "从业人员期末人数", "期末从业人数", "从业人员期末数", "平均用工人数", example="120"),
    _column("above_size", gettext_lazy("above designated size"), cells.yes_no, "规上", "是否规上",
            "规上企业", "规模以上", "是否规模以上", "是否规上企业"),
    _column("above_size_since", gettext_lazy("directory batch"), dates.day, "入规时间", "纳规时间",
            "规上批次", "入库时间", "入统时间"),
    _column("sectors", gettext_lazy("key sectors"), cells.some_of(SECTOR_WORDS), "重点领域", "行业领域",
            "监管领域", "监管类别", "重点行业", "行业类型", "企业类型", "企业类别", "行业类别", "所属行业", "行业",
            "所属领域", "监管行业", "行业分类", "安全监管类别", "重点监管领域",
            ticked={word: word for word in SECTOR_WORDS}),
    _column("risk", gettext_lazy("risk"), cells.one_of(RISK_WORDS), "风险等级", "安全风险等级", "风险分级",
            "风险级别", "企业风险等级", "固有风险等级", "风险颜色", "四色等级"),
    _column("state", gettext_lazy("state"), cells.one_of(STATE_WORDS), "生产状态", "经营状态", "状态",
            "企业状态", "运行状态", "生产经营状态", "营业状态", "登记状态", "经营情况", "生产情况", "开工情况", "运营状态"),
    _column("cell", gettext_lazy("grid cell"), cells.text, "网格", "所属网格", "网格名称", "所在网格", "园区",
            "所属园区", "片区", "所在园区", "所属片区", "所属网格名称", "网格编号"),
    _column("contact", gettext_lazy("contact"), cells.text, "包联人", "包联干部", "包联责任人", "网格员",
            "包保人", "包联", "包联人员", "包保干部", "包保责任人", "包联领导", "包联人姓名", "网格员姓名"),
    _column("unit", gettext_lazy("responsible unit"), cells.text, "归口单位", "监管单位", "监管部门",
            "责任部门", "主管部门", "行业主管部门"),
)  # fmt: skip


def label_of(name: str) -> str:
    """Return the heading of a fact; its name where no column holds it."""
    return next((str(column.label) for column in COLUMNS if column.name == name), name)
