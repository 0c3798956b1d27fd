"""People: how they are called and how they sign in."""

import os
from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, UserManager
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bihuan.core.models import Record


def new_salt() -> bytes:
    """Return what personal data is sealed with in the ledger; erasing it forgets the person."""
    return os.urandom(16)


class PersonManager(UserManager["Person"]):
    """Finds people by sign-in name, whatever its case."""

    def get_by_natural_key(self, username: str | None) -> "Person":
        return self.get(username__iexact=username)


class Person(AbstractBaseUser, Record):
    """Someone who can sign in. What they may do is said by their posts in zones."""

    username = models.CharField(_("sign-in name"), max_length=64, unique=True)
    name = models.CharField(pgettext_lazy("person", "name"), max_length=64)
    phone = models.CharField(_("mobile phone"), max_length=20, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    language = models.CharField(_("language"), max_length=10, default="zh-hans")
    is_active = models.BooleanField(_("active"), default=True)
    is_synthetic = models.BooleanField(_("made for the demo"), default=False)
    joined_at = models.DateTimeField(_("joined"))
    deactivated_at = models.DateTimeField(_("deactivated"), null=True, blank=True)
    password_changed_at = models.DateTimeField(_("password changed"), null=True, blank=True)

    salt = models.BinaryField(max_length=16, default=new_salt, editable=False)

    objects: ClassVar[PersonManager] = PersonManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = (
            models.CheckConstraint(
                name="person_deactivated_is_dated",
                condition=models.Q(is_active=True, deactivated_at=None)
                | models.Q(is_active=False, deactivated_at__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def actor_id(self) -> str:
        return f"person:{self.pk}"

    @property
    def display_name(self) -> str:
        return self.name

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name
