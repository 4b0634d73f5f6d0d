"""Action: one record per action, means, service or referral that answers a need."""

from __future__ import annotations

from typing import Literal

from passerelle.contracts.case_work.rules import ACTION_RULES
from passerelle.contracts.contract import Contract, ContractMeta
from passerelle.contracts.field_meta import declare_field
from passerelle.contracts.protection import (
    IDENTIFYING,
    NAMED_PURPOSES,
    ORDINARY,
    PLANNING,
    RIGHTS,
    SPECIAL,
    STATISTICS,
    STEERING,
    SUPPORT,
    protect_organisation,
    protect_person,
    protect_worker,
)
from passerelle.contracts.types import Coded, Day, LongText, Text, Urn, Word


class Action(Contract):
    """One record per action, means, service or referral that answers a need."""

    about = ContractMeta(
        family="action",
        version="1.0.0",
        fr_title="Action, moyen ou prestation",
        en_title="Action",
        fr="Une ligne par action, moyen, prestation ou orientation en réponse à un besoin.",
        en="One record per action, means, service or referral that answers a need.",
    )
    rules = ACTION_RULES

    person_ref: Urn = declare_field(
        ...,
        fr_title="Personne",
        en_title="Person",
        fr="Personne accompagnée.",
        en="Person accompanied.",
        example="gaia:person:1001",
        origin="TDDUI Action",
        reference="person",
        **protect_person(IDENTIFYING, *NAMED_PURPOSES),
    )
    case_ref: Urn | None = declare_field(
        fr_title="Dossier",
        en_title="Case",
        fr="Dossier auquel l'action se rattache.",
        en="Case that the action belongs to.",
        example="gaia:case:501",
        reference="case",
        **protect_person(IDENTIFYING, SUPPORT, RIGHTS),
    )
    need_ref: Urn | None = declare_field(
        fr_title="Besoin",
        en_title="Need",
        fr="Besoin auquel l'action répond.",
        en="Need that the action answers.",
        example="gaia:need:7001",
        origin="Cordia: crossing of needs and means",
        reference="need",
        **protect_person(IDENTIFYING, SUPPORT, RIGHTS),
    )
    goal_ref: Urn | None = declare_field(
        fr_title="Objectif",
        en_title="Goal",
        fr="Objectif que l'action sert.",
        en="Goal that the action serves.",
        example="gaia:goal:9001",
        origin="TDDUI Action → Objectif; CdB Action.target",
        reference="goal",
        **protect_person(IDENTIFYING, SUPPORT),
    )
    interaction_ref: Urn | None = declare_field(
        fr_title="Entretien",
        en_title="Interaction",
        fr="Entretien au cours duquel l'action a été décidée.",
        en="Interaction in which the action was decided.",
        example="gaia:interaction:3001",
        reference="interaction",
        **protect_person(IDENTIFYING, SUPPORT),
    )
    support_plan: Word | None = declare_field(
        fr_title="Projet personnalisé",
        en_title="Support plan",
        fr="Identifiant du projet personnalisé qui porte l'action.",
        en="Identifier of the support plan that holds the action.",
        example="3480787529/12-PPER-1",
        origin="TDDUI ProjetPersonnalise.id",
        **protect_person(IDENTIFYING, SUPPORT),
    )
    nature: Literal["action", "means", "service", "referral"] | None = declare_field(
        fr_title="Nature",
        en_title="Nature",
        fr="Action, moyen, prestation ou orientation vers un autre organisme.",
        en="Action, means, service, or referral to another organisation.",
        example="referral",
        origin="TDDUI Action, MoyenRessource, Prestation; CdB orientation request",
        codes="action-nature",
        open_codes=False,
        **protect_person(ORDINARY, SUPPORT, STEERING, STATISTICS),
    )
    type: Coded | None = declare_field(
        fr_title="Type",
        en_title="Type",
        fr="Prestation dans la nomenclature SERAFIN-PH (branches 2 et 3) ou une liste locale.",
        en="Service in the SERAFIN-PH list (branches 2 and 3) or a local list.",
        example={"code": "2.3.5.1", "system": "serafin-ph"},
        origin="TDDUI Prestation.type (JDV_J283, JDV_J284)",
        codes="serafin-ph",
        **protect_person(SPECIAL, SUPPORT, RIGHTS, STEERING, STATISTICS),
    )
    title: Text | None = declare_field(
        fr_title="Intitulé",
        en_title="Title",
        fr="Intitulé de l'action.",
        en="Title of the action.",
        example="Dossier de retraite pour inaptitude",
        origin="TDDUI Action.titre; CdB Action.action",
        **protect_person(SPECIAL, SUPPORT),
    )
    # Words about somebody's difficulties: never beyond the work with them.
    description: LongText | None = declare_field(
        fr_title="Description",
        en_title="Description",
        fr="L'action, en clair.",
        en="The action, in words.",
        example="Constituer le dossier avec la personne.",
        origin="TDDUI Action.description",
        **protect_person(SPECIAL, SUPPORT),
    )
    status: Literal["planned", "active", "suspended", "done", "abandoned", "cancelled"] | None = declare_field(
        fr_title="État",
        en_title="Status",
        fr="Où en est l'action.",
        en="Where the action stands.",
        example="active",
        origin="TDDUI Statut; CdB Action.status; CdB event status",
        codes="action-status",
        open_codes=False,
        **protect_person(ORDINARY, SUPPORT, STEERING, STATISTICS),
    )
    start_on: Day | None = declare_field(
        fr_title="Début",
        en_title="Start",
        fr="Date de début.",
        en="Start date.",
        example="2024-03-05",
        origin="TDDUI Action dates",
        **protect_person(ORDINARY, SUPPORT, PLANNING, STEERING),
    )
    end_on: Day | None = declare_field(
        fr_title="Fin",
        en_title="End",
        fr="Date de fin.",
        en="End date.",
        example="2024-05-31",
        origin="TDDUI Action dates",
        **protect_person(ORDINARY, SUPPORT, PLANNING, STEERING),
    )
    due_on: Day | None = declare_field(
        fr_title="Échéance",
        en_title="Due on",
        fr="Échéance.",
        en="Due date.",
        example="2024-06-01",
        origin="Mano action dueAt",
        **protect_person(ORDINARY, SUPPORT, PLANNING),
    )
    professional_ref: Urn | None = declare_field(
        fr_title="Référent",
        en_title="Reference professional",
        fr="Professionnel qui porte l'action.",
        en="Professional in charge of the action.",
        example="gaia:professional:AS07",
        origin="TDDUI Action.referent",
        reference="professional",
        **protect_worker(IDENTIFYING, SUPPORT, PLANNING),
    )
    organisation_ref: Urn | None = declare_field(
        fr_title="Organisme",
        en_title="Organisation",
        fr="Organisme qui réalise l'action ou vers lequel la personne est orientée.",
        en="Organisation that carries out the action or to which the person is referred.",
        example="gaia:organisation:77",
        origin="CdB orientation structure",
        reference="organisation",
        **protect_organisation(ORDINARY, SUPPORT, PLANNING, STEERING),
    )
    organisation_name: Text | None = declare_field(
        fr_title="Nom de l'organisme",
        en_title="Organisation name",
        fr="Nom de l'organisme, quand il n'est pas décrit à part.",
        en="Name of the organisation, when it is not described on its own.",
        example="Cap emploi",
        origin="CdB Structure",
        **protect_organisation(ORDINARY, SUPPORT, PLANNING),
    )
    expected_result: LongText | None = declare_field(
        fr_title="Résultat attendu",
        en_title="Expected result",
        fr="Ce que l'action doit changer.",
        en="What the action should change.",
        example="Pension accordée avant l'été.",
        origin="TDDUI Action.resultatAttendu",
        **protect_person(SPECIAL, SUPPORT),
    )
    result: Coded | None = declare_field(
        fr_title="Résultat",
        en_title="Result",
        fr="Résultat obtenu.",
        en="Result obtained.",
        example={"original": "Droit ouvert"},
        **protect_person(SPECIAL, SUPPORT, STEERING),
    )
    # The person's own words: never beyond the work with them.
    person_opinion: LongText | None = declare_field(
        fr_title="Avis de la personne",
        en_title="Opinion of the person",
        fr="Ce que la personne pense de l'action.",
        en="What the person thinks of the action.",
        example="D'accord pour essayer.",
        origin="TDDUI Action.avisUsager",
        **protect_person(SPECIAL, SUPPORT),
    )
    # Free text may hold anything, health above all: it serves the work with the person and nothing else.
    comment: LongText | None = declare_field(
        fr_title="Commentaire",
        en_title="Comment",
        fr="Commentaire sur l'action.",
        en="Comment on the action.",
        example="Pièces manquantes demandées.",
        **protect_person(SPECIAL, SUPPORT),
    )
