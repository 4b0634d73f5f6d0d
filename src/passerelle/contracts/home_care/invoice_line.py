"""Invoice line: one record per service on an invoice."""

from __future__ import annotations

from typing import Literal

from passerelle.contracts.contract import Contract, ContractMeta
from passerelle.contracts.field_meta import declare_field
from passerelle.contracts.home_care.money_rules import INVOICE_LINE_RULES
from passerelle.contracts.protection import (
    BILLING,
    EFFECTIVITY,
    IDENTIFYING,
    ORDINARY,
    SPECIAL,
    STEERING,
    protect_nobody,
    protect_person,
)
from passerelle.contracts.types import Amount, Coded, Day, Quantity, Text, Urn, Word


class InvoiceLine(Contract):
    """One record per service on an invoice."""

    about = ContractMeta(
        family="invoice_line",
        version="1.0.0",
        fr_title="Ligne de facture",
        en_title="Invoice line",
        fr="Une ligne par prestation d'une facture.",
        en="One record per service on an invoice.",
    )
    rules = INVOICE_LINE_RULES

    invoice_ref: Urn = declare_field(
        ...,
        fr_title="Facture",
        en_title="Invoice",
        fr="Facture à laquelle la ligne appartient.",
        en="Invoice that the line belongs to.",
        example="compani:invoice:FACT-0124-00012",
        origin="ESPPADOM INVOICE; Urssaf inputPrestations",
        reference="invoice",
        **protect_person(IDENTIFYING, BILLING, EFFECTIVITY),
    )
    line_number: Word | None = declare_field(
        fr_title="Numéro",
        en_title="Line number",
        fr="Numéro de la ligne dans la facture.",
        en="Number of the line in the invoice.",
        example="1",
        origin="ESPPADOM INVOICE LineID",
        **protect_nobody(ORDINARY, BILLING, EFFECTIVITY),
    )
    person_ref: Urn | None = declare_field(
        fr_title="Personne",
        en_title="Person",
        fr="Personne aidée.",
        en="Person helped.",
        example="compani:person:5ce2bbb837a0d7924d76ea6d",
        origin="ESPPADOM INVOICE ShipTo",
        reference="person",
        **protect_person(IDENTIFYING, BILLING, EFFECTIVITY),
    )
    plan_ref: Urn | None = declare_field(
        fr_title="Plan d'aide",
        en_title="Funded plan",
        fr="Ligne du plan d'aide facturée.",
        en="Line of the funded plan that is invoiced.",
        example="compani:funded_plan:FIN-17",
        origin="ESPPADOM OrderLineID",
        reference="funded_plan",
        **protect_person(IDENTIFYING, BILLING, EFFECTIVITY),
    )
    visit_ref: Urn | None = declare_field(
        fr_title="Intervention",
        en_title="Visit",
        fr="Intervention facturée, quand la ligne n'en couvre qu'une.",
        en="Visit invoiced, when the line covers only one.",
        example="compani:visit:5ce2422ab0aeeee1f018edd5",
        origin="ESPPADOM INVOICE",
        reference="visit",
        **protect_person(IDENTIFYING, BILLING, EFFECTIVITY),
    )
    # Which help somebody needs tells of their health, even to those who bill it.
    service: Coded | None = declare_field(
        fr_title="Prestation",
        en_title="Service",
        fr="Prestation facturée.",
        en="Service invoiced.",
        example={"code": "AVJ", "original": "Aide à la vie quotidienne"},
        origin="Compani Services; ESPPADOM SpecifiedCITradeProduct",
        **protect_person(SPECIAL, BILLING, EFFECTIVITY, STEERING),
    )
    activity: Coded | None = declare_field(
        fr_title="Activité",
        en_title="Activity",
        fr="Activité de services à la personne, au sens de l'Urssaf.",
        en="Activity of personal services, in the sense of Urssaf.",
        example={"code": "01", "original": "Assistance aux personnes âgées"},
        origin="Urssaf codeActivite",
        **protect_nobody(ORDINARY, BILLING),
    )
    nature: Coded | None = declare_field(
        fr_title="Nature",
        en_title="Nature",
        fr="Code nature de la prestation, au sens de l'Urssaf.",
        en="Nature of the service, in the sense of Urssaf.",
        example={"code": "ENF", "original": "Garde d'enfant"},
        origin="Urssaf codeNature",
        **protect_nobody(ORDINARY, BILLING),
    )
    start_on: Day | None = declare_field(
        fr_title="Début",
        en_title="Start",
        fr="Premier jour facturé.",
        en="First day invoiced.",
        example="2024-01-01",
        origin="Urssaf dateDebutEmploi",
        **protect_nobody(ORDINARY, BILLING, EFFECTIVITY),
    )
    end_on: Day | None = declare_field(
        fr_title="Fin",
        en_title="End",
        fr="Dernier jour facturé.",
        en="Last day invoiced.",
        example="2024-01-31",
        origin="Urssaf dateFinEmploi",
        **protect_nobody(ORDINARY, BILLING, EFFECTIVITY),
    )
    quantity: Quantity | None = declare_field(
        fr_title="Quantité",
        en_title="Quantity",
        fr="Quantité facturée.",
        en="Quantity invoiced.",
        example="4.5",
        origin="Urssaf quantite; ESPPADOM BilledQuantity",
        **protect_nobody(ORDINARY, BILLING, EFFECTIVITY, STEERING),
    )
    unit: Literal["hour", "day", "unit", "km", "flat_rate"] | None = declare_field(
        fr_title="Unité",
        en_title="Unit",
        fr="Unité de la quantité.",
        en="Unit of the quantity.",
        example="hour",
        origin="Urssaf unite; ESPPADOM unitCode",
        codes="invoice-line-unit",
        open_codes=False,
        **protect_nobody(ORDINARY, BILLING, EFFECTIVITY, STEERING),
    )
    unit_price_incl_tax: Amount | None = declare_field(
        fr_title="Prix unitaire TTC",
        en_title="Unit price including tax",
        fr="Prix unitaire, taxes comprises.",
        en="Unit price, tax included.",
        example="24.50",
        origin="Urssaf mntUnitaireTTC",
        unit="EUR",
        **protect_nobody(ORDINARY, BILLING, EFFECTIVITY),
    )
    amount_excl_tax: Amount | None = declare_field(
        fr_title="Montant hors taxes",
        en_title="Amount excluding tax",
        fr="Montant hors taxes.",
        en="Amount excluding tax.",
        example="104.50",
        origin="Urssaf mntPrestationHT",
        unit="EUR",
        **protect_nobody(ORDINARY, BILLING, EFFECTIVITY, STEERING),
    )
    amount_tax: Amount | None = declare_field(
        fr_title="Montant de taxe",
        en_title="Amount of tax",
        fr="Montant de taxe.",
        en="Amount of tax.",
        example="5.75",
        origin="Urssaf mntPrestationTVA",
        unit="EUR",
        **protect_nobody(ORDINARY, BILLING, EFFECTIVITY, STEERING),
    )
    amount_incl_tax: Amount | None = declare_field(
        fr_title="Montant TTC",
        en_title="Amount including tax",
        fr="Montant, taxes comprises.",
        en="Amount, tax included.",
        example="110.25",
        origin="Urssaf mntPrestationTTC",
        unit="EUR",
        **protect_nobody(ORDINARY, BILLING, EFFECTIVITY, STEERING),
    )
    tax_rate: Quantity | None = declare_field(
        fr_title="Taux de taxe",
        en_title="Tax rate",
        fr="Taux de taxe, en pour cent.",
        en="Tax rate, in per cent.",
        example="5.5",
        origin="TDDUI Contrat.tauxTVA",
        unit="%",
        **protect_nobody(ORDINARY, BILLING, EFFECTIVITY),
    )
    description: Text | None = declare_field(
        fr_title="Libellé",
        en_title="Description",
        fr="Libellé de la ligne.",
        en="Wording of the line.",
        example="Aide à la vie quotidienne, janvier",
        origin="Urssaf complement1, complement2",
        **protect_person(SPECIAL, BILLING),
    )
