"""Small parks for tests; every call gives the same one unless told otherwise."""

import datetime as dt

import numpy as np

from bihuan.engines.greenpark import (
    Grid,
    Invest,
    Park,
    PricePart,
    Rules,
    Source,
    Storage,
    Tariff,
    User,
    synthetic,
)
from bihuan.engines.series import BEIJING, Series

START = dt.datetime(2026, 7, 1, tzinfo=BEIJING)


def series(values, unit="MW", step_s=3600):
    return Series(start=START, step_s=step_s, unit=unit, values=np.asarray(values, float))


def constant(value, unit="MW", hours=24):
    return series(np.full(hours, float(value)), unit)


def tariff(price=500.0, export=200.0, **more):
    parts = (PricePart(name="energy", kind="energy", price_cny_per_mwh=price),)
    return Tariff(parts=parts, export_price_cny_per_mwh=export, **more)


def flat(load_mw=10.0, **changes):
    """One user with a flat load and the grid: 24 hours, 500 CNY/MWh."""
    given = {
        "users": (User(name="works", load_mw=constant(load_mw)),),
        "grid": Grid(import_cap_mw=50.0, export_cap_mw=50.0),
        "tariff": tariff(),
    }
    return Park(**(given | changes))


def lfp(power_mw=5.0, energy_mwh=10.0, **changes):
    return Storage(name="lfp", power_mw=power_mw, energy_mwh=energy_mwh, **changes)


def moved(item):
    """A synthetic series, moved to the tests' start."""
    return Series(start=START, step_s=item.step_s, unit=item.unit, values=item.values)


def week(seed=1, days=7, step_s=3600, **changes):
    """A park with wind, PV and a battery over some days of synthetic series."""
    made = {"year": 2026, "step_s": step_s, "days": days}
    price = moved(synthetic.energy_price(seed, **made))
    parts = (
        PricePart(name="energy", kind="energy", price_cny_per_mwh=price),
        PricePart(name="wires", kind="transmission", price_cny_per_mwh=150.0),
        PricePart(name="funds", kind="fund", price_cny_per_mwh=30.0, on_self_use=True),
    )
    given = {
        "users": (User(name="works", load_mw=moved(synthetic.load(seed, 60.0, **made))),),
        "sources": (
            Source(
                name="wind",
                capacity_mw=90.0,
                available=moved(synthetic.wind(seed, **made)),
                invest=Invest(capex_cny=4.2e6, om_share_per_yr=0.02, max_size=300.0),
            ),
            Source(
                name="pv",
                technology="pv",
                capacity_mw=80.0,
                available=moved(synthetic.pv(seed, **made)),
                invest=Invest(capex_cny=2.9e6, om_share_per_yr=0.015, max_size=300.0),
            ),
        ),
        "storages": (
            lfp(
                30.0,
                90.0,
                wear_cny_per_mwh=30.0,
                invest_power=Invest(capex_cny=3e5, life_yr=15.0, max_size=200.0),
                invest_energy=Invest(capex_cny=7e5, life_yr=15.0, max_size=800.0),
            ),
        ),
        "grid": Grid(import_cap_mw=120.0, export_cap_mw=80.0),
        "tariff": Tariff(
            parts=parts, export_price_cny_per_mwh=price.with_values(price.values * 0.5)
        ),
    }
    return Park(**(given | changes))


def outside_cases():
    """Parks which were also solved by PyPSA; see benchmarks/engines/peers/pypsa_golden.py."""
    second = lfp(20.0, 5.0, charge_efficiency=0.93, discharge_efficiency=0.93, loss_per_hour=0.1)
    for seed in (11, 12, 13):
        park = week(seed=seed, days=4, step_s=900)
        battery = park.storages[0]
        yield f"green-{seed}", park
        charged = battery.replace(grid_charging=True, loss_per_hour=0.002, soc_min=0.1)
        twin = second.replace(name="fast", grid_charging=True)
        plain_tariff = park.tariff.replace(parts=park.tariff.parts[:2])
        yield f"grid-{seed}", park.replace(storages=(charged, twin), tariff=plain_tariff)
        fixed = battery.replace(soc_start=0.4, end_free=seed % 2 == 0)
        costs = tuple(
            s.replace(variable_cost_cny_per_mwh=60.0 * i) for i, s in enumerate(park.sources)
        )
        yield f"start-{seed}", park.replace(storages=(fixed,), sources=costs)
        yield f"users-{seed}", _shared(park, seed)
        larger = tuple(s.replace(capacity_mw=3 * s.capacity_mw) for s in park.sources)
        yield f"ratios-{seed}", park.replace(sources=larger, rules=RATIOS[seed])
        yield f"below-zero-{seed}", _below_zero(park).replace(storages=(charged, twin))


RATIOS = {
    11: Rules(feed_in_max=0.05, reading_generation="actual"),
    12: Rules(
        self_of_consumption_min=0.63, reading_losses="excluded", reading_consumption="supply"
    ),
    13: Rules(feed_in_max=0.1, self_of_generation_min=0.5),
}


def _shared(park, seed):
    """Three users, one dearer, one with a limit of its own; a demand charge over two months."""
    load = park.users[0].load_mw
    end_of_month = {"start": START + dt.timedelta(days=29), "step_s": load.step_s}

    def at_the_end(item):
        return Series(unit=item.unit, values=item.values, **end_of_month)

    part = park.tariff.parts[0]
    price = at_the_end(part.price_cny_per_mwh)
    own = load.values * 0.3
    return park.replace(
        users=(
            User(name="works", load_mw=at_the_end(load).with_values(own)),
            User(
                name="foundry", load_mw=at_the_end(load.with_values(own)), premium_cny_per_mwh=25.0
            ),
            User(
                name="mill",
                load_mw=at_the_end(load).with_values(np.roll(own, 7 * seed)),
                import_cap_mw=0.9 * float(own.max()),
            ),
        ),
        sources=tuple(s.replace(available=at_the_end(s.available)) for s in park.sources),
        tariff=park.tariff.replace(
            parts=(part.replace(price_cny_per_mwh=price), *park.tariff.parts[1:]),
            export_price_cny_per_mwh=price.with_values(price.values * 0.5),
            demand_cny_per_mw_month=9_000.0,
        ),
    )


def _below_zero(park):
    """Spot prices 450 lower: many are below 0, in and out."""
    part = park.tariff.parts[0]
    low = part.price_cny_per_mwh.with_values(part.price_cny_per_mwh.values - 450.0)
    tariff = park.tariff.replace(
        parts=(part.replace(price_cny_per_mwh=low), *park.tariff.parts[1:]),
        export_price_cny_per_mwh=low.with_values(low.values - 20.0),
        negative_prices=True,
    )
    return park.replace(tariff=tariff)
