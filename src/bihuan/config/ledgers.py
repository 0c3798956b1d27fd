"""`bihuan ledger`: is what happened still what was written?"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from django.utils.translation import gettext as _

from bihuan.core.refusals import Refused
from bihuan.ledger.queries import Verdict, verify, zones_with_events
from bihuan.zones.models import Zone


def verdicts(*, slug: str | None, held: Sequence[Path]) -> Iterator[tuple[str, Verdict]]:
    """Yield the name of each ledger and what verifying it came to.

    held are files of checkpoint notes that were kept elsewhere.
    """
    names = {zone.pk: zone.slug for zone in Zone.objects.all()}
    notes = [path.read_text("utf-8") for path in held]
    wanted = zones_with_events()
    if slug is not None:
        wanted = [pk for pk, name in names.items() if name == slug]
        if not wanted:
            raise Refused(_("There is no zone %(name)s here.") % {"name": slug})
    for zone_id in wanted:
        yield names.get(zone_id, str(zone_id)), verify(zone_id, held=notes)


def lines_of(name: str, verdict: Verdict) -> Iterator[str]:
    """Yield a verdict as lines for a terminal: the sum, then each damage."""
    said = {
        "name": name,
        "size": verdict.size,
        "checkpoints": verdict.checkpoints,
        "confirmed": verdict.confirmed,
    }
    text = _(
        "%(name)s: %(size)d events, %(checkpoints)d checkpoints, confirmed up to event %(confirmed)d"
    )
    yield ("✓ " if verdict.is_whole else "✗ ") + text % said
    for finding in verdict.findings:
        yield f"    {finding}"
