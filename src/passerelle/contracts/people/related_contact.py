"""Related contact: one record per relative, carer, representative or body related to the person."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from passerelle.contracts.contract import Contract, ContractMeta
from passerelle.contracts.field_meta import declare_field
from passerelle.contracts.people.rules import RELATED_CONTACT_RULES
from passerelle.contracts.protection import (
    BILLING,
    IDENTIFYING,
    NAMED_PURPOSES,
    ORDINARY,
    PLANNING,
    RIGHTS,
    SPECIAL,
    SUPPORT,
    protect_organisation,
    protect_person,
    protect_related,
)
from passerelle.contracts.types import Address, Coded, Count, Day, Flag, LongText, Telecom, Text, Urn


class RelatedContact(Contract):
    """One record per relative, carer, representative or body related to the person."""

    about = ContractMeta(
        family="related_contact",
        version="1.0.0",
        fr_title="Entourage et contacts",
        en_title="Related contact",
        fr="Une ligne par proche, aidant, représentant ou organisme en lien avec la personne.",
        en="One record per relative, carer, representative or body related to the person.",
    )
    rules = RELATED_CONTACT_RULES

    person_ref: Urn = declare_field(
        ...,
        fr_title="Personne",
        en_title="Person",
        fr="Personne accompagnée.",
        en="Person accompanied.",
        example="gaia:person:1001",
        origin="TDDUI ContactPersonnePhysique; MSS BeneficiaryRelative",
        reference="person",
        **protect_person(IDENTIFYING, *NAMED_PURPOSES),
    )
    kind: Literal["person", "organisation"] | None = declare_field(
        fr_title="Nature",
        en_title="Kind",
        fr="Personne physique ou organisme.",
        en="Natural person or organisation.",
        example="person",
        origin="TDDUI ContactPersonnePhysique, ContactPersonneMorale",
        codes="related-contact-kind",
        open_codes=False,
        **protect_related(ORDINARY, SUPPORT, PLANNING, BILLING, RIGHTS),
    )
    last_name: Text | None = declare_field(
        fr_title="Nom",
        en_title="Last name",
        fr="Nom du contact.",
        en="Last name of the contact.",
        example="MARTIN",
        origin="TDDUI ContactPersonnePhysique.nom",
        **protect_related(IDENTIFYING, SUPPORT, PLANNING, BILLING),
    )
    first_name: Text | None = declare_field(
        fr_title="Prénom",
        en_title="First name",
        fr="Prénom du contact.",
        en="First name of the contact.",
        example="Lucie",
        origin="TDDUI ContactPersonnePhysique.prenom",
        **protect_related(IDENTIFYING, SUPPORT, PLANNING, BILLING),
    )
    title: Coded | None = declare_field(
        fr_title="Civilité",
        en_title="Title",
        fr="Civilité du contact.",
        en="Title of the contact.",
        example={"code": "MME", "system": "titles"},
        origin="TDDUI ContactPersonnePhysique.civilite",
        codes="titles",
        **protect_related(IDENTIFYING, SUPPORT, PLANNING, BILLING),
    )
    organisation_name: Text | None = declare_field(
        fr_title="Nom de l'organisme",
        en_title="Organisation name",
        fr="Nom de l'organisme, ou de l'organisme pour lequel agit le contact.",
        en="Name of the organisation, or of the one for which the contact acts.",
        example="UDAF de la Loire",
        origin="TDDUI ContactPersonneMorale.libelle, raisonSociale",
        **protect_organisation(ORDINARY, SUPPORT, PLANNING, BILLING),
    )
    organisation_ref: Urn | None = declare_field(
        fr_title="Organisme",
        en_title="Organisation",
        fr="Organisme, quand il est décrit à part.",
        en="Organisation, when it is described on its own.",
        example="gaia:organisation:77",
        origin="TDDUI ContactPersonneMorale.identifiant",
        reference="organisation",
        **protect_organisation(ORDINARY, SUPPORT, PLANNING, BILLING),
    )
    # A relation describes two people, and may reveal a sexual orientation (CJEU C-184/20).
    relation: Coded | None = declare_field(
        fr_title="Lien",
        en_title="Relation",
        fr="Lien de parenté ou lien juridique avec la personne.",
        en="Kinship or legal relation with the person.",
        example={"code": "child", "system": "relations", "original": "Enfant majeur"},
        origin="TDDUI relation (TRE_R216, TRE_R217); MSS relationship; RDV-S responsible",
        codes="relations",
        **protect_related(SPECIAL, SUPPORT, PLANNING),
    )
    role: Coded | None = declare_field(
        fr_title="Rôle",
        en_title="Role",
        fr="Personne de confiance, contact d'urgence, représentant légal, aidant.",
        en="Trusted person, emergency contact, legal representative, carer.",
        example={"code": "emergency", "system": "contact-roles"},
        origin="TDDUI role (TRE_R260)",
        codes="contact-roles",
        **protect_related(SPECIAL, SUPPORT, PLANNING, BILLING),
    )
    function: Text | None = declare_field(
        fr_title="Fonction",
        en_title="Function",
        fr="Fonction ou profession du contact.",
        en="Function or profession of the contact.",
        example="Mandataire judiciaire",
        origin="TDDUI fonction (TRE_R251), profession",
        **protect_related(IDENTIFYING, SUPPORT),
    )
    call_order: Count | None = declare_field(
        fr_title="Ordre d'appel",
        en_title="Call order",
        fr="Ordre dans lequel appeler ; 1 : en premier.",
        en="Order in which to call; 1: first.",
        example=1,
        origin="TDDUI ordreAppel",
        **protect_related(ORDINARY, SUPPORT, PLANNING),
    )
    lives_with: Flag | None = declare_field(
        fr_title="Habite avec",
        en_title="Lives with",
        fr="Le contact habite avec la personne.",
        en="The contact lives with the person.",
        example=False,
        origin="MSS BeneficiaryRelative.hosted",
        **protect_related(ORDINARY, SUPPORT, PLANNING),
    )
    caregiver: Flag | None = declare_field(
        fr_title="Aidant",
        en_title="Carer",
        fr="Le contact aide la personne.",
        en="The contact takes care of the person.",
        example=True,
        origin="MSS BeneficiaryRelative.caregiver",
        **protect_related(SPECIAL, SUPPORT, PLANNING),
    )
    # A guardianship tells of an altered faculty, yet bills must reach the guardian.
    protection_measure: Coded | None = declare_field(
        fr_title="Mesure de protection",
        en_title="Protection measure",
        fr="Mesure de protection que le contact exerce.",
        en="Protection measure that the contact carries out.",
        example={"code": "curatorship", "system": "protection-measures"},
        origin="TDDUI MesureProtection.type",
        codes="protection-measures",
        **protect_related(SPECIAL, SUPPORT, BILLING, RIGHTS),
    )
    start_on: Day | None = declare_field(
        fr_title="Début",
        en_title="Start",
        fr="Début du lien ou de la mesure.",
        en="Start of the relation or measure.",
        example="2022-01-10",
        **protect_related(ORDINARY, SUPPORT, BILLING),
    )
    end_on: Day | None = declare_field(
        fr_title="Fin",
        en_title="End",
        fr="Fin du lien ou de la mesure.",
        en="End of the relation or measure.",
        example="2027-01-09",
        origin="TDDUI MesureProtection.dateFin",
        **protect_related(ORDINARY, SUPPORT, BILLING),
    )
    telecoms: Annotated[list[Telecom], Field(max_length=20)] | None = declare_field(
        fr_title="Télécommunications",
        en_title="Telecoms",
        fr="Téléphones et adresses électroniques du contact.",
        en="Telephone numbers and electronic addresses of the contact.",
        example=[{"kind": "phone", "value": "+33639980002"}],
        origin="TDDUI Telecommunication; MSS phone, email",
        **protect_related(IDENTIFYING, SUPPORT, PLANNING, BILLING),
    )
    addresses: Annotated[list[Address], Field(max_length=5)] | None = declare_field(
        fr_title="Adresses",
        en_title="Addresses",
        fr="Adresses postales du contact.",
        en="Postal addresses of the contact.",
        example=[{"lines": ["4 allée des Acacias"], "postcode": "69003", "city": "Lyon"}],
        origin="TDDUI Adresse",
        **protect_related(IDENTIFYING, SUPPORT, BILLING),
    )
    # Free text may hold anything, health above all: it serves the work with the person and nothing else.
    comment: LongText | None = declare_field(
        fr_title="Commentaire",
        en_title="Comment",
        fr="Commentaire sur le contact.",
        en="Comment on the contact.",
        example="Joignable le soir.",
        origin="TDDUI commentaire",
        **protect_related(SPECIAL, SUPPORT),
    )
