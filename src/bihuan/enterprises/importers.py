"""The enterprise register, from a sheet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bihuan.accounts.models import Person
from bihuan.core.days import day_of
from bihuan.core.masking import mask_phones_in
from bihuan.core.permissions import Permission
from bihuan.dossiers.actions import note_source
from bihuan.dossiers.importers import Found, People
from bihuan.dossiers.models import Dossier, DossierState, SourceKind
from bihuan.enterprises import rules
from bihuan.enterprises.actions import (
    Amendment,
    NewEnterprise,
    NewSite,
    amend_many,
    register_many,
)
from bihuan.enterprises.models import Enterprise, Sector
from bihuan.enterprises.queries import by_name, by_uscc, facts_of
from bihuan.sheets.rules import cells
from bihuan.sheets.rules.cells import Plain
from bihuan.sheets.rules.headers import Column
from bihuan.sheets.rules.importing import Context, Importer, Judged, Parsed, Verdict
from bihuan.zones.models import Cell, Unit, UnitKind
from bihuan.zones.permissions import Scope, standing_of, within

SECTOR_WORDS = {
    "危险化学品": Sector.CHEMICALS,
    "危化品": Sector.CHEMICALS,
    "危化": Sector.CHEMICALS,
    "化工": Sector.CHEMICALS,
    "建筑施工": Sector.CONSTRUCTION,
    "建筑": Sector.CONSTRUCTION,
    "工贸": Sector.INDUSTRY_TRADE,
    "工贸行业": Sector.INDUSTRY_TRADE,
    "消防": Sector.FIRE,
    "消防重点": Sector.FIRE,
    "消防重点单位": Sector.FIRE,
    "消防安全重点单位": Sector.FIRE,
    "消防安全": Sector.FIRE,
    "特种设备": Sector.EQUIPMENT,
    "加油站": Sector.PETROL,
    "加油加气站": Sector.PETROL,
} | {value: value for value in Sector.values}
STATE_WORDS = {
    "正常": DossierState.ACTIVE,
    "在产": DossierState.ACTIVE,
    "正常生产": DossierState.ACTIVE,
    "生产": DossierState.ACTIVE,
    "营业": DossierState.ACTIVE,
    "停产": DossierState.SUSPENDED,
    "停产停业": DossierState.SUSPENDED,
    "半停产": DossierState.ACTIVE,
    "试生产": DossierState.ACTIVE,
    "正常经营": DossierState.ACTIVE,
    "经营": DossierState.ACTIVE,
    "开业": DossierState.ACTIVE,
    "存续": DossierState.ACTIVE,
    "停工": DossierState.SUSPENDED,
    "停业": DossierState.SUSPENDED,
    "歇业": DossierState.SUSPENDED,
    "长期停产": DossierState.SUSPENDED,
    "吊销": DossierState.LEFT,
    "搬迁": DossierState.LEFT,
    "搬离": DossierState.LEFT,
    "注销": DossierState.LEFT,
    "关闭": DossierState.LEFT,
    "已搬离": DossierState.LEFT,
}
SIMPLE = frozenset(rules.FACTS)


def _column(
    name: str,
    label: Any,
    read: cells.Reader,
    *synonyms: str,
    required: bool = False,
    example: str = "",
) -> Column:
    return Column(name, label, read, synonyms, required, example)


COLUMNS = (
    _column("name", gettext_lazy("name"), cells.text, "企业名称", "单位名称", "公司名称", "企业", "名称", "企业全称",
            "单位", "生产经营单位名称", required=True, example="山西示例制造有限公司"),
    _column("uscc", gettext_lazy("unified social credit code"), cells.code, "统一社会信用代码", "信用代码",
            "社会信用代码", "统一信用代码", "机构代码", "营业执照号", example="91140000MA0EXAMPLE"),
    _column("short_name", gettext_lazy("short name"), cells.text, "简称", "企业简称"),
    _column("registered_address", gettext_lazy("registered address"), cells.text, "注册地址", "住所", "注册地"),
    _column("site", gettext_lazy("production site"), cells.text, "生产地址", "生产经营地址", "经营地址", "厂址",
            "实际地址", "生产经营场所", "地址", "企业地址", "详细地址"),
    _column("legal_representative", gettext_lazy("legal representative"), cells.text, "法定代表人", "法人",
            "法人代表", "法人姓名"),
    _column("principal", gettext_lazy("principal responsible person"), cells.text, "主要负责人", "负责人",
            "企业负责人", "单位负责人", "主要负责人姓名", required=True, example="张三"),
    _column("principal_phone", gettext_lazy("principal's phone"), cells.phone, "负责人电话", "联系电话",
            "主要负责人电话", "电话", "手机", "手机号", "联系方式", "负责人联系方式"),
    _column("safety_manager", gettext_lazy("safety manager"), cells.text, "安全管理人员", "安全员",
            "安全负责人", "安全管理员", "安全生产管理人员", "分管安全负责人"),
    _column("safety_manager_phone", gettext_lazy("safety manager's phone"), cells.phone, "安全员电话",
            "安全管理人员电话", "安全负责人电话"),
    _column("safety_manager_full_time", gettext_lazy("full-time safety manager"), cells.yes_no, "专职",
            "是否专职", "专职安全员", "是否专职安全管理人员"),
    _column("industry", gettext_lazy("industry class (GB/T 4754)"), cells.code, "行业代码", "行业类别代码",
            "国民经济行业代码", "行业分类代码", "行业小类"),
    _column("headcount", gettext_lazy("headcount"), cells.whole, "从业人数", "职工人数", "员工人数", "人数",
            "从业人员", "从业人员数量", "在册人数", example="120"),
    _column("above_size", gettext_lazy("above designated size"), cells.yes_no, "规上", "是否规上",
            "规上企业", "规模以上", "是否规模以上", "是否规上企业"),
    _column("above_size_since", gettext_lazy("directory batch"), cells.day, "入规时间", "纳规时间",
            "规上批次", "入库时间", "入统时间"),
    _column("sectors", gettext_lazy("key sectors"), cells.some_of(SECTOR_WORDS), "重点领域", "行业领域",
            "监管领域", "监管类别", "重点行业", "行业类型"),
    _column("state", gettext_lazy("state"), cells.one_of(STATE_WORDS), "生产状态", "经营状态", "状态",
            "企业状态", "运行状态"),
    _column("cell", gettext_lazy("grid cell"), cells.text, "网格", "所属网格", "网格名称", "所在网格", "园区",
            "所属园区", "片区"),
    _column("contact", gettext_lazy("contact"), cells.text, "包联人", "包联干部", "包联责任人", "网格员",
            "包保人", "包联"),
    _column("unit", gettext_lazy("responsible unit"), cells.text, "归口单位", "监管单位", "监管部门",
            "责任部门", "主管部门", "行业主管部门"),
)  # fmt: skip


@dataclass
class _Ground:
    """What rows are judged against: the zone's cells, units, people, and who is there already."""

    scope: Scope
    cells: dict[str, Cell]
    root: Cell | None
    units: dict[str, Unit]
    people: People
    known: dict[UUID, Enterprise]
    by_code: dict[str, UUID]
    by_name: dict[str, list[UUID]]

    def match(self, facts: Mapping[str, Any]) -> Found:
        """Return the dossier id a row is about, nothing if it is new, or why it cannot be said."""
        code, name = facts.get("uscc"), facts["name"]
        if code and code in self.by_code:
            return Found(self.by_code[code])
        alike = self.by_name.get(name, [])
        if code:  # another of the same name that has a code of its own is another enterprise
            alike = [pk for pk in alike if not self.known[pk].uscc]
        if len(alike) > 1:
            return Found(reason=_("Several enterprises are called so; write the credit code."))
        return Found(alike[0]) if alike else Found()


def _ground(context: Context, rows: Sequence[Parsed]) -> _Ground:
    zone = context.zone
    codes = [str(row.values["uscc"]) for row in rows if row.values.get("uscc")]
    by_code = by_uscc(zone, codes)
    names = by_name(zone, [str(row.values["name"]) for row in rows])
    ids = {*by_code.values(), *(pk for pks in names.values() for pk in pks)}
    found = Enterprise.objects.filter(zone=zone, pk__in=ids).select_related("dossier")
    all_cells = list(Cell.objects.filter(zone=zone).select_related("leader").order_by("path"))
    units = Unit.objects.filter(zone=zone, is_open=True).exclude(kind=UnitKind.ENTERPRISE)
    standing = standing_of(context.by, zone, on=day_of(context.at))
    return _Ground(
        standing.scope(Permission.DOSSIER_EDIT),
        {word: cell for cell in all_cells for word in (cell.code, cell.name)},
        all_cells[0] if all_cells else None,
        {unit.name: unit for unit in units},
        People(context),
        {it.pk: it for it in found},
        by_code,
        names,
    )


def judge(context: Context, rows: Sequence[Parsed]) -> list[Judged]:
    """Say of each row whether it is new, changes something, or cannot be taken."""
    ground = _ground(context, rows)
    return [_judged(ground, row) for row in rows]


def _judged(ground: _Ground, row: Parsed) -> Judged:
    problems = _place_problems(ground, row)
    found = ground.match(row.values)
    if found.reason:
        problems.append(found.reason)
    enterprise = ground.known[found.it] if found.it else None
    if not problems and _is_beyond(ground, row, enterprise):
        reason = _("This enterprise is not within your post's reach. Ask the safety office.")
        return Judged(row, Verdict.REFUSED, reason)
    before = rules.as_mapping(facts_of(enterprise)) if enterprise else {}
    checked = rules.check(rules.Facts(**{**before, **_facts(row.values, enterprise)}))
    notes = _left_out(row.values, enterprise)
    problems += [f"{_label(problem.field)}：{problem}" for problem in checked.problems]
    if problems:
        return Judged(row, Verdict.REFUSED, " ".join(map(str, problems)))
    if enterprise is None:
        return Judged(row, Verdict.NEW, " ".join(notes))
    after = rules.as_mapping(checked.facts)
    changes = tuple(
        mask_phones_in(f"{_label(name)}：{_shown(before[name])} → {_shown(after[name])}")
        for name in rules.FACTS
        if before[name] != after[name]
    )
    verdict = Verdict.CHANGED if changes else Verdict.UNCHANGED
    return Judged(row, verdict, changes=(*changes, *notes), target=str(enterprise.pk))


def _place_problems(ground: _Ground, row: Parsed) -> list[str]:
    values = row.values
    problems = []
    if values.get("cell") and str(values["cell"]) not in ground.cells:
        problems.append(_("There is no grid cell “%(name)s”.") % {"name": values["cell"]})
    if ground.root is None:
        problems.append(_("The zone has no grid cell yet; add one under Setup first."))
    if values.get("unit") and str(values["unit"]) not in ground.units:
        problems.append(_("There is no unit “%(name)s”.") % {"name": values["unit"]})
    if values.get("contact") and (reason := ground.people.find(values["contact"]).reason):
        problems.append(reason)
    return problems


class _Home(NamedTuple):
    """Where a new enterprise would belong. Without a contact the cell's leader answers."""

    cell: Cell
    unit: Unit | None
    contact: Person | None


def _home(ground: _Ground, row: Parsed) -> _Home:
    values = row.values
    cell = ground.cells[str(values["cell"])] if values.get("cell") else ground.root
    assert cell is not None
    return _Home(
        cell,
        ground.units[str(values["unit"])] if values.get("unit") else None,
        ground.people.find(values["contact"]).it if values.get("contact") else None,
    )


def _is_beyond(ground: _Ground, row: Parsed, enterprise: Enterprise | None) -> bool:
    """Say whether the row is about what the importing person's post does not reach."""
    if ground.scope.whole_zone:
        return False
    if enterprise:
        return not within(ground.scope, enterprise.dossier)
    home = _home(ground, row)
    contact = home.contact or home.cell.leader
    return not within(ground.scope, Dossier(cell=home.cell, unit=home.unit, contact=contact))


def _facts(values: Mapping[str, Plain], known: Enterprise | None) -> dict[str, Any]:
    """Return the facts a row states; an empty cell states nothing.

    Above size without a batch, here or known, is left out rather than the whole row: the
    preview says so (_left_out).
    """
    facts: dict[str, Any] = {
        k: v for k, v in values.items() if k in SIMPLE and v is not None and v != ""
    }
    if isinstance(since := facts.get("above_size_since"), str):
        facts["above_size_since"] = date.fromisoformat(since)
    if facts.get("above_size_since") and "above_size" not in facts:
        facts["above_size"] = True
    if facts.get("above_size") is False:
        facts.setdefault("above_size_since", None)  # who fell out of it is of no batch any more
    if _lacks_batch(facts, known):
        del facts["above_size"]
    return facts


def _lacks_batch(facts: Mapping[str, Any], known: Enterprise | None) -> bool:
    told = facts.get("above_size_since") or (known and known.above_size_since)
    return bool(facts.get("above_size")) and not told


def _left_out(values: Mapping[str, Plain], known: Enterprise | None) -> list[str]:
    """Return what a row states and cannot be taken over, in words for its preview."""
    notes = []
    if _lacks_batch(values, known):
        notes.append(_("Above designated size is left out: its directory batch is missing."))
    sectors = values.get("sectors")
    strange = cells.unknown(sectors) if isinstance(sectors, list) else []
    if strange:
        notes.append(_("No key sector, left out: %(words)s.") % {"words": "、".join(strange)})
    return notes


def write(context: Context, judged: Sequence[Judged]) -> None:
    """Register the new and amend the changed, with the sheet as their source."""
    if not judged:
        return
    ground = _ground(context, [it.row for it in judged])
    source = note_source(
        zone=context.zone,
        reference=context.reference,
        kind=SourceKind.SHEET,
        by=context.by,
        at=context.at,
    )
    new = [_new(ground, it.row) for it in judged if it.verdict is Verdict.NEW]
    changed = [
        Amendment(
            dossier_id=UUID(it.target),
            changes=_facts(it.row.values, ground.known[UUID(it.target)]),
            row=it.row.number,
        )
        for it in judged
        if it.verdict is Verdict.CHANGED
    ]
    at, by = context.at, context.by
    register_many(zone=context.zone, enterprises=new, source=source, origin="import", by=by, at=at)
    amend_many(zone=context.zone, amendments=changed, source=source, by=by, at=at)


def _new(ground: _Ground, row: Parsed) -> NewEnterprise:
    values, home = row.values, _home(ground, row)
    facts = {"place": str(values.get("site") or ""), **_facts(values, None)}
    sectors = values.get("sectors")
    return NewEnterprise(
        facts=rules.Facts(**facts),
        cell=home.cell,
        contact=home.contact,
        unit=home.unit,
        sectors=frozenset(cells.known(sectors) if isinstance(sectors, list) else ()),
        sites=[NewSite(address=str(values["site"]))] if values.get("site") else (),
        state=str(values.get("state") or DossierState.ACTIVE),
        row=row.number,
    )


def _label(name: str) -> str:
    return next((str(column.label) for column in COLUMNS if column.name == name), name)


def _shown(value: Any) -> str:
    if value is None or value == "":
        return "—"
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    return str(value)


ENTERPRISES = Importer(
    code="enterprises",
    name=gettext_lazy("enterprises"),
    description=gettext_lazy(
        "The register: one row an enterprise, matched by credit code, else by name."
    ),
    columns=COLUMNS,
    judge=judge,
    write=write,
    key=("name", "uscc"),
    permission=Permission.DOSSIER_EDIT,
)
