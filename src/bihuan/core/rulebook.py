"""The rulebook: what a document says, from when to when, and how sure we are of it.

Rows live in core/rules/*.toml, one file per subject, each with its document, number,
article, validity, confidence and source. Nothing here is a constant in code: a finding
keeps the version id of the rule it was judged by, so that a later version never
re-judges it. docs/develop/rulebook.md describes the form.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any

from django.utils.translation import gettext as _

from bihuan.core.refusals import Refused


class Confidence(StrEnum):
    """How a row came to be known."""

    READ = "A"  # the text itself was read
    AGREED = "B"  # a secondary source agrees
    RECALLED = "C"  # from memory
    UNVERIFIED = "U"  # not verified: nothing may be computed from it


@dataclass(frozen=True)
class Rule:
    """One version of one rule.

    text is verbatim where the row has it, summary is ours. value holds its numbers,
    the unit in the name: {"working_days": 10}. Both dates are the rule's own first and
    last day; valid_to is None while it is in force.
    """

    id: str
    doc: str
    doc_no: str
    article: str
    summary: str
    valid_from: date
    confidence: Confidence
    source_note: str
    valid_to: date | None = None
    text: str = ""
    value: Mapping[str, int] = field(default_factory=dict)
    verified_by: str = ""
    verified_on: date | None = None
    header_checked: bool = False  # its number and dates were read in a source, not recalled

    @property
    def version(self) -> str:
        """What a finding keeps: the rule and the first day of this version."""
        return f"{self.id}@{self.valid_from.isoformat()}"

    @property
    def citation(self) -> str:
        """Document, number and article as a document cites them."""
        number = f"（{self.doc_no}）" if self.doc_no else ""
        return f"《{self.doc}》{number}{self.article}"

    @property
    def needs_checking(self) -> bool:
        """Say whether people must be told to check the original (需核对原文).

        That is so where the text was recalled, and where only its number or dates were.
        """
        recalled = self.confidence in (Confidence.RECALLED, Confidence.UNVERIFIED)
        return recalled or not self.header_checked

    def holds_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


class NotInForce(Refused):
    """A rule has no version in force on that day."""


class Rulebook:
    """A checked set of rules. Raises ValueError where rows contradict each other."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._by_id: dict[str, list[Rule]] = {}
        for rule in sorted(rules, key=lambda rule: (rule.id, rule.valid_from)):
            self._add(rule)

    def _add(self, rule: Rule) -> None:
        if rule.valid_to and rule.valid_to < rule.valid_from:
            raise ValueError(f"{rule.version} ends before it begins")
        if rule.confidence is Confidence.UNVERIFIED and rule.value:
            raise ValueError(f"{rule.version} is unverified and yet has numbers")
        versions = self._by_id.setdefault(rule.id, [])
        if versions:
            before = versions[-1]
            if before.valid_to is None or before.valid_to >= rule.valid_from:
                raise ValueError(f"{rule.version} begins while {before.version} is in force")
        versions.append(rule)

    def rule(self, name: str, *, on: date) -> Rule:
        """Return the version of a rule in force on a day.

        Raises NotInForce, with a sentence, where there is none, and KeyError where
        no such rule was ever written down.
        """
        for version in self._by_id[name]:
            if version.holds_on(on):
                return version
        last = self._by_id[name][-1]
        raise NotInForce(
            _("%(rule)s is not in force on %(day)s. Choose the rule that applies on that day.")
            % {"rule": last.citation, "day": on.isoformat()}
        )

    def version(self, version: str) -> Rule:
        """Return exactly the version that was kept, in force or not. Raises KeyError."""
        name = version.rpartition("@")[0]
        for rule in self._by_id.get(name, ()):
            if rule.version == version:
                return rule
        raise KeyError(version)

    def in_force(self, *, on: date, prefix: str = "") -> list[Rule]:
        """Return the rules in force on a day whose id begins with prefix, by id."""
        return [
            version
            for name, versions in self._by_id.items()
            if name.startswith(prefix)
            for version in versions
            if version.holds_on(on)
        ]

    def every_version(self) -> list[Rule]:
        """Return all there is, by id and date."""
        return [version for versions in self._by_id.values() for version in versions]


def read(text: str) -> list[Rule]:
    """Return the rules of one TOML text; [document] holds what its rows share."""
    table = tomllib.loads(text)
    shared = table.get("document", {})
    return [_rule(shared | row) for row in table["rule"]]


def _rule(row: dict[str, Any]) -> Rule:
    confidence = Confidence(row.pop("confidence"))
    return Rule(confidence=confidence, **row)


@cache
def rulebook() -> Rulebook:
    """Return the rules this version of Bihuan carries."""
    folder = resources.files("bihuan.core").joinpath("rules")
    files = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".toml"))
    texts = (folder.joinpath(name).read_text("utf-8") for name in files)
    return Rulebook(rule for text in texts for rule in read(text))


def rule(name: str, *, on: date) -> Rule:
    """Return the version of a rule in force on a day; see Rulebook.rule."""
    return rulebook().rule(name, on=on)


def caution(rule: Rule) -> str:
    """Return the warning to print beside a rule; empty where its text is known."""
    return _("check against the original") if rule.needs_checking else ""
