"""The second best: what the park would cost if one asset were not built."""

from dataclasses import replace

from bihuan.engines import lp
from bihuan.engines.greenpark.layout import Model
from bihuan.engines.greenpark.priced import options_for
from bihuan.engines.shape import Binding, Watch, Words


def without_each(model: Model, value: float, watch: Watch) -> list[Binding]:
    """For each asset that may be left out: how much dearer the coarse optimum is, CNY/yr.

    `value` is the coarse optimum with everything allowed.
    """
    choices = {
        source.name: [column]
        for source, column in zip(model.park.sources, model.sources, strict=True)
        if source.invest is not None
    }
    for storage, at in zip(model.park.storages, model.storages, strict=True):
        if storage.invest_power is not None:
            choices[storage.name] = [
                column for column in (at.power, at.energy) if column is not None
            ]
    return [_without(model, name, columns, value, watch) for name, columns in choices.items()]


def _without(model: Model, name: str, columns: list[int], value: float, watch: Watch) -> Binding:
    lower, upper = model.lp.lower.copy(), model.lp.upper.copy()
    lower[columns] = upper[columns] = 0.0
    programme = replace(model.lp, lower=lower, upper=upper)
    answer = lp.solve(programme, watch=watch, options=options_for(model.park))
    if answer.value is None:
        words = Words(
            f"second best: without {name} no sizes were found that keep the limits",
            f"次优方案：不建 {name} 时未找到满足约束的容量",
        )
        return Binding(name=f"without:{name}", words=words)
    more = answer.value - value
    words = Words(
        f"second best: without {name} the park costs {more:,.0f} yuan/yr more",
        f"次优方案：不建 {name} 每年多花 {more:,.0f} 元",
    )
    return Binding(name=f"without:{name}", words=words, relief=-more, unit="CNY/yr")
