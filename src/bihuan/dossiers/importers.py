"""Who answers for what, from a sheet; and how sheets name dossiers, cells and people."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bihuan.accounts.models import Person
from bihuan.core.days import day_of
from bihuan.core.permissions import Permission
from bihuan.dossiers.actions import hand_over
from bihuan.dossiers.models import Dossier
from bihuan.dossiers.queries import pieces
from bihuan.dossiers.rules import canonical, forms_of
from bihuan.sheets.rules import cells
from bihuan.sheets.rules.headers import Column
from bihuan.sheets.rules.importing import Context, Importer, Judged, Parsed, Verdict
from bihuan.zones.permissions import standing_of
from bihuan.zones.queries import answering_posts

NAME = Column(
    "enterprise",
    gettext_lazy("enterprise"),
    cells.name,
    ("企业名称", "企业", "单位名称", "单位", "公司名称", "被检查单位", "受检单位", "被检查企业", "受检企业", "检查对象",
     "被检单位", "被检企业", "被检查单位名称", "受检单位名称", "被检查企业名称", "受检企业名称", "检查企业", "检查企业名称",
     "走访企业", "走访企业名称", "走访对象", "受检查单位", "被查单位", "被查企业", "生产经营单位", "生产经营单位名称",
     "企业单位名称", "隐患单位", "责任企业", "所属企业", "巡查企业", "巡查单位", "企业全称", "公司", "使用单位", "项目名称",
     "检查对象名称", "抽查对象", "抽查对象名称", "市场主体名称", "包联企业", "包联企业名称", "包保企业", "联系企业", "帮扶企业"),
    required=True,
    example="山西示例制造有限公司",
)  # fmt: skip


SHORTEST_GUESS = 2  # letters


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
        wanted = {
            form
            for row in rows
            if (word := row.values["enterprise"])
            for form in forms_of(str(word))
        }
        standing = standing_of(context.by, context.zone, on=day_of(context.at))
        reached = Dossier.objects.visible_to(standing, permission)
        for piece in pieces(wanted):
            for field in ("name", "code"):
                found = reached.filter(**{f"{field}__in": piece})
                for dossier in found.select_related("zone"):
                    known = self._by.setdefault(canonical(getattr(dossier, field)), [])
                    known.append(dossier)
        missing = {canonical(it) for it in wanted} - self._by.keys()
        self._like = _alike(reached, missing)

    def find(self, word: Any) -> Found:
        """Return the dossier a word names."""
        found = self._by.get(canonical(str(word)), [])
        if len({dossier.pk for dossier in found}) == 1:
            return Found(found[0])
        if found:
            return Found(reason=_("Several dossiers are called so; write the dossier code."))
        reason = _(
            "There is no dossier of this name or code in the zone. Write the full registered "
            "name, or import the enterprise first."
        )
        if len(parts := [it for it in _SEVERAL.split(str(word)) if it]) > 1:
            reason = _("%(count)d names in one cell. Give each a row of its own.")
            return Found(reason=reason % {"count": len(parts)})
        if like := self._like.get(canonical(str(word))):
            names = "、".join(f"“{name}”" for name in like)
            reason = f"{reason} " + _("Is %(names)s meant?") % {"names": names}
        return Found(reason=reason)


MOST_GUESSED = 40  # unknown names for which similar ones are looked up at a time
_SEVERAL = re.compile("[、，,;；]")
_FORM = re.compile(r"(有限责任公司|股份有限公司|集团有限公司|有限公司|公司|集团)$|（.*?）")


def _alike(reached: QuerySet[Dossier], missing: Iterable[str]) -> dict[str, list[str]]:
    """Return unknown name -> up to three names of dossiers that hold its essence; one query."""
    cores = {name: _FORM.sub("", name) for name in sorted(missing)[:MOST_GUESSED]}
    cores = {name: core for name, core in cores.items() if len(core) >= SHORTEST_GUESS}
    if not cores:
        return {}
    held = reduce(or_, (Q(name__contains=core) for core in cores.values()))
    names = list(reached.filter(held).values_list("name", flat=True)[:500])
    like = {name: [it for it in names if core in it] for name, core in cores.items()}
    return {name: found for name, found in like.items() if 1 <= len(found) <= 3}


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
            reason=_(
                "%(name)s holds no post here that may answer for a dossier. Have them appointed "
                "first, or leave the cell empty: the leader of the grid cell answers then."
            )
            % {"name": word}
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
