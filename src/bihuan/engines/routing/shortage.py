"""Why visits are left over, and what it would take to cover them."""

import math

from bihuan.engines.routing.crews import is_someone_able
from bihuan.engines.routing.days import Planner, starts
from bihuan.engines.routing.problem import Visit
from bihuan.engines.routing.result import Shortage, Unplanned
from bihuan.engines.routing.spread import possible_days
from bihuan.engines.shape import Words

MOST_DAYS = 250  # a working year: beyond it, more people are the only answer


def causes_of(planner: Planner, left: list[int]) -> tuple[Unplanned, ...]:
    """The cause of every visit left over, in one sentence."""
    return tuple(_cause(planner, planner.problem.visits[number]) for number in left)


def _cause(planner: Planner, visit: Visit) -> Unplanned:
    problem = planner.problem
    days = possible_days(problem, visit)
    if not days:
        why = Words(
            "no day of the plan is open to it before its deadline", "期限内没有可走访的日子"
        )
        return Unplanned(visit=visit.code, cause="closed", why=why)
    if visit.promise is not None:
        return Unplanned(visit=visit.code, cause="promise", why=_broken(planner, visit))
    if not any(_is_someone_able(planner, visit, day) for day in days):
        return Unplanned(visit=visit.code, cause="nobody", why=_nobody(visit))
    if planner.watch.is_over():
        why = Words(
            "the search was stopped before it had its turn; more computing time may place it",
            "搜索在轮到它之前已停止；延长计算时间或可排入",
        )
        return Unplanned(visit=visit.code, cause="search", why=why)
    why = Words(
        "everybody who could go is taken on every day it allows",
        "可走访的日子里，能去的人员均已排满",
    )
    return Unplanned(visit=visit.code, cause="time", why=why)


def _is_someone_able(planner: Planner, visit: Visit, day: int) -> bool:
    date = planner.problem.days[day]
    present = [p for p in planner.problem.people if date not in p.absent]
    return is_someone_able(present, visit)


def _nobody(visit: Visit) -> Words:
    asked = " + ".join(filter(None, (visit.certificate, visit.skill)))
    with_en, with_zh = (f" with {asked}", f"具备“{asked}”的") if asked else ("", "")
    count = f"{visit.people} people" if visit.people > 1 else "somebody"
    return Words(
        f"it needs {count}{with_en}; on no day it allows are they there",
        f"需要 {visit.people} 名{with_zh}人员，可走访的日子里均无人可派",
    )


def _broken(planner: Planner, visit: Visit) -> Words:
    """What stands against a promise: hours, absence, or other promises on the same day."""
    promise = visit.promise
    assert promise is not None
    absent = [
        p.code
        for p in planner.problem.people
        if p.code in promise.people and promise.day in p.absent
    ]
    if absent:
        return Words(
            f"promised for {promise.day}, but {', '.join(absent)} is absent",
            f"已约定 {promise.day}，但 {'、'.join(absent)} 缺勤",
        )
    if not starts(visit):
        return Words(
            f"promised for {promise.earliest:%H:%M}-{promise.latest:%H:%M}, when it is closed",
            f"已约定 {promise.earliest:%H:%M}-{promise.latest:%H:%M}，但该时段不开放",
        )
    rivals = [
        v.code
        for v in planner.problem.visits
        if v.code != visit.code and v.promise is not None and v.promise.day == promise.day
    ]
    return Words(
        f"promised for {promise.day}; conflicts with the promises to {', '.join(rivals) or 'nobody'} "
        "or with who is there",
        f"已约定 {promise.day}；与对 {'、'.join(rivals) or '无'} 的约定或当日在岗人员冲突",
    )


def shortage(planner: Planner, late: list[int]) -> Shortage | None:
    """What visits that only lack time would take; None where there are none."""
    if not late:
        return None
    problem = planner.problem
    session = sum(s.ends_s - s.starts_s for s in problem.sessions) / 60
    work = sum(problem.visits[n].people * problem.visits[n].minutes for n in late)
    least = math.ceil(work / session)
    return Shortage(
        visits=len(late),
        person_days=max(least, planner.alone(late)),
        least_person_days=least,
        days=_more_days(planner, late),
    )


def _more_days(planner: Planner, late: list[int]) -> int | None:
    """Days after the plan on which the same people would finish, found by planning them."""
    left = set(late)
    load: dict[str, int] = {}
    for count in range(1, MOST_DAYS + 1):
        seconds = max(0.5, min(10.0, planner.watch.remaining_s / 4))
        plan = planner.plan(None, left, load, seconds, iterations=100)
        if not plan.served or planner.watch.is_over():
            return None
        left -= plan.served
        if not left:
            return count
    return None
