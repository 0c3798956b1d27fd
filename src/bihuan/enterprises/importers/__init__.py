"""The enterprise register, from a sheet."""

from collections.abc import Hashable

from django.utils.translation import gettext_lazy

from bihuan.core.permissions import Permission
from bihuan.enterprises.importers.columns import COLUMNS
from bihuan.enterprises.importers.judging import judge
from bihuan.enterprises.importers.writing import write
from bihuan.sheets.rules.importing import Importer, Values


def _keys(values: Values) -> tuple[list[Hashable], list[Hashable]]:
    """Return what a row is known by: its code, its name. One name may stand for several
    enterprises only where each has a code of its own."""
    name, code = str(values.get("name") or ""), str(values.get("uscc") or "")
    if code:
        return [code, ("named", name)], [code, ("without code", name)]
    return [("named", name), ("without code", name)], [("named", name)]


ENTERPRISES = Importer(
    code="enterprises",
    name=gettext_lazy("enterprises"),
    description=gettext_lazy(
        "The register: one row an enterprise, matched by credit code, else by name."
    ),
    columns=COLUMNS,
    judge=judge,
    write=write,
    key=_keys,
    permission=Permission.DOSSIER_EDIT,
)

__all__ = ["ENTERPRISES"]
