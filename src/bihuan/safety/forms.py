"""Forms of delegations."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from bihuan.safety.models import Basis
from bihuan.ui.forms import ManyFiles
from bihuan.zones.models import Unit


class DelegationForm(forms.Form):
    """Who was given powers, by whom, by which document, from when."""

    unit = forms.ModelChoiceField(label=_("Unit"), queryset=Unit.objects.none())
    basis = forms.ChoiceField(label=_("Basis"), choices=Basis.choices, widget=forms.RadioSelect)
    granted_by = forms.CharField(label=_("Granted by"), max_length=200)
    document = forms.CharField(label=_("Document and number"), max_length=200)
    starts_on = forms.DateField(label=_("In force from"))
    ends_on = forms.DateField(
        label=_("In force until"), required=False, help_text=_("The first day it no longer holds.")
    )
    file = ManyFiles(label=_("The document itself"), required=False, most=1)

    def __init__(self, *args: Any, units: QuerySet[Unit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        unit: Any = self.fields["unit"]
        unit.queryset = units
