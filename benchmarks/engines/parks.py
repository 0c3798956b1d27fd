"""The park the rows are measured on: a seeded synthetic year."""

from bihuan.engines.greenpark import (
    Finance,
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


def park(step_s: int = 900, *, rules: Rules | None = None, seed: int = 1) -> Park:
    """80 MW wind, 60 MW PV, 30 MW / 60 MWh storage, 60 MW mean load, all of them sizeable."""
    made = {"year": 2025, "step_s": step_s}
    price = synthetic.energy_price(seed, **made)
    parts = (
        PricePart(name="energy", kind="energy", price_cny_per_mwh=price),
        PricePart(name="wires", kind="transmission", price_cny_per_mwh=180.0),
        PricePart(name="fund", kind="fund", price_cny_per_mwh=30.0, on_self_use=True),
    )
    wind = Source(
        name="wind",
        capacity_mw=80.0,
        available=synthetic.wind(seed, **made),
        invest=Invest(capex_cny=4.2e6, om_share_per_yr=0.02, life_yr=20.0, max_size=600.0),
    )
    pv = Source(
        name="pv",
        technology="pv",
        capacity_mw=60.0,
        available=synthetic.pv(seed, **made),
        invest=Invest(capex_cny=2.9e6, om_share_per_yr=0.015, life_yr=25.0, max_size=600.0),
    )
    lfp = Storage(
        name="lfp",
        power_mw=30.0,
        energy_mwh=60.0,
        invest_power=Invest(capex_cny=3e5, om_share_per_yr=0.01, life_yr=15.0, max_size=300.0),
        invest_energy=Invest(capex_cny=7e5, om_share_per_yr=0.015, life_yr=15.0, max_size=1200.0),
    )
    return Park(
        users=(User(name="works", load_mw=synthetic.load(seed, 60.0, **made)),),
        sources=(wind, pv),
        storages=(lfp,),
        grid=Grid(import_cap_mw=120.0, export_cap_mw=120.0),
        tariff=Tariff(parts=parts, export_price_cny_per_mwh=price.with_values(price.values * 0.6)),
        rules=rules or Rules(),
        finance=Finance(discount_rate=0.07),
    )
