"""What every page of the set-up does the same way."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from bihuan.core.refusals import Refused
from bihuan.ui import links
from bihuan.ui.forms import refuse, show_form
from bihuan.zones.permissions import who_asks


def handled(
    request: HttpRequest,
    form: Any,
    act: Callable[[], Any],
    *,
    title: Any,
    back: tuple[Any, ...],
    note: Any = "",
    submit: Any = "",
) -> HttpResponse:
    """Show the form of one change, or carry it out and go back to a page of the zone.

    back is the name of that page, with the id of its row where it has one. submit is what
    the button says where that is more than saving.
    """
    slug = who_asks(request).zone.slug
    if request.method == "POST" and form.is_valid():
        try:
            act()
        except Refused as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect(back[0], slug, *back[1:])
    href = (
        links.page(back[0], slug)
        if len(back) == 1
        else str(back[1]).join(links.around(back[0], slug))
    )
    context = {"form": form, "title": title, "back": href, "note": note, "submit": submit}
    return show_form(request, "zones/form.html", context)
