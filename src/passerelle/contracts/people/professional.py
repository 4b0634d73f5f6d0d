"""Professional: one record per professional."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from passerelle.contracts.contract import Contract, ContractMeta
from passerelle.contracts.field_meta import declare_field
from passerelle.contracts.protection import (
    ALL_PURPOSES,
    EFFECTIVITY,
    IDENTIFYING,
    ORDINARY,
    PAY,
    PLANNING,
    STATISTICS,
    STEERING,
    SUPPORT,
    protect_organisation,
    protect_worker,
)
from passerelle.contracts.types import Coded, Day, Identifier, Telecom, Text, Urn


class Professional(Contract):
    """One record per professional."""

    about = ContractMeta(
        family="professional",
        version="1.0.0",
        fr_title="Professionnel",
        en_title="Professional",
        fr="Une ligne par professionnel ou intervenant.",
        en="One record per professional.",
        person="",
    )

    last_name: Text | None = declare_field(
        fr_title="Nom",
        en_title="Last name",
        fr="Nom du professionnel.",
        en="Last name of the professional.",
        example="MOREAU",
        origin="TDDUI Professionnel.nom; Compani Auxiliaire - Nom; ESPPADOM DefinedCITradeContact/PersonName",
        **protect_worker(IDENTIFYING, SUPPORT, PLANNING, EFFECTIVITY, PAY),
    )
    first_name: Text | None = declare_field(
        fr_title="Prénom",
        en_title="First name",
        fr="Prénom du professionnel.",
        en="First name of the professional.",
        example="Alix",
        origin="TDDUI Professionnel.prenom; Compani Auxiliaire - Prénom",
        **protect_worker(IDENTIFYING, SUPPORT, PLANNING, EFFECTIVITY, PAY),
    )
    title: Coded | None = declare_field(
        fr_title="Civilité",
        en_title="Title",
        fr="Civilité du professionnel.",
        en="Title of the professional.",
        example={"code": "M", "system": "titles", "original": "M."},
        origin="TDDUI Professionnel.civilite; Compani Auxiliaire - Titre",
        codes="titles",
        **protect_worker(IDENTIFYING, SUPPORT, PLANNING, PAY),
    )
    profession: Coded | None = declare_field(
        fr_title="Profession",
        en_title="Profession",
        fr="Profession exercée.",
        en="Profession exercised.",
        example={"original": "Assistante de service social"},
        origin="TDDUI Professionnel.profession (JDV_J01)",
        **protect_worker(ORDINARY, SUPPORT, PLANNING, PAY, STEERING, STATISTICS),
    )
    role: Coded | None = declare_field(
        fr_title="Rôle",
        en_title="Role",
        fr="Rôle dans l'organisation.",
        en="Role in the organisation.",
        example={"original": "Référent"},
        origin="TDDUI Professionnel.role (JDV_J47); MSS User.role",
        **protect_worker(ORDINARY, SUPPORT, PLANNING, PAY),
    )
    practice_mode: Coded | None = declare_field(
        fr_title="Mode d'exercice",
        en_title="Practice mode",
        fr="Salarié, libéral, bénévole.",
        en="Employed, independent, volunteer.",
        example={"code": "employed", "system": "practice-modes", "original": "Salarié"},
        origin="TDDUI Professionnel.modeExercice (JDV_J117)",
        codes="practice-modes",
        **protect_worker(ORDINARY, SUPPORT, PLANNING, PAY, STEERING, STATISTICS),
    )
    team: Text | None = declare_field(
        fr_title="Équipe",
        en_title="Team",
        fr="Équipe ou secteur.",
        en="Team or sector.",
        example="Secteur nord",
        origin="Compani Équipe; Ogust sector",
        **protect_worker(ORDINARY, SUPPORT, PLANNING),
    )
    organisation_ref: Urn | None = declare_field(
        fr_title="Organisation",
        en_title="Organisation",
        fr="Organisation de rattachement.",
        en="Organisation that the professional belongs to.",
        example="gaia:organisation:42",
        origin="TDDUI Professionnel.etablissementDeRattachement",
        reference="organisation",
        **protect_organisation(ORDINARY, *ALL_PURPOSES),
    )
    status: Literal["active", "inactive", "left"] | None = declare_field(
        fr_title="État",
        en_title="Status",
        fr="Le professionnel est en activité, inactif ou parti.",
        en="Whether the professional is active, inactive or has left.",
        example="active",
        origin="MSS User.status; Ogust status",
        codes="professional-status",
        open_codes=False,
        **protect_worker(ORDINARY, SUPPORT, PLANNING, PAY),
    )
    start_on: Day | None = declare_field(
        fr_title="Arrivée",
        en_title="Start",
        fr="Date d'arrivée dans l'organisation.",
        en="Date of arrival in the organisation.",
        example="2021-09-01",
        **protect_worker(ORDINARY, PLANNING, PAY),
    )
    end_on: Day | None = declare_field(
        fr_title="Départ",
        en_title="End",
        fr="Date de départ de l'organisation.",
        en="Date of leaving the organisation.",
        example="2024-08-31",
        **protect_worker(ORDINARY, PLANNING, PAY),
    )
    means_of_transport: Coded | None = declare_field(
        fr_title="Moyen de déplacement",
        en_title="Means of transport",
        fr="Moyen de déplacement habituel.",
        en="Usual means of transport.",
        example={"original": "Véhicule personnel"},
        origin="Ogust means_of_transport",
        **protect_worker(ORDINARY, PLANNING, PAY),
    )
    telecoms: Annotated[list[Telecom], Field(max_length=20)] | None = declare_field(
        fr_title="Télécommunications",
        en_title="Telecoms",
        fr="Téléphones et adresses électroniques professionnels.",
        en="Professional telephone numbers and electronic addresses.",
        example=[{"kind": "email", "value": "alix.moreau@example.org"}],
        origin="TDDUI Telecommunication",
        **protect_worker(IDENTIFYING, SUPPORT, PLANNING),
    )
    identifiers: Annotated[list[Identifier], Field(max_length=20)] | None = declare_field(
        fr_title="Identifiants",
        en_title="Identifiers",
        fr="Numéros du professionnel : RPPS, numéro interne.",
        en="Numbers of the professional: RPPS, internal number.",
        example=[{"system": "staff", "value": "AS07"}],
        origin="TDDUI Professionnel.idNat_PS",
        **protect_worker(IDENTIFYING, SUPPORT, PLANNING, EFFECTIVITY, PAY),
    )
