"""The same parks solved by PyPSA 1.4.0 have the same optimum."""

import json
from pathlib import Path

import pytest

from bihuan.engines.greenpark import dispatch
from tests.engines.greenpark.parks import outside_cases

PYPSA = json.loads(Path(__file__).with_name("pypsa_1_4_0.json").read_text())
PARKS = dict(outside_cases())


def test_every_park_was_solved_outside():
    assert PARKS.keys() == PYPSA.keys()


@pytest.mark.parametrize("name", PARKS)
def test_pypsa_agrees(name):
    """To the linear optimum: PyPSA too may charge and discharge at once where energy is worthless."""
    result = dispatch(PARKS[name])
    assert result.is_ok, result.report()
    assert result.bound == pytest.approx(PYPSA[name], rel=1e-7)
    if not name.startswith("below-zero"):
        assert result.value == pytest.approx(PYPSA[name], rel=1e-7)


def test_buying_for_storages_costs_the_tariff_whoever_the_user_is():
    """A lone user's premium or limit does not weigh on what charges a storage."""
    park = PARKS["grid-11"]
    (user,) = park.users
    dear = dispatch(park.replace(users=(user.replace(premium_cny_per_mwh=50.0),)))
    flows = dear.flows
    to_the_user = flows.bought_by_user_mw[user.name]
    assert (flows.bought_mw - to_the_user).max() > 1
    premium = next(line for line in dear.money if line.key.startswith("premium"))
    assert premium.cny == pytest.approx(50 * park.hours * to_the_user.sum())
    green_only = park.storages[0].replace(grid_charging=False)
    mixed = park.replace(storages=(green_only, park.storages[1]))
    assert dispatch(mixed).value >= dispatch(park).value - 1e-6
