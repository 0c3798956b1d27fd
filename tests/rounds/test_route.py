"""The route of a day: nobody is dropped silently, the same question has the same answer."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from bihuan.core.days import HERE
from bihuan.rounds.forms import asked
from bihuan.rounds.models import Entry
from bihuan.rounds.rules import route
from bihuan.rounds.rules.route import Cause, Day, Errand, Point, Way, hours_of, plan

ON = date(2026, 9, 15)
HOURS = hours_of(time(8, 30), time(18), (time(12), time(14)))
START = Point(35.8, 112.92)
DAY = Day(ON, START, HOURS, 30)

degrees = st.floats(-0.05, 0.05)
places = st.none() | st.builds(lambda a, b: Point(START.lat + a, START.lng + b), degrees, degrees)
errands = st.builds(
    Errand,
    key=st.uuids().map(str),
    due_on=st.integers(-9, 40).map(lambda days: ON + timedelta(days=days)),
    risk=st.sampled_from(["", "red", "orange", "blue"]),
    place=places,
    rounds=st.integers(1, 3),
    excuse_waits=st.booleans(),
)
days = st.builds(
    Day,
    on=st.just(ON),
    start=st.just(START),
    hours=st.sampled_from([HOURS, hours_of(time(10), time(11, 30), None)]),
    minutes=st.sampled_from([5, 30, 85]),
    way=st.sampled_from(Way),
    people=st.integers(1, 2),
)


def at(minutes_of: time) -> int:
    return minutes_of.hour * 60 + minutes_of.minute


@settings(max_examples=40, deadline=None)
@given(days, st.lists(errands, max_size=30, unique_by=lambda it: it.key))
def test_every_visit_is_on_the_route_or_left_with_a_reason(day, asked_for):
    made = plan(day, asked_for)
    on_route = [call.key for call in made.calls]
    left = [key for keys in made.left.values() for key in keys]
    assert sorted(on_route + left) == sorted(it.key for it in asked_for)
    by_key = {it.key: it for it in asked_for}
    unknown = {it.key for it in asked_for if it.place is None and not it.excuse_waits}
    assert set(made.left.get(Cause.PLACE, ())) == unknown
    for tour in made.tours:
        here, clock = day.start, at(tour.sets_out) * 60
        session = next((a, b) for a, b in day.hours if a <= tour.sets_out < b)
        assert tour.returns <= session[1]
        for call in tour.calls:
            there = by_key[call.key].place
            assert call.leg == route._leg(day.way, here, there)
            assert at(call.arrives) * 60 >= clock + call.leg.seconds - 60
            stay = at(call.leaves) - at(call.arrives)
            assert abs(stay - day.minutes * by_key[call.key].rounds) <= 1
            here, clock = there, at(call.leaves) * 60


@settings(max_examples=10, deadline=None)
@given(st.lists(errands, min_size=3, max_size=30, unique_by=lambda it: it.key), st.randoms())
def test_the_same_question_has_the_same_answer_in_whatever_order(asked_for, chance):
    shuffled = list(asked_for)
    chance.shuffle(shuffled)
    one, other = plan(DAY, asked_for), plan(DAY, shuffled)
    assert (one.was_cut or other.was_cut) or one.tours == other.tours


def test_what_is_due_first_goes_first():
    late = [
        Errand(f"late-{n}", ON, place=Point(START.lat + 0.03, START.lng + 0.005 * n))
        for n in range(4)
    ]
    near = [
        Errand(f"near-{n}", ON + timedelta(days=20), place=Point(START.lat, START.lng + 0.0001 * n))
        for n in range(40)
    ]
    short = Day(ON, START, hours_of(time(9), time(12), None), 30)
    made = plan(short, [*near, *late])
    assert {it.key for it in late} <= {call.key for call in made.calls}
    assert made.left[Cause.TIME]
    assert made.left[Cause.TURN]


def test_the_morning_is_filled_before_the_afternoon():
    near = [Errand(f"{n}", ON, place=Point(START.lat + n / 1000, START.lng)) for n in range(9)]
    made = plan(DAY, near)
    morning, afternoon = made.tours
    assert sorted(call.key for call in made.calls) == sorted(it.key for it in near)
    assert at(HOURS[0][1]) - at(morning.returns) < DAY.minutes + 10
    assert len(morning.calls) > len(afternoon.calls)


@pytest.mark.parametrize("days", [-3, 0, 2, 5, 30])
def test_a_day_is_filled_however_much_is_asked_and_however_pressing(days):
    due = ON + timedelta(days=days)
    near = [Errand(f"{n}", due, place=Point(START.lat + n / 1000, START.lng)) for n in range(40)]
    assert len(plan(DAY, near).calls) >= 12


def test_too_far_is_said_and_does_not_spoil_the_rest():
    there = Errand("near", ON, place=START)
    far = Errand("far", ON, place=Point(START.lat + 3, START.lng))
    made = plan(DAY, [far, there])
    assert [call.key for call in made.calls] == ["near"]
    assert made.left == {Cause.FAR: ("far",)}


def test_how_many_more_days_is_told_where_all_were_weighed():
    crowd = [Errand(str(n), ON, place=START) for n in range(20)]
    made = plan(Day(ON, START, hours_of(time(8, 30), time(12), None), 30), crowd)
    assert len(made.calls) == 7
    assert made.more_days == 2


@pytest.mark.parametrize(
    ("begin", "end", "pause", "expected"),
    [
        (time(8), time(18), (time(12), time(14)), [(8, 12), (14, 18)]),
        (time(13), time(18), (time(12), time(14)), [(14, 18)]),
        (time(8), time(13), (time(12), time(14)), [(8, 12)]),
        (time(8), time(18), None, [(8, 18)]),
        (time(18), time(8), None, []),
    ],
)
def test_hours_are_what_the_break_leaves(begin, end, pause, expected):
    assert [(a.hour, b.hour) for a, b in hours_of(begin, end, pause)] == expected


@pytest.mark.parametrize(
    ("now", "on", "begin"),
    [
        (datetime(2026, 9, 15, 7, 1, tzinfo=HERE), "2026-09-15", "08:30"),
        (datetime(2026, 9, 15, 10, 1, tzinfo=HERE), "2026-09-15", "10:15"),
        (datetime(2026, 9, 15, 10, 15, tzinfo=HERE), "2026-09-15", "10:15"),
        (datetime(2026, 9, 15, 17, 30, tzinfo=HERE), "2026-09-16", "08:30"),
        (datetime(2026, 12, 31, 23, 50, tzinfo=HERE), "2027-01-01", "08:30"),
    ],
)
def test_nothing_asked_means_from_now_on_or_tomorrow(now, on, begin):
    found = asked({}, now=now)
    assert (found["on"], found["begin"]) == (on, begin)
    assert asked({"on": "2026-01-02", "begin": ""}, now=now)["begin"] == ""


# --- the page ----------------------------------------------------------------------------


@pytest.fixture
def now():
    """Pages take the real time."""
    return timezone.now() - timedelta(minutes=1)


@pytest.fixture
def row(world):
    world.zone.centre_lat, world.zone.centre_lng = Decimal("35.8"), Decimal("112.92")
    world.zone.save()
    for number in range(3):
        world.dossier(lat=Decimal("35.80") + Decimal(number) / 1000, lng=Decimal("112.92"))
    world.dossier()  # place unknown
    world.dossier(cell="b", contact=world.people.other_contact, lat=35.81, lng=112.93)
    return world.open(due_on=timezone.localdate() + timedelta(days=9))


def look(world, who, **asked_for):
    client = Client()
    client.force_login(getattr(world.people, who))
    return client.get(reverse("rounds:route", args=("east",)), asked_for)


def day_of(**more):
    return {
        "on": "2026-09-15", "begin": "08:30", "end": "18:00", "pause_from": "12:00",
        "pause_until": "14:00", "minutes": "30", "way": "car", **more,
    }  # fmt: skip


@pytest.mark.django_db
def test_a_contact_gets_their_own_day_and_every_stop_leads_to_its_sheet(world, row):
    answer = look(world, "contact")
    assert answer.status_code == 200
    plan_ = answer.context["plan"]
    mine = Entry.objects.filter(round=row).of(world.people.contact)
    assert len(plan_.calls) == 3
    assert [len(part.lines) for part in answer.context["rest"]] == [1]
    unknown = answer.context["rest"][0].lines[0].it
    assert unknown.errand.place is None
    for entry in mine:
        assert reverse("rounds:visit_entry", args=("east", entry.pk)) in answer.text
    assert "Works 0005" not in answer.text


@pytest.mark.django_db
def test_a_contact_cannot_ask_for_anothers_day(world, row):
    answer = look(world, "contact", person=str(world.people.other_contact.pk))
    assert answer.context["form"].cleaned_data["person"] == str(world.people.contact.pk)


@pytest.mark.django_db
@pytest.mark.parametrize("said", ["other_contact", "id"])
def test_the_office_plans_anothers_day_and_the_link_makes_it_again(world, row, said):
    other = world.people.other_contact
    first = look(
        world, "office", person=str(other.pk) if said == "id" else said, **day_of(round=row.pk)
    )
    assert [line.it.name for _tour, lines in first.context["tours"] for line in lines] == [
        "Works 0005"
    ]
    link = first.context["address"]
    assert str(other.pk) in link
    client = Client()
    client.force_login(world.people.office)
    again = client.get(reverse("rounds:route", args=("east",)) + link)
    assert again.context["plan"] == first.context["plan"]
    assert again.context["address"] == link


@pytest.mark.django_db
def test_an_auditor_names_whose_day_and_gets_no_sheets(world, row):
    assert "plan" not in look(world, "auditor").context
    answer = look(world, "auditor", person=str(world.people.contact.pk))
    assert len(answer.context["plan"].calls) == 3
    assert '/visit/"' not in answer.text  # no link; the page's script names such links


@pytest.mark.django_db
def test_a_place_is_guessed_only_when_asked(world, row):
    square = [[112.91, 35.79], [112.93, 35.79], [112.93, 35.81], [112.91, 35.79]]
    cell = world.cells["a"]
    cell.outline = {"type": "Polygon", "coordinates": [square]}
    cell.save()
    assert len(look(world, "contact", **day_of()).context["plan"].calls) == 3
    guessed = look(world, "contact", **day_of(guess="on"))
    assert len(guessed.context["plan"].calls) == 4
    assert "≈" in guessed.text


@pytest.mark.django_db
def test_one_dossier_of_two_rounds_is_one_stop_with_two_sheets(world, row):
    world.open(due_on=timezone.localdate() + timedelta(days=3), name="Second")
    answer = look(world, "contact")
    calls = answer.context["plan"].calls
    assert len(calls) == 3
    lines = [line for _tour, lines in answer.context["tours"] for line in lines]
    assert all(len(line.hrefs) == 2 for line in lines)
    only = look(world, "contact", round=str(row.pk))
    assert all(len(x.hrefs) == 1 for _tour, ls in only.context["tours"] for x in ls)


@pytest.mark.django_db
def test_who_waits_for_an_excuse_is_listed_not_driven_to(world, row):
    entry = row.entries.get(dossier=world.dossiers[0])
    world.excuse(entry, at=timezone.now())
    answer = look(world, "contact")
    assert str(entry.dossier_id) in answer.context["plan"].left[Cause.EXCUSE]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "bad",
    [
        {"minutes": "0"}, {"minutes": "x"}, {"begin": "18:00", "end": "08:00"}, {"begin": "25:00"},
        {"pause_until": ""}, {"pause_from": "15:00"}, {"lat": "1"}, {"lat": "nan", "lng": "1"},
        {"lat": "91", "lng": "1"}, {"on": "x"}, {"round": "x"}, {"second": "nobody at all"},
        {"begin": "11:50", "end": "14:05"}, {"way": "plane"},
        {"second": "contact"},
    ],
)  # fmt: skip
def test_bad_questions_are_answered_with_words(world, row, bad):
    answer = look(world, "office", **day_of(**{"person": "office", **bad}))
    assert answer.status_code == (200 if bad == {"second": "contact"} else 422), bad
    if bad == {"second": "contact"}:
        assert UUID(answer.context["form"].cleaned_data["second"]) == world.people.contact.pk


@pytest.mark.django_db
def test_names_are_proposed_as_one_types(world, row):
    client = Client()
    client.force_login(world.people.office)
    page = reverse("rounds:people", args=("east",))
    assert "other_contact" in client.get(page, {"person": "other"}).text
    assert "auditor" not in client.get(page, {"person": ""}).text
