"""Forms of rounds, excuses and visits."""

from bihuan.rounds.forms.rounds import CriteriaForm, ExcuseForm, JoinForm, OpenForm, preset_of
from bihuan.rounds.forms.visit import VisitSheet

__all__ = ["CriteriaForm", "ExcuseForm", "JoinForm", "OpenForm", "VisitSheet", "preset_of"]
