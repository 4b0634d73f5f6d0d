"""Note: one record per note or transmission."""

from __future__ import annotations

from passerelle.contracts.case_work.rules import NOTE_RULES
from passerelle.contracts.contract import Contract, ContractMeta
from passerelle.contracts.field_meta import declare_field
from passerelle.contracts.protection import (
    IDENTIFYING,
    NAMED_PURPOSES,
    ORDINARY,
    PORTABILITY,
    SPECIAL,
    SUPPORT,
    SURVEILLANCE,
    protect_person,
    protect_worker,
)
from passerelle.contracts.types import Coded, Day, Flag, Instant, LongText, Text, Urn


class Note(Contract):
    """One record per note or transmission."""

    about = ContractMeta(
        family="note",
        version="1.0.0",
        fr_title="Note (cahier de liaison)",
        en_title="Note",
        fr="Une ligne par note ou transmission.",
        en="One record per note or transmission.",
    )
    rules = NOTE_RULES

    person_ref: Urn = declare_field(
        ...,
        fr_title="Personne",
        en_title="Person",
        fr="Personne dont parle la note.",
        en="Person whom the note is about.",
        example="gaia:person:1001",
        origin="Cahier de liaison subject",
        reference="person",
        **protect_person(IDENTIFYING, *NAMED_PURPOSES),
    )
    case_ref: Urn | None = declare_field(
        fr_title="Dossier",
        en_title="Case",
        fr="Dossier auquel la note se rattache.",
        en="Case that the note belongs to.",
        example="gaia:case:501",
        reference="case",
        **protect_person(IDENTIFYING, SUPPORT),
    )
    written_on: Day | None = declare_field(
        fr_title="Jour",
        en_title="Day",
        fr="Jour de la note, quand l'heure n'est pas connue.",
        en="Day of the note, when its time is not known.",
        example="2024-05-17",
        origin="Cahier de liaison date",
        **protect_person(ORDINARY, SUPPORT),
    )
    # The hour of writing follows the worker through the day.
    written_at: Instant | None = declare_field(
        fr_title="Moment",
        en_title="Moment",
        fr="Moment où la note a été écrite.",
        en="Moment when the note was written.",
        example="2024-05-17T18:40:00+02:00",
        origin="Cahier de liaison date",
        **protect_worker(SURVEILLANCE, PORTABILITY),
    )
    professional_ref: Urn | None = declare_field(
        fr_title="Auteur professionnel",
        en_title="Professional author",
        fr="Professionnel auteur de la note.",
        en="Professional who wrote the note.",
        example="gaia:professional:AS07",
        origin="Cahier de liaison author",
        reference="professional",
        **protect_worker(IDENTIFYING, SUPPORT),
    )
    author: Text | None = declare_field(
        fr_title="Auteur",
        en_title="Author",
        fr="Auteur de la note, quand ce n'est pas un professionnel décrit à part.",
        en="Author of the note, when not a professional described on their own.",
        example="Sa fille",
        origin="Cahier de liaison author",
        **protect_person(IDENTIFYING, SUPPORT),
    )
    type: Coded | None = declare_field(
        fr_title="Type",
        en_title="Type",
        fr="Type de note.",
        en="Type of note.",
        example={"original": "Transmission"},
        origin="Cahier de liaison type (JDV_J23)",
        **protect_person(SPECIAL, SUPPORT),
    )
    # Free text may hold anything, health above all: it serves the work with the person and nothing else.
    text: LongText = declare_field(
        ...,
        fr_title="Texte",
        en_title="Text",
        fr="Texte de la note.",
        en="Text of the note.",
        example="N'a pas voulu sortir aujourd'hui.",
        origin="Cahier de liaison content",
        **protect_person(SPECIAL, SUPPORT),
    )
    visibility: Coded | None = declare_field(
        fr_title="Visibilité",
        en_title="Visibility",
        fr="Qui peut lire la note.",
        en="Who may read the note.",
        example={"code": "team", "system": "visibilities"},
        origin="Cahier de liaison securityLabel (JDV_J110)",
        codes="visibilities",
        **protect_person(ORDINARY, SUPPORT),
    )
    urgent: Flag | None = declare_field(
        fr_title="Urgente",
        en_title="Urgent",
        fr="La note est urgente.",
        en="The note is urgent.",
        example=False,
        origin="Cahier de liaison isEmergency",
        **protect_person(ORDINARY, SUPPORT),
    )
    reply_to: Urn | None = declare_field(
        fr_title="Répond à",
        en_title="Reply to",
        fr="Note à laquelle celle-ci répond.",
        en="Note that this one answers.",
        example="gaia:note:5001",
        origin="Cahier de liaison relatesTo",
        reference="note",
        **protect_person(IDENTIFYING, SUPPORT),
    )
    document_ref: Urn | None = declare_field(
        fr_title="Pièce jointe",
        en_title="Attachment",
        fr="Document ou photographie jointe.",
        en="Document or photograph attached.",
        example="gaia:document:6001",
        origin="Cahier de liaison content",
        reference="document",
        **protect_person(IDENTIFYING, SUPPORT),
    )
