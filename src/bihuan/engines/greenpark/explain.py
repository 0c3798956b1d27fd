"""Why the answer is not better: ratios, what binds, and what relief is worth.

All worths come from the multipliers of the programme: for a row a·x ≥ b, the multiplier
is the change of the optimal cost for one more unit of b. They hold for small changes.
"""

from dataclasses import dataclass

import numpy as np

from bihuan.engines.greenpark.forms import Form
from bihuan.engines.greenpark.layout import Model, StorageColumns
from bihuan.engines.greenpark.limits import NAMES, Limit
from bihuan.engines.greenpark.model import ratio
from bihuan.engines.greenpark.problem import Storage
from bihuan.engines.lp import LpAnswer
from bihuan.engines.shape import Binding, Words

POINT = 0.01
SMALL_CNY = 1.0  # a relief worth less in a year is not worth a sentence


@dataclass(frozen=True, kw_only=True)
class RatioLine:
    """One of the four ratios: its value, its limit where there is one, its worth."""

    key: str
    name: Words
    value: float
    limit: float | None
    is_floor: bool
    kept: bool
    worth_cny_per_yr_per_point: float | None
    source: Words
    numerator_mwh: float
    denominator_mwh: float


ALL_RATIOS = ("self_of_generation", "self_of_consumption", "feed_in", "curtailment")
NO_LIMIT = Words("no limit given", "未设限值")
RATIO_TOLERANCE = 1e-6


def ratio_lines(model: Model, answer: LpAnswer) -> list[RatioLine]:
    """The four ratios, whether limited or not, each with the worth of one point."""
    from_rows = {limit.key: (limit, row) for limit, row, _ in model.rule_rows}
    lines = []
    for key in ALL_RATIOS:
        numerator, denominator = (form.at(answer.x) for form in ratio(model.park, key, model.forms))
        value = numerator / denominator if denominator > 0 else 0.0
        limit, row = from_rows.get(key, (None, -1))
        worth = None
        if limit is not None and len(answer.row_dual):
            worth = float(answer.row_dual[row]) * POINT * denominator * yearly(model)
        lines.append(_ratio_line(key, limit, value, worth, (numerator, denominator)))
    return lines


def _ratio_line(
    key: str, limit: Limit | None, value: float, worth: float | None, parts: tuple[float, float]
) -> RatioLine:
    from_limit = limit is not None
    is_floor = limit.is_floor if limit else key.startswith("self")
    share = limit.share if limit else None
    miss = 0.0 if share is None else (share - value if is_floor else value - share)
    return RatioLine(
        key=key,
        name=NAMES[key],
        value=value,
        limit=share,
        is_floor=is_floor,
        kept=miss <= RATIO_TOLERANCE,
        worth_cny_per_yr_per_point=worth if from_limit else None,
        source=limit.source if limit else NO_LIMIT,
        numerator_mwh=parts[0],
        denominator_mwh=parts[1],
    )


def yearly(model: Model) -> float:
    """What turns a multiplier into CNY/yr: a sizing is in CNY/yr already."""
    return 1.0 if model.sizing else model.park.year_factor


def bindings(model: Model, answer: LpAnswer, ratios: list[RatioLine]) -> list[Binding]:
    """Everything that binds and is worth relieving, dearest first."""
    if not len(answer.row_dual) or not len(answer.column_dual):
        return []
    found = [
        _ratio_binding(line)
        for line in ratios
        if (line.worth_cny_per_yr_per_point or 0) > SMALL_CNY
    ]
    found += _access_bindings(model, answer)
    if not model.sizing:
        for storage, at in zip(model.park.storages, model.storages, strict=True):
            found += _storage_bindings(model, answer, storage, at)
    return sorted(found, key=lambda binding: -(binding.relief or 0.0))


def _ratio_binding(line: RatioLine) -> Binding:
    worth, limit = line.worth_cny_per_yr_per_point or 0.0, line.limit or 0.0
    kind_en, kind_zh = ("floor", "下限") if line.is_floor else ("cap", "上限")
    return Binding(
        name=line.key,
        words=Words(
            f"the {kind_en} of {limit:.1%} on the {line.name.en} binds: "
            f"each point of relaxation is worth {worth:,.0f} yuan/yr",
            f"{line.name.zh}{kind_zh} {limit:.1%} 起约束作用：每放宽 1 个百分点值 {worth:,.0f} 元/年",
        ),
        relief=worth,
        unit="CNY/yr",
        per="point",
    )


def _access_bindings(model: Model, answer: LpAnswer) -> list[Binding]:
    worths = access_worths(model, answer)
    said = {
        "import_cap": Words("access for drawing power", "下网接入容量"),
        "export_cap": Words("access for feeding in", "上网接入容量"),
    }
    return [
        _capacity_binding(key, said[key], worth * yearly(model), "MW")
        for key, worth in worths.items()
        if worth * yearly(model) > SMALL_CNY
    ]


def _capacity_binding(key: str, name: Words, worth: float, unit: str) -> Binding:
    return Binding(
        name=key,
        words=Words(
            f"{name.en} binds: one more {unit} is worth {worth:,.0f} yuan/yr",
            f"{name.zh}起约束作用：每增加 1 {unit} 值 {worth:,.0f} 元/年",
        ),
        relief=worth,
        unit="CNY/yr",
        per=unit,
    )


def access_worths(model: Model, answer: LpAnswer) -> dict[str, float]:
    """What one more MW of access saves over the horizon, by direction."""
    lp, cap = model.lp, model.park.grid.import_cap_mw
    drawn = 0.0
    for group in model.users:
        at_cap = lp.upper[group.columns] == cap
        drawn -= float(np.minimum(answer.column_dual[group.columns], 0.0)[at_cap].sum())
    if model.import_rows is not None:
        drawn -= float(answer.row_dual[model.import_rows].sum())
    fed = -float(np.minimum(answer.column_dual[model.sold], 0.0).sum())
    may_feed = bool(lp.upper[model.sold].any()) or model.park.grid.export_cap_mw == 0
    return {"import_cap": drawn, "export_cap": fed if may_feed else 0.0}


def storage_worths(
    answer: LpAnswer, storage: Storage, at: StorageColumns, hours: float
) -> tuple[float, float]:
    """What one more MW, and one more MWh, of a given storage saves over the horizon."""
    dual = answer.column_dual
    power = -float(
        np.minimum(dual[at.charge], 0.0).sum() + np.minimum(dual[at.discharge], 0.0).sum()
    )
    stored = dual[at.stored]
    energy = -storage.soc_max * float(np.minimum(stored, 0.0).sum())
    energy -= storage.soc_min * float(np.maximum(stored, 0.0).sum())
    if storage.soc_start is not None:
        keep = (1 - storage.loss_per_hour) ** hours
        energy -= storage.soc_start * keep * float(answer.row_dual[at.row])
        if at.end_row is not None:
            energy -= storage.soc_start * float(answer.row_dual[at.end_row])
    return power, energy


def _storage_bindings(
    model: Model, answer: LpAnswer, storage: Storage, at: StorageColumns
) -> list[Binding]:
    worths = storage_worths(answer, storage, at, model.park.hours)
    names = (
        (
            f"{storage.name}:power",
            Words(f"the power of {storage.name}", f"{storage.name} 功率"),
            "MW",
        ),
        (
            f"{storage.name}:energy",
            Words(f"the energy of {storage.name}", f"{storage.name} 容量"),
            "MWh",
        ),
    )
    return [
        _capacity_binding(key, name, worth * yearly(model), unit)
        for worth, (key, name, unit) in zip(worths, names, strict=True)
        if worth * yearly(model) > SMALL_CNY
    ]


def source_worths(model: Model, answer: LpAnswer) -> dict[str, float]:
    """What one more MW of each source saves over the horizon, before its own cost.

    −dV/dX with V the optimal cost: through the balance, the rows of the rules, and where
    curtailment is a column, its limit.
    """
    park, h = model.park, model.park.hours
    price = answer.row_dual[model.balance]
    one = {name: Form() for name in model.forms} | {"available": Form(1.0)}
    one["self_use"] = Form(0.0 if model.slack else 1.0)
    one["curtailed"] = Form(1.0) if model.slack else Form()
    worth_of_mwh = 0.0
    for limit, row, _ in model.rule_rows:
        numerator, denominator = ratio(park, limit.key, one)
        gain = numerator.constant - limit.share * denominator.constant
        worth_of_mwh += float(answer.row_dual[row]) * (gain if limit.is_floor else -gain)
    worths = {}
    for group in model.groups:
        at_limit = np.zeros(park.steps)
        if not model.slack:
            at_limit = np.minimum(answer.column_dual[group.curtailed], 0.0)
        for i in group.members:
            output = park.sources[i].available.values
            saved = float((output * (price - at_limit)).sum()) - h * group.cost_cny_per_mwh * float(
                output.sum()
            )
            worths[park.sources[i].name] = saved + worth_of_mwh * h * float(output.sum())
    return worths


def worths(model: Model, answer: LpAnswer) -> dict[str, float]:
    """What one more unit of every capacity saves over the horizon, before its own cost, CNY."""
    if not len(answer.row_dual) or not len(answer.column_dual):
        return {}
    found = source_worths(model, answer)
    for storage, at in zip(model.park.storages, model.storages, strict=True):
        power, energy = storage_worths(answer, storage, at, model.park.hours)
        found |= {f"{storage.name} power": power, f"{storage.name} energy": energy}
    return found
