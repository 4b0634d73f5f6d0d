"""Assessment: one record per assessment of a person (AGGIR, SERAFIN, situation)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from passerelle.contracts.case_work.parts import AssessmentItem
from passerelle.contracts.case_work.rules import ASSESSMENT_RULES
from passerelle.contracts.contract import Contract, ContractMeta
from passerelle.contracts.field_meta import declare_field
from passerelle.contracts.protection import (
    CARE_PURPOSES,
    EFFECTIVITY,
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
from passerelle.contracts.types import Coded, Day, Flag, LongText, Urn


class Assessment(Contract):
    """One record per assessment of a person (AGGIR, SERAFIN, situation)."""

    about = ContractMeta(
        family="assessment",
        version="1.0.0",
        fr_title="Évaluation",
        en_title="Assessment",
        fr="Une ligne par évaluation d'une personne (AGGIR, SERAFIN, situation).",
        en="One record per assessment of a person (AGGIR, SERAFIN, situation).",
    )
    rules = ASSESSMENT_RULES

    person_ref: Urn = declare_field(
        ...,
        fr_title="Personne",
        en_title="Person",
        fr="Personne évaluée.",
        en="Person assessed.",
        example="gaia:person:1001",
        origin="TDDUI Evaluation",
        reference="person",
        **protect_person(IDENTIFYING, *NAMED_PURPOSES),
    )
    case_ref: Urn | None = declare_field(
        fr_title="Dossier",
        en_title="Case",
        fr="Dossier auquel l'évaluation se rattache.",
        en="Case that the assessment belongs to.",
        example="gaia:case:501",
        reference="case",
        **protect_person(IDENTIFYING, SUPPORT, RIGHTS),
    )
    type: Coded = declare_field(
        ...,
        fr_title="Type d'évaluation",
        en_title="Type",
        fr="Grille ou type d'évaluation.",
        en="Grid or type of assessment.",
        example={"code": "MED-1293", "system": "assessment-types", "original": "AGGIR PA"},
        origin="TDDUI Evaluation.typeEvaluation",
        codes="assessment-types",
        **protect_person(SPECIAL, *CARE_PURPOSES),
    )
    assessed_on: Day | None = declare_field(
        fr_title="Date",
        en_title="Assessed on",
        fr="Date de l'évaluation.",
        en="Date of the assessment.",
        example="2024-03-20",
        origin="TDDUI Evaluation.dateEvaluation",
        **protect_person(ORDINARY, SUPPORT, EFFECTIVITY, RIGHTS, STEERING, STATISTICS),
    )
    status: Literal["planned", "approved", "validated", "done"] | None = declare_field(
        fr_title="État",
        en_title="Status",
        fr="Où en est l'évaluation.",
        en="Where the assessment stands.",
        example="done",
        origin="TDDUI Statut (évaluation)",
        codes="assessment-status",
        open_codes=False,
        **protect_person(ORDINARY, SUPPORT, EFFECTIVITY, RIGHTS, STEERING, STATISTICS),
    )
    result: Coded | None = declare_field(
        fr_title="Résultat",
        en_title="Result",
        fr="Résultat d'ensemble ; pour AGGIR, le GIR.",
        en="Overall result; for AGGIR, the GIR.",
        example={"code": "MED-342", "system": "gir", "original": "GIR 4"},
        origin="TDDUI Evaluation.resultatEvaluation",
        codes="gir",
        **protect_person(SPECIAL, SUPPORT, EFFECTIVITY, RIGHTS, STEERING, STATISTICS),
    )
    mode: Coded | None = declare_field(
        fr_title="Modalité",
        en_title="Mode",
        fr="Modalité de l'évaluation.",
        en="How the assessment was made.",
        example={"original": "Au domicile"},
        origin="TDDUI Evaluation.modaliteEvaluation",
        **protect_person(ORDINARY, SUPPORT),
    )
    self_assessment: Flag | None = declare_field(
        fr_title="Autoévaluation",
        en_title="Self-assessment",
        fr="La personne s'est évaluée elle-même.",
        en="The person assessed themself.",
        example=False,
        origin="TDDUI Evaluation.autoEvaluation",
        **protect_person(ORDINARY, SUPPORT),
    )
    professional_ref: Urn | None = declare_field(
        fr_title="Évaluateur",
        en_title="Assessor",
        fr="Professionnel qui a évalué.",
        en="Professional who made the assessment.",
        example="gaia:professional:AS07",
        origin="TDDUI Evaluateur, Responsable, Auteur",
        reference="professional",
        **protect_worker(IDENTIFYING, SUPPORT, EFFECTIVITY),
    )
    # Answers one by one: the payer's check may need them, activity figures never.
    items: Annotated[list[AssessmentItem], Field(max_length=200)] | None = declare_field(
        fr_title="Détail",
        en_title="Items",
        fr="Réponses de la grille.",
        en="Answers of the grid.",
        example=[{"code": "1.2.1.3", "system": "serafin-ph", "result": "Oui"}],
        origin="TDDUI DetailEvaluation",
        **protect_person(SPECIAL, SUPPORT, EFFECTIVITY),
    )
    document_ref: Urn | None = declare_field(
        fr_title="Document",
        en_title="Document",
        fr="Grille ou compte rendu joint.",
        en="Grid or report attached.",
        example="gaia:document:6001",
        origin="TDDUI Evaluation.pieceJointe",
        reference="document",
        **protect_person(IDENTIFYING, SUPPORT),
    )
    # Free text may hold anything, health above all: it serves the work with the person and nothing else.
    comment: LongText | None = declare_field(
        fr_title="Commentaire",
        en_title="Comment",
        fr="Commentaire sur l'évaluation.",
        en="Comment on the assessment.",
        example="Évaluation faite avec sa fille.",
        origin="TDDUI Evaluation.commentaire",
        **protect_person(SPECIAL, SUPPORT),
    )
