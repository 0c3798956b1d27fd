"""What matching is asked: the space there is, and the queue of needs.

Supply and demand share one vocabulary: a need uses the same typed fields and the same
units as a floor, so that a fit, a reason and a gap come from one comparison. None means
"not surveyed" and is never read as zero.
"""

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from typing import Any

from bihuan.engines.matching.params import MatchingParams
from bihuan.engines.matching.vocabulary import FireClass, Resource
from bihuan.engines.problem import Problem, quantity
from bihuan.engines.shape import BadProblem, Words

TONNES_HINT = Words(
    "Was it given in t/m²? 1 t/m² = 9.81 kN/m².", "是否误用了吨/平方米？1 t/m² = 9.81 kN/m²。"
)
AREA_TOLERANCE = 0.005  # of the building's lettable area; measured areas are rounded


def load_kn_per_m2(doc: str) -> Any:
    """A live load. No floor for use is below 2 kN/m² (GB 50009: offices; B), none above 100."""
    return quantity(doc, "kN/m²", low=2, high=100, hint=TONNES_HINT, default=None)


@dataclass(frozen=True, kw_only=True)
class Building(Problem):
    """One building of the register (一厂一档)."""

    code: str = quantity("code for life, never used again")
    lettable_m2: float | None = quantity("lettable area", "m²", above=0, default=None)
    x_m: float | None = quantity("easting in a plane grid", "m", default=None)
    y_m: float | None = quantity("northing in a plane grid", "m", default=None)
    storeys: int | None = quantity("storeys above ground", "1", low=1, high=60, default=None)
    height_m: float | None = quantity("building height", "m", above=0, high=250, default=None)
    fire_class: FireClass | None = quantity("most dangerous class it is built for", default=None)
    fire_resistance: int | None = quantity("fire resistance, 1 best", low=1, high=4, default=None)
    has_sprinklers: bool | None = quantity("sprinklers throughout", default=None)
    has_title: bool | None = quantity("property certificate issued", default=None)
    is_fire_accepted: bool | None = quantity("fire acceptance passed or filed", default=None)
    industries: tuple[str, ...] | None = quantity(
        "GB/T 4754 codes permitted here, by leading characters; empty: all", default=None
    )


@dataclass(frozen=True, kw_only=True)
class Booking(Problem):
    """A lease or hold outside this problem: the unit is taken on [starts_on, ends_on)."""

    starts_on: dt.date
    ends_on: dt.date | None = quantity("first free day; none: for good", default=None)
    why: str = quantity("lease, hold, damage, ...", default="")

    def check(self) -> None:
        if self.ends_on is not None and self.ends_on <= self.starts_on:
            raise BadProblem("ends_on", Words("must be after starts_on", "必须晚于 starts_on"))


@dataclass(frozen=True, kw_only=True)
class Unit(Problem):
    """One lettable part of a building: a floor, or a bay of one."""

    code: str = quantity("code for life")
    building: str = quantity("code of its building")
    floor: int = quantity("storey; 1 is the ground floor, -1 the first basement", low=-5, high=60)
    area_m2: float = quantity("lettable area", "m²", above=0, high=500_000)
    clear_height_m: float | None = quantity(
        "under beams and ducts", "m", above=0, high=60, default=None
    )
    storey_height_m: float | None = quantity("floor to floor", "m", above=0, high=60, default=None)
    live_load_kn_per_m2: float | None = load_kn_per_m2("uniformly distributed live load")
    column_spacing_m: float | None = quantity(
        "smaller spacing", "m", above=0, high=100, default=None
    )
    freight_lift_t: float | None = quantity(
        "largest lift; 0: none", "t", low=0, high=50, default=None
    )
    dock_doors: int | None = quantity("doors at dock height", low=0, default=None)
    compartment_m2: float | None = quantity("its fire compartment", "m²", above=0, default=None)
    rent_cny_per_m2_month: float | None = quantity(
        "asking rent", "CNY/(m²·month)", low=0, default=None
    )
    cranes_surveyed: bool = quantity("False: cranes may exist that nobody listed", default=True)
    available_from: dt.date | None = quantity("first free day; none: at once", default=None)
    bookings: tuple[Booking, ...] = quantity("leases and holds outside the queue", default=())

    def check(self) -> None:
        if self.floor == 0:
            raise BadProblem("floor", Words("0 does not exist: ground is 1", "没有 0 层：首层为 1"))
        clear, storey = self.clear_height_m, self.storey_height_m
        if clear is not None and storey is not None and clear > storey:
            raise BadProblem(
                "clear_height_m",
                Words(
                    f"is {clear} m, above storey_height_m {storey} m",
                    f"为 {clear} m，大于层高 storey_height_m {storey} m",
                ),
            )


@dataclass(frozen=True, kw_only=True)
class Crane(Problem):
    """A travelling crane and the units on its runway; tenants there share its hours."""

    code: str
    units: tuple[str, ...]
    capacity_t: float = quantity("rated capacity", "t", above=0, high=500)
    hook_height_m: float | None = quantity(
        "highest hook position", "m", above=0, high=60, default=None
    )
    hours_per_day: float = quantity("hours not yet promised", "h/d", low=0, high=24, default=16.0)


@dataclass(frozen=True, kw_only=True)
class Utility(Problem):
    """A substation, sewer or main, and what it can still give to the needs of this problem.

    `spare` counts the present draw of tenants who are themselves needs (`sits_in`) as free.
    """

    code: str
    resource: Resource
    buildings: tuple[str, ...]
    spare: float | None = quantity(
        "in the unit of the resource; none: unknown", low=0, default=None
    )


@dataclass(frozen=True, kw_only=True)
class Need(Problem):
    """One enterprise's request for space, or a sitting tenant who may be moved."""

    code: str
    area_min_m2: float = quantity("least area", "m²", above=0, high=500_000)
    area_max_m2: float | None = quantity("largest area it would take", "m²", above=0, default=None)
    priority: float = quantity(
        "worth of its m² beside others'", "1", above=0, high=100, default=1.0
    )
    starts_earliest: dt.date | None = quantity("first day of the wished start", default=None)
    starts_latest: dt.date | None = quantity("last day of the wished start", default=None)
    term_months: int | None = quantity(
        "length; none: for good", "months", low=1, high=240, default=None
    )
    clear_height_m: float | None = quantity("least", "m", above=0, high=60, default=None)
    live_load_kn_per_m2: float | None = load_kn_per_m2("least")
    column_spacing_m: float | None = quantity("least", "m", above=0, high=100, default=None)
    floor_max: int | None = quantity("highest storey it accepts", low=1, default=None)
    freight_lift_t: float | None = quantity(
        "least, above the ground floor", "t", above=0, default=None
    )
    dock_doors: int | None = quantity("least", low=1, default=None)
    crane_t: float | None = quantity("heaviest lift", "t", above=0, high=500, default=None)
    crane_hook_m: float | None = quantity("least hook height", "m", above=0, high=60, default=None)
    crane_hours_per_day: float = quantity(
        "its share of the crane", "h/d", low=0, high=24, default=8.0
    )
    fire_class: FireClass = quantity("class of its production", default=FireClass.WU)
    industry: str | None = quantity("GB/T 4754 class", default=None)
    needs_title: bool = quantity("must have the certificate (mortgage, listing)", default=False)
    rent_max_cny_per_m2_month: float | None = quantity(
        "most", "CNY/(m²·month)", low=0, default=None
    )
    draws: dict[Resource, float] = quantity("draw on shared utilities", default_factory=dict)
    emits: tuple[str, ...] = quantity("e.g. dust, vibration, odour", default=())
    sensitive_to: tuple[str, ...] = quantity("must not share a building with these", default=())
    near: str | None = quantity("building of its chain leader", default=None)
    near_within_m: float | None = quantity(
        "farthest it accepts from `near`", "m", above=0, default=None
    )
    sits_in: tuple[str, ...] = quantity("units a sitting tenant holds today", default=())
    may_move: bool = quantity("a sitting tenant who agrees to move", default=False)
    move_cost_cny: float = quantity("cost of moving it", "CNY", low=0, default=0.0)

    @property
    def is_sitting(self) -> bool:
        return bool(self.sits_in)

    def check(self) -> None:
        if self.area_max_m2 is not None and self.area_max_m2 < self.area_min_m2:
            raise BadProblem("area_max_m2", Words("is below area_min_m2", "小于 area_min_m2"))
        first, last = self.starts_earliest, self.starts_latest
        if first is not None and last is not None and last < first:
            raise BadProblem(
                "starts_latest", Words("is before starts_earliest", "早于 starts_earliest")
            )
        for resource, draw in self.draws.items():
            if not 0 <= draw < 1e9:
                raise BadProblem(
                    f"draws.{resource}",
                    Words(f"is {draw}; must be at least 0", f"为 {draw}，不得小于 0"),
                )
        both = sorted(set(self.emits) & set(self.sensitive_to))
        if both:
            raise BadProblem(
                "sensitive_to",
                Words(f"{both[0]!r} is also in emits", f"{both[0]!r} 同时出现在 emits 中"),
            )
        if self.near_within_m is not None and self.near is None:
            raise BadProblem(
                "near_within_m", Words("is given without near", "给出时必须同时给出 near")
            )
        if (self.crane_hook_m is not None) and self.crane_t is None:
            raise BadProblem(
                "crane_hook_m", Words("is given without crane_t", "给出时必须同时给出 crane_t")
            )


@dataclass(frozen=True, kw_only=True)
class Affinity(Problem):
    """Two needs of one chain: worth `bonus_m2` of area if they come to lie close."""

    first: str
    second: str
    within_m: float = quantity("0: the same building", "m", low=0, default=0.0)
    bonus_m2: float = quantity("worth, in m² let", "m²", above=0)


@dataclass(frozen=True, kw_only=True)
class MatchingProblem(Problem):
    """The space, its shared limits, and the whole queue."""

    starts_on: dt.date = quantity("first day of the plan")
    ends_on: dt.date = quantity("day after the last of the plan")
    buildings: tuple[Building, ...]
    units: tuple[Unit, ...]
    needs: tuple[Need, ...]
    utilities: tuple[Utility, ...] = quantity("shared supplies", default=())
    cranes: tuple[Crane, ...] = quantity("shared cranes", default=())
    joins: tuple[tuple[str, str], ...] | None = quantity(
        "pairs of units that can be let as one; none: floors above one another", default=None
    )
    affinities: tuple[Affinity, ...] = quantity("chain neighbours in the queue", default=())
    params: MatchingParams = quantity("how to weigh", default_factory=MatchingParams)

    def check(self) -> None:
        if self.ends_on <= self.starts_on:
            raise BadProblem("ends_on", Words("must be after starts_on", "必须晚于 starts_on"))
        for name in ("buildings", "units", "needs", "utilities", "cranes"):
            _refuse_twice(name, [item.code for item in getattr(self, name)])
        self._check_references()
        self._check_areas()
        self._check_dates()
        self._check_sitting()

    def _check_references(self) -> None:
        buildings = {b.code for b in self.buildings}
        units = {u.code for u in self.units}
        needs = {n.code for n in self.needs}
        named: list[tuple[str, tuple[str | None, ...], set[str]]] = [
            *((f"units[{i}].building", (u.building,), buildings) for i, u in enumerate(self.units)),
            *(
                (f"utilities[{i}].buildings", u.buildings, buildings)
                for i, u in enumerate(self.utilities)
            ),
            *((f"cranes[{i}].units", c.units, units) for i, c in enumerate(self.cranes)),
            *((f"needs[{i}].near", (n.near,), buildings) for i, n in enumerate(self.needs)),
            *((f"needs[{i}].sits_in", n.sits_in, units) for i, n in enumerate(self.needs)),
            *((f"joins[{i}]", pair, units) for i, pair in enumerate(self.joins or ())),
            *(
                (f"affinities[{i}]", (a.first, a.second), needs)
                for i, a in enumerate(self.affinities)
            ),
        ]
        for field, codes, known in named:
            for code in codes:
                if code is not None and code not in known:
                    raise BadProblem(field, Words(f"{code!r} does not exist", f"{code!r} 不存在"))

    def _check_areas(self) -> None:
        total = Counter[str]()
        for unit in self.units:
            total[unit.building] += unit.area_m2  # type: ignore[assignment]
        for i, building in enumerate(self.buildings):
            said, summed = building.lettable_m2, total[building.code]
            if said is not None and abs(summed - said) > AREA_TOLERANCE * said:
                raise BadProblem(
                    f"buildings[{i}].lettable_m2",
                    Words(
                        f"is {said:g} m², but its units add up to {summed:g} m²",
                        f"为 {said:g} m²，但各单元面积合计 {summed:g} m²",
                    ),
                )

    def _check_dates(self) -> None:
        for i, need in enumerate(self.needs):
            first = need.starts_earliest or self.starts_on
            if not self.starts_on <= first < self.ends_on:
                raise BadProblem(
                    f"needs[{i}].starts_earliest",
                    Words(
                        f"{first} is outside the plan {self.starts_on} – {self.ends_on}",
                        f"{first} 不在计划期 {self.starts_on} – {self.ends_on} 内",
                    ),
                )

    def _check_sitting(self) -> None:
        held = [code for need in self.needs for code in need.sits_in]
        _refuse_twice("needs.sits_in", held)
        unit_of = {unit.code: unit for unit in self.units}
        for i, need in enumerate(self.needs):
            mine = [unit_of[code] for code in need.sits_in]
            if len({unit.building for unit in mine}) > 1:
                raise BadProblem(
                    f"needs[{i}].sits_in",
                    Words(
                        "lies in two buildings: make one need of each",
                        "分布在两栋建筑：请拆成各栋一个需求",
                    ),
                )
            for unit in mine:
                self._refuse_booked(f"needs[{i}].sits_in", unit)

    def _refuse_booked(self, field: str, unit: Unit) -> None:
        """A tenant who is planned here cannot sit where somebody else is booked during the plan."""
        for booking in unit.bookings:
            if booking.starts_on < self.ends_on and (
                booking.ends_on is None or booking.ends_on > self.starts_on
            ):
                raise BadProblem(
                    field,
                    Words(
                        f"{unit.code} is booked from {booking.starts_on} ({booking.why or 'booking'}): "
                        "a tenant planned here needs no booking of its own",
                        f"{unit.code} 自 {booking.starts_on} 起已被占用（{booking.why or '占用'}）："
                        "参与规划的在驻企业无需另设占用",
                    ),
                )


def _refuse_twice(field: str, codes: list[str]) -> None:
    for code, count in Counter(codes).items():
        if count > 1:
            raise BadProblem(
                field, Words(f"{code!r} is given {count} times", f"{code!r} 出现 {count} 次")
            )
