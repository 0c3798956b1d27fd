"""Forms of a zone's set-up."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bihuan.accounts.models import Person
from bihuan.core.masking import mask_phone
from bihuan.core.permissions import ROLES
from bihuan.zones.models import Cell, Post, Unit, UnitKind, Zone


class ZoneForm(forms.Form):
    """How the zone is called and where it lies."""

    name = forms.CharField(label=_("Name"), max_length=100)
    division = forms.CharField(
        label=_("Administrative division code"), max_length=6, required=False
    )
    lat = forms.DecimalField(label=_("Latitude"), max_digits=9, decimal_places=6, required=False)
    lng = forms.DecimalField(label=_("Longitude"), max_digits=9, decimal_places=6, required=False)

    def __init__(self, known: dict[str, Any], *args: Any, **kwargs: Any) -> None:
        kwargs["initial"] = known
        super().__init__(*args, **kwargs)


class UnitForm(forms.Form):
    """A department or a platform company."""

    name = forms.CharField(label=_("Name"), max_length=200)
    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=[it for it in UnitKind.choices if it[0] != UnitKind.ENTERPRISE],
    )


class UnitNameForm(forms.Form):
    """Another name for a unit."""

    name = forms.CharField(label=_("Name"), max_length=200)

    def __init__(self, known: dict[str, Any], *args: Any, **kwargs: Any) -> None:
        kwargs["initial"] = known
        super().__init__(*args, **kwargs)


AN_EXAMPLE = "2026-10-01~2026-10-07 休\n2026-10-10 班"  # as a year's days are typed


class YearForm(forms.Form):
    """A year's days off and make-up days, as the State Council's notice has them."""

    source = forms.CharField(
        label=_("Notice"), max_length=200, help_text=_("Title and number of the notice.")
    )
    days = forms.CharField(
        label=_("Days"),
        widget=forms.Textarea(attrs={"rows": 12, "placeholder": AN_EXAMPLE}),
        help_text=_(
            "One a line: a date, or two with ~ between them, then 休 (day off) or 班 (make-up "
            "working day)."
        ),
    )

    def __init__(self, known: dict[str, Any], *args: Any, **kwargs: Any) -> None:
        kwargs["initial"] = known
        super().__init__(*args, **kwargs)


class Outline(forms.JSONField):
    """A GeoJSON outline, typed or pasted."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            label=_("Outline"),
            required=False,
            widget=forms.Textarea(attrs={"rows": 6}),
            help_text=_("GeoJSON Polygon or MultiPolygon, WGS-84 or CGCS2000, longitude first."),
            error_messages={"invalid": _("This is not JSON.")},
            **kwargs,
        )


def _leaders(zone: Zone) -> Any:
    held = Post.objects.filter(zone=zone, ends_on=None).values("person")
    return Person.objects.filter(pk__in=held, is_active=True).order_by("name")


def _in_use(zone: Zone) -> Any:
    return Cell.objects.filter(zone=zone, is_open=True).order_by("path")


class CellForm(forms.Form):
    """A new cell."""

    name = forms.CharField(label=_("Name"), max_length=100)
    code = forms.CharField(
        label=_("Code"),
        max_length=20,
        help_text=_("Short and lasting, such as east-07: letters, digits, - and _."),
    )
    parent = forms.ModelChoiceField(
        Cell.objects.none(), label=_("Below"), required=False, empty_label=_("— at the top —")
    )
    leader = forms.ModelChoiceField(Person.objects.none(), label=_("Cell leader"))
    outline = Outline()

    def __init__(self, *args: Any, zone: Zone, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["parent"].queryset = _in_use(zone)
        fields["leader"].queryset = _leaders(zone)


class CellChangeForm(forms.Form):
    """One change of a cell; what says which."""

    def __init__(self, *args: Any, what: str, cell: Cell, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Callable[[], forms.Field]] = {
            "name": lambda: forms.CharField(label=_("Name"), max_length=100, initial=cell.name),
            "leader": lambda: forms.ModelChoiceField(
                _leaders(cell.zone), label=_("Cell leader"), initial=cell.leader_id
            ),
            "parent": lambda: forms.ModelChoiceField(
                _in_use(cell.zone).exclude(path__startswith=cell.path),
                label=_("Below"),
                required=False,
                empty_label=_("— at the top —"),
                initial=cell.parent_id,
            ),
            "outline": lambda: Outline(initial=cell.outline),
        }
        self.fields[what] = fields[what]()


class PostForm(forms.Form):
    """A post: the role, where, and what it is about."""

    role = forms.ChoiceField(
        label=_("Role"),
        choices=[
            ("", "—"),
            *((it.code, it.name) for it in ROLES.values() if it.code != "enterprise"),
        ],
        help_text=_("Accounts of an enterprise are made on the page of its dossier."),
    )
    cell = forms.ModelChoiceField(
        Cell.objects.none(),
        label=_("Grid cell"),
        required=False,
        help_text=_("For a cell leader. Whoever leads a new cell is named where it is added."),
    )
    unit = forms.ModelChoiceField(
        Unit.objects.none(),
        label=_("Unit"),
        required=False,
        help_text=_("For a department or platform company."),
    )
    title = forms.CharField(label=pgettext_lazy("post", "Title"), max_length=100, required=False)
    duty = forms.CharField(label=_("Own duty"), max_length=200, required=False)
    safety_duty = forms.CharField(label=_("Safety duty"), max_length=200, required=False)
    certificate = forms.CharField(label=_("Enforcement certificate"), max_length=40, required=False)
    starts_on = forms.DateField(
        label=_("In office from"), required=False, help_text=_("Left empty: from today on.")
    )

    def __init__(self, *args: Any, zone: Zone, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["cell"].queryset = _in_use(zone)
        units = Unit.objects.filter(zone=zone, is_open=True).exclude(kind=UnitKind.ENTERPRISE)
        fields["unit"].queryset = units.order_by("kind", "name")


class AppointForm(PostForm):
    """A post for someone who is here already, or for a new person."""

    person = forms.ModelChoiceField(
        Person.objects.none(), label=_("Person"), required=False, empty_label=_("— a new person —")
    )
    username = forms.CharField(
        label=_("Sign-in name"),
        max_length=64,
        required=False,
        help_text=_("For a new person, or of someone who has an account in another zone."),
    )
    name = forms.CharField(label=pgettext_lazy("person", "Name"), max_length=64, required=False)
    phone = forms.CharField(label=_("Mobile phone"), max_length=30, required=False)
    email = forms.EmailField(label=_("E-mail"), required=False)
    field_order = ("person", "username", "name", "phone", "email")

    def __init__(self, *args: Any, zone: Zone, **kwargs: Any) -> None:
        super().__init__(*args, zone=zone, **kwargs)
        person: Any = self.fields["person"]
        held = Post.objects.filter(zone=zone).values("person")
        person.queryset = Person.objects.filter(pk__in=held, is_active=True).order_by("name")


class PersonForm(forms.Form):
    """How a person is called and reached; the phone is masked, and stays when left so."""

    name = forms.CharField(label=pgettext_lazy("person", "Name"), max_length=64)
    phone = forms.CharField(label=_("Mobile phone"), max_length=30, required=False)
    email = forms.EmailField(label=_("E-mail"), required=False)

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        shown = mask_phone(person.phone) if person.phone else ""
        kwargs["initial"] = {"name": person.name, "phone": shown, "email": person.email}
        super().__init__(*args, **kwargs)
        self.person = person

    def clean_phone(self) -> str:
        given: str = self.cleaned_data["phone"]
        return self.person.phone if given == self.initial["phone"] else given


class ReasonForm(forms.Form):
    """Why, where it helps to know later."""

    reason = forms.CharField(label=_("Reason"), max_length=200, required=False)
