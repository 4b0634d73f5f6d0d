"""Stay: one record per stay or admission of a person in an establishment or service."""

from __future__ import annotations

from typing import Literal

from passerelle.contracts.case_work.rules import STAY_RULES
from passerelle.contracts.contract import Contract, ContractMeta
from passerelle.contracts.field_meta import declare_field
from passerelle.contracts.protection import (
    BILLING,
    CARE_PURPOSES,
    IDENTIFYING,
    NAMED_PURPOSES,
    ORDINARY,
    PLANNING,
    RIGHTS,
    SPECIAL,
    STATISTICS,
    STEERING,
    SUPPORT,
    protect_nobody,
    protect_person,
)
from passerelle.contracts.types import Coded, Day, LongText, Text, Urn, Word


class Stay(Contract):
    """One record per stay or admission of a person in an establishment or service."""

    about = ContractMeta(
        family="stay",
        version="1.0.0",
        fr_title="Séjour",
        en_title="Stay",
        fr="Une ligne par séjour ou admission d'une personne dans un établissement ou service.",
        en="One record per stay or admission of a person in an establishment or service.",
    )
    rules = STAY_RULES

    person_ref: Urn = declare_field(
        ...,
        fr_title="Personne",
        en_title="Person",
        fr="Personne accueillie.",
        en="Person received.",
        example="gaia:person:1001",
        origin="TDDUI Sejour",
        reference="person",
        **protect_person(IDENTIFYING, *NAMED_PURPOSES),
    )
    organisation_ref: Urn | None = declare_field(
        fr_title="Établissement d'accueil",
        en_title="Receiving establishment",
        fr="Établissement ou service d'accueil.",
        en="Establishment or service that receives the person.",
        example="gaia:organisation:42",
        origin="TDDUI Sejour.ESSMSAccueil",
        reference="organisation",
        **protect_nobody(ORDINARY, *CARE_PURPOSES),
    )
    case_ref: Urn | None = declare_field(
        fr_title="Dossier",
        en_title="Case",
        fr="Dossier auquel le séjour se rattache.",
        en="Case that the stay belongs to.",
        example="gaia:case:501",
        reference="case",
        **protect_person(IDENTIFYING, SUPPORT, RIGHTS),
    )
    file_number: Word | None = declare_field(
        fr_title="Numéro administratif",
        en_title="File number",
        fr="Numéro de dossier administratif du séjour.",
        en="Administrative file number of the stay.",
        example="2024-118",
        origin="TDDUI Sejour.numeroDossierAdministratifSejour",
        **protect_person(IDENTIFYING, SUPPORT, BILLING, RIGHTS),
    )
    status: Literal["planned", "active", "suspended", "done", "cancelled"] | None = declare_field(
        fr_title="État",
        en_title="Status",
        fr="Où en est le séjour.",
        en="Where the stay stands.",
        example="active",
        origin="TDDUI Statut",
        codes="stay-status",
        open_codes=False,
        **protect_person(ORDINARY, *CARE_PURPOSES),
    )
    admitted_on: Day | None = declare_field(
        fr_title="Admission",
        en_title="Admitted on",
        fr="Date de la décision d'admission.",
        en="Date of the decision to admit.",
        example="2024-01-15",
        origin="TDDUI Sejour.dateAdmission",
        **protect_person(ORDINARY, SUPPORT, PLANNING, BILLING, STEERING),
    )
    planned_entry_on: Day | None = declare_field(
        fr_title="Entrée prévue",
        en_title="Planned entry",
        fr="Date d'entrée prévue.",
        en="Planned date of entry.",
        example="2024-02-01",
        origin="TDDUI Sejour.dateEntreePrevisionnelle; Reservation.dateAdmissionPrevue",
        **protect_person(ORDINARY, SUPPORT, PLANNING),
    )
    entry_on: Day | None = declare_field(
        fr_title="Entrée",
        en_title="Entry",
        fr="Date d'entrée réelle.",
        en="Actual date of entry.",
        example="2024-02-05",
        origin="TDDUI Sejour.dateEntree",
        **protect_person(ORDINARY, SUPPORT, PLANNING, BILLING, RIGHTS, STEERING, STATISTICS),
    )
    entry_mode: Coded | None = declare_field(
        fr_title="Mode d'entrée",
        en_title="Entry mode",
        fr="D'où vient la personne.",
        en="Where the person comes from.",
        example={"code": "ORG-227", "system": "entry-modes"},
        origin="TDDUI Sejour.provenance, libelleModeEntree",
        codes="entry-modes",
        **protect_person(SPECIAL, SUPPORT, STEERING, STATISTICS),
    )
    planned_exit_on: Day | None = declare_field(
        fr_title="Sortie prévue",
        en_title="Planned exit",
        fr="Date de sortie prévue.",
        en="Planned date of exit.",
        example="2024-12-31",
        origin="TDDUI Sejour.dateSortiePrevisionnelle",
        **protect_person(ORDINARY, SUPPORT, PLANNING),
    )
    exit_on: Day | None = declare_field(
        fr_title="Sortie",
        en_title="Exit",
        fr="Date de sortie réelle.",
        en="Actual date of exit.",
        example="2024-11-30",
        origin="TDDUI Sejour.dateSortie",
        **protect_person(ORDINARY, SUPPORT, PLANNING, BILLING, RIGHTS, STEERING, STATISTICS),
    )
    # A death or a hospital is a way to leave too: health data (GDPR article 9).
    exit_mode: Coded | None = declare_field(
        fr_title="Mode de sortie",
        en_title="Exit mode",
        fr="Où va la personne, ou pourquoi elle part.",
        en="Where the person goes, or why they leave.",
        example={"code": "ORG-228", "system": "exit-modes"},
        origin="TDDUI Sejour.motifSortie, libelleModeSortie",
        codes="exit-modes",
        **protect_person(SPECIAL, SUPPORT, STEERING, STATISTICS),
    )
    reception_mode: Coded | None = declare_field(
        fr_title="Modalité d'accueil",
        en_title="Reception mode",
        fr="Accueil de jour, internat, domicile.",
        en="Day care, boarding, home.",
        example={"original": "Accueil de jour"},
        origin="TDDUI Sejour.modaliteAccueil (JDV_J226)",
        **protect_person(ORDINARY, SUPPORT, PLANNING, BILLING, STEERING, STATISTICS),
    )
    origin: Text | None = declare_field(
        fr_title="Origine de la demande",
        en_title="Origin",
        fr="Qui a demandé l'accueil, en clair.",
        en="Who asked for the stay, in words.",
        example="MDPH",
        origin="TDDUI Sejour.origineDemande",
        **protect_person(ORDINARY, SUPPORT),
    )
    origin_organisation: Text | None = declare_field(
        fr_title="Établissement de provenance",
        en_title="Organisation of origin",
        fr="Établissement d'où vient la personne.",
        en="Establishment that the person comes from.",
        example="Centre hospitalier de Roanne",
        origin="TDDUI Sejour.ESSMSProvenance",
        **protect_person(ORDINARY, SUPPORT),
    )
    origin_file_number: Word | None = declare_field(
        fr_title="Dossier de provenance",
        en_title="File number at the origin",
        fr="Numéro de dossier dans l'établissement de provenance.",
        en="File number in the establishment of origin.",
        example="88-41",
        origin="TDDUI Sejour.numeroDossierESSMSProvenance",
        **protect_person(IDENTIFYING, SUPPORT),
    )
    origin_entry_on: Day | None = declare_field(
        fr_title="Entrée en provenance",
        en_title="Entry at the origin",
        fr="Date d'entrée dans l'établissement de provenance.",
        en="Date of entry in the establishment of origin.",
        example="2023-10-02",
        origin="TDDUI Sejour.dateEntreeESSMSProvenance",
        **protect_person(ORDINARY, SUPPORT),
    )
    # Free text may hold anything, health above all: it serves the work with the person and nothing else.
    comment: LongText | None = declare_field(
        fr_title="Commentaire",
        en_title="Comment",
        fr="Commentaire sur le séjour.",
        en="Comment on the stay.",
        example="Visite faite avec la famille.",
        origin="TDDUI Sejour.commentaire",
        **protect_person(SPECIAL, SUPPORT),
    )
