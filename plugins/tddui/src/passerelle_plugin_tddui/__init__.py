"""TDDUI: the national exchange of computerised case files, in FHIR (read and written) and in CDA (read)."""

from __future__ import annotations

from passerelle import Connector, Supplier, hookimpl

from .reading import dialect, out_of_scope, tables
from .words import SYSTEM

BUNDLES = Connector(
    id="tddui-fhir",
    title="TDDUI : bundle FHIR de transaction (2.x)",
    dialect=dialect({"entry": ""}, "resource."),
    tables=tables("resource."),
    out_of_scope=out_of_scope("resource."),
)

RESOURCES = Connector(
    id="tddui-fhir-resource",
    title="TDDUI : une ressource FHIR seule (2.x)",
    dialect=dialect({"": ""}, ""),
    tables=tables(""),
    out_of_scope=out_of_scope(""),
)


@hookimpl
def provide_suppliers() -> list[Supplier]:
    """Give the one supplier of this plugin."""
    return [
        Supplier(
            id=SYSTEM,
            title="TDDUI (Agence du numérique en santé)",
            website="https://interop.esante.gouv.fr/ig/fhir/tddui",
            connectors=(BUNDLES, RESOURCES),
        )
    ]
