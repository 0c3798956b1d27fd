"""What the page of an enterprise's dossier shows of the register."""

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from bihuan.core.codes import check_industry
from bihuan.core.masking import mask_phone
from bihuan.core.permissions import Permission
from bihuan.core.ready import Given, Ready
from bihuan.core.refusals import Refused
from bihuan.core.rulebook import caution, rule
from bihuan.dossiers.models import Dossier
from bihuan.dossiers.queries import fact, main_origin, origins, reaches
from bihuan.enterprises import rules
from bihuan.enterprises.models import Enterprise, Sector, SectorFlag, Site
from bihuan.enterprises.tables import SECTOR_BADGES
from bihuan.ui.components import Fact
from bihuan.zones.permissions import who_asks

VERDICT_TONES = {
    rules.Verdict.MET: "green",
    rules.Verdict.BREACH: "red",
    rules.Verdict.UNKNOWN: "yellow",
}
TENANTS_SHOWN = 20
STAFFING = "work-safety-act.24"  # who must have a safety department or manager


def _with_sectors() -> QuerySet[Enterprise]:
    flags = SectorFlag.objects.filter(zone=Given("zone"), enterprise=OuterRef("pk"))
    sectors = {f"in_{it.value}": Exists(flags.filter(sector=it)) for it in Sector}
    rows = Enterprise.objects.filter(pk=Given("pk")).select_related("landlord__dossier")
    return rows.annotate(**sectors)


_ENTERPRISES = Ready(_with_sectors)
_SITES = Ready(
    lambda: Site.objects.filter(enterprise=Given("enterprise"), closed_at=None).order_by("address")
)
_TENANTS = Ready(
    lambda: (
        Enterprise.objects.filter(zone=Given("zone"), landlord=Given("landlord"))
        .select_related("dossier")
        .order_by("dossier__name")
        .only("landlord_agreement_on", "dossier__name")[: TENANTS_SHOWN + 1]
    )
)


def enterprise_of(dossier: Dossier) -> Enterprise:
    """Return the enterprise of a dossier with its landlord and sectors; one query, kept."""
    kept: Enterprise | None = dossier.__dict__.get("_enterprise")
    if kept is None:
        (kept,) = _ENTERPRISES.ask(pk=dossier.pk, zone=dossier.zone_id)
        dossier.__dict__["_enterprise"] = kept
    assert kept is not None
    return kept


def sectors_of(enterprise: Enterprise) -> list[Sector]:
    """Return the key sectors of an enterprise that enterprise_of has read."""
    return [it for it in Sector if getattr(enterprise, f"in_{it.value}")]


def facts(request: HttpRequest, dossier: Dossier) -> str:
    """What is known of the enterprise, each fact with where it is from."""
    enterprise = enterprise_of(dossier)
    standing = who_asks(request)
    context = {
        "dossier": dossier,
        "facts": _facts(enterprise, dossier),
        "origin": main_origin(dossier),
        "sectors": [SECTOR_BADGES[it] for it in sectors_of(enterprise)],
        "may_edit": reaches(standing, Permission.DOSSIER_EDIT, dossier),
    }
    return render_to_string("enterprises/_facts.html", context, request)


def _facts(enterprise: Enterprise, dossier: Dossier) -> list[Fact]:
    known = origins(dossier)

    def told(name: str, value: Any) -> Fact:
        return fact(_capital(rules.FACT_NAMES[name]), value, known.get(name))

    return [
        told("uscc", enterprise.uscc),
        told("short_name", enterprise.short_name),
        told("registered_address", enterprise.registered_address),
        told("industry", industry_words(enterprise.industry)),
        told("headcount", enterprise.headcount),
        told("above_size", _size_words(enterprise)),
    ]


def _capital(words: str | Promise) -> str:
    text = str(words)
    return text[:1].upper() + text[1:]


def industry_words(code: str) -> str:
    """Return C3391 制造业·金属制品业 for C3391; the code alone where it is none."""
    if not code:
        return ""
    try:
        found = check_industry(code)
    except Refused:
        return code
    return f"{code} {found.division_name or found.section_name}"


def _size_words(enterprise: Enterprise) -> str | None:
    if enterprise.above_size is None:
        return None
    if not enterprise.above_size:
        return _("no")
    since = enterprise.above_size_since
    return _("yes, since the batch of %(day)s") % {"day": since.isoformat() if since else "—"}


def people(request: HttpRequest, dossier: Dossier) -> str:
    """Whom to call, numbers masked; and whether article 24 is met."""
    enterprise, known = enterprise_of(dossier), origins(dossier)
    standing = who_asks(request)
    names = (
        ("legal_representative", ""),
        ("principal", "principal_phone"),
        ("safety_manager", "safety_manager_phone"),
    )
    rows = [
        {
            "fact": fact(
                _capital(rules.FACT_NAMES[name]), getattr(enterprise, name), known.get(name)
            ),
            "phone": mask_phone(getattr(enterprise, phone)) if phone else "",
            "name": phone,
        }
        for name, phone in names
    ]
    law = rule(STAFFING, on=timezone.localdate())
    sectors = [it.value for it in sectors_of(enterprise)]
    finding = rules.safety_manager_finding(
        high_hazard=rules.is_high_hazard(sectors, enterprise.industry),
        headcount=enterprise.headcount,
        manager=enterprise.safety_manager,
        full_time=enterprise.safety_manager_full_time,
        body=enterprise.safety_body,
        many=law.value["headcount_over"],
    )
    context = {
        "dossier": dossier,
        "rows": rows,
        "full_time": enterprise.safety_manager_full_time,
        "body": enterprise.safety_body,
        "finding": finding,
        "law": f"{law.citation} {caution(law)}",
        "tone": VERDICT_TONES[finding.verdict],
        "may_show": reaches(standing, Permission.PERSONAL_READ, dossier),
    }
    return render_to_string("enterprises/_people.html", context, request)


def sites(request: HttpRequest, dossier: Dossier) -> str:
    """Where the enterprise produces, which is not its registered address."""
    standing = who_asks(request)
    context = {
        "dossier": dossier,
        "sites": _SITES.ask(enterprise=dossier.pk),
        "may_edit": reaches(standing, Permission.DOSSIER_EDIT, dossier),
    }
    return render_to_string("enterprises/_sites.html", context, request)


def tenancy(request: HttpRequest, dossier: Dossier) -> str:
    """The landlord with the date of the safety agreement, and the tenants."""
    enterprise = enterprise_of(dossier)
    standing = who_asks(request)
    found = _TENANTS.ask(zone=dossier.zone_id, landlord=dossier.pk)
    context = {
        "dossier": dossier,
        "enterprise": enterprise,
        "tenants": found[:TENANTS_SHOWN],
        "more": len(found) > TENANTS_SHOWN,
        "may_edit": reaches(standing, Permission.DOSSIER_EDIT, dossier),
    }
    return render_to_string("enterprises/_tenancy.html", context, request)
