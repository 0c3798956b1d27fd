"""Forms of cases. A move's form is drawn from its declaration."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bihuan.cases.rules.declaration import (
    GRADE_NAMES,
    PROOF_NAMES,
    Grade,
    Input,
    Kind,
    MoveRule,
    Proof,
)
from bihuan.files.models import StoredFile
from bihuan.ui.formats import date_short
from bihuan.ui.forms import EVIDENCE, ManyFiles

Choices = Sequence[tuple[Any, str | Promise]]


class ProofForm(forms.Form):
    """A form that carries evidence. What was uploaded once is kept while mistakes are mended.

    kept maps each proof to the files already kept from an earlier try.
    """

    def __init__(
        self,
        *args: Any,
        proofs: Iterable[Proof],
        needed: frozenset[Proof] = frozenset(),
        kept: Mapping[Proof, Sequence[StoredFile]] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.proofs = tuple(proofs)
        self.kept = dict(kept or {})
        for proof in self.proofs:
            field = ManyFiles(
                label=PROOF_NAMES[proof],
                required=proof in needed and not self.kept.get(proof),
                widget=ManyFiles.widget(attrs={"accept": EVIDENCE}),
                error_messages={"required": _("Please attach a photo or file.")},
                help_text=self._already(proof),
            )
            self.fields[f"proof_{proof}"] = field

    def _already(self, proof: Proof) -> str | Promise:
        names = ", ".join(kept.name for kept in self.kept.get(proof, ()))
        return _("Already uploaded: %(names)s.") % {"names": names} if names else ""


class MoveForm(ProofForm):
    """What one move asks for."""

    def __init__(
        self,
        *args: Any,
        rule: MoveRule,
        asks: Iterable[Input],
        units: Choices,
        people: Choices,
        due_on: date | None = None,
        **kwargs: Any,
    ) -> None:
        offered = [p for p in Proof if p in rule.proofs] or [Proof.OTHER]
        super().__init__(*args, proofs=offered, needed=rule.proofs, **kwargs)
        fields = {wanted.name: _field(wanted, {"unit": units, "person": people}) for wanted in asks}
        self.fields = {**fields, **self.fields}
        if {"unit", "due_on"} <= fields.keys():  # given out for the first time
            fields["unit"].initial = units[0][0]
            if due_on:
                words = _("Left empty: %(day)s stays.")
                fields["due_on"].help_text = words % {"day": date_short(due_on)}


def _field(wanted: Input, choices: Mapping[str, Choices]) -> forms.Field:
    label: Any = wanted.label
    required = wanted.required
    if wanted.kind == "lines":
        area = forms.Textarea(attrs={"rows": 3})
        return forms.CharField(label=label, required=required, widget=area, max_length=4000)
    if wanted.kind == "date":
        return forms.DateField(label=label, required=required)
    if wanted.kind in choices:
        options = [("", "—"), *choices[wanted.kind]]
        return forms.ChoiceField(label=label, required=required, choices=options)
    return forms.CharField(label=label, required=required, max_length=300)


class ReportForm(ProofForm):
    """What was found."""

    title = forms.CharField(
        label=_("What was found"), max_length=200, help_text=_("In one line, as it will be read.")
    )
    description = forms.CharField(
        label=_("Description"), required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    place = forms.CharField(label=_("Where exactly"), required=False, max_length=200)
    category = forms.ChoiceField(label=_("Category"), required=False)
    grade = forms.ChoiceField(
        label=_("Grade"),
        choices=[(grade.value, GRADE_NAMES[grade]) for grade in Grade],
        widget=forms.RadioSelect,
        initial=Grade.GENERAL.value,
    )
    clause = forms.CharField(label=_("Clause, if known"), required=False, max_length=80)
    due_on = forms.DateField(label=_("To be rectified by"), required=False)
    recurs = forms.ChoiceField(label=_("Repeats an earlier case"), required=False)

    def __init__(self, *args: Any, kind: Kind, earlier: Choices, usual: str, **kwargs: Any) -> None:
        super().__init__(*args, proofs=[Proof.BEFORE], **kwargs)
        self.fields["due_on"].help_text = usual
        category: Any = self.fields["category"]
        category.choices = [("", "—"), *kind.categories.items()]
        recurs: Any = self.fields["recurs"]
        recurs.choices = [("", _("no")), *earlier]
        if not earlier:
            del self.fields["recurs"]
