"""People and their posts."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from bihuan.accounts.models import Person
from bihuan.core.permissions import Permission
from bihuan.core.refusals import Refused
from bihuan.ui.forms import form_data, refuse, show_form
from bihuan.ui.links import around, page
from bihuan.ui.once import once
from bihuan.ui.pages import needs
from bihuan.zones import actions
from bihuan.zones.forms import AppointForm, PersonForm, PostForm, ReasonForm
from bihuan.zones.models import Post, Zone
from bihuan.zones.permissions import who_asks
from bihuan.zones.queries import rests_on
from bihuan.zones.rules import NewPerson, Rest
from bihuan.zones.tables import people_of
from bihuan.zones.views.frame import handled


@needs(Permission.PEOPLE_MANAGE)
def people_list(request: HttpRequest) -> HttpResponse:
    """List everyone who holds or held a post in the zone."""
    zone = who_asks(request).zone
    held = Post.objects.filter(zone=zone).values("person")
    listing = people_of(zone).page(request, Person.objects.filter(pk__in=held))
    return listing.respond("zones/people.html")


@needs(Permission.PEOPLE_MANAGE)
def person(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show a person, their posts, and what rests on them."""
    standing, found = who_asks(request), _person(request, pk)
    posts = Post.objects.filter(zone=standing.zone, person=found).select_related("cell", "unit")
    today = timezone.localdate()
    rests = [(rest, _where(rest, standing.zone.slug)) for rest in rests_on(found, standing.zone)]
    context = {
        "person": found,
        "now": posts.held_on(today).order_by("starts_on"),
        "later": posts.filter(starts_on__gt=today).order_by("starts_on"),
        "past": posts.filter(ends_on__lte=today).order_by("-ends_on"),
        "rests": rests,
    }
    return render(request, "zones/person.html", context)


def _where(rest: Rest, slug: str) -> str:
    """Return where what rests on a person is handed over; nothing where no page does it."""
    if rest.page and rest.of:
        return str(rest.of).join(around(rest.page, slug))
    return page(rest.page, slug) if rest.page else ""


@needs(Permission.PEOPLE_MANAGE)
@once
def appoint(request: HttpRequest) -> HttpResponse:
    """Give a post to someone who is here, who comes from another zone, or who is new."""
    standing = who_asks(request)
    known = {"person": request.GET.get("person")}
    form = AppointForm(*form_data(request), zone=standing.zone, initial=known)
    if request.method == "POST" and form.is_valid():
        try:
            return _appoint(request, dict(form.cleaned_data))
        except Refused as refusal:
            refuse(form, refusal)
    context = {
        "form": form,
        "title": _("Appoint"),
        "back": page("zones:people", standing.zone.slug),
        "two": True,
        "note": _("A new person gets no password: make them a set-up link on the next page."),
    }
    return show_form(request, "zones/form.html", context)


def _appoint(request: HttpRequest, given: dict[str, Any]) -> HttpResponse:
    standing, at = who_asks(request), timezone.now()
    who = _who(standing.zone, given)
    post: dict[str, Any] = {
        "zone": standing.zone, "post": actions.NewPost(**given), "by": standing.person, "at": at,
    }  # fmt: skip
    if isinstance(who, str):
        token = actions.offer_post(username=who, **post)
        link = request.build_absolute_uri(reverse("home:offer", args=(token,)))
        response = render(request, "zones/offered.html", {"username": who, "link": link})
        response["Cache-Control"] = "no-store"
        return response
    made = actions.appoint(person=who, **post)
    messages.success(request, _("Appointed."))
    return redirect("zones:person", standing.zone.slug, made.person_id)


def _who(zone: Zone, given: dict[str, Any]) -> Person | NewPerson | str:
    """Take who it is out of what the form gave: chosen, new, or a sign-in name from elsewhere."""
    chosen = given.pop("person")
    username, name = str(given.pop("username")).strip(), str(given.pop("name")).strip()
    phone, email = str(given.pop("phone")), str(given.pop("email"))
    if isinstance(chosen, Person):
        return chosen
    if username and not name:
        known = Person.objects.filter(pk__in=Post.objects.filter(zone=zone).values("person"))
        return known.filter(username__iexact=username).first() or username
    return NewPerson(username=username, name=name, phone=phone, email=email)


@needs(Permission.PEOPLE_MANAGE)
@once
def change(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change how a person is called and reached."""
    standing, found = who_asks(request), _person(request, pk)
    form = PersonForm(*form_data(request), person=found)

    def act() -> None:
        actions.change_person(
            zone=standing.zone,
            person=found,
            **form.cleaned_data,
            by=standing.person,
            at=timezone.now(),
        )

    return handled(request, form, act, title=found.name, back=("zones:person", pk))


@needs(Permission.PEOPLE_MANAGE)
@once
def switch(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Deactivate a person, or let them in again."""
    standing, found = who_asks(request), _person(request, pk)
    form = ReasonForm(*form_data(request))

    def act() -> None:
        by, at = standing.person, timezone.now()
        if found.is_active:
            reason = form.cleaned_data["reason"]
            actions.deactivate_person(zone=standing.zone, person=found, reason=reason, by=by, at=at)
        else:
            actions.reactivate(zone=standing.zone, person=found, by=by, at=at)

    title, submit = (
        (_("Deactivate %(name)s"), _("Deactivate"))
        if found.is_active
        else (_("Let %(name)s in again"), _("Let in again"))
    )
    title %= {"name": found.name}
    return handled(request, form, act, title=title, back=("zones:person", pk), submit=submit)


@needs(Permission.PEOPLE_MANAGE)
@require_POST
def access(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Make a one-time link for setting a password, and show it this once."""
    standing, found = who_asks(request), _person(request, pk)
    key, token = actions.renew_access(
        zone=standing.zone, person=found, by=standing.person, at=timezone.now()
    )
    link = request.build_absolute_uri(reverse("accounts:welcome", args=(key, token)))
    response = render(request, "zones/access.html", {"person": found, "link": link})
    response["Cache-Control"] = "no-store"
    return response


@needs(Permission.PEOPLE_MANAGE)
@once
def end_post(request: HttpRequest, pk: UUID) -> HttpResponse:
    """End a post today."""
    standing, post = who_asks(request), _post(request, pk)
    form = ReasonForm(*form_data(request))

    def act() -> None:
        reason = form.cleaned_data["reason"]
        actions.end_post(post=post, reason=reason, by=standing.person, at=timezone.now())

    title, back = _("End the post of %(name)s") % {"name": post.person.name}, post.person_id
    return handled(request, form, act, title=title, back=("zones:person", back), submit=_("End"))


@needs(Permission.PEOPLE_MANAGE)
@once
def move_post(request: HttpRequest, pk: UUID) -> HttpResponse:
    """End a post and give another in its place."""
    standing, post = who_asks(request), _post(request, pk)
    known = {
        name: getattr(post, name)
        for name in ("role", "cell", "unit", "title", "duty", "safety_duty", "certificate")
    }
    form = PostForm(*form_data(request), zone=standing.zone, initial=known)
    del form.fields["starts_on"]

    def act() -> None:
        new = actions.NewPost(**form.cleaned_data)
        actions.move_post(post=post, new=new, by=standing.person, at=timezone.now())

    title = _("Move %(name)s to another post") % {"name": post.person.name}
    return handled(request, form, act, title=title, back=("zones:person", post.person_id))


def _person(request: HttpRequest, pk: UUID) -> Person:
    held = Post.objects.filter(zone=who_asks(request).zone).values("person")
    return get_object_or_404(Person.objects.filter(pk__in=held), pk=pk)


def _post(request: HttpRequest, pk: UUID) -> Post:
    rows = Post.objects.filter(zone=who_asks(request).zone)
    return get_object_or_404(rows.select_related("zone", "person", "cell", "unit"), pk=pk)
