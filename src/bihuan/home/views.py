"""My work, the cockpit, and the way to another zone."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from bihuan.accounts.models import Person
from bihuan.core.permissions import ROLES, Permission
from bihuan.home import panels
from bihuan.home.queries import WORK, zones_of
from bihuan.home.tables import TABLES
from bihuan.ui.components import Fact
from bihuan.ui.pages import for_everyone_signed_in, needs
from bihuan.zones.actions import accept_post
from bihuan.zones.models import Zone
from bihuan.zones.permissions import who_asks
from bihuan.zones.queries import opened_offer


@for_everyone_signed_in
def start(request: HttpRequest) -> HttpResponse:
    """Go to the person's zone, or let them choose among several."""
    assert isinstance(request.user, Person)
    found = zones_of(request.user, on=timezone.localdate())
    if len(found) == 1:
        return redirect("home:mine", found[0].slug)
    return redirect("home:zones")


@for_everyone_signed_in
def zones(request: HttpRequest) -> HttpResponse:
    """List the zones in which the person holds a post."""
    assert isinstance(request.user, Person)
    found = zones_of(request.user, on=timezone.localdate())
    return render(request, "home/zones.html", {"zones": found})


@needs(Permission.WORK)
def mine(request: HttpRequest) -> HttpResponse:
    """Show what the person owes today, what is late, what waits for them; nothing else."""
    standing = who_asks(request)
    today = timezone.localdate()
    context = {
        "waiting": panels.waiting(request, standing, on=today),
        "first_steps": panels.beginning(standing, on=today),
    }
    return render(request, "home/mine.html", context)


@needs(Permission.WORK)
def work(request: HttpRequest, code: str) -> HttpResponse:
    """List all of one kind of work that waits for the person."""
    standing = who_asks(request)
    kinds = {it.code: it for it in WORK if standing.may(it.permission)}
    if code not in kinds:
        raise Http404
    kind = kinds[code]
    page = TABLES[kind.kind].page(request, kind.rows(standing, timezone.localdate()).order_by())
    return page.respond("home/work.html", {"work": kind})


@needs(Permission.FIGURE_READ)
def cockpit(request: HttpRequest) -> HttpResponse:
    """Show how the zone stands."""
    standing = who_asks(request)
    context = panels.cockpit(request, standing, on=timezone.localdate())
    return render(request, "home/cockpit.html", context)


@for_everyone_signed_in
def offer(request: HttpRequest, token: str) -> HttpResponse:
    """Let someone take up a post that another zone offers them."""
    assert isinstance(request.user, Person)
    found = opened_offer(token)
    zone = Zone.objects.filter(pk=found.zone).first() if found else None
    if found is None or zone is None or found.username != request.user.username.lower():
        raise Http404
    if request.method == "POST":
        accept_post(offer=found, by=request.user, at=timezone.now())
        messages.success(request, _("You have taken up the post."))
        return redirect("home:mine", zone.slug)
    facts = [
        Fact(label=_("Zone"), value=zone.name),
        Fact(label=_("Role"), value=str(ROLES[found.given["role"]].name)),
        Fact(label=pgettext("post", "Title"), value=found.given["title"]),
        Fact(label=_("Own duty"), value=found.given["duty"]),
        Fact(label=_("Safety duty"), value=found.given["safety_duty"]),
    ]
    return render(request, "home/offer.html", {"zone": zone, "facts": facts})
