"""Where the register of enterprises differs from what the ledger says of it.

What the events of one dossier add up to, and what its rows say, are laid out the same way: a
flat mapping of columns, and of "contacts", "sites", "document <id>" and the like. Both are plain
values, so that comparing them is comparing two mappings.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from bihuan.core.days import day_of
from bihuan.dossiers.models import Contact, Document, Dossier, DossierKind, DossierState
from bihuan.dossiers.queries import pieces
from bihuan.dossiers.rules import origin_of
from bihuan.enterprises.models import Enterprise, SectorFlag, Site
from bihuan.enterprises.queries import sealed_facts
from bihuan.enterprises.rules import DETAIL_FACTS, FACTS, HEADER_FACTS
from bihuan.ledger.queries import Said, missing, said_of
from bihuan.ledger.rules.body import plain

BEGINNING = "enterprise.registered"
HEADER = ("code", "cell_id", "unit_id", "owner_unit_id", "contact_id", "state", "risk")
DEGREES = Decimal("0.000001")  # as the columns of a place keep them
REASON = 200  # letters kept of why a dossier changed hands


def contradictions(zone_id: UUID) -> Iterator[tuple[int, str]]:
    """Say where dossiers, enterprises, contacts, sites or papers differ from the ledger.

    For WITNESSES: yields the number of the event that says otherwise, 0 where none does, and
    what of which dossier.
    """
    found = 0
    rows = Dossier.objects.filter(zone=zone_id, kind=DossierKind.ENTERPRISE)
    ids = rows.order_by("pk").values_list("pk", flat=True)
    for pks in pieces(ids.iterator(chunk_size=2000)):
        events = said_of(zone_id, "dossier", pks)
        found += sum(any(it.kind == BEGINNING for it in told) for told in events.values())
        for pk, (code, stands) in _rows_of(zone_id, pks).items():
            for seq, what in _differences(events.get(str(pk), []), stands):
                yield seq, f"{code} {what}"
    for seq, name in missing(zone_id, (BEGINNING,), found, rows):
        yield seq, f"{name} missing"


class _Told:
    """What the events of one dossier add up to: name -> the last event about it, and its value."""

    def __init__(self) -> None:
        self.of: dict[str, tuple[int, Any]] = {}
        self.origins: dict[str, str] = {}

    def say(self, event: Said, **values: Any) -> None:
        self.of |= {name: (event.seq, value) for name, value in values.items()}

    def know(self, event: Said, names: Iterable[str], facts: Mapping[str, Any]) -> None:
        """Take facts over; a name without a value is not known any more."""
        self.say(event, **{name: _degrees(name, facts.get(name)) for name in names})

    def comes_from(self, event: Said, names: Iterable[str]) -> None:
        self.origins |= {name: str(event.data["source"]) for name in names}
        self.say(event, provenance=dict(self.origins))

    def add(self, event: Said, name: str, item: Any) -> None:
        """Add one to what is counted under name."""
        counted = Counter(self.of.get(name, (0, Counter()))[1])
        counted[item] += 1
        self.say(event, **{name: counted})


def _registered(told: _Told, event: Said) -> None:
    said, facts = event.data, event.data["facts"]
    told.know(event, FACTS, facts)
    told.say(
        event,
        code=said["code"],
        cell_id=said["cell"],
        contact_id=said["contact"],
        unit_id=said.get("unit"),
        owner_unit_id=None,
        state=said.get("state", DossierState.ACTIVE.value),
        risk=said.get("risk", ""),
        opened_at=plain(event.at),
        sectors=sorted(said.get("sectors", [])),
        landlord=(None, None),
        sites=Counter(said.get("sites", [])),
        contacts=Counter({(said["contact"], plain(day_of(event.at)), None, ""): 1}),
    )
    stated = [*facts, *(["sectors"] if said.get("sectors") else [])]
    told.comes_from(event, stated)


def _amended(told: _Told, event: Said) -> None:
    told.know(event, event.data["facts"], event.data["to"])
    told.comes_from(event, event.data["facts"])


def _handed_over(told: _Told, event: Said) -> None:
    on, to = event.data["on"], event.data["to"]
    held = Counter(told.of["contacts"][1])
    ended = next(it for it in held if it[2] is None)
    held -= Counter([ended])
    held[(ended[0], ended[1], on, ended[3])] += 1
    held[(to, on, None, event.data["reason"][:REASON])] += 1
    told.say(event, contact_id=to, contacts=held)


def _sectors_set(told: _Told, event: Said) -> None:
    told.say(event, sectors=sorted(event.data["to"]))
    told.comes_from(event, ["sectors"])


def _landlord_set(told: _Told, event: Said) -> None:
    told.say(event, landlord=(event.data["to"], event.data["agreement"]))
    told.comes_from(event, ["landlord", "landlord_agreement_on"])


def _site_added(told: _Told, event: Said) -> None:
    told.add(event, "sites", event.data["address"])
    told.say(event, **{f"site {event.data['site']}": (event.data["name"], event.data["address"])})


def _document_added(told: _Told, event: Said) -> None:
    said = event.data
    paper = tuple(said[name] for name in PAPER)
    told.say(event, **{f"document {said['document']}": (*paper, *event.files, None)})


def _document_withdrawn(told: _Told, event: Said) -> None:
    name = f"document {event.data['document']}"
    told.say(event, **{name: (*told.of[name][1][:-1], plain(event.at))})


def _now(column: str) -> Callable[[_Told, Said], None]:
    """Return what takes over a column that an event says the new value of."""
    return lambda told, event: told.say(event, **{column: event.data["to"]})


PAPER = ("kind", "name", "number", "issued_by", "valid_from", "valid_to", "source")
HANDLERS: dict[str, Callable[[_Told, Said], None]] = {
    BEGINNING: _registered,
    "enterprise.amended": _amended,
    "enterprise.sectors_set": _sectors_set,
    "enterprise.landlord_set": _landlord_set,
    "dossier.moved": _now("cell_id"),
    "dossier.state_set": _now("state"),
    "dossier.graded": _now("risk"),
    "dossier.handed_over": _handed_over,
    "dossier.organisation_opened": lambda told, event: told.say(
        event, owner_unit_id=event.data["unit"]
    ),
    "site.added": _site_added,
    "site.closed": lambda told, event: told.say(
        event, **{f"end of site {event.data['site']}": plain(event.at)}
    ),
    "document.added": _document_added,
    "document.withdrawn": _document_withdrawn,
}


def _differences(events: list[Said], stands: dict[str, Any]) -> Iterator[tuple[int, str]]:
    told = _Told()
    for event in events:
        if handle := HANDLERS.get(event.kind):
            try:
                handle(told, event)
            except (KeyError, TypeError, AttributeError, ValueError, StopIteration):
                yield event.seq, event.kind  # it cannot have happened to this dossier
                return
    if not told.of:
        yield 0, "registered"
        return
    for name in sorted(told.of.keys() | stands.keys()):
        if name.startswith("site ") and name not in told.of:
            continue  # of the first ones the ledger tells the addresses: "sites"
        seq, value = told.of.get(name, (0, None))
        if value != stands.get(name):
            yield seq, name


def _degrees(name: str, value: Any) -> Any:
    """Return a value as it is compared: a place to six decimals, nothing known as None."""
    if name in ("lat", "lng") and value not in (None, ""):
        return format(Decimal(value).quantize(DEGREES), "f")
    return None if value == "" else value


def _rows_of(zone_id: UUID, pks: list[UUID]) -> dict[UUID, tuple[str, dict[str, Any]]]:
    """Return the code of each dossier, and what its rows say; seven queries."""
    found: dict[UUID, tuple[str, dict[str, Any]]] = {}
    parts = _parts_of(zone_id, pks)
    registered = Enterprise.objects.filter(zone=zone_id, pk__in=pks).values_list(
        "pk", "salt", "landlord", "landlord_agreement_on", *DETAIL_FACTS
    )
    details = {pk: rest for pk, *rest in registered}
    columns = ("opened_at", "provenance", *HEADER, *HEADER_FACTS)
    for pk, opened_at, provenance, *values in Dossier.objects.filter(pk__in=pks).values_list(
        "pk", *columns
    ):
        header = dict(zip((*HEADER, *HEADER_FACTS), values, strict=True))
        code = str(header["code"])
        facts = {name: header.pop(name) for name in HEADER_FACTS}
        stands: dict[str, Any] = {name: plain(value) for name, value in header.items()}
        stands |= {"opened_at": plain(opened_at), "provenance": _origins(provenance)}
        if pk in details:
            salt, landlord, agreement, *known = details[pk]
            facts |= dict(zip(DETAIL_FACTS, known, strict=True))
            stands["landlord"] = (plain(landlord), plain(agreement))
            stands |= _facts(facts, bytes(salt))
        found[pk] = code, stands | parts[pk]
    return found


def _plain(values: Iterable[Any]) -> list[Any]:
    return [plain(it) for it in values]


def _facts(facts: Mapping[str, Any], salt: bytes) -> dict[str, Any]:
    return {name: _degrees(name, plain(it)) for name, it in sealed_facts(facts, salt).items()}


def _origins(provenance: Any) -> dict[str, str]:
    """Return fact -> the source it comes from; nothing where the column holds anything else."""
    if not isinstance(provenance, dict):
        return {}
    return {name: origin_of(key)[0] for key, names in provenance.items() for name in names}


def _parts_of(zone_id: UUID, pks: list[UUID]) -> defaultdict[UUID, dict[str, Any]]:
    """Return what hangs on each dossier: contacts, key sectors, sites and papers."""
    parts: defaultdict[UUID, dict[str, Any]] = defaultdict(
        lambda: {"contacts": Counter(), "sites": Counter(), "sectors": []}
    )
    contacts = Contact.objects.filter(zone=zone_id, dossier__in=pks)
    for pk, *held in contacts.values_list("dossier", "person", "starts_on", "ends_on", "reason"):
        parts[pk]["contacts"][tuple(_plain(held))] += 1
    flags = SectorFlag.objects.filter(zone=zone_id, enterprise__in=pks).order_by("sector")
    for pk, sector in flags.values_list("enterprise", "sector"):
        parts[pk]["sectors"].append(sector)
    sites = Site.objects.filter(zone=zone_id, enterprise__in=pks)
    _add_sites(parts, sites)
    papers = Document.objects.filter(zone=zone_id, dossier__in=pks)
    for pk, name, file, ended, *paper in papers.values_list(
        "dossier", "pk", "file__sha256", "withdrawn_at", *PAPER
    ):
        kept = (file,) if file else ()
        parts[pk][f"document {name}"] = (*_plain(paper), *kept, plain(ended))
    return parts


def _add_sites(parts: defaultdict[UUID, dict[str, Any]], sites: QuerySet[Site]) -> None:
    for pk, it, name, address, closed_at in sites.values_list(
        "enterprise", "pk", "name", "address", "closed_at"
    ):
        parts[pk]["sites"][plain(address)] += 1
        parts[pk][f"site {it}"] = (plain(name), plain(address))
        if closed_at:
            parts[pk][f"end of site {it}"] = plain(closed_at)
