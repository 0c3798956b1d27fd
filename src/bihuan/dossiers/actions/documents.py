"""Certificates and other papers of a dossier."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.accounts.models import Person
from bihuan.core.actors import Actor
from bihuan.core.refusals import Refused, Stale
from bihuan.dossiers.actions._telling import tell
from bihuan.dossiers.actions.headers import note_source
from bihuan.dossiers.models import (
    Document,
    Dossier,
    Source,
)
from bihuan.dossiers.queries import locked_dossier
from bihuan.files.models import StoredFile
from bihuan.ledger.rules.body import JSON


@dataclass(frozen=True, kw_only=True)
class NewDocument:
    """A certificate or other paper; valid_to is the last day it is valid."""

    kind: str
    name: str
    number: str = ""
    issued_by: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    file: StoredFile | None = None


@transaction.atomic
def add_document(
    *,
    dossier: Dossier,
    document: NewDocument,
    source: Source | None = None,
    by: Actor,
    at: datetime,
) -> Document:
    """Add a document to a dossier."""
    dossier = locked_dossier(dossier, None, by, at)
    _check(dossier, document, by)
    source = source or note_source(zone=dossier.zone, reference=_("typed in"), by=by, at=at)
    added = Document(
        zone=dossier.zone,
        dossier=dossier,
        kind=document.kind,
        name=document.name.strip(),
        number=document.number.strip(),
        issued_by=document.issued_by.strip(),
        valid_from=document.valid_from,
        valid_to=document.valid_to,
        file=document.file,
        source=source,
    )
    added.save(force_insert=True)
    data: dict[str, JSON] = {
        "document": added.pk,
        "kind": added.kind,
        "name": added.name,
        "number": added.number,
        "issued_by": added.issued_by,
        "valid_from": added.valid_from,
        "valid_to": added.valid_to,
        "source": source.pk,
    }
    tell(dossier, "document.added", data, by, at, [added.file.sha256] if added.file else [])
    return added


def _check(dossier: Dossier, document: NewDocument, by: Actor) -> None:
    if not document.name.strip():
        raise Refused(_("Give the document a name."), field="name")
    if document.valid_from and document.valid_to and document.valid_to < document.valid_from:
        raise Refused(_("A document cannot end before it begins."), field="valid_to")
    if document.file is not None and document.file.zone_id != dossier.zone_id:
        raise Refused(_("This file belongs to another zone."), field="file")
    if document.file and isinstance(by, Person) and document.file.received_by_id != by.pk:
        raise Refused(
            _("You can only attach files you uploaded yourself. Upload it again."), field="file"
        )


@transaction.atomic
def withdraw_document(*, document: Document, reason: str, by: Actor, at: datetime) -> Document:
    """Take a document out of use: replaced, revoked or entered by mistake. It stays readable."""
    dossier = locked_dossier(document.dossier, None, by, at)
    document = Document.objects.select_for_update().get(pk=document.pk)
    if document.withdrawn_at is not None:
        raise Stale(_("Someone else has withdrawn this document already."))
    if not reason.strip():
        raise Refused(_("Say why the document is withdrawn."), field="reason")
    document.withdrawn_at = at
    document.save(update_fields=["withdrawn_at"])
    data: dict[str, JSON] = {
        "document": document.pk,
        "name": document.name,
        "reason": reason.strip(),
    }
    tell(dossier, "document.withdrawn", data, by, at)
    return document
