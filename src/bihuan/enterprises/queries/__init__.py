"""Reading the register: what clashes with a new row, what changed, what can be searched."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from bihuan.dossiers.models import Dossier, DossierKind
from bihuan.dossiers.queries import pieces
from bihuan.dossiers.rules import canonical, forms_of
from bihuan.enterprises.models import Enterprise
from bihuan.enterprises.rules import DETAIL_FACTS, HEADER_FACTS, PERSONAL_FACTS, Facts
from bihuan.ledger.rules.body import JSON, sealed
from bihuan.zones.models import Zone


def facts_of(enterprise: Enterprise) -> Facts:
    """Return what is known of an enterprise whose dossier is loaded."""
    told: dict[str, Any] = {name: getattr(enterprise, name) for name in DETAIL_FACTS}
    told |= {name: getattr(enterprise.dossier, name) for name in HEADER_FACTS}
    return Facts(**told)


def by_uscc(zone: Zone, codes: Collection[str]) -> dict[str, UUID]:
    """Return code -> dossier id of the enterprises of zone that have one of codes."""
    found: dict[str, UUID] = {}
    for piece in pieces({code for code in codes if code}):
        rows = Enterprise.objects.filter(zone=zone, uscc__in=piece)
        found |= dict(rows.values_list("uscc", "dossier_id"))
    return found


def taken_words() -> str:
    """Return what is said of a code that another enterprise of the zone has."""
    return _("Another enterprise of the zone has this unified social credit code already.")


def by_name(zone: Zone, names: Collection[str]) -> dict[str, list[UUID]]:
    """Return canonical name -> dossier ids of the enterprises of zone that bear one of names."""
    found: dict[str, list[UUID]] = {}
    for piece in pieces({form for name in names if name for form in forms_of(name)}):
        rows = Dossier.objects.filter(zone=zone, kind=DossierKind.ENTERPRISE, name__in=piece)
        for name, pk in rows.values_list("name", "pk"):
            found.setdefault(canonical(name), []).append(pk)
    return found


@dataclass(frozen=True)
class SearchText:
    """What an enterprise can be found by."""

    dossier_id: UUID
    title: str
    text: str


def search_texts(zone: Zone, ids: Iterable[UUID]) -> list[SearchText]:
    """Return the search text of enterprises: names, codes, people, addresses. Two queries a piece."""
    texts = []
    for piece in pieces(ids):
        rows = Enterprise.objects.filter(zone=zone, dossier__in=piece).select_related("dossier")
        for it in rows.prefetch_related("sites"):
            words = (
                it.dossier.code,
                it.dossier.name,
                it.short_name,
                it.uscc,
                it.legal_representative,
                it.principal,
                it.safety_manager,
                it.registered_address,
                it.dossier.place,
                *(site.address for site in it.sites.all()),
            )
            text = "\n".join(word for word in words if word)
            texts.append(SearchText(it.dossier_id, it.dossier.name, text))
    return texts


def sealed_facts(told: Mapping[str, Any], salt: bytes) -> dict[str, JSON]:
    """Return facts as the ledger keeps them: only what is known, personal data sealed."""
    return {
        name: sealed(value, salt) if name in PERSONAL_FACTS else value
        for name, value in told.items()
        if value is not None and value != ""
    }
