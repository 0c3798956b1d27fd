"""Sums of energy as linear forms over the columns of a programme.

Available, fed in, curtailed, lost, consumed: each is one Form. The ratios of the rules
are built from forms once, so that the row in the programme and the figure in the report
cannot differ.
"""

from dataclasses import dataclass, field

import numpy as np

from bihuan.engines.lp import Builder, positions, spread


@dataclass(frozen=True)
class Form:
    """constant + Σ coefficient · column."""

    constant: float = 0.0
    terms: tuple[tuple[np.ndarray, np.ndarray], ...] = field(default=())

    @classmethod
    def of(cls, columns: slice | int, coefficients: float | np.ndarray) -> "Form":
        at = positions(columns)
        return cls(0.0, ((at, spread(coefficients, len(at))),))

    def __add__(self, other: "Form") -> "Form":
        return Form(self.constant + other.constant, self.terms + other.terms)

    def __sub__(self, other: "Form") -> "Form":
        return self + -1.0 * other

    def __rmul__(self, factor: float) -> "Form":
        return Form(factor * self.constant, tuple((at, factor * value) for at, value in self.terms))

    def at(self, x: np.ndarray) -> float:
        """Its value at a solution."""
        return self.constant + sum(float((value * x[at]).sum()) for at, value in self.terms)

    def require_at_least_zero(self, build: Builder) -> int:
        """Add the row `form ≥ 0`; says which row it is. Repeated columns are summed."""
        row = int(build.rows(1, lower=-self.constant).start)
        if self.terms:
            at = np.concatenate([term[0] for term in self.terms])
            value = np.concatenate([term[1] for term in self.terms])
            columns, back = np.unique(at, return_inverse=True)
            build.put(row, columns, np.bincount(back, weights=value))
        return row


def total(forms: "list[Form]") -> Form:
    """The sum of forms."""
    return Form(
        sum(form.constant for form in forms), tuple(term for form in forms for term in form.terms)
    )
