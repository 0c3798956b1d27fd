"""The park as a linear programme.

For each step t of h hours, with user groups k, source groups g and storages s:

    minimise  Σ h·[Σ_k buy_k·(price + premium_k − self_price) − sell·export
                   + Σ_s dis_s·wear_s + Σ_g (avail_g − curt_g)·cost_g + load·self_price]
              + Σ_m peak_m·demand  (+ yearly cost of what is built, when sizing)
    balance   Σ_g (avail_g − curt_g) + Σ_k buy_k + Σ_s dis_s = load + sell + Σ_s chg_s
    stored    soc_s(t) = soc_s(t−1)·(1 − loss)^h + h·(η_c·chg_s − dis_s/η_d)

One curtailment column for each group of sources of equal cost stands for a column per
source: fewer columns, the same optimum (the split of the curtailed is then by what each
could have produced). Users of equal price without a limit of their own are one group.
Bought energy is at most the group's load, so that without grid charging only green
power is stored; what a group uses beyond what it buys is self-used green power.
"""

from dataclasses import replace

import numpy as np

from bihuan.engines.greenpark.forms import Form, total
from bihuan.engines.greenpark.layout import (
    TIE_CNY_PER_MWH,
    Model,
    SourceGroup,
    StorageColumns,
    UserGroup,
    available_mw,
    grouped,
    spare_is_curtailed,
    yearly_cost,
)
from bihuan.engines.greenpark.limits import Limit, limits, may_feed_in
from bihuan.engines.greenpark.problem import Invest, Park, Storage
from bihuan.engines.lp import INF, Builder


class Assembly:
    """Builds a Model; each method adds one part of the programme above."""

    def __init__(
        self, park: Park, *, sizing: bool, relief: bool = False, curtails_own: bool = False
    ) -> None:
        self.park, self.sizing, self.relief = park, sizing, relief
        self.n, self.h = park.steps, park.hours
        self.year = park.year_factor if sizing else 1.0  # money is CNY/yr when sizing
        self.build = Builder()
        self.users: list[UserGroup] = []
        self.groups: list[SourceGroup] = []
        self.storages: list[StorageColumns] = []
        self.sources: list[int] = []
        self.peaks: slice | None = None
        self.import_rows: slice | None = None
        self.slack = spare_is_curtailed(park) and not (relief or curtails_own)

    def model(self) -> Model:
        park, build = self.park, self.build
        self._size_columns()
        self._source_groups()
        self._buying()
        export_cap = park.grid.export_cap_mw if may_feed_in(park) else 0.0
        price = -self.year * self.h * park.export_price
        self.sold = build.columns(self.n, upper=export_cap, cost=price)
        for storage in park.storages:
            self._storage(storage)
        self._balance()
        self._grid_charging()
        self._import_cap()
        self._demand()
        forms = self._forms()
        rows = self._rules(forms)
        slacks = self._relief(rows) if self.relief else {}
        return Model(
            park, self.sizing, build.arrays(), self.users, self.groups, self.storages,
            self.sources, self.sold, self.balance, self.peaks, self.import_rows,
            self.slack, rows, forms, slacks,
        )  # fmt: skip

    def _size_columns(self) -> None:
        if self.sizing:
            for source in self.park.sources:
                hours = self.h * float(source.available.values.sum())
                running = self.year * hours * source.variable_cost_cny_per_mwh
                self.sources.append(self._size(source.invest, source.capacity_mw, running))

    def _size(self, invest: Invest | None, given: float, running_cost: float = 0.0) -> int:
        """A column for a capacity: free within its limits, or fixed where there is no `invest`.

        `running_cost` is that of all it could produce; what is curtailed is given back.
        """
        if invest is None:
            return int(self.build.columns(1, lower=given, upper=given, cost=running_cost).start)
        cost = yearly_cost(invest, self.park.finance.discount_rate) + running_cost
        column = self.build.columns(1, lower=invest.min_size, upper=invest.max_size, cost=cost)
        return int(column.start)

    def _source_groups(self) -> None:
        sources = self.park.sources
        for cost in sorted({source.variable_cost_cny_per_mwh for source in sources}):
            members = tuple(
                i for i, source in enumerate(sources) if source.variable_cost_cny_per_mwh == cost
            )
            money = self.year * self.h * cost
            if self.slack:
                curtailed = self.build.columns(0)
            elif not self.sizing:
                upper = available_mw([sources[i] for i in members])
                self.build.offset += money * float(upper.sum())
                curtailed = self.build.columns(self.n, upper=upper, cost=-money)
            else:
                curtailed = self.build.columns(self.n, cost=-money)
                row = self.build.rows(self.n, upper=0.0)
                self.build.put(row, curtailed, 1.0)
                for i in members:
                    self.build.put(row, self.sources[i], -sources[i].available.values)
            self.groups.append(SourceGroup(members, cost, curtailed))

    def _buying(self) -> None:
        park = self.park
        money = self.year * self.h
        base = park.import_price - park.self_use_price
        self.build.offset += money * float(park.load_mw @ park.self_use_price)
        cap = park.grid.import_cap_mw
        stores = any(storage.grid_charging for storage in park.storages)
        merged = stores and buys_at_one_price(park)
        for members, premium, own_cap in grouped(park.users):
            load = np.sum([park.users[i].load_mw.values for i in members], axis=0)
            limit = min(cap, own_cap)
            upper = np.full(self.n, limit) if merged else np.minimum(load, limit)
            columns = self.build.columns(self.n, upper=upper, cost=money * (base + premium))
            self.users.append(UserGroup(members, load, premium, columns))
        if stores and not merged:
            price = money * park.import_price
            columns = self.build.columns(self.n, upper=cap, cost=price)
            self.users.append(UserGroup((), np.zeros(self.n), 0.0, columns, stores=True))

    def _storage(self, storage: Storage) -> None:
        build, n, sizing = self.build, self.n, self.sizing
        power = INF if sizing else storage.power_mw
        least = 0.0 if sizing else storage.soc_min * storage.energy_mwh
        most = INF if sizing else storage.soc_max * storage.energy_mwh
        charge = build.columns(n, upper=power, cost=self.year * self.h * TIE_CNY_PER_MWH)
        wear = self.year * self.h * storage.wear_cny_per_mwh
        discharge = build.columns(n, upper=power, cost=wear)
        stored = build.columns(n, lower=least, upper=most)
        power_column = energy_column = None
        if sizing:
            power_column, energy_column = self._storage_sizes(storage, charge, discharge, stored)
        at = StorageColumns(charge, discharge, stored, 0, None, power_column, energy_column)
        self.storages.append(self._stored_rows(at, storage))

    def _storage_sizes(
        self, storage: Storage, charge: slice, discharge: slice, stored: slice
    ) -> tuple[int, int]:
        """Size columns, and rows: charge + discharge ≤ power; soc_min ≤ stored/energy ≤ soc_max."""
        build, n = self.build, self.n
        power = self._size(storage.invest_power, storage.power_mw)
        energy = self._size(storage.invest_energy, storage.energy_mwh)
        both = build.rows(n, upper=0.0)
        build.put(both, charge, 1.0)
        build.put(both, discharge, 1.0)
        build.put(both, power, -1.0)
        most = build.rows(n, upper=0.0)
        build.put(most, stored, 1.0)
        build.put(most, energy, -storage.soc_max)
        if storage.soc_min > 0:
            least = build.rows(n, lower=0.0)
            build.put(least, stored, 1.0)
            build.put(least, energy, -storage.soc_min)
        return power, energy

    def _stored_rows(self, at: StorageColumns, storage: Storage) -> StorageColumns:
        """stored(t) − keep·stored(t−1) − h·η_c·charge + h/η_d·discharge = 0."""
        build, n = self.build, self.n
        keep = (1.0 - storage.loss_per_hour) ** self.h
        given = storage.soc_start is not None
        right = np.zeros(n)
        if given and not self.sizing:
            right[0] = keep * (storage.soc_start or 0.0) * storage.energy_mwh
        row = build.rows(n, lower=right, upper=right)
        build.put(row, at.stored, 1.0)
        build.put(row, at.charge, -self.h * storage.charge_efficiency)
        build.put(row, at.discharge, self.h / storage.discharge_efficiency)
        build.put(slice(row.start + 1, row.stop), slice(at.stored.start, at.stored.stop - 1), -keep)
        end_row = None
        if not given:  # the year is a circle: before the first step is the last
            build.put(row.start, at.stored.stop - 1, -keep)
        elif self.sizing:
            build.put(row.start, at.energy or 0, -keep * (storage.soc_start or 0.0))
        if given and not storage.end_free:
            end_row = self._end_at_start(at, storage)
        return replace(at, row=row.start, end_row=end_row)

    def _end_at_start(self, at: StorageColumns, storage: Storage) -> int:
        level = storage.soc_start or 0.0
        right = 0.0 if self.sizing else level * storage.energy_mwh
        row = int(self.build.rows(1, lower=right, upper=right).start)
        self.build.put(row, at.stored.stop - 1, 1.0)
        if self.sizing:
            self.build.put(row, at.energy or 0, -level)
        return row

    def _balance(self) -> None:
        build, park, n = self.build, self.park, self.n
        right = park.load_mw.copy()
        if not self.sizing:
            right = right - available_mw(park.sources, n)
        self.balance = build.rows(n, lower=right, upper=INF if self.slack else right)
        for group in self.groups if not self.slack else ():
            build.put(self.balance, group.curtailed, -1.0)
        for column, source in zip(self.sources, park.sources, strict=False):
            build.put(self.balance, column, source.available.values)
        for user in self.users:
            build.put(self.balance, user.columns, 1.0)
        build.put(self.balance, self.sold, -1.0)
        for at in self.storages:
            build.put(self.balance, at.discharge, 1.0)
            build.put(self.balance, at.charge, -1.0)

    def _grid_charging(self) -> None:
        """Energy bought for storing is charged by storages that may: buy ≤ Σ charge."""
        for group in self.users:
            if group.stores:
                row = self.build.rows(self.n, upper=0.0)
                self.build.put(row, group.columns, 1.0)
                for at, storage in zip(self.storages, self.park.storages, strict=True):
                    if storage.grid_charging:
                        self.build.put(row, at.charge, -1.0)

    def _import_cap(self) -> None:
        if len(self.users) > 1:
            rows = self.build.rows(self.n, upper=self.park.grid.import_cap_mw)
            for group in self.users:
                self.build.put(rows, group.columns, 1.0)
            self.import_rows = rows

    def _demand(self) -> None:
        price = self.park.tariff.demand_cny_per_mw_month
        if price > 0:
            months = self.park.months()
            self.peaks = self.build.columns(int(months.max()) + 1, cost=self.year * price)
            row = self.build.rows(self.n, upper=0.0)
            for group in self.users:
                self.build.put(row, group.columns, 1.0)
            self.build.put(row, self.peaks.start + months, -1.0)

    def _forms(self) -> dict[str, Form]:
        """Energies of the horizon, MWh."""
        park, h = self.park, self.h
        if self.sizing:
            available = total([
                Form.of(column, h * float(source.available.values.sum()))
                for column, source in zip(self.sources, park.sources, strict=True)
            ])  # fmt: skip
        else:
            available = Form(h * float(available_mw(park.sources, self.n).sum()))
        sold = Form.of(self.sold, h)
        lost = total([self._losses(at) for at in self.storages])
        bought = total([Form.of(group.columns, h) for group in self.users])
        load = Form(h * float(park.load_mw.sum()))
        curtailed = total([Form.of(group.curtailed, h) for group in self.groups])
        if self.slack:
            curtailed = available + bought - load - sold - lost
        own = available - sold - curtailed
        if park.rules.reading_losses == "excluded":
            own = own - lost
        return {
            "available": available,
            "curtailed": curtailed,
            "sold": sold,
            "lost": lost,
            "self_use": own,
            "bought": bought,
            "load": load,
        }

    def _losses(self, at: StorageColumns) -> Form:
        """Charged − discharged: what storing costs over a horizon that ends as it began."""
        return Form.of(at.charge, self.h) - Form.of(at.discharge, self.h)

    def _rules(self, forms: dict[str, Form]) -> list[tuple[Limit, int, Form]]:
        """One row for each ratio in force: numerator − share · denominator ≥ 0, or ≤ 0."""
        rows = []
        for limit in limits(self.park):
            numerator, denominator = ratio(self.park, limit.key, forms)
            short = numerator - limit.share * denominator
            row = (short if limit.is_floor else -1.0 * short).require_at_least_zero(self.build)
            rows.append((limit, row, denominator))
        return rows

    def _relief(self, rows: list[tuple[Limit, int, Form]]) -> dict[str, int]:
        """Columns that make an impossible problem possible: more access, MWh on a ratio."""
        build = self.build
        access = build.columns(1).start
        unserved = build.columns(self.n)
        build.put(self.balance, unserved, 1.0)
        row = build.rows(self.n, upper=0.0)
        build.put(row, unserved, 1.0)
        build.put(row, access, -1.0)
        slacks = {"access": access}
        for limit, rule_row, _ in rows:
            slacks[limit.key] = build.columns(1).start
            build.put(rule_row, slacks[limit.key], 1.0)
        return slacks


def buys_at_one_price(park: Park) -> bool:
    """One column may buy for the only user and for all storages: same price, same limit."""
    user, *others = park.users
    return (
        not others
        and user.premium_cny_per_mwh == 0
        and user.import_cap_mw is None
        and not np.any(park.self_use_price)
        and all(storage.grid_charging for storage in park.storages)
    )


def ratio(park: Park, key: str, forms: dict[str, Form]) -> tuple[Form, Form]:
    """Numerator and denominator of a ratio under the readings of the park's rules."""
    rules = park.rules
    produced = forms["available"] - forms["curtailed"]
    generation = forms["available"] if rules.reading_generation == "available" else produced
    supply = produced + forms["bought"]
    consumption = forms["load"] if rules.reading_consumption == "load" else supply
    return {
        "self_of_generation": (forms["self_use"], generation),
        "self_of_consumption": (forms["self_use"], consumption),
        "feed_in": (forms["sold"], generation),
        "curtailment": (forms["curtailed"], forms["available"]),
    }[key]


def assemble(
    park: Park, *, sizing: bool = False, relief: bool = False, curtails_own: bool = False
) -> Model:
    """The park's programme; sizes are columns where they may be chosen (`sizing`).

    `curtails_own` writes out that only what could be generated is curtailed; without it that
    is left to the slack of the balance where it follows as a rule, see `throws_away_mw`.
    """
    return Assembly(park, sizing=sizing, relief=relief, curtails_own=curtails_own).model()
