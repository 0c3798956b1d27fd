"""How cases are found."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from bihuan.cases.models import Case, CaseQuerySet
from bihuan.core.permissions import Permission
from bihuan.dossiers.queries import share_of
from bihuan.search.rules import Searched, Seen, Share, Text
from bihuan.zones.models import Zone
from bihuan.zones.permissions import Standing

EACH = 10  # cases of a dossier, or so


def texts(zone: Zone, ids: Sequence[UUID]) -> Iterable[Text]:
    """Return the words of cases: number, title, description, place, clause, enterprise."""
    rows = Case.objects.filter(zone=zone, pk__in=ids).values_list(
        "pk", "number", "title", "description", "place", "clause", "dossier__name"
    )
    for pk, number, title, *rest in rows:
        yield Text(pk, f"{number} {title}", "\n".join(rest))


def seen(standing: Standing) -> Seen:
    """Return the cases the person may see."""
    share = share_of(standing, Permission.CASE_READ, each=EACH)
    ways = () if share is Share.ALL else Case.objects.seen_in_ways(standing)
    return Seen(Case.objects.visible_to(standing), share, ways)


def lines(rows: CaseQuerySet) -> Iterable[tuple[UUID, str, str]]:
    """Return number and title of cases, and whose they are."""
    for pk, number, title, name in rows.values_list("pk", "number", "title", "dossier__name"):
        yield pk, f"{number} {title}", name


CASES = Searched("case", _("Cases"), frozenset({"case"}), texts, seen, lines, "cases:detail")
