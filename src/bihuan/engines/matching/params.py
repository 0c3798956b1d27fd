"""How matching weighs and searches. Every number is a setting, none is law."""

from dataclasses import dataclass

from bihuan.engines.problem import Problem, quantity


@dataclass(frozen=True, kw_only=True)
class MatchingParams(Problem):
    """The objective counts m² of need served; everything else is converted into m²."""

    max_units: int = quantity("most units let as one block", low=1, high=12, default=6)
    oversize_factor: float = quantity(
        "largest block over least area, where a need names no largest", low=1, high=3, default=1.3
    )
    waste_weight: float = quantity(
        "points lost per m² above the least area", low=0, high=1, default=0.1
    )
    far_weight_m2_per_km: float = quantity(
        "points lost per km from the chain leader", "m²/km", low=0, default=20.0
    )
    cny_per_m2: float = quantity(
        "what one m² of need served may cost in moves", "CNY/m²", above=0, default=200.0
    )
    max_moves: int | None = quantity(
        "most sitting tenants moved; none: no limit", low=0, default=None
    )
    allows_unknown: bool = quantity("also use blocks with unsurveyed figures", default=False)
    unknown_weight: float = quantity(
        "share of points lost on such a block", low=0, high=1, default=0.2
    )
    requires_fire_acceptance: bool = quantity(
        "only accepted buildings count as fitting", default=True
    )
    sprinklers_enlarge: bool = quantity("double compartments with sprinklers (C)", default=False)
    finds_second_best: bool = quantity("also solve for the next best plan", default=True)
    workers: int = quantity("threads of the search", low=1, high=64, default=2)
    worst_fire_class_rules: bool = quantity(
        "a building is judged by its tenants' most dangerous class (art. 3.1.2, C)", default=True
    )
