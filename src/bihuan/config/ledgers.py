"""`bihuan ledger`: is what happened still what was written, and can others tell?"""

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from django.utils import timezone
from django.utils.translation import gettext as _

from bihuan.config.desk import zone_called
from bihuan.core.actors import System
from bihuan.core.refusals import Refused
from bihuan.files.queries import altered, opened
from bihuan.ledger.actions import note_download
from bihuan.ledger.exporters import write_bundle
from bihuan.ledger.queries import Verdict, verify, zones_with_events
from bihuan.ledger.rules.notes import ORIGIN
from bihuan.ledger.rules.verify import Damage, Finding
from bihuan.zones.models import Zone


def verdicts(
    *, slug: str | None, held: Sequence[Path], with_evidence: bool = False
) -> Iterator[tuple[str, Verdict]]:
    """Yield the name of each ledger and what verifying it came to.

    held are files of checkpoint notes that were kept elsewhere. with_evidence reads every
    stored file, too, and compares its bytes with what was received.
    """
    names = {zone.pk: zone.slug for zone in Zone.objects.all()}
    notes = [path.read_text("utf-8") for path in held]
    wanted = zones_with_events() if slug is None else [zone_called(slug).pk]
    for zone_id in wanted:
        others = {f"{ORIGIN}{other}" for other in wanted if other != zone_id}
        mine = [note for note in notes if note.partition("\n")[0] not in others]
        verdict = verify(zone_id, held=mine)
        if with_evidence:
            verdict.findings.extend(
                Finding(zone_id, seq, Damage.ROWS, seq, what) for seq, what in altered(zone_id)
            )
        yield names.get(zone_id, str(zone_id)), verdict


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


def bundle(*, slug: str, target: Path, with_evidence: bool) -> str:
    """Write a zone's whole ledger as a zip that anyone can check without us."""
    if target.exists():
        raise Refused(_("%(name)s is there already. Choose another name.") % {"name": target})
    zone, by, now = zone_called(slug), System("command line"), timezone.now()
    partial_target = target.with_name(f".{target.name}.partial")
    try:
        with partial_target.open("wb") as file:
            size = write_bundle(
                file,
                zone_id=zone.pk,
                by=by,
                at=now,
                evidence=partial(opened, zone.pk) if with_evidence else None,
            )
        partial_target.rename(target)
    finally:
        partial_target.unlink(missing_ok=True)
    note_download(zone_id=zone.pk, size=size, about=None, by=by, at=now)
    return _("%(name)s: %(size)d events.") % {"name": target, "size": size}
