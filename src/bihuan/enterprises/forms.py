"""Forms of the register. They say what a person typed; rules.check says whether it will do."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bihuan.core.masking import mask_phone
from bihuan.dossiers.queries import loads_of_all
from bihuan.enterprises import rules
from bihuan.enterprises.models import Enterprise, Sector
from bihuan.ui.links import page
from bihuan.ui.suggest import Suggesting
from bihuan.zones.models import Cell, Unit, UnitKind, Zone

ANSWERS = [("", _("unknown")), ("yes", _("yes")), ("no", _("no"))]


def _answer(value: Any) -> bool | None:
    return {"yes": True, "no": False}.get(value)


class Answer(forms.TypedChoiceField):
    """Yes, no, or not known."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            choices=ANSWERS, coerce=_answer, empty_value=None, required=False, **kwargs
        )

    def prepare_value(self, value: Any) -> Any:
        return {True: "yes", False: "no", None: ""}.get(value, value)


class FactsForm(forms.Form):
    """What is known of an enterprise."""

    name = forms.CharField(label=_("Name"), max_length=200)
    short_name = forms.CharField(label=_("Short name"), max_length=60, required=False)
    uscc = forms.CharField(
        label=_("Unified social credit code"),
        max_length=40,
        required=False,
        help_text=_("18 characters. Leave it empty while a new tenant has none."),
    )
    industry = forms.CharField(
        label=_("Industry class (GB/T 4754)"),
        max_length=10,
        required=False,
        help_text=_("Such as C3391; a section or division will do: C, C33."),
    )
    registered_address = forms.CharField(
        label=_("Registered address"), max_length=300, required=False
    )
    place = forms.CharField(
        label=_("Place"),
        max_length=300,
        required=False,
        help_text=_("Where it is found in the zone, in a few words."),
    )
    lat = forms.DecimalField(label=_("Latitude"), max_digits=9, decimal_places=6, required=False)
    lng = forms.DecimalField(label=_("Longitude"), max_digits=9, decimal_places=6, required=False)
    legal_representative = forms.CharField(
        label=_("Legal representative"), max_length=64, required=False
    )
    principal = forms.CharField(
        label=_("Principal responsible person"),
        max_length=64,
        help_text=_("First answerable for safety (Work Safety Law, article 5)."),
    )
    principal_phone = forms.CharField(
        label=_("Phone of the principal"), max_length=30, required=False
    )
    safety_manager = forms.CharField(label=_("Safety manager"), max_length=64, required=False)
    safety_manager_phone = forms.CharField(
        label=_("Phone of the safety manager"), max_length=30, required=False
    )
    safety_manager_full_time = Answer(label=_("Safety manager is full-time"))
    safety_body = Answer(label=_("Has a safety department"))
    headcount = forms.IntegerField(label=_("Headcount"), min_value=0, required=False)
    above_size = Answer(label=_("Above designated size"))
    above_size_since = forms.DateField(
        label=_("Directory batch"),
        required=False,
        help_text=_("The date of the directory batch it came in with."),
    )

    def told(self) -> dict[str, Any]:
        """Return the facts as typed; a phone shown masked and left so is not among them."""
        return {
            name: value
            for name, value in self.cleaned_data.items()
            if name in rules.FACTS
            and not (name in rules.PHONES and value and value == self.fields[name].initial)
        }


class EditForm(FactsForm):
    """Changes to what is known. version is what the person saw when they began."""

    source = forms.CharField(
        label=_("Taken from"),
        max_length=300,
        required=False,
        help_text=_("What the changes rest on, such as: business licence seen; call of the owner."),
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, enterprise: Enterprise, facts: rules.Facts, **kwargs: Any):
        super().__init__(*args, **kwargs)
        for name, value in rules.as_mapping(facts).items():
            shown = mask_phone(value) if name in rules.PHONES and value else value
            self.fields[name].initial = shown
        self.fields["version"].initial = enterprise.dossier.version


class NewForm(FactsForm):
    """A new enterprise with its place in the grid and who answers for it."""

    cell = forms.ModelChoiceField(Cell.objects.none(), label=_("Grid cell"))
    contact = forms.ChoiceField(
        label=_("Contact"),
        required=False,
        help_text=_("Left empty, the cell's leader answers for it."),
    )
    unit = forms.ModelChoiceField(Unit.objects.none(), label=_("Responsible unit"), required=False)
    sectors = forms.MultipleChoiceField(
        label=_("Key sectors"),
        choices=Sector.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    site = forms.CharField(
        label=_("Production address"),
        max_length=300,
        required=False,
        help_text=_("Where it produces, if not at the registered address. More can be added."),
    )
    source = forms.CharField(
        label=_("Taken from"),
        max_length=300,
        required=False,
        help_text=_("Such as: business licence seen."),
    )

    def __init__(self, *args: Any, zone: Zone, today: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cell: Any = self.fields["cell"]
        cell.queryset = Cell.objects.filter(zone=zone, is_open=True).order_by("path")
        unit: Any = self.fields["unit"]
        units = Unit.objects.filter(zone=zone, is_open=True).exclude(kind=UnitKind.ENTERPRISE)
        unit.queryset = units.order_by("name")
        contact: Any = self.fields["contact"]
        contact.choices = [
            ("", "—"),
            *(
                (person.pk, _("%(name)s (%(count)s dossiers)") % {"name": person.name, "count": n})
                for person, n in loads_of_all(zone, on=today)
            ),
        ]


class SectorsForm(forms.Form):
    """The key sectors of an enterprise."""

    sectors = forms.MultipleChoiceField(
        label=_("Key sectors"),
        choices=Sector.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, known: dict[str, Any], *args: Any, **kwargs: Any) -> None:
        kwargs["initial"] = known
        super().__init__(*args, **kwargs)


class LandlordForm(forms.Form):
    """The landlord, by name or dossier code, and the date of the safety agreement."""

    landlord = forms.CharField(
        label=_("Landlord"),
        required=False,
        max_length=240,
        widget=Suggesting,
        help_text=_(
            "Type part of the name and choose from the list; leave it empty where there is none."
        ),
    )
    landlord_agreement_on = forms.DateField(label=_("Safety agreement signed"), required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, known: dict[str, Any], zone: Zone, *args: Any, **kwargs: Any) -> None:
        kwargs["initial"] = known
        super().__init__(*args, **kwargs)
        widget: Any = self.fields["landlord"].widget
        widget.address = page("enterprises:names", zone.slug)


class SiteForm(forms.Form):
    """A place where the enterprise produces."""

    address = forms.CharField(label=_("Address"), max_length=300)
    name = forms.CharField(label=_("Name"), max_length=100, required=False)


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(label=_("Reason"), max_length=200)
