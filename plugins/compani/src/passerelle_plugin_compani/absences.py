"""The absences export: one row per absence of a professional, cut at the end of each month."""

from __future__ import annotations

from passerelle import Connector, Table, Where
from passerelle import convert as to

from .exports import CSV, SYSTEM, make_ref, read_local_time

_BOTH: dict[str, to.Converter] = {
    # The export has no id and cuts an absence at the end of each month: a piece is known by its ends.
    "ref": make_ref("Id Auxiliaire", "Début", "Fin", entity="absence"),
    "professional_ref": to.Ref("Id Auxiliaire", system=SYSTEM, entity="professional", opaque=True),
    "nature": to.Constant("absence"),
    "type": to.Code("Type"),
    "time_kind": to.Code("Nature"),
    "contract_hours": to.Number("Equivalent heures contrat"),
    "extension": to.YesNo("Prolongation", yes=("oui",), no=("non",)),
    "comment": to.Text("Divers", max_length=20000),
}
_CARRIED = ("Auxiliaire - Prénom", "Auxiliaire - Nom", "Auxiliaire - Titre", "Équipe", "Absence d'origine")
"""`Absence d'origine` is a day, written in two formats, and a day does not identify an absence."""

# One column is written in two ways; `Nature` says in which, so that neither is tried on the other.
_DAYS: dict[str, to.Converter] = {**_BOTH, "starts_on": to.Date("Début"), "ends_on": to.Date("Fin")}
_HOURS: dict[str, to.Converter] = {
    **_BOTH,
    "starts_at": read_local_time("Début", "%d/%m/%Y %H:%M"),
    "ends_at": read_local_time("Fin", "%d/%m/%Y %H:%M"),
}

ABSENCES = Connector(
    id="compani-absences",
    title="Compani : export des absences (CSV)",
    dialect=CSV,
    tables=tuple(
        Table(contract="absence/1", where=(Where("Nature", (nature,)),), fields=fields, carried=_CARRIED)
        for nature, fields in (("Journalière", _DAYS), ("Horaire", _HOURS))
    ),
)
