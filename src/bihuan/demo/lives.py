"""The life of a hazard in the demo: mostly punctual, sometimes late, sent back or extended."""

from datetime import date, datetime, timedelta
from random import Random
from typing import Any, Protocol
from uuid import UUID

from bihuan.accounts.models import Person
from bihuan.cases.actions import Wanted, make_move
from bihuan.cases.models import Case
from bihuan.cases.rules.declaration import Proof
from bihuan.core.days import day_of
from bihuan.core.working_days import WorkCalendar
from bihuan.demo.cast import Cast
from bihuan.demo.kept import Kept

ON_BEHALF = "企业暂无账号，由包联人代为填报"
PLAN = {
    "responsible": "企业主要负责人牵头，车间主任具体负责（演示）",
    "measures": "停用相关设施，更换部件，重新验收（演示）",
    "funds": "自筹资金，列入安全费用（演示）",
    "time_limit": "按整改期限完成，每周报告进度（演示）",
    "contingency": "设置警戒和监护，落实现场处置方案（演示）",
}


class Stage(Protocol):
    """The year in which lives are led: its people, its pictures, its clock."""

    cast: Cast
    kept: Kept
    chance: Random
    calendar: WorkCalendar

    def at(self, when: datetime, step: Any) -> None: ...

    def workday(self, day: date, hour: int = 9) -> datetime: ...


class Lives:
    """Decides how each case goes on, and lets it happen at its time."""

    def __init__(self, year: Stage) -> None:
        self.year = year
        self.chance = year.chance

    def begin(self, case: Case, at: datetime) -> None:
        """Lay out the rectification of a case that was found and assigned."""
        due = case.due_on or day_of(at) + timedelta(days=10)
        roll = self.chance.random()
        if roll < 0.03:
            return  # nobody does anything about it
        late = roll < 0.16
        room = max(2, (due - day_of(at)).days)
        done = (
            due + timedelta(days=self.chance.randrange(1, 16))
            if late
            else day_of(at) + timedelta(days=self.chance.randrange(1, room))
        )
        if case.grade == "major":
            self._plan(case, at)
            done = max(done, day_of(at) + timedelta(days=9))
        elif 0.16 <= roll < 0.20:
            extended = self._extend(case, due)
            done = extended - timedelta(days=2)
        self._at(done, 15, lambda at: self._submit(case.pk, at))

    def _at(self, day: date, hour: int, step: Any) -> None:
        self.year.at(self.year.workday(day, hour), step)

    def _move(self, case: UUID, name: str, by: Person, at: datetime, **inputs: Any) -> Case:
        attached = []
        if name == "submit":
            picture = self.year.kept.photo(by, self.chance.randrange(12), after=True, at=at)
            attached = [(picture, Proof.AFTER)]
        return make_move(case=case, wanted=Wanted(name, inputs, attached), by=by, at=at)

    def _plan(self, case: Case, at: datetime) -> None:
        contact, leader = case.dossier.contact, self.year.cast.leader
        made = day_of(at) + timedelta(days=3)
        self._at(
            made,
            10,
            lambda at: self._move(case.pk, "plan", contact, at, on_behalf=ON_BEHALF, **PLAN),
        )
        self._at(
            made + timedelta(days=1), 11, lambda at: self._move(case.pk, "approve_plan", leader, at)
        )

    def _extend(self, case: Case, due: date) -> date:
        until = self.year.calendar.first_working_day(due + timedelta(days=15))
        leader = self.year.cast.leader
        self._at(
            due - timedelta(days=1),
            9,
            lambda at: self._move(
                case.pk, "extend", leader, at, due_on=until, reason="备件采购周期较长，企业书面申请"
            ),
        )
        return until

    def _submit(self, case: UUID, at: datetime) -> None:
        row = Case.objects.select_related("dossier__contact", "dossier__cell").get(pk=case)
        contact = row.dossier.contact
        self._move(
            case,
            "submit",
            contact,
            at,
            measures="已按要求整改完成，附整改后照片",
            on_behalf=ON_BEHALF,
        )
        checked = day_of(at) + timedelta(days=self.chance.randrange(1, 5))
        verifier = self.year.cast.leaders[row.dossier.cell_id]
        if self.chance.random() < 0.08:
            self._at(checked, 14, lambda at: self._send_back(case, verifier, at))
        else:
            self._at(checked, 14, lambda at: self._verify(case, verifier, row.grade, at))

    def _send_back(self, case: UUID, verifier: Person, at: datetime) -> None:
        self._move(case, "reject", verifier, at, reason="现场复查仍未整改到位，限期重新整改")
        again = day_of(at) + timedelta(days=self.chance.randrange(2, 7))
        self._at(again, 15, lambda at: self._submit(case, at))

    def _verify(self, case: UUID, verifier: Person, grade: str, at: datetime) -> None:
        self._move(case, "verify", verifier, at, opinion="经现场复查，隐患已消除")
        closed = day_of(at) + timedelta(days=self.chance.randrange(3))
        if grade == "major":
            leader = self.year.cast.leader
            self._at(closed, 16, lambda at: self._move(case, "countersign", leader, at))
            closed += timedelta(days=1)
        self._at(closed, 17, lambda at: self._move(case, "close", self.year.cast.office, at))
