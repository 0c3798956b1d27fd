"""What signing in leaves behind, and is swept up by night."""

from django.utils import timezone
from django_tasks import task

from bihuan.accounts import actions
from bihuan.core.actors import System
from bihuan.ui.actions import forget_sendings

SWEEPER = System("sweeper")


@task()
def sweep() -> None:
    """Drop sessions that are over and the keys of forms sent long ago."""
    now = timezone.now()
    actions.forget_sessions(by=SWEEPER, at=now)
    forget_sendings(by=SWEEPER, at=now)
