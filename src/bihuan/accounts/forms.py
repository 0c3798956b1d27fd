"""Forms of signing in, and about one's own account."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import LoginForm
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bihuan.accounts import actions
from bihuan.accounts.models import Person
from bihuan.accounts.permissions import codes_of, tries_at


class SignInForm(LoginForm):  # type: ignore[misc]
    """Sign-in name and password, in our words."""

    refused_as = _("You are not signed in.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("Sign-in name")
        for name in ("login", "password"):
            self.fields[name].widget.attrs.pop("placeholder", None)


class _Code:
    """A code of the second factor: AXES_FAILURE_LIMIT wrong ones close it for the pause.

    Counted by person, in the database: the library's own count is by address and process.
    """

    user: Person
    refused_as = _("You are not signed in.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].label = _("Code of the app, or a spare code")  # type: ignore[attr-defined]

    def clean_code(self) -> str:
        now = timezone.now()
        wrong = tries_at(codes_of(self.user), since=now - settings.AXES_COOLOFF_TIME)
        if wrong >= settings.AXES_FAILURE_LIMIT:
            raise get_adapter().validation_error("too_many_login_attempts")
        try:
            code: str = super().clean_code()  # type: ignore[misc]
        except forms.ValidationError:
            actions.note_wrong_code(person=self.user, by=self.user, at=now)
            raise
        actions.forget_wrong_codes(person=self.user, by=self.user, at=now)
        return code


class CodeForm(_Code, AuthenticateForm):  # type: ignore[misc]
    """The second factor at the door."""


class CodeAgainForm(_Code, ReauthenticateForm):  # type: ignore[misc]
    """The second factor once more, before something important."""


class LanguageForm(forms.Form):
    """The language to be spoken to in."""

    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
