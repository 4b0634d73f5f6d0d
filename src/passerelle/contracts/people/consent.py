"""Consent: one record per agreement, refusal or withdrawal expressed."""

from __future__ import annotations

from typing import Literal

from passerelle.contracts.contract import Contract, ContractMeta
from passerelle.contracts.field_meta import declare_field
from passerelle.contracts.people.rules import CONSENT_RULES
from passerelle.contracts.protection import (
    CARE_PURPOSES,
    IDENTIFYING,
    NAMED_PURPOSES,
    ORDINARY,
    RIGHTS,
    SPECIAL,
    SUPPORT,
    protect_person,
)
from passerelle.contracts.types import Coded, Day, LongText, Urn


class Consent(Contract):
    """One record per agreement, refusal or withdrawal expressed."""

    about = ContractMeta(
        family="consent",
        version="1.0.0",
        fr_title="Consentement ou accord",
        en_title="Consent",
        fr="Une ligne par accord, refus ou retrait exprimé.",
        en="One record per agreement, refusal or withdrawal expressed.",
    )
    rules = CONSENT_RULES

    person_ref: Urn = declare_field(
        ...,
        fr_title="Personne",
        en_title="Person",
        fr="Personne concernée.",
        en="Person concerned.",
        example="gaia:person:1001",
        origin="TDDUI Accord",
        reference="person",
        **protect_person(IDENTIFYING, *NAMED_PURPOSES),
    )
    decision: Literal["accepted", "refused", "withdrawn"] = declare_field(
        ...,
        fr_title="Décision",
        en_title="Decision",
        fr="Ce que la personne a décidé.",
        en="What the person decided.",
        example="accepted",
        origin="TDDUI Accord",
        codes="consent-decision",
        open_codes=False,
        **protect_person(ORDINARY, *CARE_PURPOSES),
    )
    purpose: Literal["support", "planning", "billing", "effectivity", "rights", "steering"] | None = declare_field(
        fr_title="Finalité",
        en_title="Purpose",
        fr="Finalité sur laquelle porte la décision ; absente : toutes.",
        en="Purpose that the decision is about; absent: all.",
        example="steering",
        codes="consent-purpose",
        open_codes=False,
        **protect_person(ORDINARY, *CARE_PURPOSES),
    )
    scope: Coded | None = declare_field(
        fr_title="Objet",
        en_title="Scope",
        fr="Ce sur quoi porte l'accord : projet personnalisé, droit à l'image, partage d'informations.",
        en="What the agreement is about: support plan, image rights, sharing of information.",
        example={"original": "Projet personnalisé"},
        origin="TDDUI Accord; AutorisationAdministrative.type",
        **protect_person(SPECIAL, SUPPORT, RIGHTS),
    )
    given_by: Coded | None = declare_field(
        fr_title="Donné par",
        en_title="Given by",
        fr="Qui a exprimé la décision : la personne, son représentant.",
        en="Who expressed the decision: the person, their representative.",
        example={"code": "person", "system": "decision-makers"},
        origin="TDDUI Accord.auteur; AutorisationAdministrative.auteur",
        codes="decision-makers",
        **protect_person(IDENTIFYING, SUPPORT, RIGHTS),
    )
    method: Coded | None = declare_field(
        fr_title="Forme",
        en_title="Method",
        fr="Forme de l'accord : écrit, oral, électronique.",
        en="Form of the agreement: written, spoken, electronic.",
        example={"code": "written", "system": "consent-methods"},
        codes="consent-methods",
        **protect_person(ORDINARY, SUPPORT, RIGHTS),
    )
    decided_on: Day | None = declare_field(
        fr_title="Date",
        en_title="Decided on",
        fr="Date de la décision ou de la signature.",
        en="Date of the decision or signature.",
        example="2024-02-12",
        origin="TDDUI Accord.dateSignature",
        **protect_person(ORDINARY, *CARE_PURPOSES),
    )
    valid_from: Day | None = declare_field(
        fr_title="Valable à partir du",
        en_title="Valid from",
        fr="Premier jour de validité.",
        en="First day of validity.",
        example="2024-02-12",
        origin="TDDUI AutorisationAdministrative.dateDebut",
        **protect_person(ORDINARY, *CARE_PURPOSES),
    )
    valid_until: Day | None = declare_field(
        fr_title="Valable jusqu'au",
        en_title="Valid until",
        fr="Dernier jour de validité.",
        en="Last day of validity.",
        example="2025-02-11",
        origin="TDDUI Accord.dureeValidite; AutorisationAdministrative.dateFin",
        **protect_person(ORDINARY, *CARE_PURPOSES),
    )
    document_ref: Urn | None = declare_field(
        fr_title="Document",
        en_title="Document",
        fr="Document signé.",
        en="Signed document.",
        example="gaia:document:6001",
        origin="TDDUI AutorisationAdministrative.pieceJointe",
        reference="document",
        **protect_person(IDENTIFYING, SUPPORT, RIGHTS),
    )
    # Free text may hold anything, health above all: it serves the work with the person and nothing else.
    comment: LongText | None = declare_field(
        fr_title="Commentaire",
        en_title="Comment",
        fr="Commentaire sur la décision.",
        en="Comment on the decision.",
        example="Souhaite en reparler à la prochaine rencontre.",
        origin="TDDUI AutorisationAdministrative.commentaire",
        **protect_person(SPECIAL, SUPPORT),
    )
