"""Hazards found before, from a sheet: still open, or rectified and closed."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bihuan.cases.actions import PastCase, take_over
from bihuan.cases.queries import known_history
from bihuan.cases.rules.declaration import Grade
from bihuan.core.days import HERE, day_of
from bihuan.dossiers.importers import NAME, Names
from bihuan.safety.rules import CATEGORIES, HAZARD
from bihuan.sheets.rules import cells
from bihuan.sheets.rules.headers import Column
from bihuan.sheets.rules.importing import Context, Importer, Judged, Parsed, Verdict

NOON = time(12, tzinfo=HERE)  # an earlier ledger knows the day only
GRADE_WORDS = {
    "一般": Grade.GENERAL,
    "一般隐患": Grade.GENERAL,
    "一般事故隐患": Grade.GENERAL,
    "重大": Grade.MAJOR,
    "重大隐患": Grade.MAJOR,
    "重大事故隐患": Grade.MAJOR,
}
CLOSED_WORDS = {
    "已整改": "closed",
    "已销号": "closed",
    "已完成": "closed",
    "整改完成": "closed",
    "完成": "closed",
    "是": "closed",
    "闭环": "closed",
    "已闭环": "closed",
    "立查立改": "closed",
    "已整改到位": "closed",
    "整改到位": "closed",
    "已整改完成": "closed",
    "已完成整改": "closed",
    "已改": "closed",
    "已复查": "closed",
    "合格": "closed",
    "立即整改": "open",
    "当场整改": "closed",
    "未整改": "open",
    "整改中": "open",
    "正在整改": "open",
    "未完成": "open",
    "否": "open",
    "限期整改": "open",
}
COLUMNS = (
    NAME,
    Column("title", gettext_lazy("what was found"), cells.text,
           ("隐患内容", "隐患描述", "问题描述", "存在问题", "隐患", "问题", "问题隐患", "隐患问题", "发现的问题",
            "存在的问题和隐患", "主要问题", "存在的问题", "存在隐患", "存在的隐患", "隐患情况",
            "检查发现问题", "检查发现的问题", "发现问题", "问题及隐患", "问题清单", "隐患名称"), required=True, example="安全出口被杂物堵塞"),
    Column("found_on", gettext_lazy("found on"), cells.day,
           ("检查日期", "检查时间", "发现日期", "发现时间", "排查日期", "排查时间", "日期"),
           required=True, example="2026-03-12"),
    Column("finder", gettext_lazy("found by"), cells.text, ("检查人员", "检查人", "检查组", "排查人员", "检查组成员", "排查人", "发现人", "排查人员")),
    Column("grade", gettext_lazy("grade"), cells.one_of(GRADE_WORDS), ("隐患级别", "隐患等级", "级别", "等级", "类别")),
    Column("place", gettext_lazy("where exactly"), cells.text, ("部位", "隐患部位", "位置", "地点")),
    Column("clause", gettext_lazy("clause"), cells.text, ("依据", "法律依据", "检查依据", "依据条款")),
    Column("due_on", gettext_lazy("to be rectified by"), cells.day_or_span, ("整改期限", "整改时限", "限期", "整改截止日期", "要求完成时间", "要求整改日期")),
    Column("rectified_on", gettext_lazy("rectified on"), cells.day, ("整改完成时间", "整改日期", "完成时间", "整改完成日期")),
    Column("closed_on", gettext_lazy("closed on"), cells.day, ("销号日期", "销号时间", "复查日期", "复查时间", "验收日期")),
    Column("state", gettext_lazy("state"), cells.one_of(CLOSED_WORDS),
           ("整改情况", "整改状态", "是否整改", "是否销号", "销号情况", "状态", "是否完成整改")),
    Column("reference", gettext_lazy("number in the earlier ledger"), cells.text, ("编号", "隐患编号", "文书编号", "序号")),
)  # fmt: skip


def _past(names: Names, row: Parsed) -> PastCase:
    values: dict[str, Any] = row.values
    dossier = names.find(values["enterprise"]).it
    closed_on = _closed_on(values)
    unit: UUID | None = dossier.owner_unit_id
    return PastCase(
        dossier=dossier,
        title=values["title"],
        found_at=datetime.combine(date.fromisoformat(values["found_on"]), NOON),
        finder_name=(values.get("finder") or _("not recorded"))[:64],
        grade=Grade(values.get("grade") or Grade.GENERAL),
        description=values["title"] if len(values["title"]) > 200 else "",
        place=(values.get("place") or "")[:200],
        category="other" if "other" in CATEGORIES else "",
        clause=(values.get("clause") or "")[:80],
        unit=unit,
        due_on=_due(values),
        rectified_on=_day(values.get("rectified_on")) or closed_on,
        closed_at=datetime.combine(closed_on, NOON) if closed_on else None,
        reference=values.get("reference") or "",
    )


def _closed_on(values: dict[str, Any]) -> date | None:
    """Return when the earlier ledger closed it; its last known day where it says only that."""
    if values.get("state") == "open":
        return None
    told = _day(values.get("closed_on"))
    if told or values.get("state") != "closed":
        return told
    return _day(values.get("rectified_on")) or _due(values) or _day(values["found_on"])


def _due(values: dict[str, Any]) -> date | None:
    """Return when rectification was due; a span counts from the day it was found."""
    told = values.get("due_on")
    if told and told.startswith("+"):
        return date.fromisoformat(values["found_on"]) + timedelta(days=int(told))
    return _day(told)


def _day(value: Any) -> date | None:
    return date.fromisoformat(value) if value else None


def judge(context: Context, rows: Sequence[Parsed]) -> list[Judged]:
    """Say of each row whether it is a hazard not yet known."""
    names = Names(context, rows)
    named = [row for row in rows if names.find(row.values["enterprise"]).it]
    known = known_history(context.zone, [_past(names, row) for row in named])
    return [_judged(context, names, known, row) for row in rows]


def _judged(context: Context, names: Names, known: set[tuple[object, ...]], row: Parsed) -> Judged:
    found = names.find(row.values["enterprise"])
    if found.it is None:
        return Judged(row, Verdict.REFUSED, found.reason)
    past = _past(names, row)
    days = [past.found_at, past.closed_at or past.found_at]
    if max(map(day_of, days)) > day_of(context.at):
        return Judged(row, Verdict.REFUSED, _("The day lies in the future."))
    if past.closed_at and past.closed_at < past.found_at:
        reason = _("It cannot have been closed before it was found.")
        return Judged(row, Verdict.REFUSED, reason)
    return Judged(row, Verdict.UNCHANGED if past.key in known else Verdict.NEW)


def write(context: Context, judged: Sequence[Judged]) -> None:
    """Take the hazards over as imported history."""
    names = Names(context, [it.row for it in judged])
    past = [_past(names, it.row) for it in judged]
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
)
