"""How lists of entries are narrowed: by who goes, by what the dossier is called."""

from dataclasses import dataclass
from html import escape
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from bihuan.dossiers.models import Dossier
from bihuan.rounds.models import Entry
from bihuan.rounds.queries import goer_called, name_of
from bihuan.ui import links
from bihuan.ui.filters import Filter
from bihuan.ui.suggest import suggesting
from bihuan.zones.permissions import who_asks


@dataclass(frozen=True)
class Named:
    """Who was asked for: in words, the ids of those it may mean, and where they go."""

    said: str
    ids: tuple[UUID, ...]
    zone: UUID
    round: UUID


@dataclass(frozen=True, kw_only=True)
class Goer(Filter):
    """Who goes, by id or by name; names are proposed as one types."""

    def read(self, request: HttpRequest) -> Named | None:
        said = request.GET.get(self.key, "").strip()
        if not said:
            return None
        zone = who_asks(request).zone
        ids = goer_called(zone, said, on=timezone.localdate())
        is_id = [str(pk) for pk in ids] == [said]
        assert request.resolver_match is not None
        about: UUID = request.resolver_match.kwargs["pk"]
        return Named(name_of(ids[0]) if is_id else said, tuple(ids), zone.pk, about)

    def narrow(self, rows: QuerySet[Any], value: Named) -> QuerySet[Any]:
        """Look up the few lines of a few people, each way by its own index."""
        theirs = Dossier.objects.filter(zone=value.zone, contact__in=value.ids).values("pk")
        given = Entry.objects.filter(zone=value.zone, assignee__in=value.ids).values("pk")
        own = Entry.objects.filter(round=value.round, assignee=None, dossier__in=theirs)
        return rows.filter(pk__in=given.union(own.values("pk"), all=True))

    def say(self, request: HttpRequest, value: Named) -> str:
        return value.said

    def drawn(self, request: HttpRequest, value: Named | None, form: str) -> str:
        about = f"proposed-{form}-{self.key}"
        address = links.page("rounds:people", links.zone_of(request))
        more = "".join(f' {k}="{escape(v)}"' for k, v in suggesting(address, about).items())
        return (
            f'<div class="bh-filter"><label for="f-{form}-{self.key}">{escape(str(self.label))}</label>'
            f'<input id="f-{form}-{self.key}" type="search" name="{self.key}"{more}'
            f' value="{escape(value.said if value else "")}" class="form-control form-control-sm">'
            f'<datalist id="{about}"></datalist></div>'
        )


@dataclass(frozen=True)
class Called:
    """What a dossier is called, and the zone it is looked for in."""

    said: str
    zone: UUID


@dataclass(frozen=True, kw_only=True)
class OfDossier(Filter):
    """Lines by part of the dossier's name, or the beginning of its code.

    The dossiers are looked up by the index of their names, not one by one for each line.
    """

    def read(self, request: HttpRequest) -> Called | None:
        said = request.GET.get(self.key, "").strip()
        return Called(said, who_asks(request).zone.pk) if said else None

    def narrow(self, rows: QuerySet[Any], value: Called) -> QuerySet[Any]:
        here = Dossier.objects.filter(zone=value.zone)
        coded = here.filter(code__startswith=value.said.upper())
        by_code = value.said.isascii() and coded.exists()
        found = coded if by_code else here.filter(name__icontains=value.said)
        return rows.filter(dossier__in=found.values("pk"))

    def say(self, request: HttpRequest, value: Called) -> str:
        return value.said

    def drawn(self, request: HttpRequest, value: Called | None, form: str) -> str:
        return super().drawn(request, value.said if value else None, form)
