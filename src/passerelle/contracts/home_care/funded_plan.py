"""Funded plan: one record per service funded by a plan, for a period."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from passerelle.contracts.contract import Contract, ContractMeta
from passerelle.contracts.field_meta import declare_field
from passerelle.contracts.home_care.money_rules import FUNDED_PLAN_RULES
from passerelle.contracts.protection import (
    BILLING,
    CARE_PURPOSES,
    EFFECTIVITY,
    IDENTIFYING,
    NAMED_PURPOSES,
    ORDINARY,
    PLANNING,
    SPECIAL,
    STATISTICS,
    STEERING,
    SUPPORT,
    protect_nobody,
    protect_organisation,
    protect_person,
)
from passerelle.contracts.types import Amount, Coded, Count, Day, LongText, Quantity, Text, Urn, Word


class FundedPlan(Contract):
    """One record per service funded by a plan, for a period."""

    about = ContractMeta(
        family="funded_plan",
        version="1.0.0",
        fr_title="Plan d'aide (ligne)",
        en_title="Funded plan",
        fr="Une ligne par prestation financée d'un plan d'aide, pour une période.",
        en="One record per service funded by a plan, for a period.",
    )
    rules = FUNDED_PLAN_RULES

    person_ref: Urn = declare_field(
        ...,
        fr_title="Personne",
        en_title="Person",
        fr="Bénéficiaire du plan d'aide.",
        en="Beneficiary of the plan.",
        example="compani:person:5ce2bbb837a0d7924d76ea6d",
        origin="ESPPADOM ORDER ShipTo; Compani Id Bénéficiaire",
        reference="person",
        **protect_person(IDENTIFYING, *NAMED_PURPOSES),
    )
    organisation_ref: Urn | None = declare_field(
        fr_title="Prestataire",
        en_title="Provider",
        fr="Service chargé de l'aide.",
        en="Service in charge of the help.",
        example="compani:organisation:1",
        origin="ESPPADOM ORDER Seller",
        reference="organisation",
        **protect_organisation(ORDINARY, *CARE_PURPOSES),
    )
    payer_ref: Urn | None = declare_field(
        fr_title="Financeur",
        en_title="Payer (reference)",
        fr="Organisme financeur.",
        en="Organisation that pays.",
        example="compani:organisation:CG77",
        origin="ESPPADOM ORDER Buyer; Compani Id tiers payeur",
        reference="organisation",
        **protect_organisation(ORDINARY, PLANNING, BILLING, EFFECTIVITY, STEERING),
    )
    payer: Text | None = declare_field(
        fr_title="Nom du financeur",
        en_title="Payer",
        fr="Nom de l'organisme financeur.",
        en="Name of the organisation that pays.",
        example="Département de Seine-et-Marne",
        origin="ESPPADOM ORDER Buyer; Compani Tiers payeur",
        **protect_organisation(ORDINARY, PLANNING, BILLING, EFFECTIVITY, STEERING),
    )
    # The kind of aid (APA, PCH …) tells of age, disability or health.
    aid_type: Coded | None = declare_field(
        fr_title="Type d'aide",
        en_title="Type of aid",
        fr="APA, PCH, aide ménagère, caisse de retraite.",
        en="APA, PCH, household help, pension fund.",
        example={"code": "APA", "system": "aid-types"},
        origin="ESPPADOM_TYPE_AIDE; Compani Nature",
        codes="aid-types",
        **protect_person(SPECIAL, PLANNING, BILLING, EFFECTIVITY, STEERING, STATISTICS),
    )
    plan_number: Word | None = declare_field(
        fr_title="Numéro du plan",
        en_title="Plan number",
        fr="Numéro du plan d'aide ou du bon de commande.",
        en="Number of the plan or of the order.",
        example="PA-2024-311",
        origin="ESPPADOM ORDER ID",
        **protect_person(IDENTIFYING, BILLING, EFFECTIVITY),
    )
    line_number: Word | None = declare_field(
        fr_title="Numéro de ligne",
        en_title="Line number",
        fr="Numéro de la ligne dans le plan.",
        en="Number of the line in the plan.",
        example="1",
        origin="ESPPADOM OrderLineID",
        **protect_nobody(ORDINARY, BILLING, EFFECTIVITY),
    )
    file_number: Word | None = declare_field(
        fr_title="Numéro de dossier",
        en_title="File number",
        fr="Numéro du dossier chez le financeur.",
        en="Number of the file at the payer.",
        example="77-00412",
        origin="Compani Numéro de dossier",
        **protect_person(IDENTIFYING, BILLING, EFFECTIVITY),
    )
    version: Count | None = declare_field(
        fr_title="Version",
        en_title="Version",
        fr="Rang de cette version de la ligne ; la plus grande remplace les autres à partir de son début.",
        en="Rank of this version of the line; the greatest replaces the others from its start.",
        example=2,
        origin="Compani fundings.versions",
        **protect_nobody(ORDINARY, BILLING, EFFECTIVITY),
    )
    status: Literal["planned", "active", "suspended", "ended", "cancelled"] | None = declare_field(
        fr_title="État",
        en_title="Status",
        fr="Où en est la ligne.",
        en="Where the line stands.",
        example="active",
        codes="funded-plan-status",
        open_codes=False,
        **protect_person(ORDINARY, PLANNING, BILLING, EFFECTIVITY, STEERING, STATISTICS),
    )
    service: Coded | None = declare_field(
        fr_title="Prestation",
        en_title="Service",
        fr="Prestation financée.",
        en="Service funded.",
        example={"code": "AVJ", "original": "Aide à la vie quotidienne"},
        origin="ESPPADOM SpecifiedCITradeProduct; Compani Service",
        **protect_person(SPECIAL, PLANNING, BILLING, EFFECTIVITY, STEERING, STATISTICS),
    )
    delivery_mode: Coded | None = declare_field(
        fr_title="Cadre d'intervention",
        en_title="Delivery mode",
        fr="Prestataire ou mandataire.",
        en="Service provider or agent of the person.",
        example={"code": "PRE", "system": "delivery-modes"},
        origin="ESPPADOM_CADRE",
        codes="delivery-modes",
        **protect_person(ORDINARY, PLANNING, BILLING, EFFECTIVITY),
    )
    nature: Literal["hourly", "flat_rate"] | None = declare_field(
        fr_title="Nature",
        en_title="Nature",
        fr="Financement à l'heure ou au forfait.",
        en="Funding by the hour or at a flat rate.",
        example="hourly",
        origin="Compani Nature",
        codes="funded-plan-nature",
        open_codes=False,
        **protect_nobody(ORDINARY, PLANNING, BILLING, EFFECTIVITY),
    )
    frequency: Coded | None = declare_field(
        fr_title="Fréquence",
        en_title="Frequency",
        fr="Période à laquelle se rapportent les heures ou le montant.",
        en="Period that the hours or the amount refer to.",
        example={"code": "mo", "system": "frequencies", "original": "Mensuelle"},
        origin="Compani Fréquence",
        codes="frequencies",
        **protect_nobody(ORDINARY, PLANNING, BILLING, EFFECTIVITY),
    )
    # How many hours were granted tells of the level of dependency.
    hours: Quantity | None = declare_field(
        fr_title="Heures",
        en_title="Hours",
        fr="Nombre d'heures par période.",
        en="Number of hours per period.",
        example="22.5",
        origin="Compani Nombre d'heures; ESPPADOM ORDER quantity",
        unit="h",
        **protect_person(SPECIAL, PLANNING, BILLING, EFFECTIVITY, STEERING, STATISTICS),
    )
    unit_price: Amount | None = declare_field(
        fr_title="Prix unitaire",
        en_title="Unit price",
        fr="Prix unitaire, taxes comprises.",
        en="Unit price, tax included.",
        example="24.50",
        origin="Compani Montant unitaire TTC",
        unit="EUR",
        **protect_nobody(ORDINARY, BILLING, EFFECTIVITY),
    )
    amount: Amount | None = declare_field(
        fr_title="Montant",
        en_title="Amount",
        fr="Montant par période, taxes comprises.",
        en="Amount per period, tax included.",
        example="551.25",
        origin="Compani Montant TTC",
        unit="EUR",
        **protect_person(SPECIAL, BILLING, EFFECTIVITY, STEERING),
    )
    # The share of the APA depends on income, so it tells of that income.
    person_share: Quantity | None = declare_field(
        fr_title="Participation",
        en_title="Share of the person",
        fr="Participation de la personne, en pour cent.",
        en="Share paid by the person, in per cent.",
        example="12.5",
        origin="Compani Participation du bénéficiaire",
        unit="%",
        **protect_person(SPECIAL, BILLING, EFFECTIVITY),
    )
    days: Annotated[list[Coded], Field(max_length=8)] | None = declare_field(
        fr_title="Jours",
        en_title="Days",
        fr="Jours pendant lesquels l'aide est financée.",
        en="Days on which the help is funded.",
        example=[{"code": "mon", "system": "weekdays", "original": "Lundi"}],
        origin="Compani Jours",
        codes="weekdays",
        **protect_nobody(ORDINARY, PLANNING, BILLING, EFFECTIVITY),
    )
    start_on: Day | None = declare_field(
        fr_title="Début",
        en_title="Start",
        fr="Premier jour financé.",
        en="First day funded.",
        example="2024-01-01",
        origin="Compani Date de début",
        **protect_person(ORDINARY, PLANNING, BILLING, EFFECTIVITY, STEERING, STATISTICS),
    )
    end_on: Day | None = declare_field(
        fr_title="Fin",
        en_title="End",
        fr="Dernier jour financé.",
        en="Last day funded.",
        example="2024-12-31",
        origin="Compani Date de fin",
        **protect_person(ORDINARY, PLANNING, BILLING, EFFECTIVITY, STEERING, STATISTICS),
    )
    # Free text may hold anything, health above all: it serves the work with the person and nothing else.
    comment: LongText | None = declare_field(
        fr_title="Commentaire",
        en_title="Comment",
        fr="Commentaire sur la ligne.",
        en="Comment on the line.",
        example="Révision demandée.",
        **protect_person(SPECIAL, SUPPORT),
    )
