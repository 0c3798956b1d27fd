"""How enterprises are found."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from bihuan.core.permissions import Permission
from bihuan.dossiers.models import Dossier, DossierQuerySet
from bihuan.dossiers.queries import share_of
from bihuan.enterprises.queries import search_texts
from bihuan.search.rules import Searched, Seen, Text
from bihuan.zones.models import Zone
from bihuan.zones.permissions import Standing


def texts(zone: Zone, ids: Sequence[UUID]) -> Iterable[Text]:
    """Return the words of enterprises: names, codes, people, addresses."""
    for it in search_texts(zone, ids):
        yield Text(it.dossier_id, it.title, it.text)


def seen(standing: Standing) -> Seen:
    """Return the enterprises the person may see."""
    rows = Dossier.objects.visible_to(standing)
    return Seen(rows, share_of(standing, Permission.DOSSIER_READ), (rows,))


def lines(rows: DossierQuerySet) -> Iterable[tuple[UUID, str, str]]:
    """Return the names of enterprises, their codes and cells."""
    for pk, code, name, cell in rows.values_list("pk", "code", "name", "cell__name"):
        yield pk, name, f"{code} · {cell}"


ENTERPRISES = Searched(
    "enterprise",
    _("Enterprises"),
    frozenset({"dossier"}),
    texts,
    seen,
    lines,
    "dossiers:detail",
)
