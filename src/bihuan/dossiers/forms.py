"""Forms of dossiers."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bihuan.core.composition import listed
from bihuan.dossiers.models import Dossier, DossierState, Risk
from bihuan.dossiers.queries import loads_of_all
from bihuan.files.models import StoredFile
from bihuan.zones.models import Cell, Zone


class ChangeForm(forms.Form):
    """One change of a dossier's header; what says which."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, what: str, dossier: Dossier, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["version"].initial = dossier.version
        if what == "cell":
            cells = Cell.objects.filter(zone=dossier.zone_id, is_open=True).order_by("path")
            self.fields["cell"] = forms.ModelChoiceField(
                cells, label=_("Grid cell"), initial=dossier.cell_id, empty_label=None
            )
            return
        choices: Any = DossierState.choices if what == "state" else Risk.choices
        self.fields[what] = forms.ChoiceField(
            label=_("State") if what == "state" else _("Risk"),
            choices=choices,
            initial=getattr(dossier, what),
            required=what == "state",
            widget=forms.RadioSelect,
        )
        self.fields["reason"] = forms.CharField(label=_("Reason"), max_length=200)


class DocumentForm(forms.Form):
    """A certificate or other paper. Its scan is kept while mistakes are mended."""

    kind = forms.ChoiceField(label=_("Kind"))
    name = forms.CharField(label=_("Name"), max_length=200)
    number = forms.CharField(label=_("Number"), max_length=80, required=False)
    issued_by = forms.CharField(label=_("Issued by"), max_length=200, required=False)
    valid_from = forms.DateField(label=_("Valid from"), required=False)
    valid_to = forms.DateField(
        label=_("Valid until"), required=False, help_text=_("The last day it is valid.")
    )
    scan = forms.FileField(label=_("Scan or photo"), required=False)
    source = forms.CharField(
        label=_("Taken from"),
        max_length=300,
        required=False,
        help_text=_("What the details were read from, such as: original seen on site."),
    )

    def __init__(self, *args: Any, kept: StoredFile | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kind: Any = self.fields["kind"]
        kind.choices = list(listed("DOCUMENT_KINDS"))
        if kept:
            self.fields["scan"].help_text = _("Already uploaded: %(name)s.") % {"name": kept.name}


class WithdrawForm(forms.Form):
    """Why a document is taken out of use."""

    reason = forms.CharField(label=_("Reason"), max_length=200)


class HandOverForm(forms.Form):
    """Who takes over, and why."""

    to = forms.ChoiceField(label=_("Taken over by"))
    reason = forms.CharField(label=_("Reason"), max_length=200)

    def __init__(self, *args: Any, zone: Zone, today: Any, but: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        to: Any = self.fields["to"]
        to.choices = [
            ("", "—"),
            *(
                (person.pk, _("%(name)s (%(count)s dossiers)") % {"name": person.name, "count": n})
                for person, n in loads_of_all(zone, on=today)
                if person.pk != but
            ),
        ]


class AccountForm(forms.Form):
    """A person of the dossier's own organisation."""

    username = forms.CharField(label=_("Sign-in name"), max_length=64)
    name = forms.CharField(label=pgettext_lazy("person", "Name"), max_length=64)
    phone = forms.CharField(label=_("Mobile phone"), max_length=30, required=False)
    email = forms.EmailField(label=_("E-mail"), required=False)
