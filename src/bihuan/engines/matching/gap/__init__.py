"""The generalised assignment problem: every job to one agent, each agent within its capacity.

It is matching stripped to one shared resource per building, and the classic yardstick:
`read` takes the text format of the OR-Library files, `published` makes instances by the
recipe of the types A to E, `solve` proves the small ones and bounds the large ones.
"""

from bihuan.engines.matching.gap.files import published, read, written
from bihuan.engines.matching.gap.problem import GapProblem, GapResult, Sense
from bihuan.engines.matching.gap.solving import solve

__all__ = ["GapProblem", "GapResult", "Sense", "published", "read", "solve", "written"]
