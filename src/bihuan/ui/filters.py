"""Filters of a list: declared once, read from the address, shown as fields and as chips."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from html import escape
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, QueryDict
from django.utils.functional import Promise
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from bihuan.core.days import begin_of

FIRST_YEAR, LAST_YEAR = 1900, 2999  # of a day that a list is asked for; others are a slip
Text = str | Promise
Rows = QuerySet[Any]
Choices = Iterable[tuple[Any, Text]]


@dataclass(frozen=True, kw_only=True)
class Filter:
    """One way to narrow a list: ?key=value in the address.

    By default the value is compared with field; apply(rows, value) does anything else, as
    does asked(request, rows, value) where it must know who asks, or in which zone.
    main filters stand in the row above the table, the others open on demand.
    """

    key: str
    label: Text
    field: str = ""
    apply: Callable[[Rows, Any], Rows] | None = None
    asked: Callable[[HttpRequest, Rows, Any], Rows] | None = None
    main: bool = True

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

    def drawn(self, request: HttpRequest, value: Any, form: str) -> str:
        """Return the field as HTML. It is drawn here because a list draws ten of them."""
        return _field(
            self.label,
            f"f-{form}-{self.key}",
            f'<input {{}} type="search" name="{self.key}" value="{_attribute(value)}"'
            ' class="form-control form-control-sm">',
        )


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

    def options(self, request: HttpRequest) -> list[tuple[str, Text]]:
        """Return what may be chosen, asked for once a request."""
        asked: dict[int, list[tuple[str, Text]]] = request.__dict__.setdefault("_options", {})
        if id(self) not in asked:
            found = self.choices(request) if callable(self.choices) else self.choices
            asked[id(self)] = [(str(value), words) for value, words in found]
        return asked[id(self)]

    def read(self, request: HttpRequest) -> Any:
        value = super().read(request)
        return value if value and value in dict(self.options(request)) else None

    def say(self, request: HttpRequest, value: Any) -> str:
        return str(dict(self.options(request)).get(value, value))

    def drawn(self, request: HttpRequest, value: Any, form: str) -> str:
        options = "".join(
            f'<option value="{escape(code)}"{" selected" if code == value else ""}>'
            f"{escape(str(words))}</option>"
            for code, words in self.options(request)
        )
        every = escape(pgettext("filter", "all"))
        return _field(
            self.label,
            f"f-{form}-{self.key}",
            f'<select {{}} name="{self.key}" class="form-select form-select-sm">'
            f'<option value="">{every}</option>{options}</select>',
        )


@dataclass(frozen=True, kw_only=True)
class Flag(Filter):
    """Yes or not asked. Give apply, or field which must then be true."""

    def read(self, request: HttpRequest) -> Any:
        return True if request.GET.get(self.key) == "1" else None

    def say(self, request: HttpRequest, value: Any) -> str:
        return _("yes")

    def drawn(self, request: HttpRequest, value: Any, form: str) -> str:
        name, checked = f"f-{form}-{self.key}", " checked" if value else ""
        return (
            f'<div class="bh-filter bh-flag"><input id="{name}" type="checkbox" name="{self.key}"'
            f' value="1"{checked} class="form-check-input">'
            f'<label for="{name}">{escape(str(self.label))}</label></div>'
        )


@dataclass(frozen=True, kw_only=True)
class Days(Filter):
    """From a day to a day, both included: ?key_from=2026-01-01&key_to=2026-01-31.

    Of a time (its field ends in _at) the days are those of China.
    """

    def names(self) -> tuple[str, ...]:
        return (f"{self.key}_from", f"{self.key}_to")

    def read(self, request: HttpRequest) -> Any:
        ends = tuple(_day(request.GET, name) for name in self.names())
        return ends if any(ends) else None

    def narrow(self, rows: Rows, value: Any) -> Rows:
        if self.apply is not None:
            return self.apply(rows, value)
        name, (first, last) = self.field or self.key, value
        if name.endswith("_at"):
            first = first and begin_of(first)
            last = last and begin_of(last + timedelta(days=1))
        before = "lt" if name.endswith("_at") else "lte"
        if first:
            rows = rows.filter(**{f"{name}__gte": first})
        return rows.filter(**{f"{name}__{before}": last}) if last else rows

    def say(self, request: HttpRequest, value: Any) -> str:
        first, last = value
        return f"{first or '…'} – {last or '…'}"

    def drawn(self, request: HttpRequest, value: Any, form: str) -> str:
        label = escape(str(self.label))
        words = (pgettext("date", "from"), pgettext("date", "to"))
        ends = [
            f'<input id="f-{form}-{self.key}-{side}" type="date" name="{name}"'
            f' value="{day.isoformat() if day else ""}" class="form-control form-control-sm"'
            f' aria-label="{label} {escape(said)}">'
            for side, name, said, day in zip(
                ("from", "to"), self.names(), words, value or (None, None), strict=True
            )
        ]
        between = '<span aria-hidden="true">–</span>'
        return (
            f'<fieldset class="bh-filter bh-days"><legend>{label}</legend>'
            f"{between.join(ends)}</fieldset>"
        )


def _field(label: Text, name: str, control: str) -> str:
    """Return a label over a control; control has {} where its id goes."""
    named = control.replace("{}", f'id="{name}"', 1)
    return f'<div class="bh-filter"><label for="{name}">{escape(str(label))}</label>{named}</div>'


def _attribute(value: Any) -> str:
    return "" if value is None else escape(str(value))


def _day(data: QueryDict, name: str) -> date | None:
    try:
        day = date.fromisoformat(data.get(name, ""))
    except ValueError:
        return None
    return day if FIRST_YEAR <= day.year <= LAST_YEAR else None


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
                value = self.values[it.key]
                rows = it.asked(self.request, rows, value) if it.asked else it.narrow(rows, value)
        return rows

    def chips(self, keep: Callable[[Iterable[str]], str]) -> list[Chip]:
        """Return a chip for each filter in force; keep(without) makes its address."""
        return [
            Chip(it.label, it.say(self.request, self.values[it.key]), keep(it.names()))
            for it in self.filters
            if it.key in self.values
        ]

    def fields(self, form: str, *, main: bool) -> SafeString:
        """Return the fields of the main filters, or of those folded away, as HTML."""
        fields = (
            it.drawn(self.request, self.values.get(it.key), form)
            for it in self.filters
            if it.main == main
        )
        return mark_safe("\n".join(fields))  # noqa: S308  every filter escapes what it draws
