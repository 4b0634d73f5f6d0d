"""Appointment: one record per appointment and person expected."""

from __future__ import annotations

from typing import Literal

from passerelle.contracts.case_work.rules import APPOINTMENT_RULES
from passerelle.contracts.contract import Contract, ContractMeta
from passerelle.contracts.field_meta import declare_field
from passerelle.contracts.protection import (
    CARE_PURPOSES,
    IDENTIFYING,
    ORDINARY,
    PLANNING,
    RIGHTS,
    SPECIAL,
    STATISTICS,
    STEERING,
    SUPPORT,
    protect_nobody,
    protect_person,
    protect_worker,
)
from passerelle.contracts.types import Coded, Count, Flag, Instant, LongText, Minutes, Text, Urn


class Appointment(Contract):
    """One record per appointment and person expected."""

    about = ContractMeta(
        family="appointment",
        version="1.0.0",
        fr_title="Rendez-vous",
        en_title="Appointment",
        fr="Une ligne par rendez-vous et par personne attendue.",
        en="One record per appointment and person expected.",
    )
    rules = APPOINTMENT_RULES

    person_ref: Urn | None = declare_field(
        fr_title="Personne",
        en_title="Person",
        fr="Personne attendue ; absente pour un créneau collectif sans inscrit.",
        en="Person expected; absent for a collective slot without participants.",
        example="rdvs:person:204",
        origin="RDV-S rdv.participations; TDDUI Evenement",
        reference="person",
        **protect_person(IDENTIFYING, SUPPORT, PLANNING, RIGHTS),
    )
    case_ref: Urn | None = declare_field(
        fr_title="Dossier",
        en_title="Case",
        fr="Dossier auquel le rendez-vous se rattache.",
        en="Case that the appointment belongs to.",
        example="gaia:case:501",
        reference="case",
        **protect_person(IDENTIFYING, SUPPORT, RIGHTS),
    )
    organisation_ref: Urn | None = declare_field(
        fr_title="Organisation",
        en_title="Organisation",
        fr="Organisation qui reçoit.",
        en="Organisation that receives.",
        example="rdvs:organisation:3",
        origin="RDV-S rdv.organisation; TDDUI structureEnCharge",
        reference="organisation",
        **protect_nobody(ORDINARY, *CARE_PURPOSES),
    )
    professional_ref: Urn | None = declare_field(
        fr_title="Professionnel",
        en_title="Professional",
        fr="Professionnel qui reçoit.",
        en="Professional who receives.",
        example="rdvs:professional:71",
        origin="RDV-S rdv.agents; TDDUI Participant",
        reference="professional",
        **protect_worker(IDENTIFYING, SUPPORT, PLANNING),
    )
    starts_at: Instant = declare_field(
        ...,
        fr_title="Début",
        en_title="Starts at",
        fr="Début du rendez-vous.",
        en="Beginning of the appointment.",
        example="2024-09-10T09:30:00+02:00",
        origin="RDV-S rdv.starts_at; TDDUI Evenement.dateDebut; CdB Appointment.date",
        **protect_person(ORDINARY, *CARE_PURPOSES),
    )
    ends_at: Instant | None = declare_field(
        fr_title="Fin",
        en_title="Ends at",
        fr="Fin du rendez-vous.",
        en="End of the appointment.",
        example="2024-09-10T10:00:00+02:00",
        origin="RDV-S rdv.ends_at; TDDUI Evenement.dateFin",
        **protect_person(ORDINARY, SUPPORT, PLANNING, STEERING),
    )
    duration: Minutes | None = declare_field(
        fr_title="Durée",
        en_title="Duration",
        fr="Durée prévue.",
        en="Planned duration.",
        example=30,
        origin="RDV-S rdv.duration_in_min",
        unit="min",
        **protect_person(ORDINARY, SUPPORT, PLANNING, STEERING),
    )
    status: Literal["planned", "unknown", "attended", "excused", "cancelled", "missed"] | None = declare_field(
        fr_title="État",
        en_title="Status",
        fr="Ce qu'est devenu le rendez-vous.",
        en="What became of the appointment.",
        example="attended",
        origin="RDV-S rdv.status; rdv-insertion follow_up; CdB Appointment.status; TDDUI usagerPresent",
        codes="appointment-status",
        open_codes=False,
        **protect_person(ORDINARY, SUPPORT, PLANNING, RIGHTS, STEERING, STATISTICS),
    )
    cancelled_at: Instant | None = declare_field(
        fr_title="Annulé le",
        en_title="Cancelled at",
        fr="Moment de l'annulation.",
        en="Moment of the cancellation.",
        example="2024-09-09T17:00:00+02:00",
        origin="RDV-S rdv.cancelled_at",
        **protect_person(ORDINARY, SUPPORT, PLANNING),
    )
    # «Hospitalised» is a reason too: health data (GDPR article 9).
    cancellation_reason: Coded | None = declare_field(
        fr_title="Motif de non-réalisation",
        en_title="Cancellation reason",
        fr="Pourquoi le rendez-vous n'a pas eu lieu.",
        en="Why the appointment did not take place.",
        example={"code": "GEN-358", "system": "non-realisation-reasons"},
        origin="TDDUI Statut.motifNonRealisation",
        codes="non-realisation-reasons",
        **protect_person(SPECIAL, SUPPORT, PLANNING, STEERING),
    )
    mode: Coded | None = declare_field(
        fr_title="Modalité",
        en_title="Mode",
        fr="Sur place, par téléphone, à domicile, en visioconférence.",
        en="On site, by telephone, at home, by video.",
        example={"code": "on_site", "system": "channels", "original": "public_office"},
        origin="RDV-S motif.location_type",
        codes="channels",
        **protect_person(ORDINARY, SUPPORT, PLANNING, STEERING, STATISTICS),
    )
    # Why somebody has an appointment tells of their difficulties.
    motive: Coded | None = declare_field(
        fr_title="Motif",
        en_title="Motive",
        fr="Motif du rendez-vous.",
        en="Motive of the appointment.",
        example={"original": "Accompagnement social"},
        origin="RDV-S rdv.motif; TDDUI Evenement.motif",
        **protect_person(SPECIAL, SUPPORT, PLANNING, RIGHTS, STEERING),
    )
    category: Coded | None = declare_field(
        fr_title="Catégorie",
        en_title="Category",
        fr="Type d'évènement ou catégorie de motif.",
        en="Type of event or category of motive.",
        example={"code": "MED-1296", "system": "ssiad-event-types"},
        origin="RDV-S motif_category; TDDUI Evenement.typeEvenement",
        codes="ssiad-event-types",
        **protect_person(SPECIAL, SUPPORT, PLANNING, STEERING, STATISTICS),
    )
    title: Text | None = declare_field(
        fr_title="Intitulé",
        en_title="Title",
        fr="Intitulé du rendez-vous.",
        en="Title of the appointment.",
        example="Point sur les droits",
        origin="RDV-S rdv.name; TDDUI Evenement.libelle",
        **protect_person(SPECIAL, SUPPORT, PLANNING),
    )
    place: Text | None = declare_field(
        fr_title="Lieu",
        en_title="Place",
        fr="Lieu du rendez-vous.",
        en="Place of the appointment.",
        example="Maison des solidarités, bureau 4",
        origin="RDV-S rdv.lieu, address; TDDUI Evenement.lieu",
        **protect_person(IDENTIFYING, SUPPORT, PLANNING),
    )
    collective: Flag | None = declare_field(
        fr_title="Collectif",
        en_title="Collective",
        fr="Rendez-vous collectif.",
        en="Collective appointment.",
        example=False,
        origin="RDV-S rdv.collectif",
        **protect_person(ORDINARY, SUPPORT, PLANNING, STEERING, STATISTICS),
    )
    places: Count | None = declare_field(
        fr_title="Places",
        en_title="Places",
        fr="Nombre de places d'un rendez-vous collectif.",
        en="Number of places of a collective appointment.",
        example=12,
        origin="RDV-S rdv.max_participants_count",
        **protect_nobody(ORDINARY, PLANNING, STEERING, STATISTICS),
    )
    participants: Count | None = declare_field(
        fr_title="Inscrits",
        en_title="Participants",
        fr="Nombre d'inscrits à un rendez-vous collectif.",
        en="Number of participants in a collective appointment.",
        example=8,
        origin="RDV-S rdv.users_count",
        **protect_nobody(ORDINARY, PLANNING, STEERING, STATISTICS),
    )
    created_by: Coded | None = declare_field(
        fr_title="Pris par",
        en_title="Created by",
        fr="Qui a pris le rendez-vous : la personne, un agent, un prescripteur.",
        en="Who made the appointment: the person, staff, a prescriber.",
        example={"original": "user"},
        origin="RDV-S rdv.created_by",
        **protect_person(ORDINARY, SUPPORT, STEERING),
    )
    # Free text may hold anything, health above all: it serves the work with the person and nothing else.
    report: LongText | None = declare_field(
        fr_title="Compte rendu",
        en_title="Report",
        fr="Compte rendu du rendez-vous.",
        en="Account of the appointment.",
        example="Dossier complété ensemble.",
        origin="TDDUI Evenement.compteRendu",
        **protect_person(SPECIAL, SUPPORT),
    )
    comment: LongText | None = declare_field(
        fr_title="Commentaire",
        en_title="Comment",
        fr="Contexte ou commentaire.",
        en="Context or comment.",
        example="Vient avec sa sœur.",
        origin="RDV-S rdv.context; TDDUI Evenement.commentaire",
        **protect_person(SPECIAL, SUPPORT),
    )
