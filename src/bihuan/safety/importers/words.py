"""How offices write what became of a hazard: grades, kinds, states, several in one cell. Pure."""

import re
import unicodedata

from django.utils.translation import gettext as _

from bihuan.cases.rules.declaration import Grade
from bihuan.sheets.rules import cells, dates
from bihuan.sheets.rules.cells import Noted, Plain, Unreadable
from bihuan.sheets.rules.reading import Cell

GRADE_WORDS = {
    "一般": Grade.GENERAL,
    "一般隐患": Grade.GENERAL,
    "一般事故隐患": Grade.GENERAL,
    "重大": Grade.MAJOR,
    "重大隐患": Grade.MAJOR,
    "重大事故隐患": Grade.MAJOR,
}
_LOCAL = frozenset(
    {"较大", "较大隐患", "较大事故隐患"}
)  # a grade of some offices, not of the rules
STATE_TICKS = {
    word: said
    for said, words in (
        ("已整改", "已整改 已完成 已完成整改 已销号 已闭环"),
        ("未整改", "未整改 未完成 整改中 正在整改 未完成整改"),
    )
    for word in words.split()
}
_GRADE = cells.one_of(GRADE_WORDS)


def grade(cell: Cell) -> Plain | Noted:
    """Return the grade of a hazard. There are two; what some offices write between is general."""
    if (told := cells.text(cell)) in _LOCAL:
        return Noted(
            Grade.GENERAL, _("“%(text)s” is no grade of the rules: general.") % {"text": told}
        )
    return _GRADE(cell)


_KINDS = {
    "management": "管理 管理类 基础管理 安全管理 制度 规章制度 资料台账 责任制 安全生产责任制 现场管理",
    "training": "培训 教育培训 安全教育培训 安全培训",
    "contractors": "相关方 承包商 外包 相关方管理",
    "emergency": "应急 应急管理 应急救援 应急预案",
    "fire": "消防 消防安全 消防类",
    "electricity": "用电 用电安全 电气 电气安全 临时用电 电气类",
    "equipment": "设备 设备设施 机械 机械设备 机械安全 设施设备",
    "special_equipment": "特种设备 特种设备安全 压力容器 起重机械",
    "chemicals": "危化 危化品 危险化学品 化学品",
    "special_work": "特殊作业 动火 动火作业 高处作业 吊装作业 特种作业 危险作业",
    "confined_space": "有限空间 有限空间作业 受限空间",
    "dust": "粉尘 粉尘防爆 涉爆粉尘 粉尘涉爆",
    "gas": "燃气 燃气安全",
    "construction": "施工 建筑施工 工程施工 施工现场",
    "premises": "场所 作业环境 安全标志 警示标志 疏散通道 安全出口 作业场所 场所环境",
    "protection": "劳动防护 劳动防护用品 个体防护 个人防护 三违 违章作业 人员行为",
    "other": "其他 其它 综合",
}
KIND_WORDS = {word: kind for kind, words in _KINDS.items() for word in words.split()}
NOTHING = re.compile(
    r"(本次|现场|经)?(检查|排查)?[,，]?(暂|均|尚)?(未|没有|没|无)(发现|查出|见|查见)?(存在)?(任何|明显|安全|重大|其他|事故)*(隐患|问题|异常|安全隐患)?"
    r"|(一切)?正常|(现场)?(检查)?合格|符合要求|良好"
)


def found_nothing(text: str | None) -> bool:
    """Say whether what was found is nothing: left blank, 无, 未发现隐患."""
    return text is None or bool(NOTHING.fullmatch(text.strip("。.，, ")))


_DONE = (
    r"(已|均已|都已|全部|已全部|已经|现已)?(整改|销号|完成|闭环|办结|消除|改正|治理|改)"
    r"(完成|完毕|到位|合格|闭环|销号|结束|好|了|整改)*"
)
_CLOSED = re.compile(
    rf"{_DONE}|(已|经)?(复查|验收)(合格|通过|完成|到位)?|合格|通过|是|√|✓|✔|y|yes|对|符合要求"
    r"|(已|现场|当场)(更换|清理|清除|拆除|修复|维修|恢复|补齐|补充|张贴|校准|停用)(完成|完毕|到位|了)*"
    r"|(已)?(立查立改|立行立改|当场整改|现场整改|立即整改)(完成|完毕|到位)|当场整改|立查立改"
)
_OPEN = re.compile(
    r".*(未|没有|尚|正在|整改中|治理中|进行中|部分|待|不合格|不通过|不符合).*|否|×|✗|✕|x|n|no"
    r"|(限期|责令|立即)整改|(正)?(整改|治理)中|中"
)


def state_of(text: str | None) -> str:
    """Return "closed", "open" or "" (nothing said) for what a cell says of rectification.

    Raises Unreadable for what tells neither: 已制定方案 is no rectification.
    """
    if not text:
        return ""
    parts = [it for it in re.split(r"[，,。；;、\s]+", _plain(text)) if it]
    if any(map(_OPEN.fullmatch, parts)):
        return "open"
    if any(_CLOSED.fullmatch(it) and it not in ("整改", "完成整改前") for it in parts):
        return "closed"
    raise Unreadable(
        _("“%(text)s” does not say whether it is rectified. Write 已整改, 整改中 or 未整改.")
        % {"text": text[:60]}
    )


def _plain(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).lower()
    plain = re.sub(r"\(.*?\)", "", plain)
    return re.sub(r"\d{4}[-./年]\d{1,2}([-./月]\d{1,2}日?)?|(于)?\d{1,2}月\d{1,2}日", "", plain)


def day_or_open(cell: Cell) -> Plain | Noted:
    """Return the day of an ending; what says that it has not come (未完成) is noted."""
    plain = cells.text(cell) if isinstance(cell, str) else None
    if plain and _OPEN.fullmatch(plain):
        return Noted(None, _("“%(text)s”: no day is entered.") % {"text": plain})
    return dates.exact_day(cell)


_CIRCLED = {chr(0x2460 + n): n + 1 for n in range(20)}
_MARK = re.compile(
    r"(?:(?<=^)|(?<=[\s；;。，,：:、]))[(（]?(\d{1,2})(?:[.、．,，:：](?!\d)|[)）][、.]?)\s*|([①-⑳])\s*"
)


def numbered(text: str) -> list[str]:
    """Return the parts of a text that numbers its parts (1. … 2. …), or the text alone.

    They count from 1 without a gap, and the first stands at the beginning, but for a
    heading that ends with a colon.
    """
    marks: list[re.Match[str]] = []
    for found in _MARK.finditer(text):
        number = int(found[1]) if found[1] else _CIRCLED[found[2]]
        if number == len(marks) + 1:
            marks.append(found)
    lead = text[: marks[0].start()].strip() if marks else ""
    if len(marks) < 2 or (lead and not lead.endswith(("：", ":"))):
        return [text.strip()]
    ends = [*(it.start() for it in marks[1:]), len(text)]
    parts = [text[it.end() : end].strip(" ；;。，,、") for it, end in zip(marks, ends, strict=True)]
    return parts if all(parts) else [text.strip()]
