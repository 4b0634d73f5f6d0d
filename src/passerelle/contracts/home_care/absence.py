"""Absence: one record per absence (or presence) of a person or a professional."""

from __future__ import annotations

from typing import Literal

from passerelle.contracts.contract import Contract, ContractMeta
from passerelle.contracts.field_meta import declare_field
from passerelle.contracts.home_care.money_rules import ABSENCE_RULES
from passerelle.contracts.protection import (
    ALL_PURPOSES,
    BILLING,
    EFFECTIVITY,
    IDENTIFYING,
    ORDINARY,
    PAY,
    PLANNING,
    SPECIAL,
    STATISTICS,
    STEERING,
    SUPPORT,
    SURVEILLANCE,
    protect_organisation,
    protect_person,
    protect_worker,
)
from passerelle.contracts.types import Coded, Day, Flag, Instant, LongText, Quantity, Urn


class Absence(Contract):
    """One record per absence (or presence) of a person or a professional."""

    about = ContractMeta(
        family="absence",
        version="1.0.0",
        fr_title="Absence ou présence",
        en_title="Absence",
        fr="Une ligne par absence (ou présence) d'une personne ou d'un professionnel.",
        en="One record per absence (or presence) of a person or a professional.",
    )
    rules = ABSENCE_RULES

    person_ref: Urn | None = declare_field(
        fr_title="Personne",
        en_title="Person",
        fr="Personne absente.",
        en="Person who is absent.",
        example="compani:person:5ce2bbb837a0d7924d76ea6d",
        origin="TDDUI PresenceAbsence; Compani CustomerAbsence",
        reference="person",
        **protect_person(IDENTIFYING, SUPPORT, PLANNING, BILLING, EFFECTIVITY),
    )
    professional_ref: Urn | None = declare_field(
        fr_title="Professionnel",
        en_title="Professional",
        fr="Professionnel absent.",
        en="Professional who is absent.",
        example="compani:professional:5ce2422ab0aeeee1f018edd5",
        origin="Compani Id Auxiliaire; RDV-S absence.agent",
        reference="professional",
        **protect_worker(IDENTIFYING, PLANNING, PAY),
    )
    organisation_ref: Urn | None = declare_field(
        fr_title="Organisation",
        en_title="Organisation",
        fr="Organisation concernée.",
        en="Organisation concerned.",
        example="compani:organisation:1",
        reference="organisation",
        **protect_organisation(ORDINARY, *ALL_PURPOSES),
    )
    nature: Literal["absence", "presence"] | None = declare_field(
        fr_title="Nature",
        en_title="Nature",
        fr="Absence ou présence ; absence si rien n'est dit.",
        en="Absence or presence; absence when nothing is said.",
        example="absence",
        origin="TDDUI PresenceAbsence.type",
        codes="absence-nature",
        open_codes=False,
        **protect_person(ORDINARY, SUPPORT, PLANNING, BILLING, EFFECTIVITY, PAY, STEERING, STATISTICS),
    )
    type: Coded | None = declare_field(
        fr_title="Type",
        en_title="Type",
        fr="Type d'absence.",
        en="Type of absence.",
        example={"original": "Hospitalisation"},
        origin="TDDUI PresenceAbsence.type; Compani Type",
        **protect_person(SPECIAL, SUPPORT, PLANNING, PAY),
    )
    time_kind: Coded | None = declare_field(
        fr_title="Unité de l'absence",
        en_title="Time kind",
        fr="Absence comptée en journées ou en heures.",
        en="Absence counted in days or in hours.",
        example={"original": "Journalière"},
        origin="Compani Nature",
        **protect_worker(ORDINARY, PLANNING, PAY),
    )
    starts_on: Day | None = declare_field(
        fr_title="Premier jour",
        en_title="First day",
        fr="Premier jour d'absence.",
        en="First day of absence.",
        example="2024-07-01",
        origin="TDDUI dateDebut; Compani Début",
        **protect_person(ORDINARY, SUPPORT, PLANNING, BILLING, EFFECTIVITY, PAY),
    )
    ends_on: Day | None = declare_field(
        fr_title="Dernier jour",
        en_title="Last day",
        fr="Dernier jour d'absence.",
        en="Last day of absence.",
        example="2024-07-14",
        origin="TDDUI dateFin; Compani Fin",
        **protect_person(ORDINARY, SUPPORT, PLANNING, BILLING, EFFECTIVITY, PAY),
    )
    starts_at: Instant | None = declare_field(
        fr_title="Début",
        en_title="Starts at",
        fr="Début de l'absence, quand l'heure est connue.",
        en="Beginning of the absence, when its time is known.",
        example="2024-07-01T08:00:00+02:00",
        origin="Compani Début; RDV-S absence",
        **protect_person(ORDINARY, SUPPORT, PLANNING, BILLING, EFFECTIVITY, PAY),
    )
    ends_at: Instant | None = declare_field(
        fr_title="Fin",
        en_title="Ends at",
        fr="Fin de l'absence, quand l'heure est connue.",
        en="End of the absence, when its time is known.",
        example="2024-07-14T20:00:00+02:00",
        origin="Compani Fin; RDV-S absence",
        **protect_person(ORDINARY, SUPPORT, PLANNING, BILLING, EFFECTIVITY, PAY),
    )
    # «Hospitalised» is a reason too: health data (GDPR article 9).
    reason: Coded | None = declare_field(
        fr_title="Motif",
        en_title="Reason",
        fr="Motif de l'absence de la personne.",
        en="Reason of the person's absence.",
        example={"code": "ORG-077", "system": "non-realisation-reasons"},
        origin="TDDUI motifAbsence",
        codes="non-realisation-reasons",
        **protect_person(SPECIAL, SUPPORT, PLANNING, EFFECTIVITY),
    )
    planned: Flag | None = declare_field(
        fr_title="Prévue",
        en_title="Planned",
        fr="L'absence était prévue.",
        en="The absence was planned.",
        example=True,
        origin="TDDUI absencePrevue",
        **protect_person(ORDINARY, SUPPORT, PLANNING, BILLING, EFFECTIVITY),
    )
    # About the professional's contract: planning alone counts with it.
    contract_hours: Quantity | None = declare_field(
        fr_title="Équivalent en heures",
        en_title="Contract hours",
        fr="Heures de contrat du professionnel couvertes par l'absence.",
        en="Hours of the professional's contract that the absence covers.",
        example="7",
        origin="Compani Equivalent heures contrat",
        unit="h",
        **protect_worker(SURVEILLANCE, PAY),
    )
    extension: Flag | None = declare_field(
        fr_title="Prolongation",
        en_title="Extension",
        fr="L'absence en prolonge une autre.",
        en="The absence extends another one.",
        example=False,
        origin="Compani Prolongation",
        **protect_worker(ORDINARY, PLANNING, PAY),
    )
    extension_of: Urn | None = declare_field(
        fr_title="Absence d'origine",
        en_title="Extension of",
        fr="Absence que celle-ci prolonge.",
        en="Absence that this one extends.",
        example="compani:absence:311",
        origin="Compani Absence d'origine",
        reference="absence",
        **protect_worker(IDENTIFYING, PLANNING, PAY),
    )
    # Free text may hold anything, health above all: it serves the work with the person and nothing else.
    comment: LongText | None = declare_field(
        fr_title="Commentaire",
        en_title="Comment",
        fr="Commentaire sur l'absence.",
        en="Comment on the absence.",
        example="Chez sa sœur.",
        origin="Compani Divers",
        **protect_person(SPECIAL, SUPPORT),
    )
