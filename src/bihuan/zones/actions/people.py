"""People and their posts: appointed, moved, ended; signing in opened and shut."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.contrib.auth.tokens import default_token_generator
from django.db import transaction
from django.db.models import Q
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _

from bihuan.accounts.models import Person
from bihuan.core.actors import Actor
from bihuan.core.codes import check_phone
from bihuan.core.days import day_of
from bihuan.core.permissions import ROLES, Permission, Reach
from bihuan.core.refusals import Forbidden, Refused
from bihuan.ledger.actions import record
from bihuan.ledger.rules.body import JSON, sealed
from bihuan.zones import rules
from bihuan.zones.models import Cell, Post, Unit, Zone
from bihuan.zones.permissions import forget_standing, require
from bihuan.zones.queries import (
    OFFERED_FOR,
    Offer,
    lock_person,
    lock_zone,
    rests_on,
    sealed_offer,
)


@dataclass(frozen=True, kw_only=True)
class NewPost:
    """A post to be given: the role, where, and what it is about.

    duty is their own work (一岗), safety_duty what they answer for in safety beside it
    (双责), certificate the number of an enforcement certificate; it begins today
    unless starts_on says otherwise.
    """

    role: str
    cell: Cell | None = None
    unit: Unit | None = None
    title: str = ""
    duty: str = ""
    safety_duty: str = ""
    certificate: str = ""
    starts_on: date | None = None


@transaction.atomic
def appoint(
    *,
    zone: Zone,
    person: Person | rules.NewPerson,
    post: NewPost,
    by: Actor,
    at: datetime,
) -> Post:
    """Give a person a role in the zone; a NewPerson is enrolled first, without a password.

    renew_access then returns the link with which they set their password. Who never held a
    post in the zone is offered one instead, and accepts it themselves.
    """
    on = day_of(at)
    require(by, Permission.PEOPLE_MANAGE, zone=zone, on=on)
    if isinstance(person, rules.NewPerson):
        person = enrol(new=person, zone=zone, by=by, at=at)
    elif not Post.objects.filter(zone=zone, person=person).exists():
        raise Refused(
            _("This person belongs to another zone. Offer them the post by their sign-in name."),
            field="person",
        )
    elif not lock_person(person).is_active:
        raise Refused(_("This person is deactivated. Reactivate them first."), field="person")
    return give_post(post=_post(zone, person, post, on), by=by, at=at)


def _post(zone: Zone, person: Person, new: NewPost, on: date) -> Post:
    return Post(
        zone=zone,
        person=person,
        role=new.role,
        cell=new.cell,
        unit=new.unit,
        title=new.title.strip(),
        duty=new.duty.strip(),
        safety_duty=new.safety_duty.strip(),
        certificate=new.certificate.strip(),
        starts_on=new.starts_on or on,
    )


@transaction.atomic
def offer_post(*, zone: Zone, username: str, post: NewPost, by: Person, at: datetime) -> str:
    """Return the link with which someone of another zone takes up a post here themselves.

    Whether there is such a sign-in name is not said: it is nobody's business here until
    its owner accepts. The link is good for OFFERED_FOR, once, and only for them.
    """
    require(by, Permission.PEOPLE_MANAGE, zone=zone, on=day_of(at))
    username = rules.check_username(username)
    planned = _post(zone, by, post, day_of(at))
    _check_place(planned)
    given = {
        "role": planned.role,
        "cell": str(planned.cell_id) if planned.cell_id else None,
        "unit": str(planned.unit_id) if planned.unit_id else None,
        "starts_on": post.starts_on.isoformat() if post.starts_on else None,
        **{name: getattr(planned, name) for name in _WORDS},
    }
    offer = Offer(planned.pk, zone.pk, username, by.pk, at + OFFERED_FOR, given)
    data = {"post": planned.pk, **{name: given[name] for name in ("role", "cell", "unit")}}
    record(
        zone_id=zone.pk, kind="post.offered", about=("zone", str(zone.pk)), by=by, at=at, data=data
    )
    return sealed_offer(offer)


_WORDS = ("title", "duty", "safety_duty", "certificate")


@transaction.atomic
def accept_post(*, offer: Offer, by: Person, at: datetime) -> Post:
    """Take up a post that was offered; it begins today, or on the day the offer names.

    Refused once it is taken, too old, meant for another, or whoever offered it no longer may.
    """
    if offer.username != by.username.lower():
        raise Refused(_("This post is offered to someone else. Sign in as they do."))
    if at > offer.until or Post.objects.filter(pk=offer.post).exists():
        raise Refused(_("This offer has been taken, or is too old. Ask for a new one."))
    on, zone = day_of(at), Zone.objects.get(pk=offer.zone)
    try:
        giver = Person.objects.get(pk=offer.by)
        require(giver, Permission.PEOPLE_MANAGE, zone=zone, on=on)
    except Forbidden:
        raise Refused(_("Whoever made this offer may no longer. Ask for a new one.")) from None
    lock_person(by)
    told, begins = offer.given, offer.given["starts_on"]
    post = _post(
        zone,
        by,
        NewPost(
            role=told["role"],
            cell=Cell.objects.get(zone=zone, pk=told["cell"]) if told["cell"] else None,
            unit=Unit.objects.get(zone=zone, pk=told["unit"]) if told["unit"] else None,
            starts_on=max(on, date.fromisoformat(begins)) if begins else on,
            **{name: told[name] for name in _WORDS},
        ),
        on,
    )
    post.id = offer.post
    return give_post(post=post, by=by, at=at, offered_by=giver)


@transaction.atomic
def give_post(*, post: Post, by: Actor, at: datetime, offered_by: Person | None = None) -> Post:
    """Check and store a post, and record it. Part of a larger action, which asks permission."""
    _check_place(post)
    same = Post.objects.filter(
        zone=post.zone, person=post.person, role=post.role, cell=post.cell, unit=post.unit
    ).filter(Q(ends_on=None) | Q(ends_on__gt=post.starts_on))
    if same.exists():
        raise Refused(_("They already hold this very post."), field="role")
    post.save(force_insert=True)
    forget_standing(post.person)
    data: dict[str, JSON] = {
        "post": post.pk,
        "role": post.role,
        "cell": post.cell_id,
        "unit": post.unit_id,
        "from": post.starts_on,
        "duty": post.duty,
        "safety_duty": post.safety_duty,
    }
    if offered_by:
        data["offered_by"] = offered_by.pk
    _tell(post.zone, post.person, "post.given", data, by, at)
    return post


def _check_place(post: Post) -> None:
    """Refuse a post whose cell or unit is lacking, another zone's, or out of use."""
    rules.check_post(post.role, has_cell=post.cell is not None, has_unit=post.unit is not None)
    for field, row in (("cell", post.cell), ("unit", post.unit)):
        if row is not None and row.zone_id != post.zone.pk:
            raise Refused(_("That belongs to another zone."), field=field)
    if post.unit and not post.unit.is_open:
        raise Refused(_("This unit is out of use."), field="unit")
    if post.cell and not post.cell.is_open:
        raise Refused(_("This cell is out of use."), field="cell")


@transaction.atomic
def enrol(*, new: rules.NewPerson, zone: Zone, by: Actor, at: datetime) -> Person:
    """Make a person who cannot sign in yet. Part of a larger action, which asks permission."""
    username = rules.check_username(new.username)
    if Person.objects.filter(username__iexact=username).exists():
        raise Refused(
            _("The sign-in name %(name)s is taken. Choose another.") % {"name": username},
            field="username",
        )
    person = Person(username=username, joined_at=at, is_synthetic=new.is_synthetic)
    _describe(person, name=new.name, phone=new.phone, email=new.email)
    person.set_unusable_password()
    person.save(force_insert=True)
    _tell(zone, person, "person.enrolled", _seals(person), by, at)
    return person


def _describe(person: Person, *, name: str, phone: str, email: str) -> None:
    if not name.strip():
        raise Refused(_("Give the person's name."), field="name")
    try:
        person.phone = check_phone(phone) if phone.strip() else ""
    except Refused as refusal:
        raise Refused(refusal.message, field="phone") from None
    person.name, person.email = name.strip(), email.strip()


def _seals(person: Person) -> dict[str, str]:
    salt = bytes(person.salt)
    return {name: sealed(getattr(person, name), salt) for name in ("username", "name", "phone")}


@transaction.atomic
def change_person(
    *, zone: Zone, person: Person, name: str, phone: str, email: str, by: Actor, at: datetime
) -> Person:
    """Change how a person is called and reached."""
    require(by, Permission.PEOPLE_MANAGE, zone=zone, on=day_of(at))
    person = _of_this_zone_only(person, zone, day_of(at))
    before = (person.name, person.phone, person.email)
    _describe(person, name=name, phone=phone, email=email)
    if (person.name, person.phone, person.email) != before:
        person.save(update_fields=["name", "phone", "email"])
        _tell(zone, person, "person.changed", _seals(person), by, at)
    return person


@transaction.atomic
def end_post(*, post: Post, reason: str = "", by: Actor, at: datetime) -> Post:
    """End a post today. Refused while the person still answers for anything through it."""
    on = day_of(at)
    require(by, Permission.PEOPLE_MANAGE, zone=post.zone, on=on)
    lock_person(post.person)
    post = Post.objects.select_related("zone", "person", "cell").get(pk=post.pk)
    if post.ends_on is not None and post.ends_on <= on:
        raise Refused(_("This post has ended already."))
    _refuse_while_needed(post, on)
    post.ends_on = max(on, post.starts_on)
    post.save(update_fields=["ends_on"])
    forget_standing(post.person)
    data: dict[str, JSON] = {
        "post": post.pk,
        "role": post.role,
        "until": post.ends_on,
        "reason": reason.strip(),
    }
    _tell(post.zone, post.person, "post.ended", data, by, at)
    return post


@transaction.atomic
def move_post(*, post: Post, new: NewPost, reason: str = "", by: Actor, at: datetime) -> Post:
    """End a post and give another in its place on the same day (调岗).

    Refused while anything rests on the person: what they answered for is handed over
    first, so that nothing moves along unnoticed.
    """
    _refuse_while_answering(post.person, post.zone)
    end_post(post=post, reason=reason, by=by, at=at)
    return appoint(zone=post.zone, person=post.person, post=new, by=by, at=at)


def _refuse_while_needed(post: Post, on: date) -> None:
    """Refuse to end a post that something still depends on."""
    others = Post.objects.filter(zone=post.zone).held_on(on).exclude(pk=post.pk)
    if post.role == "administrator":
        lock_zone(post.zone)  # two administrators may be letting each other go
    if post.role == "administrator" and not (
        others.filter(role="administrator", person__is_active=True).exists()
    ):
        raise Refused(_("The zone would be left without an administrator. Appoint one first."))
    kept = set(others.filter(person=post.person).values_list("role", flat=True))
    if post.role in rules.ANSWERING:
        kept &= rules.ANSWERING
    if not kept:
        _refuse_while_answering(post.person, post.zone)
    elif ROLES[post.role].reach is Reach.CELL and post.cell:
        led = Cell.objects.filter(
            zone=post.zone, leader=post.person, path__startswith=post.cell.path, is_open=True
        )
        if led.exists():
            raise Refused(
                _("%(person)s still leads %(cell)s. Name another leader first.")
                % {"person": post.person.name, "cell": post.cell.name}
            )


def _refuse_while_answering(person: Person, zone: Zone) -> None:
    rests = rests_on(person, zone)
    if rests:
        what = _(", ").join(str(rest.words) for rest in rests)
        raise Refused(
            _("%(person)s still answers for %(what)s. Hand them over first.")
            % {"person": person.name, "what": what}
        )


@transaction.atomic
def deactivate_person(
    *, zone: Zone, person: Person, reason: str = "", by: Actor, at: datetime
) -> Person:
    """Shut a person out at once: every session ends and the password is gone.

    Refused while they still answer for anything, and for someone who also holds a post
    in another zone.
    """
    on = day_of(at)
    require(by, Permission.PEOPLE_MANAGE, zone=zone, on=on)
    person = _of_this_zone_only(person, zone, day_of(at))
    if not person.is_active:
        raise Refused(_("This person is deactivated already."))
    for post in Post.objects.filter(zone=zone, person=person, role="administrator").held_on(on):
        _refuse_while_needed(post, on)
    _refuse_while_answering(person, zone)
    person.is_active, person.deactivated_at = False, at
    person.set_unusable_password()  # which ends every session
    person.save(update_fields=["is_active", "deactivated_at", "password"])
    _tell(zone, person, "person.deactivated", {"reason": reason.strip()}, by, at)
    return person


@transaction.atomic
def reactivate(*, zone: Zone, person: Person, by: Actor, at: datetime) -> Person:
    """Let a deactivated person in again; renew_access then gives the link for a password."""
    require(by, Permission.PEOPLE_MANAGE, zone=zone, on=day_of(at))
    person = _of_this_zone_only(person, zone, day_of(at))
    if not person.is_active:
        person.is_active, person.deactivated_at = True, None
        person.save(update_fields=["is_active", "deactivated_at"])
        _tell(zone, person, "person.reactivated", {}, by, at)
    return person


@transaction.atomic
def renew_access(*, zone: Zone, person: Person, by: Actor, at: datetime) -> tuple[str, str]:
    """Take the person's password away and return the key and token of a one-time set-up link.

    The link works once, for PASSWORD_RESET_TIMEOUT seconds; a newer one, or a password
    set, ends it. Refused for someone who also holds a post in another zone.
    """
    require(by, Permission.PEOPLE_MANAGE, zone=zone, on=day_of(at))
    person = _of_this_zone_only(person, zone, day_of(at))
    if not person.is_active:
        raise Refused(_("This person is deactivated. Reactivate them first."))
    person.set_unusable_password()
    person.save(update_fields=["password"])
    _tell(zone, person, "person.access_renewed", {}, by, at)
    key = urlsafe_base64_encode(force_bytes(str(person.pk)))
    return key, default_token_generator.make_token(person)


def _of_this_zone_only(person: Person, zone: Zone, on: date) -> Person:
    """Return person, locked, if they have held a post in zone and hold none elsewhere."""
    person = lock_person(person)
    posts = Post.objects.filter(person=person)
    if not posts.filter(zone=zone).exists():
        raise Refused(_("This person holds no post in the zone."))
    if posts.filter(Q(ends_on=None) | Q(ends_on__gt=on)).exclude(zone=zone).exists():
        raise Refused(
            _("This person also holds a post in another zone. End their posts here instead.")
        )
    return person


def _tell(
    zone: Zone, person: Person, kind: str, data: Mapping[str, JSON], by: Actor, at: datetime
) -> None:
    about = ("person", str(person.pk))
    record(zone_id=zone.pk, kind=kind, about=about, by=by, at=at, data=data)
