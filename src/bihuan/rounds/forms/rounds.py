"""Forms of rounds and excuses."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from bihuan.dossiers.models import Risk
from bihuan.enterprises.models import Sector
from bihuan.rounds.models import Checklist
from bihuan.rounds.rules.coverage import (
    EXCUSAL_NAMES,
    NO_EVIDENCE,
    PRESETS,
    TEMPLATE_NAMES,
    Criteria,
    Template,
)
from bihuan.ui.forms import EVIDENCE, ManyFiles
from bihuan.ui.links import page
from bihuan.ui.suggest import Suggesting
from bihuan.zones.models import Cell, Zone

EVERY = [("", _("all"))]
RISKS = [("unknown" if value == "" else value, label) for value, label in Risk.choices]


class CriteriaForm(forms.Form):
    """Whom a round is for."""

    sector = forms.ChoiceField(
        label=_("Key sector"), required=False, choices=[*EVERY, *Sector.choices]
    )
    cell = forms.ChoiceField(label=_("Grid cell"), required=False)
    risk = forms.ChoiceField(label=_("Risk"), required=False, choices=[*EVERY, *RISKS])
    not_visited_since = forms.DateField(
        label=_("Not visited since"),
        required=False,
        help_text=_("Keeps who was last visited before this day, or never."),
    )

    def __init__(self, *args: Any, cells: QuerySet[Cell], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = cells.order_by("path").values_list("pk", "path", "name")
        tree = [(str(pk), f"{'　' * (path.count('/') - 2)}{name}") for pk, path, name in rows]
        cell: Any = self.fields["cell"]
        cell.choices = [*EVERY, *tree]

    @property
    def criteria(self) -> Criteria:
        """What was chosen; only after is_valid()."""
        given = self.cleaned_data
        return Criteria(
            sector=given["sector"],
            cell=given["cell"],
            risk=given["risk"],
            not_visited_since=given["not_visited_since"],
        )


class OpenForm(CriteriaForm):
    """What a round is to be."""

    name = forms.CharField(label=_("Name of the round"), max_length=100)
    template = forms.ChoiceField(
        label=_("Sort of round"), choices=[(t.value, words) for t, words in TEMPLATE_NAMES.items()]
    )
    checklist = forms.ModelChoiceField(
        label=_("Checklist"), queryset=Checklist.objects.none(), empty_label=None
    )
    due_on = forms.DateField(label=_("Deadline"))
    note = forms.CharField(
        label=_("Requirements"), required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    field_order = (
        "name", "template", "checklist", "due_on", "sector", "cell", "risk",
        "not_visited_since", "note",
    )  # fmt: skip

    def __init__(self, *args: Any, checklists: QuerySet[Checklist], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        checklist: Any = self.fields["checklist"]
        checklist.queryset = checklists


def preset_of(name: str) -> Template:
    """Return the template called name; routine where there is none."""
    return Template(name) if name in PRESETS else Template.ROUTINE


class ExcuseForm(forms.Form):
    """Why a dossier is not visited."""

    reason = forms.ChoiceField(
        label=_("Reason"),
        choices=[(e.value, words) for e, words in EXCUSAL_NAMES.items()],
        widget=forms.RadioSelect,
    )
    note = forms.CharField(
        label=_("Circumstances"),
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    evidence = ManyFiles(
        label=_("Evidence"),
        most=1,
        widget=ManyFiles.widget(attrs={"accept": EVIDENCE}),
        help_text=_("A photo of the gate, a notice, a record of the call."),
        error_messages={"required": NO_EVIDENCE},
    )

    def __init__(self, *args: Any, has_evidence: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["evidence"].required = not has_evidence


class GiveForm(forms.Form):
    """To whom entries are given; empty: back to each one's contact."""

    person = forms.CharField(label=_("Give the ticked dossiers to"), required=False, max_length=120)

    def __init__(self, *args: Any, zone: Zone, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        widget = Suggesting(attrs={"placeholder": _("each one's contact")})
        widget.address = page("rounds:people", zone.slug)
        self.fields["person"].widget = widget


class JoinForm(forms.Form):
    """Which dossier joins a list by hand, and why."""

    code = forms.CharField(label=_("Dossier code"), max_length=30)
    why = forms.CharField(label=_("Reason"), max_length=200)
