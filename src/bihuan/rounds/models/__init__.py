"""Rounds, their lists, the visits that shorten them, and what a visit is asked."""

from bihuan.rounds.models.entries import Entry, Excuse
from bihuan.rounds.models.rounds import Checklist, Opening, Round
from bihuan.rounds.models.visits import Finding, Photo, Present, Visit

__all__ = [
    "Checklist",
    "Entry",
    "Excuse",
    "Finding",
    "Opening",
    "Photo",
    "Present",
    "Round",
    "Visit",
]
