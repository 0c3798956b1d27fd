"""What the ledger's pages ask for."""

from django import forms
from django.utils.translation import gettext_lazy as _

from bihuan.ledger.queries import public_keys
from bihuan.ledger.rules import notes


class BundleForm(forms.Form):
    """What a bundle is to hold."""

    about = forms.CharField(required=False, max_length=100, widget=forms.HiddenInput)
    held = forms.CharField(
        label=_("A checkpoint the receiver kept"),
        help_text=_("Optional. The bundle then proves that the ledger only grew since."),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5}),
    )

    evidence = forms.BooleanField(
        label=_("With the photos and files"),
        help_text=_("Larger. Without them the bundle holds their SHA-256 only."),
        required=False,
    )

    def clean_about(self) -> tuple[str, str] | None:
        sort, _colon, name = self.cleaned_data["about"].partition(":")
        return (sort, name) if sort and name else None

    def clean_held(self) -> list[str]:
        """Refuse what is no checkpoint of ours, before a bundle is made of it."""
        note = self.cleaned_data["held"].replace("\r\n", "\n").strip()
        if not note:
            return []
        try:
            notes.opened(f"{note}\n", public_keys())
        except notes.BadNote:
            raise forms.ValidationError(
                _("This is no checkpoint signed here. Paste the whole note as it was kept.")
            ) from None
        return [f"{note}\n"]
