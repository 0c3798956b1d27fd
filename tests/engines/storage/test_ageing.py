"""The ageing laws at their published points, and what must hold for any history."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.engines.storage.ageing import Health, calendar_law, cyclic_law
from bihuan.engines.storage.cycles import Cycle

YEAR_S = 365 * 86_400.0


def rested(soc: float, temperature_c: float, seconds: float, pieces: int = 1) -> Health:
    health = Health()
    for _ in range(pieces):
        health.rest(calendar_law(), soc, temperature_c, seconds / pieces)
    return health


def test_a_year_at_the_reference_is_the_formula() -> None:
    """25 °C and half charge: 1.2571e-5 · 0.60225 · √(seconds of a year)."""
    expected = 1.2571e-5 * 0.60225 * math.sqrt(YEAR_S)
    assert rested(0.5, 25.0, YEAR_S).calendar_loss == pytest.approx(expected, rel=1e-12)


def test_two_programmes_agree_on_calendar_ageing() -> None:
    """BLAST-Lite, Sony 3 Ah at 25 °C, rest at half charge: 96.2 / 90.8 / 88.8 % after 1, 5,
    10 years; Naumann's law lies within 3 points of it."""
    for years, blast in ((1, 0.962), (5, 0.918), (10, 0.888)):
        assert rested(0.5, 25.0, years * YEAR_S).capacity == pytest.approx(blast, abs=0.03)


def test_a_hundred_deep_cycles_are_the_formula() -> None:
    """Depth 0.8 at 0.5 C: (0.063·0.5 + 0.0971)(4.0253·0.2³ + 1.0923)·√100 per cent."""
    health = Health()
    for _ in range(100):
        health.cycle(cyclic_law(), Cycle(depth=0.8, count=1.25, hours=4.0))
    expected = (0.0630 * 0.5 + 0.0971) * (4.0253 * 0.2**3 + 1.0923) * 10 / 100
    assert health.cyclic_loss == pytest.approx(expected, rel=1e-9)


@given(st.floats(0, 1), st.floats(10, 60), st.integers(1, 50))
def test_the_steps_do_not_matter(soc: float, temperature_c: float, pieces: int) -> None:
    """√t continued in pieces is √t."""
    whole = rested(soc, temperature_c, YEAR_S)
    cut = rested(soc, temperature_c, YEAR_S, pieces)
    assert cut.calendar_loss == pytest.approx(whole.calendar_loss, rel=1e-9)
    assert cut.calendar_rise == pytest.approx(whole.calendar_rise, rel=1e-9)


@given(st.floats(0, 1), st.floats(10, 59), st.floats(0.1, 1))
def test_heat_never_helps(soc: float, temperature_c: float, more_c: float) -> None:
    cool, warm = (
        rested(soc, temperature_c, YEAR_S),
        rested(soc, temperature_c + more_c, YEAR_S),
    )
    assert warm.capacity <= cool.capacity
    assert warm.resistance >= cool.resistance


@given(st.floats(0.01, 1), st.floats(0.5, 20), st.integers(1, 200))
def test_cycling_never_heals(depth: float, hours: float, cycles: int) -> None:
    health = Health()
    before = health.capacity
    for _ in range(cycles):
        health.cycle(cyclic_law(), Cycle(depth, 1.0, hours))
        assert health.capacity < before
        before = health.capacity
