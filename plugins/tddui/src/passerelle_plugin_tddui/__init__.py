"""TDDUI: the national exchange of computerised case files, in FHIR (read and written) and in CDA (read)."""

from __future__ import annotations

from dataclasses import replace

from passerelle import Access, Connector, Send, Supplier, hookimpl, writing

from .cda import EXPORTS
from .reading import BUNDLES_READ, UNREAD, dialect, out_of_scope, tables
from .words import SYSTEM
from .written import creations, updates

BUNDLES = Connector(
    id="tddui-fhir",
    title="TDDUI : bundle FHIR de transaction (2.x)",
    dialect=dialect({"entry": ""}, "resource.", {"resourceType": "Bundle", "type": BUNDLES_READ}),
    tables=tables("resource."),
    unread=UNREAD,
    out_of_scope=out_of_scope("resource."),
    writes=creations(),
)

SERVER = replace(
    BUNDLES,
    id="tddui-fhir-server",
    title="TDDUI : envoi à un serveur FHIR (R4)",
    access=Access(scheme="bearer", per_second=5.0, in_flight=2),
    writes=updates(),
    send=Send(
        path="",
        lot=50,
        says=writing.ResponseRules(
            results="entry",
            status="response.status",
            code=("response.outcome.issue.0.code", "issue.0.code"),
            id=("response.location",),
        ),
    ),
)
"""The same resources, updated or created by their identifier, so that sending a Bundle twice has one effect."""

RESOURCES = Connector(
    id="tddui-fhir-resource",
    title="TDDUI : une ressource FHIR seule (2.x)",
    # A Bundle would be one resource without any field of ours, and a server's error no resource at all.
    dialect=dialect({"": ""}, "", {"resourceType": ("!Bundle", "!OperationOutcome")}),
    unread=UNREAD,
    tables=tables(""),
    out_of_scope=out_of_scope(""),
)


@hookimpl
def provide_suppliers() -> list[Supplier]:
    """Return the one supplier of this plugin."""
    return [
        Supplier(
            id=SYSTEM,
            title="TDDUI (Agence du numérique en santé)",
            website="https://interop.esante.gouv.fr/ig/fhir/tddui",
            connectors=(BUNDLES, SERVER, RESOURCES, EXPORTS),
        )
    ]
