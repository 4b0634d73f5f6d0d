"""Organisation: one record per organisation, establishment, service, payer or partner."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from passerelle.contracts.contract import Contract, ContractMeta
from passerelle.contracts.field_meta import declare_field
from passerelle.contracts.protection import (
    ALL_PURPOSES,
    BILLING,
    EFFECTIVITY,
    ORDINARY,
    PLANNING,
    RIGHTS,
    STATISTICS,
    STEERING,
    SUPPORT,
    protect_organisation,
)
from passerelle.contracts.types import Address, Coded, Day, Identifier, Telecom, Text, Urn


class Organisation(Contract):
    """One record per organisation, establishment, service, payer or partner."""

    about = ContractMeta(
        family="organisation",
        version="1.0.0",
        fr_title="Organisation",
        en_title="Organisation",
        fr="Une ligne par structure, établissement, service, financeur ou partenaire.",
        en="One record per organisation, establishment, service, payer or partner.",
        person="",
    )

    name: Text = declare_field(
        ...,
        fr_title="Nom",
        en_title="Name",
        fr="Dénomination usuelle.",
        en="Usual name.",
        example="SAAD Les Glycines",
        origin="TDDUI EntiteGeographique.denomination; FINESS denominations; ESPPADOM ShipFrom/Name",
        **protect_organisation(ORDINARY, *ALL_PURPOSES),
    )
    legal_name: Text | None = declare_field(
        fr_title="Raison sociale",
        en_title="Legal name",
        fr="Raison sociale.",
        en="Legal name.",
        example="Association Les Glycines",
        origin="TDDUI EntiteJuridique.raisonSociale",
        **protect_organisation(ORDINARY, *ALL_PURPOSES),
    )
    kind: Coded | None = declare_field(
        fr_title="Nature",
        en_title="Kind",
        fr="Ce qu'est l'organisation : SAAD, SSIAD, ESSMS, CCAS, caisse, département.",
        en="What the organisation is: home-care service, nursing service, municipal social centre, fund, department.",
        example={"code": "saad", "system": "organisation-kinds", "original": "SAAD"},
        origin="MSS Structure.type; FINESS categorie",
        codes="organisation-kinds",
        **protect_organisation(ORDINARY, *ALL_PURPOSES),
    )
    legal_status: Coded | None = declare_field(
        fr_title="Statut juridique",
        en_title="Legal status",
        fr="Statut juridique.",
        en="Legal status.",
        example={"original": "Association loi 1901"},
        origin="FINESS statutJuridique",
        **protect_organisation(ORDINARY, SUPPORT, BILLING, EFFECTIVITY, RIGHTS, STEERING, STATISTICS),
    )
    parent_ref: Urn | None = declare_field(
        fr_title="Organisation de rattachement",
        en_title="Parent organisation",
        fr="Organisation dont celle-ci dépend (entité juridique d'un établissement).",
        en="Organisation that this one belongs to (legal entity of an establishment).",
        example="gaia:organisation:1",
        origin="FINESS pmej/ege; TDDUI EntiteJuridique",
        reference="organisation",
        **protect_organisation(ORDINARY, *ALL_PURPOSES),
    )
    opened_on: Day | None = declare_field(
        fr_title="Ouverture",
        en_title="Opened on",
        fr="Date d'ouverture.",
        en="Opening date.",
        example="2003-09-01",
        origin="FINESS dateouv",
        **protect_organisation(ORDINARY, SUPPORT, BILLING, EFFECTIVITY, RIGHTS, STEERING, STATISTICS),
    )
    closed_on: Day | None = declare_field(
        fr_title="Fermeture",
        en_title="Closed on",
        fr="Date de fermeture.",
        en="Closing date.",
        example="2024-06-30",
        origin="FINESS dates",
        **protect_organisation(ORDINARY, SUPPORT, BILLING, EFFECTIVITY, RIGHTS, STEERING, STATISTICS),
    )
    telecoms: Annotated[list[Telecom], Field(max_length=20)] | None = declare_field(
        fr_title="Télécommunications",
        en_title="Telecoms",
        fr="Téléphones, adresses électroniques et site de l'organisation.",
        en="Telephone numbers, electronic addresses and site of the organisation.",
        example=[{"kind": "phone", "value": "+33477000000"}],
        origin="TDDUI Telecommunication; FINESS contact",
        **protect_organisation(ORDINARY, SUPPORT, PLANNING, BILLING, EFFECTIVITY, RIGHTS),
    )
    addresses: Annotated[list[Address], Field(max_length=10)] | None = declare_field(
        fr_title="Adresses",
        en_title="Addresses",
        fr="Adresses postales de l'organisation.",
        en="Postal addresses of the organisation.",
        example=[{"lines": ["3 place Jean-Moulin"], "postcode": "42000", "city": "Saint-Étienne", "commune": "42218"}],
        origin="TDDUI Adresse; FINESS adresse; ESPPADOM ShipFrom/PostalCITradeAddress; MSS Structure.address",
        **protect_organisation(ORDINARY, SUPPORT, PLANNING, BILLING, EFFECTIVITY, RIGHTS),
    )
    comment: Text | None = declare_field(
        fr_title="Commentaire",
        en_title="Comment",
        fr="Commentaire sur l'organisation.",
        en="Comment on the organisation.",
        example="Accueil fermé le mercredi.",
        **protect_organisation(ORDINARY, SUPPORT),
    )
    identifiers: Annotated[list[Identifier], Field(max_length=20)] | None = declare_field(
        fr_title="Identifiants",
        en_title="Identifiers",
        fr="Numéros de l'organisation : FINESS, SIREN, SIRET, RNA, numéro SAP.",
        en="Numbers of the organisation: FINESS, SIREN, SIRET, RNA, SAP number.",
        example=[{"system": "rna", "value": "W421000001"}],
        origin="TDDUI EntiteJuridique.idNat_Struct; FINESS; ESPPADOM ShipFrom/SIRET; MSS Structure.siret",
        **protect_organisation(ORDINARY, *ALL_PURPOSES),
    )
