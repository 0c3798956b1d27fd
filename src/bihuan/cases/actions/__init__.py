"""Everything that changes a case."""

from bihuan.cases.actions._writing import hold_series, next_number
from bihuan.cases.actions.escalate import escalate_late
from bihuan.cases.actions.follow import follow_dossier
from bihuan.cases.actions.history import PastCase, take_over
from bihuan.cases.actions.move import Wanted, make_move
from bihuan.cases.actions.report import Finding, report

__all__ = [
    "Finding",
    "PastCase",
    "Wanted",
    "escalate_late",
    "follow_dossier",
    "hold_series",
    "make_move",
    "next_number",
    "report",
    "take_over",
]
