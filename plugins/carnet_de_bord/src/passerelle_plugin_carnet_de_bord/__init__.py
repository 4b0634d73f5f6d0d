"""Carnet de bord: the import files of beneficiaries, professionals, structures and orientation officers."""

from __future__ import annotations

from passerelle import Connector, Csv, Supplier, Xlsx, hookimpl, writing

from .beneficiaries import BENEFICIARIES
from .staff import ORIENTATION, PROFESSIONALS, STRUCTURES, SYSTEM

_FILES = {
    "beneficiaries": ("bénéficiaires", BENEFICIARIES),
    "professionals": ("professionnels", PROFESSIONALS),
    "structures": ("structures", STRUCTURES),
    "orientation": ("chargés d'orientation", ORIENTATION),
}
_ROWS = {
    "beneficiaries": writing.WholeRow(
        contract="person/1",
        parts=(
            writing.RowPart(contract="case/1", by="person_ref"),
            writing.RowPart(contract="entitlement/1", by="person_ref"),
        ),
    ),
    # a structure with several persons in charge has a row for each
    "structures": writing.WholeRow(
        contract="organisation/1",
        parts=(writing.RowPart(contract="professional/1", by="organisation_ref", repeats=True),),
    ),
}
_MAIL = r"[^@\s:]+@[^@\s]+\.[^@\s]+"
_NEEDED = {
    "beneficiaries": dict.fromkeys(("Identifiant dans le SI*", "Prénom*", "Nom*", "Date de naissance*"), ""),
    "professionals": {"Prénom*": "", "Nom*": "", "Courriel*": _MAIL},
    "structures": {"Nom": "", "Code postal": "[0-9]{5}", "Ville": "", "Courriel responsable": _MAIL},
    "orientation": {"Courriel*": _MAIL},
}
"""What the application's import refuses a row without (its published source: fields that may not be empty)."""
_DIALECTS: dict[str, tuple[str, Csv | Xlsx]] = {
    "csv": ("CSV", Csv(delimiter=";", encoding="utf-8-sig")),
    "xlsx": ("classeur", Xlsx()),
}

CONNECTORS = tuple(
    Connector(
        id=f"{SYSTEM}-{file}-{kind}",
        title=f"Carnet de bord : {what} ({name})",
        dialect=dialect,
        tables=tables,
        row=_ROWS.get(file),
        needed=_NEEDED[file],
    )
    for file, (what, tables) in _FILES.items()
    for kind, (name, dialect) in _DIALECTS.items()
)
"""The same columns, in either kind of file."""


@hookimpl
def provide_suppliers() -> list[Supplier]:
    """Return the one supplier of this plugin."""
    return [Supplier(id=SYSTEM, title="Carnet de bord (insertion)", connectors=CONNECTORS)]
