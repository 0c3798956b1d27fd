"""Everything that changes a round, its list, a visit or a checklist."""

from bihuan.rounds.actions.checklists import load_checklist
from bihuan.rounds.actions.entries import Who, assign, join, join_everywhere, join_newcomers
from bihuan.rounds.actions.excuses import ask_excuse, decide_excuse
from bihuan.rounds.actions.history import PastVisit, import_visits
from bihuan.rounds.actions.rounds import Plan, cancel_round, close_round, open_round, write_out
from bihuan.rounds.actions.visits import Evidence, record_visit

__all__ = [
    "Evidence",
    "PastVisit",
    "Plan",
    "Who",
    "ask_excuse",
    "assign",
    "cancel_round",
    "close_round",
    "decide_excuse",
    "import_visits",
    "join",
    "join_everywhere",
    "join_newcomers",
    "load_checklist",
    "open_round",
    "record_visit",
    "write_out",
]
