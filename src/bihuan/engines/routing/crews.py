"""Crews of a day: who goes alone and who goes in pairs.

Some visits need two, both certified. A pair stays together for the day, and may also take
visits that one person could do. Announced people come first, then as many pairs as the
day's work for two asks for; everybody else goes alone.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from bihuan.engines.routing.problem import Person, Visit


@dataclass(frozen=True)
class Crew:
    """One or two people who go together on a day."""

    people: tuple[Person, ...]

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(person.code for person in self.people)

    def may_take(self, visit: Visit) -> bool:
        """Enough people, enough of them certified, one of them skilled, those announced there.

        A visit for one person by a pair needs one certificate holder; a visit for two needs two.
        """
        holders = sum(visit.certificate in person.certificates for person in self.people)
        return (
            len(self.people) >= visit.people
            and (visit.certificate is None or holders >= visit.people)
            and (visit.skill is None or any(visit.skill in p.skills for p in self.people))
            and (visit.promise is None or set(visit.promise.people) <= set(self.codes))
        )


def is_someone_able(people: Sequence[Person], visit: Visit) -> bool:
    """Whether any one or two of these people could take the visit together."""
    holders = [
        p for p in people if visit.certificate is None or visit.certificate in p.certificates
    ]
    told = set(visit.promise.people) if visit.promise is not None else set()
    team = holders if visit.people == 2 or visit.certificate else list(people)
    return (
        len(team) >= visit.people
        and told <= {p.code for p in team}
        and (visit.skill is None or any(visit.skill in p.skills for p in team))
    )


def pairs_wanted(visits: Sequence[Visit], people: int, crew_minutes: float, travel: float) -> int:
    """How many pairs the day's work asks for; `travel` is the minutes on the road a visit."""
    for_two = sum(v.minutes + travel for v in visits if v.people == 2)
    for_one = sum(v.minutes + travel for v in visits if v.people == 1)
    if for_two == 0:
        return 0
    pairs, alone = math.ceil(for_two / crew_minutes), math.ceil(for_one / crew_minutes)
    if 2 * pairs + alone > people:
        pairs = round(people * 2 * for_two / (2 * for_two + for_one) / 2)
    return max(1, min(pairs, people // 2))


def form(
    present: Sequence[Person], visits: Sequence[Visit], pairs: int, load_s: dict[str, int]
) -> list[Crew]:
    """Crews of the day. `load_s` is what each has worked so far: the least loaded come first."""
    free = {p.code: p for p in sorted(present, key=lambda p: (load_s.get(p.code, 0), p.code))}
    made = _announced(free, visits)
    wanted = _certificates(visits)
    while sum(len(c.people) == 2 for c in made) < pairs:
        pair = _pair(free, wanted, len(made))
        if pair is None:
            break
        made.append(Crew(pair))
        for person in pair:
            del free[person.code]
    return made + [Crew((person,)) for person in free.values()]


def _announced(free: dict[str, Person], visits: Sequence[Visit]) -> list[Crew]:
    """Crews that promises name, as far as they do not contradict one another."""
    made: list[Crew] = []
    promised = [v for v in visits if v.promise is not None and v.promise.people]
    for visit in sorted(promised, key=lambda v: -len(v.promise.people if v.promise else ())):
        assert visit.promise is not None
        codes = visit.promise.people
        if any(set(codes) <= set(crew.codes) and len(crew.people) >= visit.people for crew in made):
            continue
        if not all(code in free for code in codes):
            continue
        people = [free[code] for code in codes]
        if len(people) < visit.people:
            mate = next(
                (p for p in free.values() if p.code not in codes and _holds(p, visit)), None
            )
            if mate is None:
                continue
            people.append(mate)
        if len(people) > 1:
            for person in people:
                del free[person.code]
            made.append(Crew(tuple(people)))
    return made


def _holds(person: Person, visit: Visit) -> bool:
    return visit.certificate is None or visit.certificate in person.certificates


def _certificates(visits: Sequence[Visit]) -> list[str | None]:
    """Certificates of the visits for two, most work first."""
    minutes: dict[str | None, float] = {}
    for visit in visits:
        if visit.people == 2:
            minutes[visit.certificate] = minutes.get(visit.certificate, 0.0) + visit.minutes
    return sorted(minutes, key=lambda c: (-minutes[c], c or "")) or [None]


def _pair(
    free: dict[str, Person], wanted: list[str | None], turn: int
) -> tuple[Person, Person] | None:
    """Two free holders of one certificate, from the half that worked less; with unlike skills.

    `free` is in the order of what each has worked, the least first.
    """
    for offset in range(len(wanted)):
        certificate = wanted[(turn + offset) % len(wanted)]
        holders = [p for p in free.values() if certificate is None or certificate in p.certificates]
        if len(holders) >= 2:
            first = holders[0]
            rested = holders[1 : 1 + math.ceil(len(holders) / 2)]
            mate = max(rested, key=lambda p: len(set(p.skills) - set(first.skills)))
            return first, mate
    return None
