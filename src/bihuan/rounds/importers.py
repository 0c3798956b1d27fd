"""Visits made before, as a row of a sheet tells them. Which sheets hold them, safety says."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bihuan.dossiers.models import Dossier
from bihuan.rounds.actions import PastVisit
from bihuan.rounds.queries import visit_key
from bihuan.sheets.rules import cells, dates
from bihuan.sheets.rules.headers import Column
from bihuan.sheets.rules.importing import Parsed

LONGEST = 64  # of who visited, as the column holds it
VISITED_ON = Column("visited_on", gettext_lazy("day of the visit"), dates.exact_day,
    ("检查日期", "检查时间", "走访日期", "走访时间", "日期", "排查日期", "排查时间", "巡查日期", "巡查时间", "入企时间",
     "入企日期", "执法检查时间", "抽查日期", "抽查时间", "时间"), required=True, example="2026-03-12")  # fmt: skip
COLUMNS = (
    VISITED_ON,
    Column("visitors", gettext_lazy("who visited"), cells.text,
           ("检查人员", "检查人", "走访人", "走访人员", "排查人员", "排查人", "巡查人员", "巡查人", "检查组", "检查组成员",
            "检查人员姓名", "参加人员", "检查人员签字", "执法人员", "带队领导", "检查者", "走访干部", "监察人员", "监督检查人员", "巡查员", "网格员", "包联干部", "执法检查人员", "抽查人员", "记录人"), example="张三、李四"),
    Column("body", gettext_lazy("inspecting body"), cells.text,
           ("检查单位", "检查部门", "检查机关", "检查主体", "走访单位", "走访部门", "组织检查单位", "检查单位名称", "抽查机关", "抽查部门", "执法机关")),
    Column("summary", gettext_lazy("what was seen"), cells.text,
           ("检查情况", "检查内容", "走访情况", "排查情况", "情况", "检查结果", "检查结论", "走访内容", "巡查情况", "抽查结果", "检查事项", "抽查事项")),
    Column("reference", gettext_lazy("number in the earlier ledger"), cells.text,
           ("编号", "检查记录编号", "记录编号", "文书编号", "文号", "执法文书文号", "执法文书编号", "法律文书文号", "文书文号")),
)  # fmt: skip


def visit_of(row: Parsed, dossier: Dossier) -> PastVisit | str:
    """Return the visit a row tells of, or why it cannot be taken."""
    values: dict[str, Any] = row.values
    who = " ".join(filter(None, (values.get("body"), values.get("visitors"))))
    if not who:
        return _("%(column)s is missing.") % {"column": COLUMNS[1].label}
    summary = values.get("summary") or ""
    if len(who) > LONGEST:  # kept whole with what was seen
        summary = f"{COLUMNS[1].label}：{who}\n{summary}".strip()
        who = f"{who[: LONGEST - 1]}…"
    return PastVisit(
        dossier=dossier,
        visited_on=date.fromisoformat(values["visited_on"]),
        visitors=who,
        summary=summary,
        reference=values.get("reference") or "",
    )


def joined(visits: Iterable[PastVisit]) -> list[PastVisit]:
    """Return each visit once: a row for each finding tells of the same visit again."""
    found: dict[tuple[object, ...], PastVisit] = {}
    for visit in visits:
        key = visit_key(visit)
        kept = found.setdefault(key, visit)
        if kept is visit:
            continue
        summary = kept.summary
        if visit.summary not in summary:
            summary = f"{summary}\n{visit.summary}".strip()
        found[key] = replace(kept, summary=summary, found=kept.found + visit.found)
    return list(found.values())
