"""Need: one record per need of a person."""

from __future__ import annotations

from typing import Literal

from passerelle.contracts.case_work.rules import NEED_RULES
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
)
from passerelle.contracts.types import Coded, Day, LongText, Urn, Word


class Need(Contract):
    """One record per need of a person."""

    about = ContractMeta(
        family="need",
        version="1.0.0",
        fr_title="Besoin",
        en_title="Need",
        fr="Une ligne par besoin repéré d'une personne.",
        en="One record per need of a person.",
    )
    rules = NEED_RULES

    person_ref: Urn = declare_field(
        ...,
        fr_title="Personne",
        en_title="Person",
        fr="Personne accompagnée.",
        en="Person accompanied.",
        example="gaia:person:1001",
        origin="TDDUI Besoin",
        reference="person",
        **protect_person(IDENTIFYING, *NAMED_PURPOSES),
    )
    case_ref: Urn | None = declare_field(
        fr_title="Dossier",
        en_title="Case",
        fr="Dossier auquel le besoin se rattache.",
        en="Case that the need belongs to.",
        example="gaia:case:501",
        origin="CdB Focus.notebook",
        reference="case",
        **protect_person(IDENTIFYING, SUPPORT, RIGHTS),
    )
    support_plan: Word | None = declare_field(
        fr_title="Projet personnalisé",
        en_title="Support plan",
        fr="Identifiant du projet personnalisé qui porte le besoin.",
        en="Identifier of the support plan that holds the need.",
        example="3480787529/12-PPER-1",
        origin="TDDUI ProjetPersonnalise.id",
        **protect_person(IDENTIFYING, SUPPORT),
    )
    type: Coded | None = declare_field(
        fr_title="Type de besoin",
        en_title="Type of need",
        fr="Besoin dans la nomenclature SERAFIN-PH (branche 1) ou une liste locale.",
        en="Need in the SERAFIN-PH list (branch 1) or a local list.",
        example={"code": "1.2.1.3", "system": "serafin-ph"},
        origin="TDDUI Besoin.type (JDV_J285)",
        codes="serafin-ph",
        **protect_person(SPECIAL, SUPPORT, RIGHTS, STEERING, STATISTICS),
    )
    theme: Coded | None = declare_field(
        fr_title="Thème",
        en_title="Theme",
        fr="Thème de travail.",
        en="Theme of work.",
        example={"code": "mobilite", "system": "social-themes", "original": "Mobilité"},
        origin="CdB Focus.theme",
        codes="social-themes",
        **protect_person(SPECIAL, SUPPORT, STEERING, STATISTICS),
    )
    # Words about somebody's difficulties: never beyond the work with them.
    description: LongText | None = declare_field(
        fr_title="Description",
        en_title="Description",
        fr="Le besoin, en clair.",
        en="The need, in words.",
        example="Se rendre seule au marché.",
        origin="TDDUI Besoin.description; CdB Focus situations",
        **protect_person(SPECIAL, SUPPORT),
    )
    expressed_by: Coded | None = declare_field(
        fr_title="Exprimé par",
        en_title="Expressed by",
        fr="Qui a exprimé le besoin ou l'attente.",
        en="Who expressed the need or expectation.",
        example={"original": "La personne"},
        origin="TDDUI Attente.origine",
        **protect_person(ORDINARY, SUPPORT),
    )
    # The person's own wishes: never beyond the work with them.
    expectation: LongText | None = declare_field(
        fr_title="Attente",
        en_title="Expectation",
        fr="Attente dont le besoin découle, dans les mots de la personne.",
        en="Expectation that the need comes from, in the person's words.",
        example="Je voudrais sortir davantage.",
        origin="TDDUI Attente.description",
        **protect_person(SPECIAL, SUPPORT),
    )
    # The professional's view of the person: never beyond the work with them.
    analysis: LongText | None = declare_field(
        fr_title="Analyse",
        en_title="Analysis",
        fr="Analyse du professionnel.",
        en="Analysis by the professional.",
        example="Marche possible avec une aide technique.",
        origin="TDDUI Besoin.analyseProfessionnel",
        **protect_person(SPECIAL, SUPPORT),
    )
    priority: Coded | None = declare_field(
        fr_title="Priorité",
        en_title="Priority",
        fr="Priorité donnée au besoin.",
        en="Priority given to the need.",
        example={"original": "Haute"},
        **protect_person(ORDINARY, SUPPORT),
    )
    identified_on: Day | None = declare_field(
        fr_title="Repéré le",
        en_title="Identified on",
        fr="Date à laquelle le besoin a été repéré.",
        en="Date on which the need was identified.",
        example="2024-02-12",
        **protect_person(ORDINARY, SUPPORT, STEERING, STATISTICS),
    )
    ended_on: Day | None = declare_field(
        fr_title="Terminé le",
        en_title="Ended on",
        fr="Date à laquelle le besoin n'est plus d'actualité.",
        en="Date on which the need no longer stands.",
        example="2024-06-30",
        **protect_person(ORDINARY, SUPPORT, STEERING),
    )
    status: Literal["planned", "active", "suspended", "done", "abandoned", "cancelled"] | None = declare_field(
        fr_title="État",
        en_title="Status",
        fr="Où en est le besoin.",
        en="Where the need stands.",
        example="active",
        origin="TDDUI Statut; CdB Target.status",
        codes="need-status",
        open_codes=False,
        **protect_person(ORDINARY, SUPPORT, STEERING, STATISTICS),
    )
    # Free text may hold anything, health above all: it serves the work with the person and nothing else.
    comment: LongText | None = declare_field(
        fr_title="Commentaire",
        en_title="Comment",
        fr="Commentaire sur le besoin.",
        en="Comment on the need.",
        example="À revoir au printemps.",
        origin="TDDUI Besoin.commentaire",
        **protect_person(SPECIAL, SUPPORT),
    )
