"""Carnet de bord: the import files of beneficiaries, professionals, structures and orientation officers."""

from __future__ import annotations

from passerelle import Connector, Csv, Supplier, Xlsx, hookimpl

from .beneficiaries import BENEFICIARIES
from .staff import ORIENTATION, PROFESSIONALS, STRUCTURES, SYSTEM

_FILES = {
    "beneficiaries": ("bénéficiaires", BENEFICIARIES),
    "professionals": ("professionnels", PROFESSIONALS),
    "structures": ("structures", STRUCTURES),
    "orientation": ("chargés d'orientation", ORIENTATION),
}
_DIALECTS: dict[str, tuple[str, Csv | Xlsx]] = {
    "csv": ("CSV", Csv(delimiter=";", encoding="utf-8-sig")),
    "xlsx": ("classeur", Xlsx()),
}

CONNECTORS = tuple(
    Connector(id=f"{SYSTEM}-{file}-{kind}", title=f"Carnet de bord : {what} ({name})", dialect=dialect, tables=tables)
    for file, (what, tables) in _FILES.items()
    for kind, (name, dialect) in _DIALECTS.items()
)
"""The same columns, in either kind of file."""


@hookimpl
def provide_suppliers() -> list[Supplier]:
    """Return the one supplier of this plugin."""
    return [Supplier(id=SYSTEM, title="Carnet de bord (insertion)", connectors=CONNECTORS)]
