"""The supplier of the job, described through the public door, and the distribution that makes a command find it."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from passerelle import Connector, Csv, Supplier, Table, hookimpl
from passerelle import convert as to

if TYPE_CHECKING:
    from pathlib import Path

_SERVICES = {
    "Aide à la toilette": "TOI",
    "Aide au repas": "REP",
    "Entretien du logement": "ENT",
    "Accompagnement à l'extérieur": "ACC",
    "Présence de nuit": "NUI",
}
_STATES = {"Réalisée": "done", "Annulée": "cancelled", "Absence": "missed", "En cours": "in_progress"}


def _moment(column: str) -> to.LocalDateTime:
    return to.LocalDateTime(("Date", column), formats=("%d/%m/%Y %H:%M",))


EXPORT = Connector(
    id="bench-export",
    title="Banc : export de télégestion",
    dialect=Csv(delimiter=";", encoding="cp1252"),
    tables=(
        Table(
            contract="visit/1",
            fields={
                "ref": to.Ref("Numéro", system="bench", entity="visit", opaque=True),
                "person_ref": to.Ref("Bénéficiaire", system="bench", entity="person", opaque=True),
                "professional_ref": to.Ref("Intervenant", system="bench", entity="professional", opaque=True),
                "team": to.Text("Équipe"),
                "service": to.Code("Prestation", table=_SERVICES, system="bench-services"),
                "status": to.Word("État", table=_STATES),
                "planned_start": _moment("Début prévu"),
                "planned_end": _moment("Fin prévue"),
                "stamped_start": _moment("Début réel"),
                "stamped_end": _moment("Fin réelle"),
                "billed_quantity": to.Number("Heures"),
                "billed_unit": to.Constant("hour"),
                "billed": to.YesNo("Facturé"),
                "comment": to.Text("Observation", max_length=20000),
                "identifiers": [to.Identifier("NIR", system="nir"), to.Identifier("SIRET", system="siret")],
            },
        ),
    ),
)

_METADATA = "Metadata-Version: 2.1\nName: passerelle-plugin-bench\nVersion: 1.0.0\nSummary: The job of the bench.\n"


@hookimpl
def provide_suppliers() -> list[Supplier]:
    """Give the one supplier of the bench."""
    return [Supplier(id="bench", title="Bench", website="https://example.org", connectors=(EXPORT,))]


def install(folder: Path) -> None:
    """Put this module where Python looks for distributions: `folder` goes into PYTHONPATH."""
    about = folder / "passerelle_plugin_bench-1.0.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text(_METADATA, encoding="utf-8")
    (about / "entry_points.txt").write_text("[passerelle.plugins]\nbench = passerelle_plugin_bench\n", encoding="utf-8")
    shutil.copy(__file__, folder / "passerelle_plugin_bench.py")
