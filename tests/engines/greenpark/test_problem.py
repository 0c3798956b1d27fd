"""What cannot be computed is refused, and the field is named."""

import dataclasses

import numpy as np
import pytest

from bihuan.engines import wire
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
)
from bihuan.engines.shape import BadProblem
from tests.engines.greenpark import parks
from tests.engines.greenpark.parks import constant, flat, lfp, series, tariff, week

WIND = Source(name="wind", capacity_mw=10.0, available=constant(0.5, "1"))


@pytest.mark.parametrize(
    ("make", "field", "says"),
    [
        # units
        (lambda: User(name="a", load_mw=constant(150_000)), "load_mw[0]", "kW"),
        (lambda: User(name="a", load_mw=constant(5, "kW")), "load_mw.unit", "must be 'MW'"),
        (lambda: lfp(power_mw=60_000.0), "power_mw", "kW"),
        (lambda: flat(tariff=tariff(0.5, 0.0)), "tariff.parts", "yuan/kWh"),
        (lambda: flat(tariff=tariff(500.0, 0.2)), "tariff.export_price_cny_per_mwh", "yuan/kWh"),
        # ranges
        (lambda: lfp(charge_efficiency=1.05), "charge_efficiency", "at most 1"),
        (lambda: lfp(discharge_efficiency=0.0), "discharge_efficiency", "above 0"),
        (lambda: lfp(soc_min=0.9, soc_max=0.1), "soc_min", "below soc_max"),
        (lambda: lfp(soc_start=0.5, soc_max=0.4), "soc_start", "outside"),
        (lambda: lfp(invest_power=Invest(capex_cny=1.0)), "invest_energy", "both"),
        (lambda: Source(name="w", capacity_mw=1.0, available=constant(1.2, "1")), "available[0]", "at most 1"),
        (lambda: Source(name="w", capacity_mw=1.0, available=constant(0.2, "MW")), "available.unit", "'1'"),
        (lambda: Invest(capex_cny=1.0, min_size=5.0, max_size=4.0), "min_size", "above max_size"),
        (lambda: User(name="a", load_mw=constant(-1)), "load_mw[0]", "at least 0"),
        # series that do not belong together
        (lambda: flat(sources=(WIND.replace(available=constant(0.5, "1", 48)),)), "sources[0].available", "number of steps"),
        (lambda: flat(sources=(WIND.replace(available=series(np.full(24, 0.5), "1", 900)),)), "sources[0].available", "step_s"),
        (lambda: flat(users=(User(name="a", load_mw=constant(1, hours=23)),)), "users[0].load_mw", "incomplete"),
        (lambda: flat(users=(User(name="a", load_mw=series(np.ones(95), step_s=900)),)), "users[0].load_mw", "incomplete"),
        (lambda: flat(users=(User(name="a", load_mw=constant(1, hours=8784)),)), "users[0].load_mw", "has 8760"),
        # prices
        (lambda: flat(tariff=tariff(-300.0, -400.0)), "tariff.parts", "negative_prices"),
        (lambda: flat(tariff=tariff(500.0, 501.0)), "tariff.export_price_cny_per_mwh", "cannot sell"),
        # lists
        (lambda: flat(users=()), "users", "at least one"),
        (lambda: flat(sources=(WIND, WIND)), "sources", "differ"),
        (lambda: Tariff(parts=()), "parts", "at least one"),
    ],
)  # fmt: skip
def test_bad_input_is_named(make, field, says):
    with pytest.raises(BadProblem) as caught:
        make()
    assert caught.value.field == field
    assert says in str(caught.value)
    assert caught.value.text("zh")


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -float("inf")])
def test_no_number_may_be_infinite(bad):
    for make in (
        lambda: lfp(power_mw=bad),
        lambda: Grid(import_cap_mw=bad),
        lambda: PricePart(name="e", kind="energy", price_cny_per_mwh=bad),
        lambda: Rules(feed_in_max=bad),
    ):
        with pytest.raises(BadProblem, match="finite"):
            make()


def test_the_written_form_is_complete():
    park = week(days=1)
    assert wire.read(Park, wire.plain(park)) == park


def test_every_number_has_a_meaning_and_a_unit():
    for kind in (Park, Source, Storage, User, Grid, Tariff, PricePart, Invest):
        for item in dataclasses.fields(kind):
            if item.type in (float, "float", int, "int"):
                assert item.metadata.get("doc"), f"{kind.__name__}.{item.name}"
                assert item.metadata.get("unit"), f"{kind.__name__}.{item.name}"


def test_identity_changes_with_the_content_only():
    assert wire.digest(week(days=1)) == wire.digest(parks.week(days=1))
    assert wire.digest(week(days=1)) != wire.digest(week(days=1, seed=2))
