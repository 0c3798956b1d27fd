"""How enterprises are found."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from bihuan.dossiers.models import Dossier
from bihuan.enterprises.queries import search_texts
from bihuan.search.rules import Searched, Text
from bihuan.zones.models import Zone
from bihuan.zones.permissions import Standing


def texts(zone: Zone, ids: Sequence[UUID]) -> Iterable[Text]:
    """Return the words of enterprises: names, codes, people, addresses."""
    for it in search_texts(zone, ids):
        yield Text(it.dossier_id, it.title, it.text)


def rows(standing: Standing, ids: Sequence[str]) -> Iterable[tuple[UUID, str, str]]:
    """Return the enterprises the person may see."""
    found = Dossier.objects.visible_to(standing).filter(pk__among=ids)
    for pk, code, name, cell in found.values_list("pk", "code", "name", "cell__name"):
        yield pk, name, f"{code} · {cell}"


ENTERPRISES = Searched(
    "enterprise", _("Enterprises"), frozenset({"dossier"}), texts, rows, "dossiers:detail"
)
