"""How dossiers, documents and who answers for what are listed."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bihuan.core.composition import listed
from bihuan.dossiers.models import DossierState, Risk
from bihuan.dossiers.queries import in_cell
from bihuan.dossiers.rules import RISK_SHORT, RISK_TONES, STATE_TONES
from bihuan.ui.filters import Choice, Days, Words
from bihuan.ui.tables import Badge, Column, Kind, Table
from bihuan.zones.permissions import who_asks
from bihuan.zones.queries import cell_choices

Choices = Iterable[tuple[Any, str | Promise]]

STATE_BADGES = {it: Badge(it.label, STATE_TONES[it.value]) for it in DossierState}
RISK_SHORT_BADGES = {it: Badge(RISK_SHORT[it.value], RISK_TONES[it.value]) for it in Risk}
RISK_BADGES = {it: Badge(it.label, RISK_TONES[it.value]) for it in Risk}


def cells(request: HttpRequest) -> Choices:
    return cell_choices(who_asks(request).zone)


DOCUMENTS = Table(
    name="documents",
    caption=_("Documents"),
    sheet=_("Document ledger"),
    order="valid_to",
    empty=_("No document here. Add one on the page of its dossier."),
    filters=(
        Words(key="q", label=_("Name or enterprise"), fields=("name", "dossier__name")),
        Choice(key="kind", label=_("Kind"), choices=lambda _request: listed("DOCUMENT_KINDS")),
        Days(key="ends", label=_("Valid until"), field="valid_to"),
    ),
    columns=(
        Column(key="valid_to", label=_("Valid until"), kind=Kind.ENDS, sort=True),
        Column(key="name", label=_("Document"), wide=True),
        Column(key="number", label=_("Number")),
        Column(
            key="dossier__name", label=_("Dossier"), link="dossiers:detail", link_id="dossier_id"
        ),
        Column(key="dossier__contact__name", label=_("Contact")),
    ),
)
GAPS = Table(
    name="gaps",
    order="name",
    check="hand-over",
    columns=(
        Column(key="name", label=_("Dossier"), link="dossiers:detail", wide=True),
        Column(key="cell__name", label=_("Grid cell")),
        Column(key="contact__name", label=_("Contact without a post")),
    ),
)
HELD = Table(
    name="held",
    caption=_("Dossiers"),
    order="name",
    check="hand-over",
    per_page=100,
    empty=_("Nothing rests on this person."),
    filters=(
        Words(key="q", label=_("Name"), field="name"),
        Choice(key="cell", label=_("Grid cell"), choices=cells, apply=in_cell),
    ),
    columns=(
        Column(key="name", label=_("Dossier"), link="dossiers:detail", sort=True, wide=True),
        Column(key="cell__name", label=_("Grid cell")),
        Column(key="risk", label=_("Risk"), kind=Kind.BADGE, badges=RISK_SHORT_BADGES),
        Column(key="state", label=_("State"), kind=Kind.BADGE, badges=STATE_BADGES),
    ),
)
