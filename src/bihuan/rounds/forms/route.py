"""What the route of a day is asked by; all of it stands in the address."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bihuan.core.refusals import Refused
from bihuan.rounds.queries import the_goer
from bihuan.rounds.rules.route import WAY_NAMES, Hours, Way, hours_of, longest_minutes
from bihuan.ui.links import page
from bihuan.ui.suggest import Suggesting
from bihuan.zones.models import Zone

Choices = list[tuple[str, str]]
BEGIN, PAUSE, END = time(8, 30), (time(12), time(14)), time(18)
QUARTER = timedelta(minutes=15)


class Clock(forms.TimeField):
    """A time of day, in the browser's own field."""

    widget = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")


class Degrees(forms.FloatField):
    """Latitude or longitude."""

    def __init__(self, *, most: int, **kwargs: Any) -> None:
        super().__init__(min_value=-most, max_value=most, required=False, **kwargs)
        self.widget.attrs["step"] = "any"


class RouteForm(forms.Form):
    """Who goes, on which day, from where, in which hours."""

    on = forms.DateField(label=gettext_lazy("Day"))
    round = forms.ChoiceField(label=gettext_lazy("Round"), required=False)
    person = forms.CharField(label=gettext_lazy("Who goes"), max_length=120, widget=Suggesting)
    second = forms.CharField(
        label=gettext_lazy("Together with"), max_length=120, required=False, widget=Suggesting
    )
    begin = Clock(label=gettext_lazy("Sets out"))
    end = Clock(label=gettext_lazy("Back by"))
    pause_from = Clock(label=gettext_lazy("Break from"), required=False)
    pause_until = Clock(label=gettext_lazy("Break until"), required=False)
    minutes = forms.IntegerField(label=gettext_lazy("Minutes a visit"), min_value=5, max_value=240)
    way = forms.ChoiceField(
        label=gettext_lazy("How one goes"),
        choices=[(it.value, name) for it, name in WAY_NAMES.items()],
    )
    lat = Degrees(label=gettext_lazy("Starts at latitude"), most=90)
    lng = Degrees(label=gettext_lazy("Starts at longitude"), most=180)
    guess = forms.BooleanField(
        label=gettext_lazy("Place unknown: take the middle of the grid cell"), required=False
    )

    def __init__(
        self, data: Mapping[str, str], *, zone: Zone, rounds: Choices, others: bool, today: date
    ) -> None:
        """Make the form of a zone; others says whether other people's days may be asked for."""
        super().__init__(data)
        self.zone, self.today = zone, today
        chosen: Any = self.fields["round"]
        chosen.choices = [("", _("all rounds under way")), *rounds]
        for name in ("person", "second"):
            widget: Any = self.fields[name].widget
            widget.address = page("rounds:people", zone.slug)
        if not others:
            self.fields["person"].widget = forms.HiddenInput()

    def clean_person(self) -> str:
        return str(self._one(self.cleaned_data["person"]))

    def clean_second(self) -> str:
        said = self.cleaned_data["second"]
        return str(self._one(said)) if said else ""

    def _one(self, said: str) -> UUID:
        try:
            return the_goer(self.zone, said, on=self.today)
        except Refused as refused:
            raise forms.ValidationError(str(refused.message)) from None

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if self.errors:
            return given
        if bool(given.get("pause_from")) != bool(given.get("pause_until")):
            self.add_error("pause_until", _("Give both ends of the break, or neither."))
        elif given["pause_from"] and given["pause_from"] > given["pause_until"]:
            self.add_error("pause_until", _("The break ends before it begins."))
        elif longest_minutes(self.hours) < given["minutes"]:
            self.add_error("end", _("These hours leave no room for a visit."))
        if (given.get("lat") is None) != (given.get("lng") is None):
            self.add_error("lng", _("Give both latitude and longitude, or neither."))
        if given.get("second") == given.get("person"):
            given["second"] = ""
        return given

    @property
    def hours(self) -> Hours:
        """The sessions of the day; only after is_valid() has begun."""
        given = self.cleaned_data
        pause = (given["pause_from"], given["pause_until"]) if given.get("pause_from") else None
        return hours_of(given["begin"], given["end"], pause)

    def address(self) -> dict[str, str]:
        """Return the parameters that ask for the same plan again, whenever it is opened."""
        sent = {name: str(self.data.get(name, "")) for name in self.fields}
        sent |= {name: self.cleaned_data[name] for name in ("person", "second")}
        return {name: value for name, value in sent.items() if value}


def asked(given: Mapping[str, str], *, now: datetime) -> dict[str, str]:
    """Return what was asked, the rest filled in: today, from now on, office hours, by car.

    now is local. An address that names a day is taken as it is: its empty parts are meant.
    """
    if given.get("on"):
        return dict(given)
    begin, on = _from(now)
    usual = {
        "person": "",
        "on": on.isoformat(),
        "begin": f"{begin:%H:%M}",
        "end": f"{END:%H:%M}",
        "pause_from": f"{PAUSE[0]:%H:%M}",
        "pause_until": f"{PAUSE[1]:%H:%M}",
        "minutes": "30",
        "way": Way.CAR.value,
    }
    return {**usual, **{name: value for name, value in given.items() if value}}


def _from(now: datetime) -> tuple[time, date]:
    """Return when to set out: now, to the next quarter; the next morning if the day is over."""
    rounded = now - timedelta(
        minutes=now.minute % 15, seconds=now.second, microseconds=now.microsecond
    )
    soon = rounded if rounded == now else rounded + QUARTER
    if soon.time() >= time(17) or soon.date() != now.date():
        return BEGIN, now.date() + timedelta(days=1)
    return max(BEGIN, soon.time()), now.date()
