"""How cases are found."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from bihuan.cases.models import Case
from bihuan.search.rules import Searched, Text
from bihuan.zones.models import Zone
from bihuan.zones.permissions import Standing


def texts(zone: Zone, ids: Sequence[UUID]) -> Iterable[Text]:
    """Return the words of cases: number, title, description, place, clause, enterprise."""
    rows = Case.objects.filter(zone=zone, pk__in=ids).values_list(
        "pk", "number", "title", "description", "place", "clause", "dossier__name"
    )
    for pk, number, title, *rest in rows:
        yield Text(pk, f"{number} {title}", "\n".join(rest))


def rows(standing: Standing, ids: Sequence[str]) -> Iterable[tuple[UUID, str, str]]:
    """Return the cases the person may see."""
    found = Case.objects.visible_to(standing).filter(pk__among=ids)
    for pk, number, title, name in found.values_list("pk", "number", "title", "dossier__name"):
        yield pk, f"{number} {title}", name


CASES = Searched("case", _("Cases"), frozenset({"case"}), texts, rows, "cases:detail")
