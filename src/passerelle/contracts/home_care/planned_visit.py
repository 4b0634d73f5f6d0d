"""Planned visit: one record per visit on the schedule."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from passerelle.contracts.contract import Contract, ContractMeta
from passerelle.contracts.field_meta import declare_field
from passerelle.contracts.home_care.rules import PLANNED_VISIT_RULES
from passerelle.contracts.protection import (
    ALL_PURPOSES,
    BILLING,
    EFFECTIVITY,
    IDENTIFYING,
    NAMED_PURPOSES,
    ORDINARY,
    PAY,
    PLANNING,
    SPECIAL,
    STATISTICS,
    STEERING,
    SUPPORT,
    protect_nobody,
    protect_organisation,
    protect_person,
    protect_worker,
)
from passerelle.contracts.types import Coded, Flag, Instant, LongText, Text, Urn


class PlannedVisit(Contract):
    """One record per visit on the schedule."""

    about = ContractMeta(
        family="planned_visit",
        version="1.0.0",
        fr_title="Intervention planifiée",
        en_title="Planned visit",
        fr="Une ligne par passage prévu au planning.",
        en="One record per visit on the schedule.",
    )
    rules = PLANNED_VISIT_RULES

    person_ref: Urn = declare_field(
        ...,
        fr_title="Personne",
        en_title="Person",
        fr="Personne chez qui le passage est prévu.",
        en="Person to be visited.",
        example="compani:person:5ce2bbb837a0d7924d76ea6d",
        origin="EVV ClientIdentifier; Compani Id Bénéficiaire; Ogust id_customer",
        reference="person",
        **protect_person(IDENTIFYING, *NAMED_PURPOSES, PAY),
    )
    organisation_ref: Urn | None = declare_field(
        fr_title="Organisation",
        en_title="Organisation",
        fr="Service qui intervient.",
        en="Service that visits.",
        example="compani:organisation:1",
        origin="EVV ProviderIdentification",
        reference="organisation",
        **protect_organisation(ORDINARY, *ALL_PURPOSES),
    )
    professional_ref: Urn | None = declare_field(
        fr_title="Intervenant",
        en_title="Professional",
        fr="Intervenant prévu ; inconnu si le passage est à affecter.",
        en="Professional who is to visit; unknown when the visit is still to be assigned.",
        example="compani:professional:5ce2422ab0aeeee1f018edd5",
        origin="EVV EmployeeIdentifier; Compani Id Auxiliaire; Ogust id_employee",
        reference="professional",
        **protect_worker(IDENTIFYING, SUPPORT, PLANNING, EFFECTIVITY),
    )
    team: Text | None = declare_field(
        fr_title="Équipe",
        en_title="Team",
        fr="Équipe ou secteur.",
        en="Team or sector.",
        example="Secteur nord",
        origin="Compani Équipe",
        **protect_worker(ORDINARY, PLANNING),
    )
    to_assign: Flag | None = declare_field(
        fr_title="À affecter",
        en_title="To assign",
        fr="Aucun intervenant n'est encore désigné.",
        en="No professional is named yet.",
        example=False,
        origin="Compani A affecter",
        **protect_nobody(ORDINARY, PLANNING),
    )
    plan_ref: Urn | None = declare_field(
        fr_title="Plan d'aide",
        en_title="Funded plan",
        fr="Ligne du plan d'aide qui finance le passage.",
        en="Line of the funded plan that pays for the visit.",
        example="compani:funded_plan:FIN-17",
        origin="ESPPADOM OrderLineID",
        reference="funded_plan",
        **protect_person(IDENTIFYING, PLANNING, BILLING, EFFECTIVITY),
    )
    # Which help somebody needs tells of their health, even to those who plan and bill it.
    service: Coded | None = declare_field(
        fr_title="Prestation",
        en_title="Service",
        fr="Prestation prévue.",
        en="Service to be given.",
        example={"code": "AVJ", "original": "Aide à la vie quotidienne"},
        origin="EVV ProcedureCode; Compani Service; Ogust product_level",
        **protect_person(SPECIAL, SUPPORT, PLANNING, BILLING, EFFECTIVITY, STEERING, STATISTICS),
    )
    planned_start: Instant = declare_field(
        ...,
        fr_title="Début planifié",
        en_title="Planned start",
        fr="Début prévu.",
        en="Start as planned.",
        example="2024-12-31T08:00:00+01:00",
        origin="EVV ScheduleStartTime; Compani Début planifié; Ogust start_date",
        **protect_person(ORDINARY, *ALL_PURPOSES),
    )
    planned_end: Instant | None = declare_field(
        fr_title="Fin planifiée",
        en_title="Planned end",
        fr="Fin prévue.",
        en="End as planned.",
        example="2024-12-31T09:30:00+01:00",
        origin="EVV ScheduleEndTime; Compani Fin planifiée; Ogust end_date",
        **protect_person(ORDINARY, *ALL_PURPOSES),
    )
    status: Literal["planned", "confirmed", "done", "cancelled"] | None = declare_field(
        fr_title="État",
        en_title="Status",
        fr="Où en est le passage prévu.",
        en="Where the planned visit stands.",
        example="planned",
        origin="TDDUI Evenement statut; Compani Annulé; Ogust status",
        codes="planned-visit-status",
        open_codes=False,
        **protect_person(ORDINARY, *ALL_PURPOSES),
    )
    # «Hospitalised» is a reason too: health data (GDPR article 9).
    cancellation_reason: Coded | None = declare_field(
        fr_title="Motif d'annulation",
        en_title="Cancellation reason",
        fr="Pourquoi le passage prévu est annulé.",
        en="Why the planned visit was cancelled.",
        example={"code": "ORG-077", "system": "non-realisation-reasons"},
        origin="TDDUI Statut.motifNonRealisation; Compani Raison de l'annulation",
        codes="non-realisation-reasons",
        **protect_person(SPECIAL, SUPPORT, PLANNING, BILLING, EFFECTIVITY),
    )
    recurrence: Coded | None = declare_field(
        fr_title="Répétition",
        en_title="Recurrence",
        fr="Répétition dont le passage est issu.",
        en="Recurrence that the visit comes from.",
        example={"original": "Une fois par semaine"},
        origin="Compani Répétition; Ogust id_repetition",
        **protect_person(ORDINARY, PLANNING),
    )
    # Which gestures somebody needs tells of their dependency (GDPR article 9).
    tasks: Annotated[list[Coded], Field(max_length=50)] | None = declare_field(
        fr_title="Tâches",
        en_title="Tasks",
        fr="Tâches prévues.",
        en="Tasks to be done.",
        example=[{"original": "Aide au lever"}],
        origin="EVV Tasks",
        **protect_person(SPECIAL, SUPPORT, PLANNING),
    )
    travel_mode: Coded | None = declare_field(
        fr_title="Mode de transport",
        en_title="Travel mode",
        fr="Mode de transport prévu.",
        en="Means of travel planned.",
        example={"code": "none", "system": "travel-modes", "original": "Aucun"},
        origin="Compani Mode de transport spécifique",
        codes="travel-modes",
        **protect_worker(ORDINARY, PLANNING),
    )
    # Planning has it too: whoever visits must know how to help.
    instructions: LongText | None = declare_field(
        fr_title="Consignes",
        en_title="Instructions",
        fr="Consignes pour l'intervenant.",
        en="Instructions for the professional.",
        example="Sonner deux fois.",
        origin="Compani Divers; Ogust comment",
        **protect_person(SPECIAL, SUPPORT, PLANNING),
    )
