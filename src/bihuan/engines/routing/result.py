"""What routing answers: who visits whom and when, and what could not be covered and why."""

from collections import Counter
from dataclasses import dataclass
from typing import ClassVar

from bihuan.engines.shape import Result, Table, Words


@dataclass(frozen=True, kw_only=True)
class Appointment:
    """One visit of the plan. Times are HH:MM; seconds since midnight for computing."""

    visit: str
    day: str
    people: tuple[str, ...]
    starts_s: int
    ends_s: int
    session: int

    @property
    def starts(self) -> str:
        return clock(self.starts_s)

    @property
    def ends(self) -> str:
        return clock(self.ends_s)


@dataclass(frozen=True, kw_only=True)
class Unplanned:
    """A visit without an appointment. `cause`: promise, closed, nobody, time, search."""

    visit: str
    cause: str
    why: Words


@dataclass(frozen=True, kw_only=True)
class Shortage:
    """What the visits left for lack of time would take.

    `person_days` more, within the plan, suffice (a plan with them was made); at least
    `least_person_days` are needed. Or `days` more with the same people.
    """

    visits: int
    person_days: int
    least_person_days: int
    days: int | None


@dataclass(frozen=True, kw_only=True)
class Load:
    """One person's share of the round."""

    person: str
    visits: int
    work_minutes: float
    travel_minutes: float


@dataclass(frozen=True, kw_only=True)
class RoutingResult(Result):
    """`value` is person-minutes of travel. Every visit is in `appointments` or `unplanned`."""

    title: ClassVar[Words] = Words("Visits over days and people", "走访排程")

    appointments: tuple[Appointment, ...] = ()
    unplanned: tuple[Unplanned, ...] = ()
    shortage: Shortage | None = None
    loads: tuple[Load, ...] = ()

    def lines(self) -> list[Words]:
        planned, left = len(self.appointments), len(self.unplanned)
        said = [
            Words(
                f"{planned} of {planned + left} visits are planned",
                f"{planned + left} 次走访中已排 {planned} 次",
            )
        ]
        if self.shortage is not None:
            said.append(_shortage_words(self.shortage))
        if self.loads:
            work = [load.work_minutes / 60 for load in self.loads]
            said.append(
                Words(
                    f"work per person: {min(work):.1f} to {max(work):.1f} h",
                    f"人均工作量：{min(work):.1f} 至 {max(work):.1f} 小时",
                )
            )
        return said

    def tables(self) -> list[Table]:
        booked = sorted(self.appointments, key=lambda a: (a.day, a.people, a.starts_s))
        return [
            Table(
                name="appointments",
                title=Words("appointments", "走访安排"),
                columns={
                    "day": [a.day for a in booked],
                    "people": [" + ".join(a.people) for a in booked],
                    "starts": [a.starts for a in booked],
                    "ends": [a.ends for a in booked],
                    "visit": [a.visit for a in booked],
                },
            ),
            Table(
                name="unplanned",
                title=Words("visits not planned, and why", "未排入的走访及原因"),
                columns={
                    "visit": [u.visit for u in self.unplanned],
                    "cause": [u.cause for u in self.unplanned],
                    "why": [u.why.en for u in self.unplanned],
                    "why_zh": [u.why.zh for u in self.unplanned],
                },
            ),
            Table(
                name="loads",
                title=Words("load by person", "人员工作量"),
                columns={
                    "person": [load.person for load in self.loads],
                    "visits": [load.visits for load in self.loads],
                    "work_minutes": [round(load.work_minutes) for load in self.loads],
                    "travel_minutes": [round(load.travel_minutes) for load in self.loads],
                },
            ),
        ]


def causes(unplanned: tuple[Unplanned, ...]) -> dict[str, int]:
    return dict(Counter(item.cause for item in unplanned))


def clock(seconds: int) -> str:
    """HH:MM of seconds since midnight."""
    return f"{seconds // 3600:02}:{seconds % 3600 // 60:02}"


def _shortage_words(short: Shortage) -> Words:
    days_en = f", or {short.days} more days with the same people" if short.days else ""
    days_zh = f"，或人员不变再加 {short.days} 天" if short.days else ""
    return Words(
        f"{short.visits} visits lack time: {short.person_days} more person-days suffice "
        f"(at least {short.least_person_days} are needed){days_en}",
        f"{short.visits} 次走访时间不足：再增加 {short.person_days} 人天即可"
        f"（至少需要 {short.least_person_days} 人天）{days_zh}",
    )
