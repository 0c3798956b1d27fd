"""Filters of a list: declared once, read from the address, shown as fields and as chips."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _

Text = str | Promise
Rows = QuerySet[Any]
Choices = Iterable[tuple[Any, Text]]


@dataclass(frozen=True, kw_only=True)
class Filter:
    """One way to narrow a list: ?key=value in the address.

    By default the value is compared with field; apply(rows, value) does anything else.
    main filters stand in the row above the table, the others open on demand.
    """

    key: str
    label: Text
    field: str = ""
    apply: Callable[[Rows, Any], Rows] | None = None
    main: bool = True
    template = "ui/filters/text.html"

    def names(self) -> tuple[str, ...]:
        """Return the address parameters this filter reads."""
        return (self.key,)

    def read(self, request: HttpRequest) -> Any:
        """Return what the address asks for, or None when it asks for nothing valid."""
        return request.GET.get(self.key, "").strip() or None

    def narrow(self, rows: Rows, value: Any) -> Rows:
        if self.apply is not None:
            return self.apply(rows, value)
        return rows.filter(**{self.field or self.key: value})

    def say(self, request: HttpRequest, value: Any) -> str:
        """Return value in words, for the chip."""
        return str(value)

    def shown(self, request: HttpRequest, value: Any) -> Mapping[str, Any]:
        """Return what the field's template needs."""
        return {"filter": self, "value": "" if value is None else value}


@dataclass(frozen=True, kw_only=True)
class Words(Filter):
    """Text typed by hand. Without apply, rows that contain it in one of fields."""

    fields: tuple[str, ...] = ()

    def narrow(self, rows: Rows, value: Any) -> Rows:
        if self.apply is not None:
            return self.apply(rows, value)
        query = Q()
        for name in self.fields or (self.field or self.key,):
            query |= Q(**{f"{name}__icontains": value})
        return rows.filter(query)


@dataclass(frozen=True, kw_only=True)
class Choice(Filter):
    """One of a few. choices is a list of (value, words), or a function of the request."""

    choices: Choices | Callable[[HttpRequest], Choices] = ()
    template = "ui/filters/choice.html"

    def options(self, request: HttpRequest) -> list[tuple[str, Text]]:
        """Return what may be chosen, asked for once a request."""
        asked: dict[int, list[tuple[str, Text]]] = request.__dict__.setdefault("_options", {})
        if id(self) not in asked:
            found = self.choices(request) if callable(self.choices) else self.choices
            asked[id(self)] = [(str(value), words) for value, words in found]
        return asked[id(self)]

    def read(self, request: HttpRequest) -> Any:
        value = super().read(request)
        return value if value in dict(self.options(request)) else None

    def say(self, request: HttpRequest, value: Any) -> str:
        return str(dict(self.options(request)).get(value, value))

    def shown(self, request: HttpRequest, value: Any) -> Mapping[str, Any]:
        return {**super().shown(request, value), "options": self.options(request)}


@dataclass(frozen=True, kw_only=True)
class Flag(Filter):
    """Yes or not asked. Give apply, or field which must then be true."""

    template = "ui/filters/flag.html"

    def read(self, request: HttpRequest) -> Any:
        return True if request.GET.get(self.key) == "1" else None

    def say(self, request: HttpRequest, value: Any) -> str:
        return _("yes")


@dataclass(frozen=True, kw_only=True)
class Days(Filter):
    """From a day to a day, both included: ?key_from=2026-01-01&key_to=2026-01-31."""

    template = "ui/filters/days.html"

    def names(self) -> tuple[str, ...]:
        return (f"{self.key}_from", f"{self.key}_to")

    def read(self, request: HttpRequest) -> Any:
        ends = tuple(_day(request.GET, name) for name in self.names())
        return ends if any(ends) else None

    def narrow(self, rows: Rows, value: Any) -> Rows:
        if self.apply is not None:
            return self.apply(rows, value)
        name, (first, last) = self.field or self.key, value
        if first:
            rows = rows.filter(**{f"{name}__gte": first})
        return rows.filter(**{f"{name}__lte": last}) if last else rows

    def say(self, request: HttpRequest, value: Any) -> str:
        first, last = value
        return f"{first or '…'} – {last or '…'}"

    def shown(self, request: HttpRequest, value: Any) -> Mapping[str, Any]:
        first, last = value or (None, None)
        return {
            "filter": self,
            "first": first.isoformat() if first else "",
            "last": last.isoformat() if last else "",
        }


def _day(data: QueryDict, name: str) -> date | None:
    try:
        return date.fromisoformat(data.get(name, ""))
    except ValueError:
        return None


@dataclass(frozen=True)
class Chip:
    """A filter in force, in words, and the address without it."""

    label: Text
    words: str
    href: str


@dataclass(frozen=True)
class Chosen:
    """What one request asks of the filters of a list."""

    filters: tuple[Filter, ...]
    values: Mapping[str, Any]
    request: HttpRequest

    @classmethod
    def read(cls, filters: tuple[Filter, ...], request: HttpRequest) -> "Chosen":
        found = {it.key: it.read(request) for it in filters}
        return cls(filters, {key: it for key, it in found.items() if it is not None}, request)

    def narrow(self, rows: Rows) -> Rows:
        for it in self.filters:
            if it.key in self.values:
                rows = it.narrow(rows, self.values[it.key])
        return rows

    def chips(self, keep: Callable[[Iterable[str]], str]) -> list[Chip]:
        """Return a chip for each filter in force; keep(without) makes its address."""
        return [
            Chip(it.label, it.say(self.request, self.values[it.key]), keep(it.names()))
            for it in self.filters
            if it.key in self.values
        ]

    def fields(self, *, main: bool) -> list[Mapping[str, Any]]:
        return [
            {**it.shown(self.request, self.values.get(it.key)), "template": it.template}
            for it in self.filters
            if it.main == main
        ]
