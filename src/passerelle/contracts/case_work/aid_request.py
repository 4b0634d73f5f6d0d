"""Aid request: one record per request for aid or benefit."""

from __future__ import annotations

from typing import Literal

from passerelle.contracts.case_work.rules import AID_REQUEST_RULES
from passerelle.contracts.contract import Contract, ContractMeta
from passerelle.contracts.field_meta import declare_field
from passerelle.contracts.protection import (
    CARE_PURPOSES,
    IDENTIFYING,
    NAMED_PURPOSES,
    ORDINARY,
    PLANNING,
    PORTABILITY,
    RIGHTS,
    SECRET,
    SPECIAL,
    STATISTICS,
    STEERING,
    SUPPORT,
    protect_organisation,
    protect_person,
    protect_worker,
)
from passerelle.contracts.types import Amount, Coded, Day, Flag, LongText, Text, Urn


class AidRequest(Contract):
    """One record per request for aid or benefit."""

    about = ContractMeta(
        family="aid_request",
        version="1.0.0",
        fr_title="Demande d'aide",
        en_title="Aid request",
        fr="Une ligne par demande d'aide ou de prestation.",
        en="One record per request for aid or benefit.",
    )
    rules = AID_REQUEST_RULES

    person_ref: Urn = declare_field(
        ...,
        fr_title="Personne",
        en_title="Person",
        fr="Personne pour qui l'aide est demandée.",
        en="Person for whom the aid is requested.",
        example="mss:person:310",
        origin="MSS HelpRequest.beneficiary",
        reference="person",
        **protect_person(IDENTIFYING, *NAMED_PURPOSES),
    )
    case_ref: Urn | None = declare_field(
        fr_title="Dossier",
        en_title="Case",
        fr="Dossier auquel la demande se rattache.",
        en="Case that the request belongs to.",
        example="gaia:case:501",
        reference="case",
        **protect_person(IDENTIFYING, SUPPORT, RIGHTS),
    )
    type: Coded = declare_field(
        ...,
        fr_title="Type d'aide",
        en_title="Type",
        fr="Aide demandée.",
        en="Aid requested.",
        example={"original": "Aide alimentaire"},
        origin="MSS HelpRequest.type; TDDUI DemandeOrientation.typeDemande",
        **protect_person(ORDINARY, *CARE_PURPOSES),
    )
    reason: Coded | None = declare_field(
        fr_title="Raison",
        en_title="Reason",
        fr="Raison de la demande.",
        en="Reason for the request.",
        example={"code": "energy", "system": "aid-reasons", "original": "Energy"},
        origin="MSS HelpRequest.reason; TDDUI natureDemande",
        codes="aid-reasons",
        **protect_person(SPECIAL, SUPPORT, RIGHTS, STEERING, STATISTICS),
    )
    status: Literal["incomplete", "in_review", "accepted", "refused", "adjourned", "withdrawn", "dismissed"] | None = (
        declare_field(
            fr_title="État",
            en_title="Status",
            fr="Où en est la demande.",
            en="Where the request stands.",
            example="in_review",
            origin="MSS HelpRequest.status",
            codes="aid-request-status",
            open_codes=False,
            **protect_person(ORDINARY, SUPPORT, RIGHTS, STEERING, STATISTICS),
        )
    )
    opened_on: Day | None = declare_field(
        fr_title="Ouverture",
        en_title="Opened on",
        fr="Date de la demande.",
        en="Date of the request.",
        example="2024-04-02",
        origin="MSS HelpRequest.openingDate; TDDUI dateEnvoiDemande",
        **protect_person(ORDINARY, SUPPORT, RIGHTS, STEERING, STATISTICS),
    )
    due_on: Day | None = declare_field(
        fr_title="Échéance",
        en_title="Due on",
        fr="Échéance de la demande.",
        en="Due date of the request.",
        example="2024-05-02",
        origin="MSS HelpRequest.dueDate",
        **protect_person(ORDINARY, SUPPORT, PLANNING),
    )
    complete: Flag | None = declare_field(
        fr_title="Dossier complet",
        en_title="Complete",
        fr="Le dossier est complet.",
        en="The file is complete.",
        example=True,
        origin="MSS HelpRequest.fullFile",
        **protect_person(ORDINARY, SUPPORT, RIGHTS),
    )
    handled_on: Day | None = declare_field(
        fr_title="Prise en charge",
        en_title="Handled on",
        fr="Date de prise en charge.",
        en="Date when it was taken in hand.",
        example="2024-04-03",
        origin="MSS HelpRequest.handlingDate",
        **protect_person(ORDINARY, SUPPORT),
    )
    sent_on: Day | None = declare_field(
        fr_title="Envoi",
        en_title="Sent on",
        fr="Date d'envoi du dossier.",
        en="Date when the file was sent.",
        example="2024-04-05",
        origin="MSS HelpRequest.dispatchDate",
        **protect_person(ORDINARY, SUPPORT, RIGHTS),
    )
    examined_on: Day | None = declare_field(
        fr_title="Examen",
        en_title="Examined on",
        fr="Date d'examen.",
        en="Date of examination.",
        example="2024-04-18",
        origin="MSS HelpRequest.examinationDate",
        **protect_person(ORDINARY, SUPPORT, RIGHTS),
    )
    examining_organisation: Text | None = declare_field(
        fr_title="Organisme instructeur",
        en_title="Examining organisation",
        fr="Organisme qui instruit la demande.",
        en="Organisation that examines the request.",
        example="CCAS de Roanne",
        origin="MSS examiningOrganisation, externalStructure; TDDUI DemandeOrientation.depotPoste",
        **protect_organisation(ORDINARY, SUPPORT, RIGHTS),
    )
    decided_on: Day | None = declare_field(
        fr_title="Décision",
        en_title="Decided on",
        fr="Date de la décision.",
        en="Date of the decision.",
        example="2024-04-20",
        origin="MSS HelpRequest.decisionDate; TDDUI dateReponseOrientation",
        **protect_person(ORDINARY, SUPPORT, RIGHTS, STEERING, STATISTICS),
    )
    # Steering has it: why aid is refused is an activity figure, without names.
    refusal_reason: Coded | None = declare_field(
        fr_title="Motif de refus",
        en_title="Refusal reason",
        fr="Motif du refus.",
        en="Reason for the refusal.",
        example={"original": "Ressources supérieures au plafond"},
        origin="MSS HelpRequest.refusalReason",
        **protect_person(SPECIAL, SUPPORT, RIGHTS, STEERING),
    )
    financial: Flag | None = declare_field(
        fr_title="Aide financière",
        en_title="Financial",
        fr="C'est une aide financière.",
        en="It is a financial aid.",
        example=True,
        origin="MSS HelpRequest.financialSupport",
        **protect_person(ORDINARY, SUPPORT, RIGHTS, STEERING, STATISTICS),
    )
    # What was asked stays with the work and the rights; steering has what was granted.
    asked_amount: Amount | None = declare_field(
        fr_title="Montant demandé",
        en_title="Amount requested",
        fr="Montant demandé.",
        en="Amount requested.",
        example="150.00",
        origin="MSS HelpRequest.askedAmount",
        unit="EUR",
        **protect_person(SPECIAL, SUPPORT, RIGHTS),
    )
    granted_amount: Amount | None = declare_field(
        fr_title="Montant accordé",
        en_title="Amount granted",
        fr="Montant accordé.",
        en="Amount granted.",
        example="120.00",
        origin="MSS HelpRequest.allocatedAmount",
        unit="EUR",
        **protect_person(SPECIAL, SUPPORT, RIGHTS, STEERING),
    )
    payment_method: Coded | None = declare_field(
        fr_title="Mode de paiement",
        en_title="Payment method",
        fr="Mode de paiement de l'aide.",
        en="How the aid is paid.",
        example={"code": "wire_transfer", "system": "payment-methods"},
        origin="MSS HelpRequest.paymentMethod",
        codes="payment-methods",
        **protect_person(ORDINARY, SUPPORT),
    )
    paid_on: Day | None = declare_field(
        fr_title="Paiement",
        en_title="Paid on",
        fr="Date du paiement.",
        en="Date of payment.",
        example="2024-04-25",
        origin="MSS HelpRequest.paymentDate",
        **protect_person(ORDINARY, SUPPORT, RIGHTS),
    )
    professional_ref: Urn | None = declare_field(
        fr_title="Professionnel",
        en_title="Professional",
        fr="Professionnel qui suit la demande.",
        en="Professional who follows the request.",
        example="gaia:professional:AS07",
        origin="MSS HelpRequest.createdBy",
        reference="professional",
        **protect_worker(IDENTIFYING, SUPPORT),
    )
    synthesis: LongText | None = declare_field(
        fr_title="Synthèse",
        en_title="Synthesis",
        fr="Exposé partageable de la situation.",
        en="Account of the situation that may be shared.",
        example="Impayé d'énergie après une hospitalisation.",
        origin="MSS HelpRequest.synthesis",
        **protect_person(SPECIAL, SUPPORT),
    )
    # The author's own notes: no flow carries them, only the organisation's export of its own data.
    private_synthesis: LongText | None = declare_field(
        fr_title="Synthèse privée",
        en_title="Private synthesis",
        fr="Exposé réservé au professionnel qui l'a écrit.",
        en="Account reserved to the professional who wrote it.",
        example="Tensions familiales.",
        origin="MSS HelpRequest.privateSynthesis",
        **protect_person(SECRET, PORTABILITY),
    )
