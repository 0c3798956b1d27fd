"""Visits made before, from a sheet."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bihuan.core.days import day_of
from bihuan.dossiers.importers import NAME, Names
from bihuan.rounds.actions import PastVisit, import_visits
from bihuan.rounds.queries import known_visits, visit_key
from bihuan.sheets.rules import cells
from bihuan.sheets.rules.headers import Column
from bihuan.sheets.rules.importing import Context, Importer, Judged, Parsed, Verdict

COLUMNS = (
    NAME,
    Column("visited_on", gettext_lazy("day of the visit"), cells.day,
           ("检查日期", "检查时间", "走访日期", "走访时间", "日期", "排查日期", "排查时间"),
           required=True, example="2026-03-12"),
    Column("visitors", gettext_lazy("who visited"), cells.text,
           ("检查人员", "检查人", "走访人", "走访人员", "排查人员", "排查人"), required=True, example="张三、李四"),
    Column("summary", gettext_lazy("what was seen"), cells.text,
           ("检查情况", "检查内容", "走访情况", "排查情况", "情况", "备注", "检查结果")),
    Column("reference", gettext_lazy("number in the earlier ledger"), cells.text,
           ("编号", "检查记录编号", "记录编号", "文书编号", "序号")),
)  # fmt: skip


def _past(names: Names, row: Parsed) -> PastVisit:
    values: dict[str, Any] = row.values
    return PastVisit(
        dossier=names.find(values["enterprise"]).it,
        visited_on=date.fromisoformat(values["visited_on"]),
        visitors=values["visitors"],
        summary=values.get("summary") or "",
        reference=values.get("reference") or "",
    )


def judge(context: Context, rows: Sequence[Parsed]) -> list[Judged]:
    """Say of each row whether it is a visit not yet known."""
    names = Names(context, rows)
    judged: list[Judged] = []
    known = known_visits(
        context.zone,
        [_past(names, row) for row in rows if names.find(row.values["enterprise"]).it],
    )
    for row in rows:
        found = names.find(row.values["enterprise"])
        if found.it is None:
            judged.append(Judged(row, Verdict.REFUSED, found.reason))
        elif str(row.values["visited_on"]) > day_of(context.at).isoformat():
            judged.append(Judged(row, Verdict.REFUSED, _("The day lies in the future.")))
        else:
            past = _past(names, row)
            is_known = visit_key(past) in known
            judged.append(Judged(row, Verdict.UNCHANGED if is_known else Verdict.NEW))
    return judged


def write(context: Context, judged: Sequence[Judged]) -> None:
    """Enter the visits as imported history."""
    names = Names(context, [it.row for it in judged])
    past = [_past(names, it.row) for it in judged]
    import_visits(zone=context.zone, past=past, by=context.by, at=context.at)


VISITS = Importer(
    code="visits",
    name=gettext_lazy("past visits and inspections"),
    description=gettext_lazy(
        "Visits made before: enterprise, day, who visited. They enter as history."
    ),
    columns=COLUMNS,
    judge=judge,
    write=write,
    key=("enterprise", "visited_on", "visitors", "reference"),
)
