"""Hazards found before, from a sheet: still open, or rectified and closed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bihuan.cases.actions import PastCase, take_over
from bihuan.cases.models import Case
from bihuan.cases.queries import known_history
from bihuan.cases.rules.declaration import Grade
from bihuan.core.days import HERE, day_of
from bihuan.dossiers.importers import NAME, Names
from bihuan.dossiers.models import Dossier
from bihuan.dossiers.rules import canonical
from bihuan.safety.importers import words
from bihuan.safety.rules import CATEGORIES, HAZARD
from bihuan.sheets.rules import cells, dates
from bihuan.sheets.rules.cells import Unreadable
from bihuan.sheets.rules.headers import Column
from bihuan.sheets.rules.importing import Context, Importer, Judged, Parsed, Verdict
from bihuan.sheets.rules.reading import Cell

NOON = time(12, tzinfo=HERE)  # an earlier ledger knows the day only


def _what(cell: Cell) -> str | None:
    """Return what was found; what is written for nothing (无, /) stays as 无."""
    plain = cells.text(cell)
    return plain or ("无" if cell is not None and str(cell).strip() else None)


FOUND_ON = Column("found_on", gettext_lazy("found on"), dates.exact_day,
    ("检查日期", "检查时间", "发现日期", "发现时间", "排查日期", "排查时间", "日期", "查处时间", "隐患发现时间",
     "隐患排查时间", "上报时间", "登记日期"), required=True, example="2026-03-12")  # fmt: skip
FINDER = Column("finder", gettext_lazy("found by"), cells.text,
    ("检查人员", "检查人", "检查组", "排查人员", "检查组成员", "排查人", "发现人", "检查人员姓名", "检查者", "排查人姓名"))  # fmt: skip
BODY = Column("body", gettext_lazy("inspecting body"), cells.text,
    ("检查单位", "检查部门", "检查机关", "检查主体", "排查单位", "检查单位名称", "组织检查单位"))  # fmt: skip
TITLE = Column("title", gettext_lazy("what was found"), _what,
    ("隐患内容", "隐患描述", "问题描述", "存在问题", "隐患", "问题", "问题隐患", "隐患问题", "发现的问题",
     "存在的问题和隐患", "存在的主要问题和隐患", "存在的主要问题", "主要问题", "存在的问题", "存在隐患", "存在的隐患", "隐患情况",
     "检查发现问题", "检查发现的问题", "发现问题", "问题及隐患", "问题和隐患", "问题清单", "隐患名称", "发现隐患", "发现的隐患",
     "检查发现的问题和隐患", "检查发现的隐患", "检查发现隐患", "存在问题及隐患", "存在的问题及隐患", "存在问题和隐患",
     "存在的安全隐患", "安全隐患", "问题隐患描述", "隐患问题描述", "隐患具体内容", "隐患具体情况", "具体问题", "具体隐患",
     "隐患内容描述", "发现的问题隐患", "发现的主要问题", "发现问题隐患", "事故隐患", "事故隐患内容", "主要隐患", "问题隐患内容"),
    required=True, example="安全出口被杂物堵塞",
    like=r"(?=.*(隐患|问题|违法|违规))(检查|排查|发现|查出|查处|存在|主要|具体|违法|违规|行为|或|及|和|的|与|安全|事故|现场|"
         r"消防|火灾|生产|问题|隐患|情况|描述|内容|清单|简述|概述|风险|项|企业|设备)+")  # fmt: skip
ABOUT = (  # a hazard, whoever found it
    Column("grade", gettext_lazy("grade"), words.grade,
           ("隐患级别", "隐患等级", "级别", "等级", "隐患分级", "隐患程度", "隐患性质", "问题性质")),
    Column("major", gettext_lazy("major hazard"), cells.yes_no,
           ("是否重大隐患", "是否重大事故隐患", "是否重大火灾隐患", "是否为重大隐患", "是否为重大事故隐患", "重大隐患")),
    Column("category", gettext_lazy("category"), cells.text,
           ("隐患类别", "类别", "隐患类型", "类型", "隐患分类", "问题类别", "问题类型")),
    Column("place", gettext_lazy("where exactly"), cells.text,
           ("部位", "隐患部位", "位置", "地点", "隐患位置", "检查部位", "检查场所", "隐患地点", "具体位置")),
    Column("clause", gettext_lazy("clause"), cells.text, ("依据", "法律依据", "检查依据", "依据条款", "判定依据", "违反条款", "违反规定")),
    Column("measure", gettext_lazy("measures"), cells.text,
           ("整改措施", "整改要求", "整改意见", "措施", "整改建议", "处理意见", "整改内容", "治理措施", "采取措施", "整改要求及期限",
            "整改措施及时限")),
    Column("rectifier", gettext_lazy("who rectifies"), cells.text,
           ("整改责任人", "整改人", "责任人", "整改负责人", "整改责任单位", "责任单位", "企业负责人", "整改单位", "企业整改责任人")),
    Column("due_on", gettext_lazy("to be rectified by"), dates.day_or_span,
           ("整改期限", "整改时限", "限期", "整改截止日期", "要求完成时间", "要求整改日期", "整改完成时限", "完成时限",
            "整改截止时间", "限改日期", "限期整改时间", "限期整改日期", "计划完成时间", "治理期限", "整改限期", "要求整改时间"),
           like="(责令|要求|限期|企业|隐患|整改|治理|完成|落实)+(期限|时限|限期|截止时间|截止日期)"),
    Column("rectified_on", gettext_lazy("rectified on"), words.day_or_open,
           ("整改完成时间", "整改日期", "完成时间", "整改完成日期", "整改时间", "实际完成时间", "实际整改时间", "完成日期",
            "整改完成")),
    Column("closed_on", gettext_lazy("closed on"), words.day_or_open,
           ("销号日期", "销号时间", "复查日期", "复查时间", "验收日期", "验收时间", "闭环时间", "核查时间")),
    Column("verifier", gettext_lazy("who verified"), cells.text,
           ("复查人", "复查人员", "验收人", "销号人", "核查人", "复查人员姓名", "验收人员")),
    Column("state", gettext_lazy("state of rectification"), cells.text,
           ("整改情况", "整改状态", "是否整改", "状态", "是否完成整改", "整改落实情况", "整改结果", "整改完成情况", "落实情况",
            "是否整改完成", "是否完成", "整改进度", "整改进展", "完成情况", "隐患状态", "治理情况", "是否整改到位", "目前状态",
            "整改是否完成", "是否已整改", "处理结果", "处置结果", "处理情况", "处置情况"), ticked=words.STATE_TICKS),
    Column("recheck", gettext_lazy("recheck"), cells.text,
           ("复查情况", "复查结果", "复查意见", "验收情况", "验收结果", "验收意见", "复查结论", "核查情况", "核查结果")),
    Column("ended", gettext_lazy("whether closed"), cells.text,
           ("是否销号", "销号情况", "是否闭环", "闭环情况", "是否已销号", "销号状态", "是否完成闭环")),
    Column("remark", gettext_lazy("remarks"), cells.text, ("备注", "说明", "其他说明")),
)  # fmt: skip
REFERENCE = Column("reference", gettext_lazy("number in the earlier ledger"), cells.text,
    ("编号", "隐患编号", "文书编号", "检查记录编号", "记录编号", "文号"))  # fmt: skip
COLUMNS = (NAME, TITLE, FOUND_ON, FINDER, BODY, *ABOUT, REFERENCE)
STATES = ("state", "recheck", "ended")


@dataclass
class Hazards:
    """What a row says of hazards: each as the earlier ledger tells it, and what was assumed."""

    past: list[PastCase] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def hazards_of(row: Parsed, dossier: Dossier, found_on: str, today: date) -> Hazards:
    """Return the hazards of a row, one for each that its cell numbers.

    Raises Unreadable for what cannot be said with certainty.
    """
    values: dict[str, Any] = row.values
    found = Hazards()
    titles = words.numbered(values["title"])
    if len(titles) > 1:
        found.notes.append(
            _("%(count)d hazards in one cell, each taken by itself.") % {"count": len(titles)}
        )
    told = _Told(values, date.fromisoformat(found_on), today, found.notes)
    for title, state in zip(titles, told.states(len(titles)), strict=True):
        found.past.append(told.past(dossier, title, state))
    return found


@dataclass
class _Told:
    """The cells of one row, read together."""

    values: dict[str, Any]
    found_on: date
    today: date
    notes: list[str]

    def states(self, count: int) -> list[str]:
        """Return for each hazard of the row whether it is open or closed; open unless told."""
        columns = [self._of(name, count) for name in STATES]
        states = [
            "open" if "open" in it else "closed" if "closed" in it else ""
            for it in zip(*columns, strict=True)
        ]
        if not any(states):
            closed = bool(self.values.get("closed_on"))
            if not closed:
                self.notes.append(_("It is not said whether it is rectified: taken as open."))
            return ["closed" if closed else "open"] * count
        return [it or "open" for it in states]

    def _of(self, name: str, count: int) -> list[str]:
        parts = words.numbered(self.values.get(name) or "")
        if len(parts) == 1:
            return [words.state_of(parts[0])] * count
        if len(parts) != count:
            raise Unreadable(
                _("%(count)d hazards, but %(states)d states. Give each hazard a row of its own.")
                % {"count": count, "states": len(parts)}
            )
        return [words.state_of(it) for it in parts]

    def past(self, dossier: Dossier, title: str, state: str) -> PastCase:
        """Return one hazard of the row."""
        values = self.values
        closed_on, rectified_on = self._ending() if state == "closed" else (None, None)
        finder = _finder(values)
        category, grade = self._kind()
        return PastCase(
            dossier=dossier,
            title=title,
            found_at=datetime.combine(self.found_on, NOON),
            finder_name=_short(finder, 64),
            grade=grade,
            description=self._description(title, state, finder),
            place=(values.get("place") or "")[:200],
            category=category,
            clause=_short(values.get("clause") or "", 80),
            unit=dossier.owner_unit_id,
            due_on=self._due(),
            rectified_on=rectified_on,
            closed_at=datetime.combine(closed_on, NOON) if closed_on else None,
            reference=values.get("reference") or "",
        )

    def _kind(self) -> tuple[str, Grade]:
        """Return category and grade; a column 类别 may hold either."""
        told = self.values.get("category") or ""
        grade = self.values.get("grade") or words.GRADE_WORDS.get(told)
        major = self.values.get("major")
        if major is not None:  # 重大 said anywhere holds
            grade = Grade.MAJOR if major else grade or Grade.GENERAL
        if told in words.GRADE_WORDS:
            told = ""
        category = words.KIND_WORDS.get(told.removesuffix("隐患"), "other")
        if told and category == "other" and told not in words.KIND_WORDS:
            self._note(_("Category “%(text)s” is entered as: other.") % {"text": told})
        if not grade:
            self._note(_("No grade is given: taken as a general hazard."))
        return category if category in CATEGORIES else "", Grade(grade or Grade.GENERAL)

    def _due(self) -> date | None:
        """Return when rectification was due; a span counts from the day it was found."""
        told = self.values.get("due_on")
        if told and told.startswith("+"):
            return self.found_on + timedelta(days=int(told))
        return _day(told)

    def _ending(self) -> tuple[date, date | None]:
        """Return when it was closed and when rectified; None where nobody can know.

        A day that is not told never makes a case punctual, nor late.
        """
        rectified, closed = (
            _day(self.values.get("rectified_on")),
            _day(self.values.get("closed_on")),
        )
        due = self._due()
        if rectified:
            return closed or rectified, rectified
        if closed and (due is None or closed <= due):  # rectified by then, so in time
            return closed, closed
        if closed:
            self._note(_("It is not said when it was rectified: not judged to be on time or late."))
            return closed, None
        assumed = min(max(due or self.found_on, self.found_on), max(self.today, self.found_on))
        self._note(
            _(
                "It is not said when it was closed: %(day)s is entered, and not judged to be on time."
            )
            % {"day": assumed}
        )
        return assumed, None

    def _description(self, title: str, state: str, finder: str) -> str:
        """Return what has no column of its own, so that nothing of the row is lost."""
        values = self.values
        lines = [title] if len(title) > 200 else []
        kept: list[tuple[Any, str | None]] = [
            (BODY.label, values.get("body")),
            (FINDER.label, finder if len(finder) > 64 else None),
        ]
        for column in ABOUT:
            kept.append((column.label, self._kept(column.name, state)))
        lines += [f"{label}：{text}" for label, text in kept if text]
        return "\n".join(lines)

    def _kept(self, name: str, state: str) -> str | None:
        told = self.values.get(name)
        if name in ("measure", "rectifier", "verifier", "remark", *STATES):
            return told or None
        if name in ("rectified_on", "closed_on") and state == "open":
            return told or None
        if name == "category" and told not in words.KIND_WORDS and told not in words.GRADE_WORDS:
            return told or None
        longest = {"place": 200, "clause": 80}.get(name)
        return told if longest and told and len(told) > longest else None

    def _note(self, note: str) -> None:
        if note not in self.notes:
            self.notes.append(note)


def _finder(values: dict[str, Any]) -> str:
    """Return who found it: people before their office."""
    told = (values.get(name) for name in ("finder", "visitors", "body"))
    return next(filter(None, told), None) or _("not recorded")


def _short(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _day(value: Any) -> date | None:
    return date.fromisoformat(value) if value else None


def contradiction(past: Sequence[PastCase], today: date) -> str:
    """Return why hazards cannot be as they are told, or nothing."""
    for it in past:
        if max(day_of(it.found_at), day_of(it.closed_at or it.found_at)) > today:
            return _("The day lies in the future.")
        if it.rectified_on and it.rectified_on > today:
            return _("The day of rectification lies in the future.")
        if it.due_on and it.due_on < day_of(it.found_at):
            return _("It cannot have been due before it was found.")
        if it.closed_at and it.closed_at < it.found_at:
            return _("It cannot have been closed before it was found.")
        if it.rectified_on and it.rectified_on < day_of(it.found_at):
            return _("It cannot have been rectified before it was found.")
    return ""


def _read(names: Names, row: Parsed, today: date) -> Hazards | str:
    """Return what a row says, or why it cannot be taken."""
    values: dict[str, Any] = row.values
    found = names.find(values["enterprise"])
    if found.it is None:
        return found.reason
    if words.found_nothing(values["title"]):
        return _("Nothing was found here. Import such rows as past visits and inspections.")
    try:
        told = hazards_of(row, found.it, values["found_on"], today)
    except Unreadable as problem:
        return str(problem)
    return contradiction(told.past, today) or told


def of_our_own(model: Any, context: Context, rows: Sequence[Parsed]) -> set[tuple[str, str]]:
    """Return which rows are of this very register, exported: by number and enterprise. One query."""
    numbers = {str(number) for row in rows if (number := row.values.get(REFERENCE.name))}
    if not numbers:
        return set()
    held = model.objects.filter(zone=context.zone, number__in=numbers)
    return {
        (number, canonical(name)) for number, name in held.values_list("number", "dossier__name")
    }


def is_own(row: Parsed, own: set[tuple[str, str]]) -> bool:
    """Say whether a row is one of those."""
    name = canonical(str(row.values["enterprise"]))
    return (str(row.values.get(REFERENCE.name)), name) in own


def judge(context: Context, rows: Sequence[Parsed]) -> list[Judged]:
    """Say of each row whether it holds hazards not yet known."""
    names, today = Names(context, rows), day_of(context.at)
    own = of_our_own(Case, context, rows)
    read = [Hazards() if is_own(row, own) else _read(names, row, today) for row in rows]
    past = [it for told in read if isinstance(told, Hazards) for it in told.past]
    known = known_history(context.zone, past)
    return [_judged(row, told, known) for row, told in zip(rows, read, strict=True)]


def _judged(row: Parsed, told: Hazards | str, known: set[tuple[object, ...]]) -> Judged:
    if isinstance(told, str):
        return Judged(row, Verdict.REFUSED, told)
    fresh = [it for it in told.past if it.key not in known]
    verdict = Verdict.NEW if fresh else Verdict.UNCHANGED
    return Judged(row, verdict, changes=tuple(told.notes if fresh else ()), plan=fresh)


def write(context: Context, judged: Sequence[Judged]) -> None:
    """Take the hazards over as imported history."""
    past = [it for row in judged for it in row.plan]
    take_over(zone=context.zone, kind=HAZARD.code, past=past, by=context.by, at=context.at)


HAZARDS = Importer(
    code="hazards",
    name=gettext_lazy("past hazards, open or closed"),
    description=gettext_lazy(
        "The earlier ledger of problems: enterprise, what was found, when, whether closed."
    ),
    columns=COLUMNS,
    judge=judge,
    write=write,
    key=("enterprise", "title", "found_on"),
    carries=("enterprise", "found_on", "finder", "body"),
)
