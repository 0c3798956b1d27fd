"""Cash flows: present value, internal rate, payback, annuity.

Flow k happens at the end of year k; flow 0 is the investment, today. Money in is +.
"""

from collections.abc import Sequence

import numpy as np


def annuity_factor(rate: float, years: float) -> float:
    """The yearly share of an investment that repays it with interest over its life.

    a = r / (1 − (1 + r)^−n), and 1/n without interest.
    """
    if years <= 0:
        raise ValueError("years must be above 0")
    return 1 / years if rate == 0 else rate / -np.expm1(-years * np.log1p(rate))


def present_value(rate: float, flows: Sequence[float]) -> float:
    """Σ flow_k / (1 + r)^k."""
    years = np.arange(len(flows))
    return float(np.sum(np.asarray(flows, float) / (1 + rate) ** years))


def internal_rate(flows: Sequence[float]) -> float | None:
    """The rate at which the present value is 0; None unless there is exactly one in (−99 %, 1000 %).

    Exactly one is guaranteed only where the flows change sign once, so others give None.
    """
    signs = np.sign([flow for flow in flows if flow])
    if np.count_nonzero(np.diff(signs)) != 1:
        return None
    low, high = -0.99, 10.0
    at_low = present_value(low, flows)
    if at_low * present_value(high, flows) > 0:
        return None
    for _ in range(200):
        middle = (low + high) / 2
        if present_value(middle, flows) * at_low > 0:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def payback_years(flows: Sequence[float], rate: float = 0.0) -> float | None:
    """When the (discounted) sum of the flows first reaches 0, within a year by proportion."""
    years = np.arange(len(flows))
    sums = np.cumsum(np.asarray(flows, float) / (1 + rate) ** years)
    reached = np.flatnonzero(sums >= 0)
    if reached.size == 0:
        return None
    year = int(reached[0])
    if year == 0:
        return 0.0
    return year - float(sums[year] / (sums[year] - sums[year - 1]))
