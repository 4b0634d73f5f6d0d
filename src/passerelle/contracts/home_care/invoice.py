"""Invoice: one record per invoice or credit note."""

from __future__ import annotations

from typing import Literal

from passerelle.contracts.contract import Contract, ContractMeta
from passerelle.contracts.field_meta import declare_field
from passerelle.contracts.home_care.money_rules import INVOICE_RULES
from passerelle.contracts.protection import (
    BILLING,
    EFFECTIVITY,
    IDENTIFYING,
    ORDINARY,
    SPECIAL,
    STEERING,
    protect_nobody,
    protect_organisation,
    protect_person,
)
from passerelle.contracts.types import Amount, Coded, Day, LongText, Quantity, Text, Urn, Word


class Invoice(Contract):
    """One record per invoice or credit note."""

    about = ContractMeta(
        family="invoice",
        version="1.0.0",
        fr_title="Facture ou avoir",
        en_title="Invoice",
        fr="Une ligne par facture ou avoir.",
        en="One record per invoice or credit note.",
    )
    rules = INVOICE_RULES

    number: Word = declare_field(
        ...,
        fr_title="Numéro",
        en_title="Number",
        fr="Numéro de la facture ou de l'avoir.",
        en="Number of the invoice or credit note.",
        example="FACT-0124-00012",
        origin="ESPPADOM INVOICE ID; Urssaf numFactureTiers; Compani Identifiant",
        **protect_person(IDENTIFYING, BILLING, EFFECTIVITY),
    )
    kind: Literal["invoice", "credit_note"] | None = declare_field(
        fr_title="Nature",
        en_title="Kind",
        fr="Facture ou avoir.",
        en="Invoice or credit note.",
        example="invoice",
        origin="Compani Nature",
        codes="invoice-kind",
        open_codes=False,
        **protect_nobody(ORDINARY, BILLING, EFFECTIVITY, STEERING),
    )
    issued_on: Day | None = declare_field(
        fr_title="Date",
        en_title="Issued on",
        fr="Date de la facture.",
        en="Date of the invoice.",
        example="2024-01-31",
        origin="ESPPADOM INVOICE IssueDateTime; Urssaf dateFacture; Compani Date",
        **protect_nobody(ORDINARY, BILLING, EFFECTIVITY, STEERING),
    )
    person_ref: Urn | None = declare_field(
        fr_title="Personne",
        en_title="Person",
        fr="Personne aidée.",
        en="Person helped.",
        example="compani:person:5ce2bbb837a0d7924d76ea6d",
        origin="Compani Id Bénéficiaire; Urssaf idClient",
        reference="person",
        **protect_person(IDENTIFYING, BILLING, EFFECTIVITY),
    )
    payer_ref: Urn | None = declare_field(
        fr_title="Payeur (référence)",
        en_title="Payer (reference)",
        fr="Organisme à qui la facture est adressée.",
        en="Organisation that the invoice is addressed to.",
        example="compani:organisation:CG77",
        origin="ESPPADOM INVOICE Payer; Compani Id tiers payeur",
        reference="organisation",
        **protect_organisation(ORDINARY, BILLING, EFFECTIVITY, STEERING),
    )
    payer: Text | None = declare_field(
        fr_title="Payeur",
        en_title="Payer",
        fr="Nom de qui reçoit la facture.",
        en="Name of whoever receives the invoice.",
        example="Département de Seine-et-Marne",
        origin="Compani Tiers payeur",
        **protect_person(IDENTIFYING, BILLING, EFFECTIVITY),
    )
    organisation_ref: Urn | None = declare_field(
        fr_title="Émetteur",
        en_title="Issuer",
        fr="Organisation qui facture.",
        en="Organisation that invoices.",
        example="compani:organisation:1",
        origin="ESPPADOM INVOICE Seller",
        reference="organisation",
        **protect_organisation(ORDINARY, BILLING, EFFECTIVITY, STEERING),
    )
    plan_ref: Urn | None = declare_field(
        fr_title="Plan d'aide",
        en_title="Funded plan",
        fr="Plan d'aide facturé, s'il n'y en a qu'un.",
        en="Funded plan invoiced, when there is only one.",
        example="compani:funded_plan:FIN-17",
        origin="ESPPADOM INVOICE order reference",
        reference="funded_plan",
        **protect_person(IDENTIFYING, BILLING, EFFECTIVITY),
    )
    credited_invoice_ref: Urn | None = declare_field(
        fr_title="Facture créditée",
        en_title="Credited invoice",
        fr="Facture que l'avoir annule ou corrige.",
        en="Invoice that the credit note cancels or corrects.",
        example="compani:invoice:FACT-0124-00007",
        reference="invoice",
        **protect_person(IDENTIFYING, BILLING, EFFECTIVITY),
    )
    status: Literal["draft", "issued", "sent", "rejected", "paid", "cancelled"] | None = declare_field(
        fr_title="État",
        en_title="Status",
        fr="Où en est la facture.",
        en="Where the invoice stands.",
        example="issued",
        origin="Urssaf statut",
        codes="invoice-status",
        open_codes=False,
        **protect_nobody(ORDINARY, BILLING, EFFECTIVITY, STEERING),
    )
    period_start: Day | None = declare_field(
        fr_title="Début de période",
        en_title="Period start",
        fr="Premier jour facturé.",
        en="First day invoiced.",
        example="2024-01-01",
        origin="Urssaf dateDebutEmploi",
        **protect_nobody(ORDINARY, BILLING, EFFECTIVITY, STEERING),
    )
    period_end: Day | None = declare_field(
        fr_title="Fin de période",
        en_title="Period end",
        fr="Dernier jour facturé.",
        en="Last day invoiced.",
        example="2024-01-31",
        origin="Urssaf dateFinEmploi",
        **protect_nobody(ORDINARY, BILLING, EFFECTIVITY, STEERING),
    )
    total_excl_tax: Amount | None = declare_field(
        fr_title="Total hors taxes",
        en_title="Total excluding tax",
        fr="Total hors taxes.",
        en="Total excluding tax.",
        example="100.00",
        origin="Urssaf mntFactureHT; Compani Montant HT",
        unit="EUR",
        **protect_nobody(ORDINARY, BILLING, EFFECTIVITY, STEERING),
    )
    total_tax: Amount | None = declare_field(
        fr_title="Total des taxes",
        en_title="Total tax",
        fr="Total des taxes.",
        en="Total of taxes.",
        example="5.50",
        unit="EUR",
        **protect_nobody(ORDINARY, BILLING, EFFECTIVITY, STEERING),
    )
    total_incl_tax: Amount | None = declare_field(
        fr_title="Total toutes taxes comprises",
        en_title="Total including tax",
        fr="Total toutes taxes comprises.",
        en="Total including tax.",
        example="105.50",
        origin="Urssaf mntFactureTTC; Compani Montant TTC",
        unit="EUR",
        **protect_nobody(ORDINARY, BILLING, EFFECTIVITY, STEERING),
    )
    deposit: Amount | None = declare_field(
        fr_title="Acompte",
        en_title="Deposit",
        fr="Acompte déjà versé.",
        en="Deposit already paid.",
        example="20.00",
        origin="Urssaf mntAcompte",
        unit="EUR",
        **protect_nobody(ORDINARY, BILLING, EFFECTIVITY),
    )
    deposit_on: Day | None = declare_field(
        fr_title="Date de l'acompte",
        en_title="Deposit on",
        fr="Date de versement de l'acompte.",
        en="Date when the deposit was paid.",
        example="2024-01-20",
        origin="Urssaf dateVersementAcompte",
        **protect_nobody(ORDINARY, BILLING, EFFECTIVITY),
    )
    paid_amount: Amount | None = declare_field(
        fr_title="Montant payé",
        en_title="Amount paid",
        fr="Montant reçu en paiement.",
        en="Amount received in payment.",
        example="105.50",
        origin="Urssaf mntVirement",
        unit="EUR",
        **protect_nobody(ORDINARY, BILLING, EFFECTIVITY),
    )
    paid_on: Day | None = declare_field(
        fr_title="Payée le",
        en_title="Paid on",
        fr="Date du paiement.",
        en="Date of payment.",
        example="2024-02-15",
        origin="Urssaf dateVirement",
        **protect_nobody(ORDINARY, BILLING, EFFECTIVITY),
    )
    payment_method: Coded | None = declare_field(
        fr_title="Mode de paiement",
        en_title="Payment method",
        fr="Mode de paiement.",
        en="How it is paid.",
        example={"code": "wire_transfer", "system": "payment-methods"},
        origin="Ogust method_of_payment",
        codes="payment-methods",
        **protect_nobody(ORDINARY, BILLING, EFFECTIVITY),
    )
    payment_request: Word | None = declare_field(
        fr_title="Demande de paiement",
        en_title="Payment request",
        fr="Numéro de la demande de paiement chez l'Urssaf.",
        en="Number of the payment request at Urssaf.",
        example="DP-0001",
        origin="Urssaf idDemandePaiement",
        **protect_person(IDENTIFYING, BILLING),
    )
    payment_request_status: Coded | None = declare_field(
        fr_title="État de la demande",
        en_title="Payment request status",
        fr="État de la demande de paiement chez l'Urssaf.",
        en="Status of the payment request at Urssaf.",
        example={"code": "70", "original": "PAYEE"},
        origin="Urssaf statut",
        **protect_nobody(ORDINARY, BILLING),
    )
    rejection_reason: Coded | None = declare_field(
        fr_title="Motif de rejet",
        en_title="Rejection reason",
        fr="Motif du rejet par le payeur.",
        en="Reason for the rejection by the payer.",
        example={"original": "ERR_FACTURE_DOUBLON"},
        origin="Urssaf infoRejet",
        **protect_nobody(ORDINARY, BILLING),
    )
    hours: Quantity | None = declare_field(
        fr_title="Heures",
        en_title="Hours",
        fr="Nombre d'heures facturées.",
        en="Number of hours invoiced.",
        example="4.5",
        origin="Compani Nombre d'heures",
        unit="h",
        **protect_nobody(ORDINARY, BILLING, EFFECTIVITY, STEERING),
    )
    # Billing alone has it; special, as any free text about the help that somebody gets.
    comment: LongText | None = declare_field(
        fr_title="Commentaire",
        en_title="Comment",
        fr="Commentaire sur la facture.",
        en="Comment on the invoice.",
        example="Régularisation de décembre.",
        origin="Urssaf infoRejet.commentaire",
        **protect_person(SPECIAL, BILLING),
    )
