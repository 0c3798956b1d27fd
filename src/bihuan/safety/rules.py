"""The hazard (隐患) as a kind of case, and who may print a statutory form. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bihuan.cases.rules.declaration import Deadline, Grade, Kind, Step
from bihuan.cases.rules.moves import FOR_MAJOR, STANDARD
from bihuan.core.rulebook import rule

CATEGORIES: dict[str, Promise] = {
    "management": _("management: duties, rules, records"),
    "training": _("education and training"),
    "contractors": _("contractors and tenants"),
    "emergency": _("emergency plans and supplies"),
    "fire": _("fire safety"),
    "electricity": _("electrical safety"),
    "equipment": _("machinery and equipment"),
    "special_equipment": _("special equipment"),
    "chemicals": _("hazardous chemicals"),
    "special_work": _("hot work and other special operations"),
    "confined_space": _("confined spaces"),
    "dust": _("combustible dust"),
    "gas": _("gas"),
    "construction": _("construction"),
    "premises": _("premises, exits and signs"),
    "protection": _("personal protection and conduct"),
    "other": _("other"),
}

LOCAL_POLICY = _("The zone's own rule; the state sets no fixed length.")

HAZARD = Kind(
    code="hazard",
    is_found=True,
    name=_("hazard"),
    prefix="YH",
    moves=STANDARD + FOR_MAJOR,
    deadlines={
        Grade.GENERAL: Deadline(10, LOCAL_POLICY),
        Grade.MAJOR: Deadline(30, LOCAL_POLICY),
    },
    ladder=(Step(1, "contact"), Step(3, "cell_leader"), Step(5, "leader")),
    categories=CATEGORIES,
)


@dataclass(frozen=True)
class Mandate:
    """A recorded delegation of enforcement powers to a unit, [starts_on, ends_on)."""

    unit: str
    starts_on: date
    ends_on: date | None

    def holds_on(self, day: date) -> bool:
        """Say whether it holds on a day; the period is half open."""
        return self.starts_on <= day and (self.ends_on is None or day < self.ends_on)


def statutory_refusal(
    mandates: Sequence[Mandate], officers: Sequence[str], day: date
) -> str | Promise | None:
    """Return why a unit may not print a statutory form on a day, or None if it may.

    officers are the certificate numbers of its certified officers. The zone's own family
    of documents (检查记录, 隐患整改通知单 …) never needs this.
    """
    if not any(mandate.holds_on(day) for mandate in mandates):
        return _(
            "No delegation of enforcement powers to this unit is recorded for this day. Use the "
            "zone's own documents, or have an administrator record the delegation first."
        )
    enough = rule("procedure.two-officers", on=day).value["officers"]
    if len(set(officers)) < enough:
        return _(
            "A statutory form needs at least %(count)s officers of the unit with enforcement "
            "certificates on record."
        ) % {"count": enough}
    return None
