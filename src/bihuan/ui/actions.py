"""Remembering which forms have been sent."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from bihuan.core.actors import Actor
from bihuan.ui.models import Sending

DIED_AFTER = timedelta(minutes=2)
KEPT_FOR = timedelta(days=7)


@transaction.atomic
def begin_sending(*, key: UUID, by: Actor, at: datetime, said: str = "") -> Sending | None:
    """Claim a form's key for this request; None when another request has it or answered it.

    said is a digest of what was sent, kept so that another sending can be told apart.

    A claim that was never answered and is older than two minutes belongs to a request
    that died; it is taken over.
    """
    sending, fresh = Sending.objects.select_for_update().get_or_create(
        key=key, defaults={"person": by.actor_id, "began_at": at, "said": said}
    )
    if fresh:
        return sending
    if sending.answer or sending.person != by.actor_id or at - sending.began_at < DIED_AFTER:
        return None
    sending.began_at, sending.said = at, said
    sending.save(update_fields=["began_at", "said"])
    return sending


def finish_sending(*, key: UUID, answer: str, by: Actor, at: datetime) -> None:
    """Remember where a form led; without an answer it may be sent again, mended."""
    mine = Sending.objects.filter(key=key, person=by.actor_id)
    if answer:
        mine.update(answer=answer[:500])
    else:
        mine.delete()


def forget_sendings(*, by: Actor, at: datetime) -> int:
    """Drop what was sent longer ago than anyone would send it again. Returns how many."""
    return Sending.objects.filter(began_at__lt=at - KEPT_FOR).delete()[0]
