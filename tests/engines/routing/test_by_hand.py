"""Small rounds: the engine serves as much as the best of all plans, found by trying each."""

import datetime as dt
import itertools
import random

import pytest

from bihuan.engines.routing import Person, RoutingProblem, Session, Visit, solve
from bihuan.engines.routing.problem import travel_s
from bihuan.engines.shape import BadProblem
from tests.engines.routing.rounds import MONDAY, QUICK, problem

Team = tuple[Person, ...]


def small(seed: int) -> RoutingProblem | None:
    """Five visits far apart, two people, one day; None where one cannot be done at all."""
    chance = random.Random(seed)
    visits = []
    for number in range(5):
        hour = chance.choice([9, 10, 14, 15])
        span = (Session(starts=dt.time(hour), ends=dt.time(hour + 2)),)
        visits.append(
            Visit(
                code=f"v{number}",
                x_m=float(chance.randint(-6000, 6000)),
                y_m=float(chance.randint(-6000, 6000)),
                minutes=float(chance.choice([40, 60, 90, 110])),
                weight=chance.choice([1.0, 1.0, 2.0]),
                opens=span if chance.random() < 0.35 else (),
                skill="fire" if chance.random() < 0.3 else None,
                certificate="law" if chance.random() < 0.3 else None,
                people=2 if chance.random() < 0.25 else 1,
            )
        )
    people = [
        Person(code="a", skills=("fire",), certificates=("law",)),
        Person(
            code="b",
            skills=("fire",) if chance.random() < 0.5 else (),
            certificates=("law",) if chance.random() < 0.6 else (),
        ),
    ]
    try:
        return problem(visits, people, days=(MONDAY,), params=QUICK)
    except BadProblem:
        return None


def may_take(team: Team, visit: Visit) -> bool:
    holders = sum(visit.certificate in person.certificates for person in team)
    return (
        len(team) >= visit.people
        and (visit.certificate is None or holders >= visit.people)
        and (visit.skill is None or any(visit.skill in person.skills for person in team))
    )


def is_walked(asked: RoutingProblem, session: Session, order: tuple[int, ...]) -> bool:
    """Whether one team does these visits in this order within a session."""
    travel, place, when = travel_s(asked), 0, session.starts_s
    for number in order:
        visit = asked.visits[number]
        length = round(visit.minutes * 60)
        when += int(travel[place, number + 1])
        if visit.opens:
            (span,) = visit.opens
            when = max(when, span.starts_s)
            if when > span.ends_s - length:
                return False
        place, when = number + 1, when + length
    return when + int(travel[place, 0]) <= session.ends_s


def best_by_hand(asked: RoutingProblem) -> float:
    """The most weight that can be served: a pair or two alone, each visit anywhere or nowhere."""
    best = 0.0
    for teams in ([asked.people], [(person,) for person in asked.people]):
        places = [(team, session) for team in teams for session in asked.sessions]
        for chosen in itertools.product(range(len(places) + 1), repeat=len(asked.visits)):
            weight = sum(
                v.weight for v, at in zip(asked.visits, chosen, strict=True) if at < len(places)
            )
            if weight > best and all(
                _fits(asked, *place, [n for n, at in enumerate(chosen) if at == number])
                for number, place in enumerate(places)
            ):
                best = weight
    return best


def _fits(asked: RoutingProblem, team: Team, session: Session, mine: list[int]) -> bool:
    return all(may_take(team, asked.visits[n]) for n in mine) and any(
        is_walked(asked, session, order) for order in itertools.permutations(mine)
    )


# 9 needs no pair, 17 a visit that moves over; in both PyVRP alone leaves one out
@pytest.mark.parametrize("seed", [3, 9, 11, 17, 22, 30])
def test_serves_as_much_as_the_best_of_all_plans(seed: int) -> None:
    asked = small(seed)
    assert asked is not None
    result = solve(asked)
    assert result.is_ok
    served = {a.visit for a in result.appointments}
    assert sum(v.weight for v in asked.visits if v.code in served) == best_by_hand(asked)
