"""Goal: one record per goal agreed with the person."""

from __future__ import annotations

from typing import Literal

from passerelle.contracts.case_work.rules import GOAL_RULES
from passerelle.contracts.contract import Contract, ContractMeta
from passerelle.contracts.field_meta import declare_field
from passerelle.contracts.protection import (
    IDENTIFYING,
    NAMED_PURPOSES,
    ORDINARY,
    RIGHTS,
    SPECIAL,
    STATISTICS,
    STEERING,
    SUPPORT,
    protect_person,
    protect_worker,
)
from passerelle.contracts.types import Coded, Day, LongText, Text, Urn, Word


class Goal(Contract):
    """One record per goal agreed with the person."""

    about = ContractMeta(
        family="goal",
        version="1.0.0",
        fr_title="Objectif",
        en_title="Goal",
        fr="Une ligne par objectif convenu avec la personne.",
        en="One record per goal agreed with the person.",
    )
    rules = GOAL_RULES

    person_ref: Urn = declare_field(
        ...,
        fr_title="Personne",
        en_title="Person",
        fr="Personne accompagnée.",
        en="Person accompanied.",
        example="gaia:person:1001",
        origin="TDDUI Objectif",
        reference="person",
        **protect_person(IDENTIFYING, *NAMED_PURPOSES),
    )
    case_ref: Urn | None = declare_field(
        fr_title="Dossier",
        en_title="Case",
        fr="Dossier auquel l'objectif se rattache.",
        en="Case that the goal belongs to.",
        example="gaia:case:501",
        origin="CdB Target.notebook",
        reference="case",
        **protect_person(IDENTIFYING, SUPPORT, RIGHTS),
    )
    need_ref: Urn | None = declare_field(
        fr_title="Besoin",
        en_title="Need",
        fr="Besoin auquel l'objectif répond.",
        en="Need that the goal answers.",
        example="gaia:need:7001",
        origin="TDDUI Objectif → Besoin; CdB Target.focus",
        reference="need",
        **protect_person(IDENTIFYING, SUPPORT),
    )
    support_plan: Word | None = declare_field(
        fr_title="Projet personnalisé",
        en_title="Support plan",
        fr="Identifiant du projet personnalisé qui porte l'objectif.",
        en="Identifier of the support plan that holds the goal.",
        example="3480787529/12-PPER-1",
        origin="TDDUI ProjetPersonnalise.id",
        **protect_person(IDENTIFYING, SUPPORT),
    )
    title: Text | None = declare_field(
        fr_title="Intitulé",
        en_title="Title",
        fr="Intitulé de l'objectif.",
        en="Title of the goal.",
        example="Reprendre une activité",
        origin="TDDUI Objectif.titre; CdB Target.target; TDDUI ProjetVie.titre",
        **protect_person(SPECIAL, SUPPORT),
    )
    # Words about somebody's plans and difficulties: never beyond the work with them.
    description: LongText | None = declare_field(
        fr_title="Description",
        en_title="Description",
        fr="L'objectif, en clair.",
        en="The goal, in words.",
        example="Deux sorties par semaine d'ici l'été.",
        origin="TDDUI Objectif.description",
        **protect_person(SPECIAL, SUPPORT),
    )
    domain: Coded | None = declare_field(
        fr_title="Domaine",
        en_title="Domain",
        fr="Domaine ou thème de l'objectif.",
        en="Domain or theme of the goal.",
        example={"code": "emploi", "system": "social-themes"},
        origin="TDDUI Objectif.domaine; CdB Focus.theme",
        codes="social-themes",
        **protect_person(SPECIAL, SUPPORT, STEERING, STATISTICS),
    )
    status: Literal["planned", "active", "suspended", "done", "abandoned", "cancelled"] | None = declare_field(
        fr_title="État",
        en_title="Status",
        fr="Où en est l'objectif.",
        en="Where the goal stands.",
        example="active",
        origin="TDDUI Statut; CdB Target.status",
        codes="goal-status",
        open_codes=False,
        **protect_person(ORDINARY, SUPPORT, STEERING, STATISTICS),
    )
    start_on: Day | None = declare_field(
        fr_title="Début",
        en_title="Start",
        fr="Date de début.",
        en="Start date.",
        example="2024-03-05",
        origin="TDDUI Objectif dates",
        **protect_person(ORDINARY, SUPPORT, STEERING),
    )
    end_on: Day | None = declare_field(
        fr_title="Fin",
        en_title="End",
        fr="Date de fin.",
        en="End date.",
        example="2024-06-30",
        origin="TDDUI Objectif dates",
        **protect_person(ORDINARY, SUPPORT, STEERING),
    )
    professional_ref: Urn | None = declare_field(
        fr_title="Référent",
        en_title="Reference professional",
        fr="Professionnel référent de l'objectif.",
        en="Reference professional of the goal.",
        example="gaia:professional:AS07",
        origin="TDDUI Objectif.referent",
        reference="professional",
        **protect_worker(IDENTIFYING, SUPPORT),
    )
    expected_result: LongText | None = declare_field(
        fr_title="Résultat attendu",
        en_title="Expected result",
        fr="À quoi l'on saura que l'objectif est atteint.",
        en="How one will know that the goal is reached.",
        example="Marche seule jusqu'au marché.",
        origin="TDDUI Objectif.resultatAttendu",
        **protect_person(SPECIAL, SUPPORT),
    )
    strategy: LongText | None = declare_field(
        fr_title="Stratégie",
        en_title="Strategy",
        fr="Comment s'y prendre.",
        en="How to go about it.",
        example="Commencer par de courtes sorties accompagnées.",
        origin="TDDUI Objectif.strategie",
        **protect_person(SPECIAL, SUPPORT),
    )
    # The person's own words: never beyond the work with them.
    person_opinion: LongText | None = declare_field(
        fr_title="Avis de la personne",
        en_title="Opinion of the person",
        fr="Ce que la personne pense de l'objectif.",
        en="What the person thinks of the goal.",
        example="C'est important pour moi.",
        origin="TDDUI Objectif.avisUsager",
        **protect_person(SPECIAL, SUPPORT),
    )
    # Free text may hold anything, health above all: it serves the work with the person and nothing else.
    comment: LongText | None = declare_field(
        fr_title="Commentaire",
        en_title="Comment",
        fr="Commentaire sur l'objectif.",
        en="Comment on the goal.",
        example="À revoir au bilan.",
        **protect_person(SPECIAL, SUPPORT),
    )
