"""Case: one record per period of support of a person by an organisation."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from passerelle.contracts.case_work.rules import CASE_RULES
from passerelle.contracts.contract import Contract, ContractMeta
from passerelle.contracts.field_meta import declare_field
from passerelle.contracts.protection import (
    BILLING,
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
    protect_nobody,
    protect_person,
    protect_worker,
)
from passerelle.contracts.types import Coded, Day, LongText, Text, Urn, Word


class Case(Contract):
    """One record per period of support of a person by an organisation."""

    about = ContractMeta(
        family="case",
        version="1.0.0",
        fr_title="Dossier d'accompagnement",
        en_title="Case",
        fr="Une ligne par accompagnement d'une personne par une organisation.",
        en="One record per period of support of a person by an organisation.",
    )
    rules = CASE_RULES

    person_ref: Urn = declare_field(
        ...,
        fr_title="Personne",
        en_title="Person",
        fr="Personne accompagnée.",
        en="Person accompanied.",
        example="gaia:person:1001",
        origin="GAIA-like dossier; CdB Notebook.beneficiary",
        reference="person",
        **protect_person(IDENTIFYING, *NAMED_PURPOSES),
    )
    organisation_ref: Urn | None = declare_field(
        fr_title="Organisation",
        en_title="Organisation",
        fr="Organisation ou service qui accompagne.",
        en="Organisation or service that gives support.",
        example="gaia:organisation:42",
        reference="organisation",
        **protect_nobody(ORDINARY, *CARE_PURPOSES),
    )
    professional_ref: Urn | None = declare_field(
        fr_title="Référent",
        en_title="Reference professional",
        fr="Professionnel référent du dossier.",
        en="Reference professional of the case.",
        example="gaia:professional:AS07",
        origin="CdB Notebook.members (referent); MSS referents",
        reference="professional",
        **protect_worker(IDENTIFYING, SUPPORT, PLANNING),
    )
    file_number: Word | None = declare_field(
        fr_title="Numéro de dossier",
        en_title="File number",
        fr="Numéro que l'organisation donne au dossier.",
        en="Number that the organisation gives to the case.",
        example="D-2024-0187",
        origin="MSS Beneficiary.fileNumber; RDV-S user.case_number",
        **protect_person(IDENTIFYING, SUPPORT, BILLING, RIGHTS),
    )
    status: Literal["requested", "open", "suspended", "closed", "archived"] | None = declare_field(
        fr_title="État",
        en_title="Status",
        fr="Où en est le dossier.",
        en="Where the case stands.",
        example="open",
        origin="TDDUI Statut (projet)",
        codes="case-status",
        open_codes=False,
        **protect_person(ORDINARY, *CARE_PURPOSES),
    )
    opened_on: Day | None = declare_field(
        fr_title="Ouverture",
        en_title="Opened on",
        fr="Date d'ouverture du dossier.",
        en="Date when the case was opened.",
        example="2024-02-12",
        **protect_person(ORDINARY, SUPPORT, PLANNING, RIGHTS, STEERING, STATISTICS),
    )
    closed_on: Day | None = declare_field(
        fr_title="Clôture",
        en_title="Closed on",
        fr="Date de clôture du dossier.",
        en="Date when the case was closed.",
        example="2024-07-30",
        **protect_person(ORDINARY, SUPPORT, PLANNING, RIGHTS, STEERING, STATISTICS),
    )
    closing_reason: Coded | None = declare_field(
        fr_title="Motif de clôture",
        en_title="Closing reason",
        fr="Pourquoi le dossier est clos.",
        en="Why the case was closed.",
        example={"original": "Objectifs atteints"},
        origin="CdB Notebook closure reason",
        **protect_person(SPECIAL, SUPPORT, STEERING),
    )
    programme: Coded | None = declare_field(
        fr_title="Axe ou programme",
        en_title="Programme",
        fr="Axe d'intervention : désinsertion professionnelle (PDP), parcours en santé (SPS)…",
        en="Programme of work: keeping people in work (PDP), paths of care (SPS)…",
        example={"code": "PDP", "system": "health-social-service-axes", "original": "PDP"},
        origin="Axes of the Assurance Maladie social service",
        codes="health-social-service-axes",
        **protect_person(ORDINARY, SUPPORT, RIGHTS, STEERING, STATISTICS),
    )
    risk: Coded | None = declare_field(
        fr_title="Risque",
        en_title="Insured risk",
        fr="Risque au titre duquel la personne est suivie : maladie, invalidité, accident du travail.",
        en="Insured risk under which the person is followed: sickness, invalidity, accident at work.",
        example={"code": "sickness", "system": "insured-risks", "original": "Maladie"},
        origin="Reports of the Assurance Maladie social service",
        codes="insured-risks",
        **protect_person(SPECIAL, SUPPORT, RIGHTS, STEERING),
    )
    mode: Literal["individual", "collective"] | None = declare_field(
        fr_title="Mode d'accompagnement",
        en_title="Mode of support",
        fr="Accompagnement individuel ou collectif.",
        en="Individual or collective support.",
        example="individual",
        codes="case-mode",
        open_codes=False,
        **protect_person(ORDINARY, SUPPORT, STEERING, STATISTICS),
    )
    origin: Coded | None = declare_field(
        fr_title="Origine",
        en_title="Origin",
        fr="Qui a orienté la personne ou demandé l'accompagnement.",
        en="Who referred the person or asked for support.",
        example={"code": "spontaneous", "system": "referral-origins", "original": "Spontanée"},
        origin="MSS orientationType; TDDUI Sejour.origineDemande",
        codes="referral-origins",
        **protect_person(ORDINARY, SUPPORT, STEERING, STATISTICS),
    )
    origin_organisation: Text | None = declare_field(
        fr_title="Structure à l'origine",
        en_title="Referring organisation",
        fr="Structure qui a orienté la personne.",
        en="Organisation that referred the person.",
        example="CPAM de la Loire",
        origin="MSS orientationStructure; CdB orientation request",
        **protect_person(ORDINARY, SUPPORT),
    )
    # Themes such as health or debts count as special whatever the case.
    themes: Annotated[list[Coded], Field(max_length=20)] | None = declare_field(
        fr_title="Thèmes",
        en_title="Themes",
        fr="Thèmes de travail.",
        en="Themes of work.",
        example=[{"code": "logement", "system": "social-themes", "original": "Logement"}],
        origin="CdB Focus.theme; MSS Followup.types",
        codes="social-themes",
        **protect_person(SPECIAL, SUPPORT, STEERING, STATISTICS),
    )
    # Free text may hold anything, health above all: it serves the work with the person and nothing else.
    summary: LongText | None = declare_field(
        fr_title="Synthèse",
        en_title="Summary",
        fr="Synthèse partageable de la situation.",
        en="Summary of the situation that may be shared.",
        example="Reprise du travail envisagée à mi-temps.",
        origin="MSS synthesis",
        **protect_person(SPECIAL, SUPPORT),
    )
    # The author's own notes: no flow carries them, only the organisation's export of its own data.
    private_summary: LongText | None = declare_field(
        fr_title="Synthèse privée",
        en_title="Private summary",
        fr="Synthèse réservée au professionnel qui l'a écrite.",
        en="Summary reserved to the professional who wrote it.",
        example="À revoir avec le médecin conseil.",
        origin="MSS privateSynthesis",
        **protect_person(SECRET, PORTABILITY),
    )
