"""Who stands where: closed unless a view says which permission opens it."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from bihuan.core.permissions import Permission
from bihuan.core.refusals import Forbidden, Refused
from bihuan.ui import refusals
from bihuan.zones.permissions import standing_at

GetResponse = Callable[[HttpRequest], HttpResponse]


class StandingMiddleware:
    """Put request.standing in place and let nobody past who has none.

    A zone the person holds no post in does not exist for them (404). Refusals of
    actions that a view did not catch become a page that says what to do.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: Any, view: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        try:
            self._admit(request, view, kwargs)
        except Forbidden as refusal:
            return refusals.answer(request, refusal)
        return None

    def _admit(self, request: Any, view: Any, kwargs: dict[str, Any]) -> None:
        permission = getattr(view, "permission", None)
        if permission is None:
            permission = "open" if _is_foreign(view) else None
        if permission in ("open", "signed_in"):
            return
        if not isinstance(permission, Permission) or "zone" not in kwargs:
            raise Forbidden(_("This page is closed: it names no permission."))
        standing = standing_at(request.user, kwargs.pop("zone"), on=timezone.localdate())
        if standing is None:
            raise Http404
        if not standing.may(permission):
            raise Forbidden(_("Your post does not include this page."))
        request.standing = standing

    def process_exception(self, request: Any, error: Exception) -> HttpResponse | None:
        if isinstance(error, Refused):
            return refusals.answer(request, error)
        if not refusals.is_lost_race(error):
            return None
        if request.method != "POST" or hasattr(request, "second_try"):
            return refusals.lost_race(request)
        request.second_try = True
        return self._again(request)

    def _again(self, request: Any) -> HttpResponse | None:
        """Carry out once more what the database took back whole: the other has written by now.

        So the two of a deadlock both get through, and of two equal names the later is refused
        by the action's own sentence.
        """
        for name in request.FILES:
            for upload in request.FILES.getlist(name):
                upload.seek(0)
        found = request.resolver_match
        try:
            answer: HttpResponse = found.func(request, *found.args, **found.kwargs)
        except Exception as error:
            response = self.process_exception(request, error)
            if response is None:
                raise
            return response
        return answer


def _is_foreign(view: Any) -> bool:
    """Say whether the view belongs to a library that guards itself (allauth, static)."""
    return not getattr(view, "__module__", "").startswith("bihuan.")
