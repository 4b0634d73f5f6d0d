"""Document: one record per document of the case (its description, not its content)."""

from __future__ import annotations

from passerelle.contracts.contract import Contract, ContractMeta
from passerelle.contracts.field_meta import declare_field
from passerelle.contracts.protection import (
    BILLING,
    IDENTIFYING,
    ORDINARY,
    RIGHTS,
    SPECIAL,
    SUPPORT,
    protect_nobody,
    protect_person,
    protect_worker,
)
from passerelle.contracts.types import Coded, Day, Flag, LongText, Size, Text, Urn, Word


class Document(Contract):
    """One record per document of the case (its description, not its content)."""

    about = ContractMeta(
        family="document",
        version="1.0.0",
        fr_title="Document",
        en_title="Document",
        fr="Une ligne par document joint au dossier (sa description, pas son contenu).",
        en="One record per document of the case (its description, not its content).",
    )

    person_ref: Urn | None = declare_field(
        fr_title="Personne",
        en_title="Person",
        fr="Personne concernée.",
        en="Person concerned.",
        example="gaia:person:1001",
        origin="TDDUI DocumentReference.subject",
        reference="person",
        **protect_person(IDENTIFYING, SUPPORT, BILLING, RIGHTS),
    )
    case_ref: Urn | None = declare_field(
        fr_title="Dossier",
        en_title="Case",
        fr="Dossier auquel le document appartient.",
        en="Case that the document belongs to.",
        example="gaia:case:501",
        reference="case",
        **protect_person(IDENTIFYING, SUPPORT, RIGHTS),
    )
    about_ref: Urn | None = declare_field(
        fr_title="Se rapporte à",
        en_title="About",
        fr="Enregistrement que le document accompagne.",
        en="Record that the document goes with.",
        example="gaia:assessment:4001",
        origin="TDDUI pieceJointe",
        **protect_person(IDENTIFYING, SUPPORT, BILLING, RIGHTS),
    )
    title: Text | None = declare_field(
        fr_title="Titre",
        en_title="Title",
        fr="Titre du document.",
        en="Title of the document.",
        example="Compte rendu de bilan",
        origin="TDDUI DocumentReference; MSS Document.name",
        **protect_person(SPECIAL, SUPPORT, BILLING, RIGHTS),
    )
    # The type of a document («medical certificate») tells of health before anybody opens it.
    type: Coded | None = declare_field(
        fr_title="Type",
        en_title="Type",
        fr="Type de document.",
        en="Type of document.",
        example={"code": "supporting", "system": "document-types", "original": "Justificatifs"},
        origin="MSS Document.type; PDLGC",
        codes="document-types",
        **protect_person(SPECIAL, SUPPORT, BILLING, RIGHTS),
    )
    file_name: Text | None = declare_field(
        fr_title="Nom de fichier",
        en_title="File name",
        fr="Nom du fichier dans l'archive.",
        en="Name of the file in the archive.",
        example="bilan-2024.pdf",
        origin="PDLGC Archive",
        **protect_person(IDENTIFYING, SUPPORT, BILLING, RIGHTS),
    )
    media_type: Word | None = declare_field(
        fr_title="Type de média",
        en_title="Media type",
        fr="Type de média (RFC 6838).",
        en="Media type (RFC 6838).",
        example="application/pdf",
        origin="TDDUI Attachment.contentType",
        **protect_nobody(ORDINARY, SUPPORT, BILLING, RIGHTS),
    )
    size: Size | None = declare_field(
        fr_title="Taille",
        en_title="Size",
        fr="Taille du contenu, en octets.",
        en="Size of the content, in bytes.",
        example=184320,
        origin="PDLGC Archive.size",
        unit="byte",
        **protect_nobody(ORDINARY, SUPPORT, BILLING, RIGHTS),
    )
    sha256: Word | None = declare_field(
        fr_title="Empreinte",
        en_title="Digest",
        fr="Empreinte SHA-256 du contenu, en hexadécimal.",
        en="SHA-256 digest of the content, in hexadecimal.",
        example="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        origin="PDLGC Archive.hash",
        **protect_nobody(ORDINARY, SUPPORT, BILLING, RIGHTS),
    )
    written_on: Day | None = declare_field(
        fr_title="Date",
        en_title="Written on",
        fr="Date du document.",
        en="Date of the document.",
        example="2024-06-28",
        origin="TDDUI DocumentReference.date",
        **protect_person(ORDINARY, SUPPORT, BILLING, RIGHTS),
    )
    author: Text | None = declare_field(
        fr_title="Auteur",
        en_title="Author",
        fr="Auteur du document, en clair.",
        en="Author of the document, in words.",
        example="Service médical",
        origin="TDDUI DocumentReference.author",
        **protect_person(IDENTIFYING, SUPPORT, RIGHTS),
    )
    professional_ref: Urn | None = declare_field(
        fr_title="Auteur professionnel",
        en_title="Professional author",
        fr="Professionnel auteur du document.",
        en="Professional who wrote the document.",
        example="gaia:professional:AS07",
        origin="TDDUI DocumentReference.author",
        reference="professional",
        **protect_worker(IDENTIFYING, SUPPORT),
    )
    confidential: Flag | None = declare_field(
        fr_title="Confidentiel",
        en_title="Confidential",
        fr="Le document est réservé à son auteur ou à un cercle restreint.",
        en="The document is reserved to its author or a small circle.",
        example=False,
        origin="MSS Document.confidential",
        **protect_person(ORDINARY, SUPPORT, RIGHTS),
    )
    # Free text may hold anything, health above all: it serves the work with the person and nothing else.
    comment: LongText | None = declare_field(
        fr_title="Commentaire",
        en_title="Comment",
        fr="Description ou commentaire.",
        en="Description or comment.",
        example="Remis en main propre.",
        origin="TDDUI DocumentReference.description",
        **protect_person(SPECIAL, SUPPORT),
    )
