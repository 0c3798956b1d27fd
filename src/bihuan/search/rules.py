"""How text becomes what an index can find: words as they are, Chinese in pairs. Pure."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any
from uuid import UUID

from django.utils.functional import Promise

_CHINESE = r"\u3400-\u9fff\U00020000-\U0003134f"
_RUN = re.compile(f"[0-9a-z]+|[{_CHINESE}]+")
_MIXED_RUN = re.compile(f"[0-9a-z{_CHINESE}]+")
MOST_TOKENS = 400  # of one thing; what follows is not found by
_TITLE = "τ"  # begins the tokens of a title, and no word of a text


@dataclass(frozen=True)
class Text:
    """What one thing can be found by; lists look for words in the title alone."""

    subject: UUID
    title: str
    text: str


class Share(Enum):
    """How much of a kind a person may see: decides only where a search begins."""

    ALL = auto()
    MUCH = auto()
    LITTLE = auto()  # thousands, whose ids are soon fetched
    FEW = auto()  # sooner looked up one by one than anything else


@dataclass(frozen=True)
class Seen:
    """The rows of a kind that a person may see.

    ways are querysets that together hold the same rows, each found by an index; they are
    asked where the person sees little or few.
    """

    rows: Any
    share: Share
    ways: Sequence[Any]


@dataclass(frozen=True)
class Searched:
    """A kind of thing that can be found.

    abouts are the types under which the ledger speaks of it; texts(zone, ids) returns what
    its things can be found by; seen(standing) tells which of them the person may see;
    lines(rows) returns (id, title, line below) of some; page is the page of one.
    """

    kind: str
    name: str | Promise
    abouts: frozenset[str]
    texts: Callable[[Any, Sequence[UUID]], Iterable[Any]]
    seen: Callable[[Any], Seen]
    lines: Callable[[Any], Iterable[tuple[UUID, str, str]]]
    page: str


def plain(text: str) -> str:
    """Return text in half width and lower case."""
    return unicodedata.normalize("NFKC", text).lower()


def tokens(text: str) -> list[str]:
    """Return what text is indexed under: each word, and each two neighbouring characters.

    "消防通道2号" becomes 消防 防通 通道 2 号; a lone character stands for itself.
    """
    found: list[str] = []
    for run in _RUN.findall(plain(text)):
        if run[0].isascii() or len(run) == 1:
            found.append(run)
        else:
            found += [run[at : at + 2] for at in range(len(run) - 1)]
    return list(dict.fromkeys(found))[:MOST_TOKENS]


def title_pairs(text: str) -> list[str]:
    """Return a title as tokens of its own: each two neighbours within letters, digits, Chinese.

    Whatever holds some text has all the pairs of that text, so what lacks one need not be
    looked at. For that each character must count for itself, beside whatever it stands
    (NFKD, where plain() would compose a letter with the accent that follows).
    """
    runs = _MIXED_RUN.findall(unicodedata.normalize("NFKD", text).lower())
    pairs = (run[at : at + 2] for run in runs for at in range(len(run) - 1))
    return list(dict.fromkeys(f"{_TITLE}{pair}" for pair in pairs))


def entry_words(place: str, title: str, text: str) -> str:
    """Return all tokens under which one thing lies in the index."""
    return " ".join([place, *tokens(f"{title}\n{text}"), *title_pairs(title)])


@dataclass(frozen=True)
class Part:
    """One thing that must be there: tokens, the last of which may go on (prefix)."""

    tokens: tuple[str, ...]
    prefix: bool


def parts(query: str) -> list[Part]:
    """Return what a query asks for, all of which must be there; empty where it asks nothing."""
    found = []
    for run in _RUN.findall(plain(query))[:8]:
        if run[0].isascii() or len(run) == 1:
            found.append(Part((run,), True))
        else:
            pairs = tuple(run[at : at + 2] for at in range(min(len(run), 20) - 1))
            found.append(Part(pairs, False))
    return found


def for_sqlite(wanted: Sequence[Part], place: str) -> str:
    """Return an FTS5 query; tokens hold letters and digits only, so nothing needs escaping."""
    said = [place]
    for part in wanted:
        for token in part.tokens:
            said.append(f'"{token}"*' if part.prefix else f'"{token}"')
    return " AND ".join(said)


def for_postgres(wanted: Sequence[Part], place: str) -> str:
    """Return the same as a tsquery."""
    said = [place]
    for part in wanted:
        for token in part.tokens:
            said.append(f"'{token}':*" if part.prefix else f"'{token}'")
    return " & ".join(said)


def place_of(zone: UUID, kind: str) -> str:
    """Return the token that keeps zones and kinds apart inside the index."""
    return f"z{zone.hex}{kind}"
