"""A year in a zone: rounds opened, visits made, hazards rectified, some of them late.

Everything goes through the actions people use, at the moment it would have happened, so
that the ledger of the demo is as sound as a real one's.
"""

import heapq
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from itertools import count
from random import Random
from uuid import UUID

from bihuan.accounts.models import Person
from bihuan.cases import actions as cases
from bihuan.cases.models import Case
from bihuan.core.days import HERE, day_of
from bihuan.core.ids import new_id
from bihuan.core.working_days import WorkCalendar
from bihuan.demo.cast import Cast
from bihuan.demo.kept import Kept
from bihuan.demo.lives import Lives
from bihuan.dossiers.models import Dossier
from bihuan.enterprises.models import SectorFlag
from bihuan.rounds import actions as rounds
from bihuan.rounds.models import Checklist, Entry
from bihuan.rounds.queries import current_checklists
from bihuan.rounds.rules.coverage import Criteria, Excusal, Template
from bihuan.rounds.rules.visiting import Attendee, Found, Told
from bihuan.zones.queries import calendar_of

Step = Callable[[datetime], object]
PERSON_ON_SITE = "现场负责人（演示）"
REFUSED_TO_SIGN = "现场负责人以未经授权为由拒绝签字，已告知并记录"


@dataclass(frozen=True)
class Campaign:
    """A round of the year: when it opens, how long it runs, whom it reaches."""

    name: str
    opens: date
    days: int
    template: Template
    sector: str = ""
    goes_on: bool = False


def campaigns(today: date) -> list[Campaign]:
    """Return the rounds of the year before today; the last is under way."""
    anchors = (
        (11, 20, 40, "年末安全生产大检查", Template.ROUTINE, ""),
        (2, 2, 10, "春节前重点领域检查", Template.HOLIDAY, "fire"),
        (3, 10, 35, "一季度例行走访排查", Template.ROUTINE, ""),
        (4, 20, 10, "“五一”假期前专项检查", Template.HOLIDAY, "industry_trade"),
        (6, 1, 25, "安全隐患大排查大整治", Template.SPECIAL, ""),
        (7, 6, 20, "工贸企业重大事故隐患专项整治", Template.SPECIAL, "industry_trade"),
        (9, 1, 20, "三季度例行走访排查", Template.ROUTINE, ""),
        (9, 21, 9, "国庆节前专项检查", Template.HOLIDAY, "fire"),
    )
    found = []
    for month, day, days, name, template, sector in anchors:
        opens = date(today.year, month, day)
        if opens + timedelta(days=days + 12) > today:
            opens = date(today.year - 1, month, day)
        found.append(Campaign(f"{opens.year}年{name}", opens, days, template, sector))
    found = [it for it in found if (today - it.opens).days < 390]
    under_way = [
        Campaign(
            f"{(today - timedelta(days=gone)).year}年{name}",
            today - timedelta(days=gone), days, template, sector, goes_on=True,
        )
        for gone, days, name, template, sector in (
            (17, 34, "冬季安全生产大检查", Template.ROUTINE, ""),
            (12, 26, "工贸行业重大事故隐患动态清零", Template.SPECIAL, "industry_trade"),
        )
    ]  # fmt: skip
    return [*sorted(found, key=lambda it: it.opens), *under_way]


class Year:
    """Plays a zone's year in the order of time."""

    def __init__(self, cast: Cast, kept: Kept, now: datetime, chance: Random) -> None:
        self.cast, self.kept, self.now, self.chance = cast, kept, now, chance
        self.calendar: WorkCalendar = calendar_of(cast.zone)
        self.lists = {it.code: it for it in current_checklists(cast.zone)}
        self.sectors: dict[UUID, list[str]] = {}
        for enterprise, sector in SectorFlag.objects.filter(zone=cast.zone).values_list(
            "enterprise", "sector"
        ):
            self.sectors.setdefault(enterprise, []).append(sector)
        self.lives = Lives(self)
        self._steps: list[tuple[datetime, int, Step]] = []
        self._order = count()

    def at(self, when: datetime, step: Step) -> None:
        """Let step happen at a moment; what lies in the future never does."""
        if when <= self.now:
            heapq.heappush(self._steps, (when, next(self._order), step))

    def workday(self, day: date, hour: int = 9) -> datetime:
        """Return a moment on the first working day from day on."""
        worked = self.calendar.first_working_day(day)
        return datetime.combine(worked, time(hour, self.chance.randrange(60)), HERE)

    def play(self) -> None:
        """Let everything happen."""
        for campaign in campaigns(day_of(self.now)):
            self.at(self.workday(campaign.opens, 8), partial(self._open, campaign))
        first = day_of(self.now) - timedelta(days=370)
        for week in range(54):
            moment = self.workday(first + timedelta(days=7 * week), 7)
            self.at(moment, self._sweep)
        self.at(self.now, self._sweep)
        while self._steps:
            when, _number, step = heapq.heappop(self._steps)
            step(when)

    def _sweep(self, at: datetime) -> None:
        cases.escalate_late(zone=self.cast.zone, at=at)

    def _open(self, campaign: Campaign, at: datetime) -> None:
        checklist = self.lists.get(campaign.sector) or self.lists["general"]
        if campaign.template is Template.HOLIDAY:
            checklist = self.lists["holiday"]
        plan = rounds.Plan(
            name=campaign.name,
            template=campaign.template,
            criteria=Criteria(sector=campaign.sector),
            checklist=checklist,
            due_on=campaign.opens + timedelta(days=campaign.days),
        )
        opened = rounds.open_round(zone=self.cast.zone, plan=plan, by=self.cast.office, at=at)
        entries = Entry.objects.filter(round=opened).select_related("dossier")
        for entry in entries.order_by("dossier__code"):
            self._plan_entry(entry, campaign, checklist)
        if not campaign.goes_on:
            self.at(
                self.workday(plan.due_on + timedelta(days=6), 16),
                lambda at: self._close(opened.pk, at),
            )

    def _plan_entry(self, entry: Entry, campaign: Campaign, checklist: Checklist) -> None:
        """Lay the visit of a dossier (or its excuse) on a day within the round."""
        day = campaign.opens + timedelta(days=self.chance.randrange(1, campaign.days))
        moment = self.workday(day, self.chance.randrange(9, 17))
        if self.chance.random() < 0.03:
            self.at(moment, lambda at: self._excuse(entry, at))
        else:
            self.at(moment, lambda at: self._visit(entry, checklist, at))

    def _excuse(self, entry: Entry, at: datetime) -> None:
        person = entry.dossier.contact
        asked = rounds.ask_excuse(
            entry_id=entry.pk,
            reason=self.chance.choice((Excusal.SUSPENDED, Excusal.ELSEWHERE)),
            note="",
            evidence=self.kept.photo(person, self.chance.randrange(12), after=True, at=at),
            by=person,
            at=at,
        )
        decided = self.workday(day_of(at) + timedelta(days=1), 10)
        self.at(
            decided,
            lambda at: rounds.decide_excuse(
                excuse_id=asked.pk, approve=True, by=self.cast.office, at=at
            ),
        )

    def _visit(self, entry: Entry, checklist: Checklist, at: datetime) -> None:
        dossier, person = entry.dossier, entry.dossier.contact
        dossier.refresh_from_db(fields=["last_visited_on", "owner_unit"])
        answers, notes = self._answers(checklist)
        found = self._findings(dossier, checklist, answers, person, at)
        visit = rounds.record_visit(
            id=new_id(),
            dossier=dossier,
            told=Told(
                started_at=at - timedelta(minutes=self.chance.randrange(12, 45)),
                ended_at=at,
                present=self._present(person, at),
                answers=answers,
                notes=notes,
                findings=tuple(found),
                summary="" if found else "未发现明显隐患",
                refusal=REFUSED_TO_SIGN if self._refuses else "",
            ),
            evidence=rounds.Evidence.of(self.kept.of(person)),
            entry_id=entry.pk,
            checklist=checklist,
            by=person,
            at=at,
        )
        new = visit.findings.filter(is_known=False).values("case")
        for case in Case.objects.filter(pk__in=new, is_live=True).order_by("number"):
            self.lives.begin(case, at)

    def _present(self, person: Person, at: datetime) -> tuple[Attendee, ...]:
        self._refuses = self.chance.random() < 0.01
        signed = "" if self._refuses else self.kept.signature(person, at).sha256
        return (
            Attendee("ours", person.name, "包联干部"),
            Attendee("theirs", PERSON_ON_SITE, "车间主任", signature=signed),
        )

    def _answers(self, checklist: Checklist) -> tuple[dict[str, str], dict[str, str]]:
        answers = {}
        for item in checklist.items:
            if item.kind == "number":
                answers[item.code] = str(self.chance.randrange(5, 300))
            elif item.kind == "yes_no":
                roll = self.chance.random()
                often = 0.012 if item.finds and item.finds.grade == "major" else 0.045
                answers[item.code] = (
                    "no" if roll < often and item.finds else "na" if roll < 0.12 else "yes"
                )
        return answers, {}

    def _findings(
        self,
        dossier: Dossier,
        checklist: Checklist,
        answers: dict[str, str],
        person: Person,
        at: datetime,
    ) -> list[Found]:
        open_ones = {
            case.clause: case.number
            for case in Case.objects.filter(dossier=dossier, is_live=True).only("clause", "number")
        }
        found = []
        for item in checklist.items:
            if answers.get(item.code) != "no" or item.finds is None:
                continue
            if known := open_ones.get(item.clause[:80]):
                found.append(Found(item=item.code, known=known))
                continue
            major = item.finds.grade == "major" and self.chance.random() < 0.7
            on_spot = not major and self.chance.random() < 0.28
            scene = self.chance.randrange(12)
            found.append(
                Found(
                    title=item.finds.phrase,
                    category=item.finds.category,
                    clause=item.clause,
                    grade="major" if major else "general",
                    due_on=self._due(at, 20 if major else self.chance.choice((5, 10, 15))),
                    place=self.chance.choice(
                        ("一车间", "二车间", "原料库", "成品库", "配电室", "办公楼")
                    ),
                    item=item.code,
                    corrected="现场立即整改到位" if on_spot else "",
                    before=(self.kept.photo(person, scene, after=False, at=at).sha256,),
                    after=(self.kept.photo(person, scene, after=True, at=at).sha256,)
                    if on_spot
                    else (),
                )
            )
        return found

    def _due(self, at: datetime, days: int) -> date:
        """Return a date set on the spot, in calendar days, on a day that is worked."""
        return self.calendar.first_working_day(day_of(at) + timedelta(days=days))

    def _close(self, round_id: UUID, at: datetime) -> None:
        """Close a round; who was missed is visited first, by hand, on the last day."""
        missed = Entry.objects.filter(round=round_id, state="to_go").order_by("dossier__code")
        for entry in missed.select_related("dossier", "round__checklist"):
            self._visit(entry, entry.round.checklist, at)
        rounds.close_round(round_id=round_id, by=self.cast.office, at=at + timedelta(minutes=30))
