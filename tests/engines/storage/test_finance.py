"""The investment: published checks, examples by hand, and what must hold for any figures."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bihuan.engines.shape import BadProblem
from bihuan.engines.storage import Capex, Revenue, Scenario, Venture, appraise
from bihuan.engines.storage.finance import flows_of


def plain(cny: float = 200.0, **changes: Any) -> Venture:
    """1,000 CNY today, 200 a year for 10 years, no O&M and no salvage."""
    usual: dict[str, Any] = {
        "capex": (Capex(name="station", cny=1000.0),),
        "revenue": (Revenue(name="net", cny=cny),),
        "years": 10,
        "om_share": 0.0,
        "tax_rate": 0.0,
        "salvage_share": 0.0,
        "depreciation_years": 10,
        "discount_rate": 0.08,
    }
    return Venture(**(usual | changes))


@pytest.mark.parametrize(("revenue", "irr"), [(80e6, -0.028), (120e6, 0.039), (160e6, 0.092)])
def test_the_taigu_station_at_three_revenues(revenue: float, irr: float) -> None:
    """1,098 M CNY over 15 years with 2 % O&M and no tax."""
    venture = Venture(
        capex=(Capex(name="station", cny=1098e6),),
        revenue=(Revenue(name="all", cny=revenue),),
        tax_rate=0.0,
        salvage_share=0.0,
    )
    assert appraise(venture).irr == pytest.approx(irr, abs=5e-4)


def test_present_value_and_payback_by_hand() -> None:
    """200 · (1 − 1.08^−10)/0.08 − 1000 = 342.02; five years."""
    result = appraise(plain())
    assert result.value == pytest.approx(342.0163, abs=1e-3)
    assert result.payback == pytest.approx(5.0)
    assert result.is_ok, result.checks


def test_tax_by_hand() -> None:
    """Depreciation 100 a year, so 100 taxed at 25 %: 175 left."""
    flows = flows_of(plain(tax_rate=0.25))
    assert list(flows.total) == pytest.approx([-1000.0] + [175.0] * 10)


def test_losses_are_carried_five_years() -> None:
    """Loses 50 a year for two years, then earns 50, 50, 50: only the third is taxed."""
    venture = plain(
        50.0, years=5, depreciation_years=2, capex=(Capex(name="s", cny=200.0),), tax_rate=0.2
    )
    assert list(flows_of(venture).lines["tax"]) == pytest.approx([0, 0, 0, 0, 0, -10.0])


def test_cells_are_replaced_by_health() -> None:
    """Loss 10 % · √t passes 30 % in the ninth year (0.3 = 0.1·√9: not yet below 0.7) and is below
    0.7 after the tenth."""
    parts = (
        Capex(name="cells", cny=600.0, worn_by_cycles=True, replacement_share=0.5),
        Capex(name="rest", cny=400.0),
    )
    flows = flows_of(plain(capex=parts, years=15, loss_first_year=0.1, total_cny=1000.0))
    assert flows.replaced == (10,)
    assert flows.lines["capex: cells"][10] == -300.0
    assert flows.health[11] == pytest.approx(0.95)
    assert flows.lines["capex: rest"][1:].any() == False  # noqa: E712 - a numpy truth


def test_revenue_follows_health_where_it_does() -> None:
    line = (
        Revenue(name="energy", cny=100.0, follows_health=True),
        Revenue(name="capacity", cny=100.0),
    )
    flows = flows_of(plain(revenue=line, loss_first_year=0.04))
    assert flows.lines["revenue: energy"][1] == pytest.approx(98.0)
    assert flows.lines["revenue: capacity"][1] == 100.0


def test_levelised_cost_by_hand() -> None:
    """(1000 + Σ 20/1.08^k) over Σ 50/1.08^k of energy; energy bought counts as cost."""
    line = (Revenue(name="sold", cny=300.0), Revenue(name="energy bought", cny=-20.0))
    result = appraise(plain(revenue=line, discharged_mwh_per_year=50.0))
    annuity = (1 - 1.08**-10) / 0.08
    assert result.lcos_cny_per_mwh == pytest.approx((1000 + 20 * annuity) / (50 * annuity))


def test_a_scenario_touches_only_its_lines() -> None:
    line = (Revenue(name="regulation", cny=150.0), Revenue(name="capacity", cny=50.0))
    erosion = Scenario(name="erosion", change_per_year=-0.1, lines=("regulation",))
    result = appraise(plain(revenue=line, scenarios=(erosion,)))
    eroded = sum((150 * 0.9 ** (k - 1) + 50) / 1.08**k for k in range(1, 11)) - 1000
    assert result.scenarios["erosion"][0] == pytest.approx(eroded)


def test_the_tornado_is_sorted_and_straddles_the_value() -> None:
    result = appraise(plain(om_share=0.02))
    widths = [abs(high - low) for low, high in result.tornado.values()]
    assert widths == sorted(widths, reverse=True)
    low, high = result.tornado["revenue"]
    assert low < result.value < high


@settings(max_examples=40)
@given(st.floats(50, 500), st.floats(0, 100), st.floats(0, 0.5))
def test_more_revenue_is_never_worse(cny: float, more: float, tax: float) -> None:
    before, after = appraise(plain(cny, tax_rate=tax)), appraise(plain(cny + more, tax_rate=tax))
    assert after.value >= before.value - 1e-9
    assert before.is_ok, before.checks


@settings(max_examples=40)
@given(st.floats(0, 0.15), st.floats(0, 0.15))
def test_ageing_is_never_better(loss: float, more: float) -> None:
    parts = (Capex(name="cells", cny=1000.0, worn_by_cycles=True),)
    line = (Revenue(name="energy", cny=300.0, follows_health=True),)
    young = plain(capex=parts, revenue=line, loss_first_year=loss, replace_at=0.01)
    old = young.replace(loss_first_year=loss + more)
    assert appraise(old).value <= appraise(young).value + 1e-9


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"revenue": (Revenue(name="dream", cny=400.0),)}, "IRR"),
        ({"revenue": (Revenue(name="dream", cny=400.0),)}, "pays back"),
        ({"power_mw": 100.0}, "CNY/kW"),
        ({"scenarios": ()}, "scenario"),
        ({"capex": (Capex(name="cells", cny=1000.0, worn_by_cycles=True),)}, "never age"),
    ],
)
def test_too_good_to_be_true_is_said(changes: dict[str, Any], word: str) -> None:
    result = appraise(plain(**changes))
    assert any(word in words.en for words in result.warnings)


def test_a_modest_station_is_not_warned_about() -> None:
    assert appraise(plain(150.0)).warnings == ()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"total_cny": 1098.0}, "total_cny"),  # parts that do not add up
        ({"capex": ()}, "capex"),
        ({"tax_rate": 25.0}, "tax_rate"),  # per cent
        ({"discount_rate": 8.0}, "discount_rate"),
        ({"years": 0}, "years"),
        ({"loss_first_year": float("nan")}, "loss_first_year"),
        ({"scenarios": (Scenario(name="x", lines=("nothing",)),)}, "scenarios[0].lines"),
    ],
)
def test_a_wrong_venture_is_refused_by_name(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(BadProblem) as refused:
        plain(**changes)
    assert refused.value.field == field
