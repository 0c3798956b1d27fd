"""The ways an action says no. Each carries a sentence for the person who asked."""

from django.utils.functional import Promise


class Refused(Exception):
    """The action was not carried out, and nothing was changed.

    message is a translated sentence that says what to do; field names the input
    it is about, where there is one.
    """

    status = 422

    def __init__(self, message: str | Promise, *, field: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.field = field

    def __str__(self) -> str:
        return str(self.message)


class Forbidden(Refused):
    """The person may not do this here."""

    status = 403


class Stale(Refused):
    """Someone else changed the record first; look again before deciding."""

    status = 409
