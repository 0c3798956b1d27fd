"""Pages about signing in that are ours; allauth's own are routed in urls.py."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.views import LoginView
from allauth.mfa.models import Authenticator
from axes.helpers import get_cool_off
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.forms import SetPasswordForm
from django.contrib.auth.tokens import default_token_generator
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone, translation
from django.utils.http import urlsafe_base64_decode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from bihuan.accounts import actions
from bihuan.accounts.forms import LanguageForm
from bihuan.accounts.models import Person
from bihuan.accounts.permissions import name_tried, tries_at
from bihuan.core.composition import listed
from bihuan.ui import refusals
from bihuan.ui.components import Fact
from bihuan.ui.forms import form_data, show_form
from bihuan.ui.pages import for_everyone_signed_in, open_to_strangers
from bihuan.ui.views import set_language

MOST_TRIES = 50  # wrong passwords for one name, from all addresses, within the pause


class Door(DefaultAccountAdapter):  # type: ignore[misc]
    """Nobody signs up: people are entered by a zone's administrator."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": gettext_lazy("The sign-in name or the password is wrong."),
        "incorrect_password": gettext_lazy("The password is wrong."),
        "too_many_login_attempts": gettext_lazy("Too many attempts. Try again in a few minutes."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Refuse a name that is tried from many addresses, none of them often."""
        super().pre_authenticate(request, **credentials)
        name = name_tried(request, credentials)
        if tries_at(name, since=timezone.now() - settings.AXES_COOLOFF_TIME) >= MOST_TRIES:
            raise self.validation_error("too_many_login_attempts")

    def set_password(self, user: Person, password: str) -> None:
        actions.change_password(person=user, password=password, by=user, at=timezone.now())

    def post_login(self, request: HttpRequest, user: Person, **kwargs: Any) -> HttpResponse:
        """Speak the person's language from here on, unless this browser chose one."""
        response: HttpResponse = super().post_login(request, user, **kwargs)
        if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
            set_language(response, user.language)
        return response


class SignIn(LoginView):  # type: ignore[misc]
    """The sign-in page; in a demo it also shows who can sign in."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        if settings.DEMO:
            context["demo_sign_ins"] = listed("DEMO_SIGN_INS")
            context["demo_password"] = "".join(listed("DEMO_PASSWORD"))
        return context


sign_in = open_to_strangers(SignIn.as_view())


@for_everyone_signed_in
def mine(request: Any) -> HttpResponse:
    """Show my account; let me choose my language."""
    person = request.user
    data, _files = form_data(request)
    form = LanguageForm(data, initial={"language": person.language})
    if request.method == "POST" and form.is_valid():
        language = form.cleaned_data["language"]
        actions.choose_language(person=person, language=language, by=person, at=timezone.now())
        with translation.override(language):
            messages.success(request, _("Saved."))
        response = redirect("accounts:mine")
        set_language(response, language)
        return response
    codes = Authenticator.objects.filter(user=person, type=Authenticator.Type.TOTP).exists()
    facts = [
        Fact(label=pgettext("person", "Name"), value=person.name),
        Fact(label=_("Sign-in name"), value=person.username),
        Fact(label=_("Mobile phone"), value=person.phone),
        Fact(label=_("Second factor"), value=_("in use") if codes else _("not in use")),
    ]
    return show_form(request, "accounts/mine.html", {"form": form, "facts": facts})


def locked_out(
    request: HttpRequest, original: HttpResponse | None = None, credentials: Any = None
) -> HttpResponse:
    """Say that sign-in is closed for a while after too many wrong passwords."""
    pause = get_cool_off(request)
    minutes = int(pause.total_seconds() // 60) if pause else 0
    words = _(
        "Too many wrong passwords. Signing in with this name is closed for %(minutes)s minutes."
    )
    return refusals.page(
        request,
        429,
        message=words % {"minutes": minutes},
        advice=_("If you forgot your password, ask your zone's administrator for a new one."),
    )


@open_to_strangers
def welcome(request: Any, key: str, token: str) -> HttpResponse:
    """Let a person who has a one-time link set their password. The token is the proof."""
    person = _invited(key, token)
    if person is None:
        message = _("This link has been used, is too old, or is not whole.")
        advice = _("Ask the zone's administrator for a new one.")
        return refusals.page(request, 404, title=message, advice=advice)
    data, _files = form_data(request)
    form = SetPasswordForm(person, data)
    if request.method == "POST" and form.is_valid():
        password = form.cleaned_data["new_password1"]
        actions.change_password(person=person, password=password, by=person, at=timezone.now())
        messages.success(request, _("Your password is set. Sign in with it."))
        return redirect("account_login")
    return show_form(request, "accounts/welcome.html", {"form": form, "person": person})


def _invited(key: str, token: str) -> Person | None:
    try:
        person = Person.objects.filter(pk=urlsafe_base64_decode(key).decode()).first()
    except (ValueError, ValidationError):
        return None
    valid = person and person.is_active and default_token_generator.check_token(person, token)
    return person if valid else None
