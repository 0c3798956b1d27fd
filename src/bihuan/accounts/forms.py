"""Forms of signing in, and about one's own account."""

from typing import Any

from allauth.account.forms import LoginForm
from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _


class SignInForm(LoginForm):  # type: ignore[misc]
    """Sign-in name and password, in our words."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("Sign-in name")
        for name in ("login", "password"):
            self.fields[name].widget.attrs.pop("placeholder", None)


class LanguageForm(forms.Form):
    """The language to be spoken to in."""

    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
