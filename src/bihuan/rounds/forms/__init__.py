"""Forms of rounds, excuses and visits."""

from bihuan.rounds.forms.rounds import (
    CriteriaForm,
    ExcuseForm,
    GiveForm,
    JoinForm,
    OpenForm,
    preset_of,
)
from bihuan.rounds.forms.route import RouteForm, asked
from bihuan.rounds.forms.visit import VisitSheet

__all__ = [
    "CriteriaForm",
    "ExcuseForm",
    "GiveForm",
    "JoinForm",
    "OpenForm",
    "RouteForm",
    "VisitSheet",
    "asked",
    "preset_of",
]
