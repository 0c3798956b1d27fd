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
    wanted = _wanted(visit)
    return Words(
        f"it needs {wanted.en}; on no day it allows are they there",
        f"需要{wanted.zh}，可走访的日子里均无人可派",
    )


def _wanted(visit: Visit) -> Words:
    """Who must come, in words."""
    asked = " + ".join(filter(None, (visit.certificate, visit.skill)))
    with_en, with_zh = (f" with {asked}", f"具备“{asked}”的") if asked else ("", "")
    count = f"{visit.people} people" if visit.people > 1 else "somebody"
    return Words(f"{count}{with_en}", f" {visit.people} 名{with_zh}人员")


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
    if not _is_in_session(planner, visit):
        return Words(
            f"promised for {promise.earliest:%H:%M}-{promise.latest:%H:%M}: no session leaves time "
            "for it, with the way there and back",
            f"已约定 {promise.earliest:%H:%M}-{promise.latest:%H:%M}，但工作时段内来不及完成走访及往返",
        )
    if not _is_someone_able(planner, visit, planner.problem.days.index(promise.day)):
        return Words(
            f"promised for {promise.day}: it needs {_wanted(visit).en}, which those who are there, or "
            "were promised, are not",
            f"已约定 {promise.day}：需要{_wanted(visit).zh}，当日在岗或已约定的人员不具备",
        )
    rivals = [
        v.code
        for v in planner.problem.visits
        if v.code != visit.code and v.promise is not None and v.promise.day == promise.day
    ]
    if rivals:
        return Words(
            f"promised for {promise.day}; conflicts with the promises to {', '.join(rivals)}",
            f"已约定 {promise.day}；与对 {'、'.join(rivals)} 的约定冲突",
        )
    return Words(
        f"promised for {promise.day}; nobody who could keep it is free then",
        f"已约定 {promise.day}，但届时能履约的人员均不得空",
    )


def _is_in_session(planner: Planner, visit: Visit) -> bool:
    """Whether some session leaves time for a visit as promised, with the way there and back."""
    place = 1 + [v.code for v in planner.problem.visits].index(visit.code)
    out, back = int(planner.travel[0, place]), int(planner.travel[place, 0])
    length = round(visit.minutes * 60)
    return any(
        max(early, session.starts_s + out) <= min(late, session.ends_s - back - length)
        for early, late in starts(visit)
        for session in planner.problem.sessions
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
