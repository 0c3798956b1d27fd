"""What Django and allauth ask of us: sessions, who signs in, the second factor, the office's door."""

import base64
import hashlib
from typing import Any
from uuid import UUID

from allauth.account.auth_backends import AuthenticationBackend
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount
from cryptography.fernet import Fernet
from django.conf import settings
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bihuan.accounts.models import Person
from bihuan.core.ready import Given, Ready

_SESSIONS = Ready(
    lambda: Session.objects.filter(session_key=Given("key"), expire_date__gt=Given("now"))
)
_PEOPLE = Ready(lambda: Person.objects.filter(pk=Given("pk"), is_active=True))


class SessionStore(db.SessionStore):
    """Sessions as Django keeps them; read anew for each request."""

    def _get_session_from_db(self) -> Session | None:
        found: list[Session] = _SESSIONS.ask(key=self.session_key, now=timezone.now())
        if not found:
            self._session_key = None
        return found[0] if found else None


class Backend(AuthenticationBackend):  # type: ignore[misc]
    """Signs people in as allauth does; who was deactivated is nobody from the next request on."""

    def get_user(self, user_id: UUID) -> Person | None:
        found: list[Person] = _PEOPLE.ask(pk=user_id)
        return found[0] if found else None


class SecondFactor(DefaultMFAAdapter):  # type: ignore[misc]
    """Keeps the secrets of authenticator apps encrypted with the site's key."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _("The code is wrong or has expired. Enter the one shown now."),
    }

    def encrypt(self, text: str) -> str:
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _cipher().decrypt(encrypted_text.encode()).decode()


class OtherDoor(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Sign-in by the office's own identity provider, for people entered here already.

    The claim named by BIHUAN_OIDC_CLAIM must equal the sign-in name; the link made then
    is by the provider's own id, so that a later renaming does not open another's account.
    """

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        if sociallogin.is_existing or request.user.is_authenticated:
            return
        name = _claim(sociallogin.account.extra_data)
        person = Person.objects.filter(username__iexact=name, is_active=True).first()
        if name and person is not None and not person_linked(person, sociallogin.account.provider):
            sociallogin.connect(request, person)


def person_linked(person: Person, provider: str) -> bool:
    """Say whether someone at the provider already signs in as this person."""
    return bool(SocialAccount.objects.filter(user=person, provider=provider).exists())


def _claim(data: dict[str, Any]) -> str:
    """Return the sign-in name the provider vouches for, wherever it put it."""
    claim = settings.OIDC_CLAIM
    for part in (data, data.get("userinfo") or {}, data.get("id_token") or {}):
        if isinstance(part.get(claim), str) and part[claim]:
            return str(part[claim])
    return ""


def _cipher() -> Fernet:
    key = hashlib.sha256(b"bihuan second factor" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))
