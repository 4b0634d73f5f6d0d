"""Entitlement: one record per right, benefit or income open to a person."""

from __future__ import annotations

from typing import Literal

from passerelle.contracts.case_work.rules import ENTITLEMENT_RULES
from passerelle.contracts.contract import Contract, ContractMeta
from passerelle.contracts.field_meta import declare_field
from passerelle.contracts.protection import (
    BILLING,
    CARE_PURPOSES,
    IDENTIFYING,
    NAMED_PURPOSES,
    ORDINARY,
    PLANNING,
    RIGHTS,
    SPECIAL,
    SUPPORT,
    protect_organisation,
    protect_person,
)
from passerelle.contracts.types import Amount, Coded, Day, Flag, LongText, Quantity, Text, Urn, Word


class Entitlement(Contract):
    """One record per right, benefit or income open to a person."""

    about = ContractMeta(
        family="entitlement",
        version="1.0.0",
        fr_title="Droit ou prestation",
        en_title="Entitlement",
        fr="Une ligne par droit, prestation ou ressource ouverte à une personne.",
        en="One record per right, benefit or income open to a person.",
    )
    rules = ENTITLEMENT_RULES

    person_ref: Urn = declare_field(
        ...,
        fr_title="Personne",
        en_title="Person",
        fr="Titulaire du droit.",
        en="Holder of the entitlement.",
        example="gaia:person:1001",
        origin="TDDUI DroitPrestation; CNAF Personne",
        reference="person",
        **protect_person(IDENTIFYING, *NAMED_PURPOSES),
    )
    # A benefit such as the AAH tells of a disability (GDPR article 9).
    type: Coded = declare_field(
        ...,
        fr_title="Type de droit",
        en_title="Type",
        fr="Droit ou prestation.",
        en="Right or benefit.",
        example={"code": "rsa", "system": "income-sources", "original": "RSA"},
        origin="TDDUI DroitPrestation.type; CNAF NATPREST; CdB Droits RSA; API Particulier",
        codes="income-sources",
        **protect_person(SPECIAL, *CARE_PURPOSES),
    )
    category: Coded | None = declare_field(
        fr_title="Catégorie",
        en_title="Category",
        fr="Catégorie du droit.",
        en="Category of the entitlement.",
        example={"original": "Orientation ESMS"},
        origin="TDDUI DroitPrestation.categorie",
        **protect_person(SPECIAL, SUPPORT, RIGHTS),
    )
    nature: Coded | None = declare_field(
        fr_title="Nature",
        en_title="Nature",
        fr="Premier droit, renouvellement ou révision.",
        en="New right, renewal or revision.",
        example={"code": "2", "system": "entitlement-natures"},
        origin="TDDUI DroitPrestation.nature",
        codes="entitlement-natures",
        **protect_person(ORDINARY, SUPPORT, RIGHTS),
    )
    # Billing has it: a payer stops paying when the entitlement does.
    status: Literal["requested", "open", "suspended", "closed", "refused"] | None = declare_field(
        fr_title="État",
        en_title="Status",
        fr="Où en est le droit.",
        en="Where the entitlement stands.",
        example="open",
        origin="CNAF ETATDOSRSA; API Particulier est_beneficiaire; CdB RSA suspension",
        codes="entitlement-status",
        open_codes=False,
        **protect_person(SPECIAL, SUPPORT, BILLING, RIGHTS),
    )
    start_on: Day | None = declare_field(
        fr_title="Ouverture",
        en_title="Start",
        fr="Date d'ouverture du droit.",
        en="Date when the entitlement opens.",
        example="2024-01-01",
        origin="TDDUI dateOuverture; API Particulier date_debut_droit",
        **protect_person(SPECIAL, SUPPORT, BILLING, RIGHTS),
    )
    end_on: Day | None = declare_field(
        fr_title="Échéance",
        en_title="End",
        fr="Date d'échéance du droit.",
        en="Date when the entitlement ends.",
        example="2028-12-31",
        origin="TDDUI dateEcheance",
        **protect_person(SPECIAL, SUPPORT, BILLING, RIGHTS),
    )
    suspension_reason: Coded | None = declare_field(
        fr_title="Motif de suspension",
        en_title="Suspension reason",
        fr="Motif de suspension.",
        en="Reason for the suspension.",
        example={"original": "Déclaration manquante"},
        origin="CNAF SuspensionDroit; CdB RSA suspension reason",
        **protect_person(SPECIAL, SUPPORT, RIGHTS),
    )
    closing_reason: Coded | None = declare_field(
        fr_title="Motif de clôture",
        en_title="Closing reason",
        fr="Motif de clôture.",
        en="Reason for closing.",
        example={"original": "Ressources"},
        origin="CNAF FinDroit; CdB RSA closure reason",
        **protect_person(SPECIAL, SUPPORT, RIGHTS),
    )
    closed_on: Day | None = declare_field(
        fr_title="Clôture",
        en_title="Closed on",
        fr="Date d'effet de la clôture.",
        en="Date when the closing takes effect.",
        example="2024-09-30",
        origin="TDDUI Decision.dateEffetCloture; CNAF FinDroit",
        **protect_person(SPECIAL, SUPPORT, BILLING, RIGHTS),
    )
    holder_number: Word | None = declare_field(
        fr_title="Numéro d'allocataire",
        en_title="Holder number",
        fr="Numéro d'allocataire ou de dossier chez le payeur.",
        en="Number of the holder or of the file at the payer.",
        example="1234567A",
        origin="TDDUI numeroAllocataire; CNAF MATRICULE; rdv-insertion affiliation_number",
        **protect_person(IDENTIFYING, SUPPORT, BILLING, RIGHTS),
    )
    rate: Quantity | None = declare_field(
        fr_title="Taux",
        en_title="Rate",
        fr="Taux, en pour cent.",
        en="Rate, in per cent.",
        example="80",
        origin="TDDUI DroitPrestation.taux",
        unit="%",
        **protect_person(SPECIAL, SUPPORT, RIGHTS),
    )
    # Income tells of need: access to rights has it, activity figures do not.
    amount: Amount | None = declare_field(
        fr_title="Montant",
        en_title="Amount",
        fr="Montant par période.",
        en="Amount per period.",
        example="607.75",
        origin="TDDUI Ressource.montant; MSS income amounts",
        unit="EUR",
        **protect_person(SPECIAL, SUPPORT, RIGHTS),
    )
    frequency: Coded | None = declare_field(
        fr_title="Fréquence",
        en_title="Frequency",
        fr="Période du montant.",
        en="Period of the amount.",
        example={"code": "mo", "system": "frequencies", "original": "Mensuel"},
        origin="TDDUI Ressource.frequence",
        codes="frequencies",
        **protect_person(ORDINARY, SUPPORT, RIGHTS),
    )
    payer: Text | None = declare_field(
        fr_title="Payeur",
        en_title="Payer",
        fr="Organisme qui verse ou prend en charge.",
        en="Organisation that pays or covers.",
        example="CAF de la Loire",
        origin="TDDUI Ressource.contactOrganisme, nomOrganisme; CNAF Organisme",
        **protect_organisation(ORDINARY, SUPPORT, BILLING, RIGHTS),
    )
    payer_ref: Urn | None = declare_field(
        fr_title="Organisme payeur",
        en_title="Payer (reference)",
        fr="Organisme qui verse, quand il est décrit à part.",
        en="Organisation that pays, when it is described on its own.",
        example="gaia:organisation:12",
        reference="organisation",
        **protect_organisation(ORDINARY, SUPPORT, BILLING, RIGHTS),
    )
    decision_number: Word | None = declare_field(
        fr_title="Numéro de décision",
        en_title="Decision number",
        fr="Numéro de la décision.",
        en="Number of the decision.",
        example="2024-42-00871",
        origin="TDDUI Decision.idDecision, numeroEnregistrement, idNat_Decision",
        **protect_person(IDENTIFYING, SUPPORT, RIGHTS),
    )
    decision_type: Coded | None = declare_field(
        fr_title="Type de décision",
        en_title="Decision type",
        fr="Attribution, rejet, clôture…",
        en="Grant, rejection, closing…",
        example={"code": "1", "system": "decision-types"},
        origin="TDDUI Decision.typeDecision",
        codes="decision-types",
        **protect_person(ORDINARY, SUPPORT, RIGHTS),
    )
    decided_on: Day | None = declare_field(
        fr_title="Décidé le",
        en_title="Decided on",
        fr="Date de la décision.",
        en="Date of the decision.",
        example="2023-12-14",
        origin="TDDUI Decision.dateDecision",
        **protect_person(ORDINARY, SUPPORT, RIGHTS),
    )
    deciding_body: Text | None = declare_field(
        fr_title="Autorité",
        en_title="Deciding body",
        fr="Autorité qui a décidé.",
        en="Body that decided.",
        example="CDAPH de la Loire",
        origin="API Particulier fournisseur",
        **protect_organisation(ORDINARY, SUPPORT, RIGHTS),
    )
    motivation: LongText | None = declare_field(
        fr_title="Motivation",
        en_title="Motivation",
        fr="Motivation de la décision.",
        en="Grounds of the decision.",
        example="Taux d'incapacité supérieur à 80 %.",
        origin="TDDUI Decision.motivation, motivationLocale",
        **protect_person(SPECIAL, SUPPORT, RIGHTS),
    )
    global_support_plan: Flag | None = declare_field(
        fr_title="Plan d'accompagnement global",
        en_title="Global support plan",
        fr="Un plan d'accompagnement global existe (PAG).",
        en="A global support plan exists (PAG).",
        example=False,
        origin="TDDUI existencePAG",
        **protect_person(SPECIAL, SUPPORT, RIGHTS),
    )
    orientation: Coded | None = declare_field(
        fr_title="Orientation",
        en_title="Orientation",
        fr="Orientation ou structure désignée par la décision.",
        en="Orientation or establishment named by the decision.",
        example={"original": "SAVS"},
        origin="TDDUI DetailPrestation.precisionOrientation",
        **protect_person(SPECIAL, SUPPORT, RIGHTS),
    )
    reception_time: Coded | None = declare_field(
        fr_title="Temporalité d'accueil",
        en_title="Reception time",
        fr="Temporalité de l'accueil prévu.",
        en="Time pattern of the reception planned.",
        example={"original": "Temps partiel"},
        origin="TDDUI DetailPrestation.temporaliteAccueil (JDV_J30)",
        **protect_person(ORDINARY, SUPPORT, PLANNING, RIGHTS),
    )
    # Free text may hold anything, health above all: it serves the work with the person and nothing else.
    comment: LongText | None = declare_field(
        fr_title="Commentaire",
        en_title="Comment",
        fr="Commentaire sur le droit.",
        en="Comment on the entitlement.",
        example="Renouvellement à préparer.",
        origin="TDDUI DroitPrestation.commentaire",
        **protect_person(SPECIAL, SUPPORT),
    )
