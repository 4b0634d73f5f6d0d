"""Interaction: one record per interview, call, letter or visit to the desk."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from passerelle.contracts.case_work.rules import INTERACTION_RULES
from passerelle.contracts.contract import Contract, ContractMeta
from passerelle.contracts.field_meta import declare_field
from passerelle.contracts.protection import (
    CARE_PURPOSES,
    IDENTIFYING,
    ORDINARY,
    PLANNING,
    PORTABILITY,
    RIGHTS,
    SECRET,
    SPECIAL,
    STATISTICS,
    STEERING,
    SUPPORT,
    SURVEILLANCE,
    protect_nobody,
    protect_person,
    protect_worker,
)
from passerelle.contracts.types import Coded, Day, Flag, Instant, LongText, Minutes, Text, Urn


class Interaction(Contract):
    """One record per interview, call, letter or visit to the desk."""

    about = ContractMeta(
        family="interaction",
        version="1.0.0",
        fr_title="Entretien ou contact",
        en_title="Interaction",
        fr="Une ligne par entretien, appel, courrier ou passage.",
        en="One record per interview, call, letter or visit to the desk.",
    )
    rules = INTERACTION_RULES

    person_ref: Urn | None = declare_field(
        fr_title="Personne",
        en_title="Person",
        fr="Personne concernée ; inconnue pour un appel anonyme.",
        en="Person concerned; unknown for an anonymous call.",
        example="gaia:person:1001",
        origin="MSS Followup.beneficiary",
        reference="person",
        **protect_person(IDENTIFYING, SUPPORT, PLANNING, RIGHTS),
    )
    case_ref: Urn | None = declare_field(
        fr_title="Dossier",
        en_title="Case",
        fr="Dossier auquel l'échange se rattache.",
        en="Case that the interaction belongs to.",
        example="gaia:case:501",
        reference="case",
        **protect_person(IDENTIFYING, SUPPORT, RIGHTS),
    )
    organisation_ref: Urn | None = declare_field(
        fr_title="Organisation",
        en_title="Organisation",
        fr="Organisation ou point d'accueil.",
        en="Organisation or reception point.",
        example="gaia:organisation:42",
        reference="organisation",
        **protect_nobody(ORDINARY, *CARE_PURPOSES),
    )
    professional_ref: Urn | None = declare_field(
        fr_title="Professionnel",
        en_title="Professional",
        fr="Professionnel qui a mené l'échange.",
        en="Professional who led the interaction.",
        example="gaia:professional:AS07",
        origin="MSS Followup.createdBy",
        reference="professional",
        **protect_worker(IDENTIFYING, SUPPORT, PLANNING),
    )
    occurred_on: Day | None = declare_field(
        fr_title="Jour",
        en_title="Day",
        fr="Jour de l'échange, quand l'heure n'est pas connue.",
        en="Day of the interaction, when its time is not known.",
        example="2024-03-05",
        origin="MSS Followup.date",
        **protect_person(ORDINARY, *CARE_PURPOSES),
    )
    occurred_at: Instant | None = declare_field(
        fr_title="Moment",
        en_title="Moment",
        fr="Début de l'échange.",
        en="Beginning of the interaction.",
        example="2024-03-05T14:30:00+01:00",
        origin="GRC contact time",
        **protect_person(ORDINARY, SUPPORT, PLANNING, RIGHTS, STEERING),
    )
    # Durations add up to a worker's pace, so they count as surveillance.
    duration: Minutes | None = declare_field(
        fr_title="Durée",
        en_title="Duration",
        fr="Durée de l'échange.",
        en="Duration of the interaction.",
        example=45,
        unit="min",
        **protect_worker(SURVEILLANCE, PORTABILITY),
    )
    channel: Coded = declare_field(
        ...,
        fr_title="Canal",
        en_title="Channel",
        fr="Canal de l'échange : sur place, au domicile, téléphone, courriel…",
        en="Channel of the interaction: on site, at home, telephone, email…",
        example={"code": "phone", "system": "channels", "original": "PhoneCall"},
        origin="MSS Followup.medium; GRC channel",
        codes="channels",
        **protect_person(ORDINARY, *CARE_PURPOSES),
    )
    direction: Literal["incoming", "outgoing"] | None = declare_field(
        fr_title="Sens",
        en_title="Direction",
        fr="Qui a pris contact : la personne (entrant) ou l'organisation (sortant).",
        en="Who made contact: the person (incoming) or the organisation (outgoing).",
        example="incoming",
        origin="GRC direction",
        codes="interaction-direction",
        open_codes=False,
        **protect_person(ORDINARY, SUPPORT, STEERING),
    )
    contact_person: Text | None = declare_field(
        fr_title="Interlocuteur",
        en_title="Person spoken to",
        fr="Tiers avec qui l'échange a eu lieu, si ce n'est pas la personne elle-même.",
        en="Third party spoken to, when it was not the person.",
        example="Sa fille",
        origin="MSS Followup.thirdPersonName",
        **protect_person(IDENTIFYING, SUPPORT),
    )
    # Why somebody comes tells of their difficulties.
    motives: Annotated[list[Coded], Field(max_length=20)] | None = declare_field(
        fr_title="Motifs",
        en_title="Motives",
        fr="Motifs de l'échange.",
        en="Motives of the interaction.",
        example=[{"code": "IJ", "original": "Indemnités journalières"}],
        origin="GRC motive; MSS Followup.types",
        **protect_person(SPECIAL, SUPPORT, RIGHTS, STEERING, STATISTICS),
    )
    themes: Annotated[list[Coded], Field(max_length=20)] | None = declare_field(
        fr_title="Thèmes",
        en_title="Themes",
        fr="Thèmes abordés.",
        en="Themes discussed.",
        example=[{"code": "sante", "system": "social-themes", "original": "Santé"}],
        origin="MSS Followup.types; CdB Focus.theme",
        codes="social-themes",
        **protect_person(SPECIAL, SUPPORT, STEERING, STATISTICS),
    )
    status: Literal["todo", "in_progress", "done", "cancelled"] | None = declare_field(
        fr_title="État",
        en_title="Status",
        fr="Où en est le suivi de cet échange.",
        en="Where the follow-up of this interaction stands.",
        example="done",
        origin="MSS Followup.status",
        codes="interaction-status",
        open_codes=False,
        **protect_person(ORDINARY, SUPPORT, PLANNING, STEERING, STATISTICS),
    )
    outcome: Coded | None = declare_field(
        fr_title="Suite donnée",
        en_title="Outcome",
        fr="Ce que l'échange a donné.",
        en="What came of the interaction.",
        example={"code": "answered", "original": "Réponse apportée"},
        origin="GRC outcome",
        **protect_person(SPECIAL, SUPPORT, STEERING),
    )
    place: Text | None = declare_field(
        fr_title="Lieu",
        en_title="Place",
        fr="Lieu de l'échange, en clair.",
        en="Place of the interaction, in words.",
        example="Agence de Roanne",
        origin="MSS Followup.place",
        **protect_person(IDENTIFYING, SUPPORT, PLANNING),
    )
    first_contact: Flag | None = declare_field(
        fr_title="Premier contact",
        en_title="First contact",
        fr="C'est le premier échange de l'accompagnement.",
        en="It is the first interaction of the support.",
        example=True,
        origin="MSS Followup.firstFollowup",
        **protect_person(ORDINARY, SUPPORT, STEERING, STATISTICS),
    )
    repeat_of: Urn | None = declare_field(
        fr_title="Réitère",
        en_title="Repeat of",
        fr="Contact antérieur dont celui-ci est la réitération.",
        en="Earlier contact that this one repeats.",
        example="grc:interaction:88013",
        origin="GRC repeat",
        reference="interaction",
        **protect_person(IDENTIFYING, SUPPORT),
    )
    call_back_on: Day | None = declare_field(
        fr_title="À rappeler le",
        en_title="Call back on",
        fr="Date à laquelle rappeler la personne.",
        en="Date on which to call the person back.",
        example="2024-03-08",
        origin="GRC call-back date",
        **protect_person(ORDINARY, SUPPORT, PLANNING),
    )
    due_on: Day | None = declare_field(
        fr_title="Échéance",
        en_title="Due on",
        fr="Échéance du suivi.",
        en="Due date of the follow-up.",
        example="2024-04-01",
        origin="MSS Followup.dueDate",
        **protect_person(ORDINARY, SUPPORT, PLANNING),
    )
    redirected: Flag | None = declare_field(
        fr_title="Réorientation",
        en_title="Redirected",
        fr="La personne a été réorientée vers une autre structure.",
        en="The person was redirected to another organisation.",
        example=False,
        origin="MSS Followup.redirected",
        **protect_person(ORDINARY, SUPPORT, STEERING),
    )
    prescriber: Text | None = declare_field(
        fr_title="Prescripteur",
        en_title="Prescriber",
        fr="Organisation qui a prescrit ou demandé l'échange.",
        en="Organisation that prescribed or asked for the interaction.",
        example="Service médical",
        origin="MSS Followup.prescribingOrganization",
        **protect_person(ORDINARY, SUPPORT),
    )
    actions_taken: Annotated[list[Coded], Field(max_length=20)] | None = declare_field(
        fr_title="Interventions",
        en_title="Actions taken",
        fr="Démarches faites à cette occasion.",
        en="Steps taken on this occasion.",
        example=[{"original": "Appel au bailleur"}],
        origin="MSS Followup.interventions, signalements",
        **protect_person(SPECIAL, SUPPORT, STEERING),
    )
    # Free text may hold anything, health above all: it serves the work with the person and nothing else.
    synthesis: LongText | None = declare_field(
        fr_title="Synthèse",
        en_title="Synthesis",
        fr="Compte rendu partageable.",
        en="Account that may be shared.",
        example="Point sur la reprise du travail.",
        origin="MSS Followup.synthesis",
        **protect_person(SPECIAL, SUPPORT),
    )
    # The author's own notes: no flow carries them, only the organisation's export of its own data.
    private_synthesis: LongText | None = declare_field(
        fr_title="Synthèse privée",
        en_title="Private synthesis",
        fr="Compte rendu réservé au professionnel qui l'a écrit.",
        en="Account reserved to the professional who wrote it.",
        example="Fatigue importante évoquée.",
        origin="MSS Followup.privateSynthesis",
        **protect_person(SECRET, PORTABILITY),
    )
