"""Who answers for what, from a sheet; and how sheets name dossiers, cells and people."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bihuan.accounts.models import Person
from bihuan.core.days import day_of
from bihuan.core.permissions import Permission
from bihuan.dossiers.actions import hand_over
from bihuan.dossiers.models import Dossier
from bihuan.dossiers.queries import pieces
from bihuan.sheets.rules import cells
from bihuan.sheets.rules.headers import Column
from bihuan.sheets.rules.importing import Context, Importer, Judged, Parsed, Verdict
from bihuan.zones.permissions import standing_of
from bihuan.zones.queries import answering_posts

NAME = Column(
    "enterprise",
    gettext_lazy("enterprise"),
    cells.text,
    (
        "企业名称",
        "企业",
        "单位名称",
        "单位",
        "公司名称",
        "被检查单位",
        "受检单位",
        "企业（单位）名称",
    ),
    required=True,
    example="山西示例制造有限公司",
)


@dataclass(frozen=True)
class Found:
    """What a sheet's words name: the one thing meant, or why none or several could be."""

    it: Any = None
    reason: str = ""


class Names:
    """The dossiers within the importing person's reach, by code and by name, for many rows."""

    def __init__(
        self,
        context: Context,
        rows: Iterable[Parsed],
        permission: Permission = Permission.SHEET_IMPORT,
    ) -> None:
        self._by: dict[str, list[Dossier]] = {}
        wanted = {str(word) for row in rows if (word := row.values["enterprise"])}
        standing = standing_of(context.by, context.zone, on=day_of(context.at))
        reached = Dossier.objects.visible_to(standing, permission)
        for piece in pieces(wanted):
            for field in ("name", "code"):
                found = reached.filter(**{f"{field}__in": piece})
                for dossier in found.select_related("zone"):
                    self._by.setdefault(getattr(dossier, field), []).append(dossier)

    def find(self, word: Any) -> Found:
        """Return the dossier a word names."""
        found = self._by.get(str(word), [])
        if len(found) == 1:
            return Found(found[0])
        if found:
            return Found(reason=_("Several dossiers are called so; write the dossier code."))
        return Found(
            reason=_(
                "There is no dossier of this name or code in the zone. Write the full registered "
                "name, or import the enterprise first."
            )
        )


class People:
    """The people of a zone who may answer for dossiers, by name and by sign-in name."""

    def __init__(self, context: Context) -> None:
        self._by: dict[str, set[Person]] = {}
        posts = answering_posts(context.zone, on=day_of(context.at)).select_related("person")
        for person in {post.person for post in posts}:
            for word in (person.name, person.username):
                self._by.setdefault(word, set()).add(person)

    def find(self, word: Any) -> Found:
        """Return the person a word names."""
        found = self._by.get(str(word), set())
        if len(found) == 1:
            return Found(next(iter(found)))
        if found:
            return Found(reason=_("Several people are called so; write the sign-in name."))
        return Found(
            reason=_("%(name)s holds no post here that may answer for a dossier.") % {"name": word}
        )


def judge(context: Context, rows: Sequence[Parsed]) -> list[Judged]:
    """Say of each row whose hands it would put a dossier into."""
    names, people = _look_up(context, rows)
    return [_judged(row, names.find(row.values["enterprise"]), people) for row in rows]


def _judged(row: Parsed, dossier: Found, people: People) -> Judged:
    person = people.find(row.values["contact"])
    if dossier.it is None or person.it is None:
        return Judged(row, Verdict.REFUSED, " ".join(filter(None, (dossier.reason, person.reason))))
    if dossier.it.contact_id == person.it.pk:
        return Judged(row, Verdict.UNCHANGED)
    change = _("contact → %(name)s") % {"name": person.it.name}
    return Judged(row, Verdict.CHANGED, changes=(change,), target=str(dossier.it.pk))


def write(context: Context, judged: Sequence[Judged]) -> None:
    """Hand the dossiers over, person by person."""
    names, people = _look_up(context, [it.row for it in judged])
    by_person: dict[Person, list[Dossier]] = {}
    for it in judged:
        person = people.find(it.row.values["contact"]).it
        by_person.setdefault(person, []).append(names.find(it.row.values["enterprise"]).it)
    for person, dossiers in by_person.items():
        hand_over(
            zone=context.zone,
            dossiers=dossiers,
            to=person,
            reason=_("from the sheet %(name)s") % {"name": context.reference},
            by=context.by,
            at=context.at,
        )


def _look_up(context: Context, rows: Iterable[Parsed]) -> tuple[Names, People]:
    return Names(context, rows, Permission.DOSSIER_HAND_OVER), People(context)


CONTACTS = Importer(
    code="contacts",
    name=gettext_lazy("contacts (who answers for which enterprise)"),
    description=gettext_lazy("One row an enterprise: its name or code, and the person's name."),
    columns=(
        NAME,
        Column(
            "contact",
            gettext_lazy("contact"),
            cells.text,
            ("包联人", "包联干部", "包联责任人", "责任人", "联系人", "网格员", "包保人"),
            required=True,
            example="张三",
        ),
    ),
    judge=judge,
    write=write,
    key=("enterprise",),
    permission=Permission.DOSSIER_HAND_OVER,
)
