"""Decisions of MDPH (their commission, CDAPH) as ViaTrajectoire gives them, in CDA, and as FHIR resources."""

from __future__ import annotations

from passerelle import Supplier, hookimpl

from .cda import DECISIONS
from .fhir import BUNDLES
from .words import SYSTEM


@hookimpl
def provide_suppliers() -> list[Supplier]:
    """Return the one supplier of this plugin."""
    return [
        Supplier(
            id=SYSTEM,
            title="MDPH : décisions de la CDAPH (ViaTrajectoire, SI-SdO)",
            website="https://interop.esante.gouv.fr/ig/fhir/sdo",
            connectors=(DECISIONS, BUNDLES),
        )
    ]
