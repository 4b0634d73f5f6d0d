"""Person: one record per person accompanied."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from passerelle.contracts.contract import Contract, ContractMeta
from passerelle.contracts.field_meta import declare_field
from passerelle.contracts.people.rules import PERSON_RULES
from passerelle.contracts.protection import (
    BILLING,
    CARE_PURPOSES,
    EFFECTIVITY,
    FIGURES,
    IDENTIFYING,
    ORDINARY,
    PLANNING,
    RIGHTS,
    SPECIAL,
    SUPPORT,
    protect_nobody,
    protect_person,
    protect_worker,
)
from passerelle.contracts.types import Address, Coded, Count, Flag, LongText, PartialDay, Telecom, Text, Urn, Word


class Person(Contract):
    """One record per person accompanied."""

    about = ContractMeta(
        family="person",
        version="1.0.0",
        fr_title="Personne accompagnée",
        en_title="Person",
        fr="Une ligne par personne accompagnée.",
        en="One record per person accompanied.",
        person="ref",
    )
    rules = PERSON_RULES

    birth_name: Text | None = declare_field(
        fr_title="Nom de naissance",
        en_title="Birth name",
        fr="Nom porté sur l'acte de naissance.",
        en="Name on the birth certificate.",
        example="DURAND",
        origin="TDDUI Usager.nomNaissance; MSS birthName; RDV-S user.birth_name; Urssaf nomNaissance",
        **protect_person(IDENTIFYING, SUPPORT, PLANNING, BILLING, EFFECTIVITY, RIGHTS),
    )
    usual_name: Text | None = declare_field(
        fr_title="Nom d'usage",
        en_title="Usual name",
        fr="Nom utilisé au quotidien, s'il diffère du nom de naissance ou s'il est le seul connu.",
        en="Name in everyday use, when it differs from the birth name or is the only one known.",
        example="MARTIN",
        origin="TDDUI Usager.nomUsage; MSS usualName; ESPPADOM ShipTo/LastName; Compani Bénéficiaire - Nom",
        **protect_person(IDENTIFYING, SUPPORT, PLANNING, BILLING, EFFECTIVITY, RIGHTS),
    )
    first_names: Text | None = declare_field(
        fr_title="Prénoms",
        en_title="First names",
        fr="Prénoms dans l'ordre de l'état civil, séparés par une espace ; un seul s'il est seul connu.",
        en="First names in the order of the civil register, separated by a space; one when only one is known.",
        example="Jeanne Marie",
        origin="TDDUI Usager.prenom; MSS firstName; ESPPADOM ShipTo/FirstName; Compani Bénéficiaire - Prénom",
        **protect_person(IDENTIFYING, SUPPORT, PLANNING, BILLING, EFFECTIVITY, RIGHTS),
    )
    used_first_name: Text | None = declare_field(
        fr_title="Prénom utilisé",
        en_title="First name in use",
        fr="Prénom par lequel la personne demande qu'on l'appelle.",
        en="First name by which the person asks to be called.",
        example="Jeanne",
        origin="TDDUI Usager.prenomUtilise",
        **protect_person(IDENTIFYING, SUPPORT, PLANNING),
    )
    title: Coded | None = declare_field(  # Not the sex: bills and letters need a way to address people, and no more.
        fr_title="Civilité",
        en_title="Title",
        fr="Civilité de la personne.",
        en="Title of the person.",
        example={"code": "MME", "system": "titles", "original": "Mme"},
        origin="TDDUI Usager.civilite (JDV_J245); Compani Bénéficiaire - Titre; Urssaf civilite",
        codes="titles",
        **protect_person(IDENTIFYING, SUPPORT, PLANNING, BILLING),
    )
    sex: Coded | None = declare_field(
        fr_title="Sexe",
        en_title="Sex",
        fr="Sexe à l'état civil.",
        en="Sex in the civil register.",
        example={"code": "F", "system": "sexes", "original": "Féminin"},
        origin="TDDUI Usager.sexe (JDV_J143); MSS Beneficiary.gender; CNAF SEXE",
        codes="sexes",
        **protect_person(IDENTIFYING, SUPPORT, RIGHTS, *FIGURES),
    )
    birth_date: PartialDay | None = declare_field(
        fr_title="Date de naissance",
        en_title="Date of birth",
        fr="Date de naissance ; le jour ou le mois peuvent être inconnus.",
        en="Date of birth; the day or the month may be unknown.",
        example="1947-04-03",
        origin="TDDUI Usager.dateNaissance; ESPPADOM ShipTo/BirthDate; Urssaf dateNaissance",
        **protect_person(IDENTIFYING, SUPPORT, PLANNING, BILLING, EFFECTIVITY, RIGHTS, *FIGURES),
    )
    birth_place: Text | None = declare_field(
        fr_title="Lieu de naissance",
        en_title="Place of birth",
        fr="Lieu de naissance tel qu'il est écrit dans le logiciel d'origine.",
        en="Place of birth as written in the software of origin.",
        example="Saint-Étienne",
        origin="MSS Beneficiary.birthPlace; CdB Lieu de naissance",
        **protect_person(IDENTIFYING, SUPPORT, RIGHTS),
    )
    birth_commune: Word | None = declare_field(
        fr_title="Commune de naissance",
        en_title="Commune of birth",
        fr="Code officiel géographique (COG) de la commune de naissance, cinq caractères.",
        en="Official geographic code (COG) of the commune of birth, five characters.",
        example="42218",
        origin="TDDUI Usager.communeNaissance; Urssaf codeCommune",
        **protect_person(IDENTIFYING, SUPPORT, BILLING, RIGHTS),
    )
    birth_country: Word | None = declare_field(
        fr_title="Pays de naissance",
        en_title="Country of birth",
        fr="Pays de naissance, deux lettres (ISO 3166-1) ou code COG.",
        en="Country of birth, two letters (ISO 3166-1) or COG code.",
        example="FR",
        origin="TDDUI Usager.paysNaissance; Urssaf codePaysNaissance",
        **protect_person(IDENTIFYING, SUPPORT, BILLING, RIGHTS),
    )
    birth_rank: Word | None = declare_field(
        fr_title="Rang de naissance",
        en_title="Birth rank",
        fr="Ordre de naissance à l'état civil : trois derniers chiffres du corps du NIR.",
        en="Rank in the civil register: last three digits of the body of the NIR.",
        example="108",
        origin="TDDUI Usager.ordreNaissanceEtatCivil",
        **protect_person(IDENTIFYING, RIGHTS),
    )
    death_date: PartialDay | None = declare_field(
        fr_title="Date de décès",
        en_title="Date of death",
        fr="Date de décès.",
        en="Date of death.",
        example="2024-11-02",
        origin="TDDUI Usager.dateDeces; MSS Beneficiary.deathDate",
        **protect_person(IDENTIFYING, SUPPORT, PLANNING, BILLING, EFFECTIVITY, RIGHTS),
    )
    status: Literal["active", "inactive", "archived", "deceased"] | None = declare_field(
        fr_title="État du dossier de la personne",
        en_title="Status",
        fr="Où en est la personne dans l'organisation.",
        en="Where the person stands with the organisation.",
        example="active",
        origin="MSS Beneficiary.status; Compani Statut",
        codes="person-status",
        open_codes=False,
        **protect_person(ORDINARY, *CARE_PURPOSES),
    )
    identity_status: Coded | None = declare_field(
        fr_title="Statut de l'identité",
        en_title="Identity status",
        fr="Statut de l'identité au sens du référentiel INS ; l'INS n'est qualifiée que si l'identité est validée.",
        en="Status of the identity after the INS reference; an INS is qualified only when the identity is validated.",
        example={"code": "VALI", "system": "identity-status"},
        origin="INS identityReliability",
        codes="identity-status",
        **protect_person(IDENTIFYING, SUPPORT, RIGHTS),
    )
    nationalities: Annotated[list[Coded], Field(max_length=5)] | None = declare_field(
        fr_title="Nationalités",
        en_title="Nationalities",
        fr="Nationalités de la personne.",
        en="Nationalities of the person.",
        example=[{"code": "FR", "original": "Française"}],
        origin="TDDUI Usager.paysNationalite (TRE_R89); MSS Beneficiary.nationality",
        **protect_person(IDENTIFYING, SUPPORT, RIGHTS),
    )
    languages: Annotated[list[Coded], Field(max_length=10)] | None = declare_field(
        fr_title="Langues parlées",
        en_title="Languages spoken",
        fr="Langues que la personne parle.",
        en="Languages that the person speaks.",
        example=[{"code": "fr", "original": "Français"}],
        origin="TDDUI Usager.langueParlee (JDV_J115); Ogust language",
        **protect_person(SPECIAL, SUPPORT, PLANNING),
    )
    # What reveals a sexual orientation, if indirectly, is a special category (CJEU C-184/20).
    family_situation: Coded | None = declare_field(
        fr_title="Situation familiale",
        en_title="Family situation",
        fr="Situation familiale de la personne.",
        en="Family situation of the person.",
        example={"code": "widowed", "system": "family-situations", "original": "Veuve"},
        origin="TDDUI Usager.situationFamiliale (JDV_J176); MSS familySituation; RDV-S user.family_situation",
        codes="family-situations",
        **protect_person(SPECIAL, SUPPORT, RIGHTS),
    )
    household: Text | None = declare_field(
        fr_title="Composition du foyer",
        en_title="Household",
        fr="Composition du foyer, en clair.",
        en="Composition of the household, in words.",
        example="Vit seule, fille à proximité",
        origin="TDDUI Usager.compositionFoyer, descriptionCompositionFoyer",
        **protect_person(ORDINARY, SUPPORT, RIGHTS),
    )
    minor_children: Count | None = declare_field(
        fr_title="Enfants mineurs",
        en_title="Minor children",
        fr="Nombre d'enfants mineurs.",
        en="Number of minor children.",
        example=0,
        origin="MSS Beneficiary.minorChildren; RDV-S user.number_of_children",
        **protect_person(ORDINARY, SUPPORT, RIGHTS),
    )
    adult_children: Count | None = declare_field(
        fr_title="Enfants majeurs",
        en_title="Adult children",
        fr="Nombre d'enfants majeurs.",
        en="Number of adult children.",
        example=2,
        origin="MSS Beneficiary.majorChildren",
        **protect_person(ORDINARY, SUPPORT),
    )
    accommodation: Coded | None = declare_field(
        fr_title="Logement",
        en_title="Accommodation",
        fr="Mode de logement.",
        en="How the person is housed.",
        example={"code": "tenant", "system": "accommodations", "original": "locataire"},
        origin="MSS accommodationMode; RDV-S user.logement; CNAF TOPSANSDOMFIXE",
        codes="accommodations",
        **protect_person(ORDINARY, SUPPORT, RIGHTS),
    )
    occupation_status: Coded | None = declare_field(
        fr_title="Situation professionnelle",
        en_title="Occupation status",
        fr="Situation au regard de l'emploi.",
        en="Situation as to employment.",
        example={"code": "sick_leave", "system": "occupation-status", "original": "Arrêt maladie"},
        origin="MSS socioProfessionalCategory; CdB Situation",
        codes="occupation-status",
        **protect_person(ORDINARY, SUPPORT, RIGHTS, *FIGURES),
    )
    occupation: Text | None = declare_field(
        fr_title="Profession",
        en_title="Occupation",
        fr="Profession exercée ou recherchée, en clair ou code ROME.",
        en="Occupation held or sought, in words or ROME code.",
        example="Aide-soignante",
        origin="MSS occupation; CdB Emploi recherché",
        **protect_person(IDENTIFYING, SUPPORT),
    )
    employer: Text | None = declare_field(
        fr_title="Employeur",
        en_title="Employer",
        fr="Nom de l'employeur.",
        en="Name of the employer.",
        example="Blanchisserie des Lilas",
        origin="MSS employer",
        **protect_person(IDENTIFYING, SUPPORT),
    )
    education_level: Coded | None = declare_field(
        fr_title="Niveau de formation",
        en_title="Education level",
        fr="Niveau de formation atteint.",
        en="Level of education reached.",
        example={"original": "Niveau 4"},
        origin="CdB Niveau de formation",
        **protect_person(ORDINARY, SUPPORT),
    )
    mobility: Coded | None = declare_field(
        fr_title="Mobilité",
        en_title="Mobility",
        fr="Moyens de se déplacer de la personne.",
        en="How the person can get about.",
        example={"original": "Transports en commun"},
        origin="MSS mobility; CdB Zone de mobilité",
        **protect_person(ORDINARY, SUPPORT, PLANNING),
    )
    income_sources: Annotated[list[Coded], Field(max_length=20)] | None = declare_field(
        fr_title="Ressources",
        en_title="Income sources",
        fr="Natures de ressources de la personne.",
        en="Kinds of income of the person.",
        example=[{"code": "retirement", "system": "income-sources", "original": "Retraite"}],
        origin="MSS mainIncomeSource; CdB Droits RSA, ARE, ASS, Prime d'activité; TDDUI Ressource.type",
        codes="income-sources",
        **protect_person(SPECIAL, SUPPORT, RIGHTS),
    )
    health_cover: Coded | None = declare_field(
        fr_title="Couverture sociale",
        en_title="Health cover",
        fr="Couverture maladie de la personne.",
        en="Health cover of the person.",
        example={"code": "GEN-105", "system": "health-cover"},
        origin="TDDUI AssuranceMaladieObligatoire; JDV_CouvertureSociale",
        codes="health-cover",
        **protect_person(SPECIAL, SUPPORT, BILLING, RIGHTS),
    )
    gir: Coded | None = declare_field(
        fr_title="GIR",
        en_title="GIR",
        fr="Groupe iso-ressources, dernier connu.",
        en="Iso-resource group (level of dependency), last known.",
        example={"code": "MED-342", "system": "gir", "original": "GIR 4"},
        origin="MSS Beneficiary.gir; TDDUI Evaluation.resultatEvaluation",
        codes="gir",
        **protect_person(SPECIAL, SUPPORT, BILLING, EFFECTIVITY, RIGHTS, *FIGURES),
    )
    disabled_worker: Flag | None = declare_field(  # A recognised disability is health data (GDPR article 9).
        fr_title="RQTH",
        en_title="Disabled worker status",
        fr="La personne a la reconnaissance de la qualité de travailleur handicapé.",
        en="The person is recognised as a disabled worker.",
        example=False,
        origin="CdB RQTH",
        **protect_person(SPECIAL, SUPPORT, RIGHTS),
    )
    protection_measure: Coded | None = declare_field(
        fr_title="Mesure de protection",
        en_title="Protection measure",
        fr="Mesure de protection juridique en cours.",
        en="Legal protection measure in force.",
        example={"code": "curatorship", "system": "protection-measures", "original": "Curatelle simple"},
        origin="MSS protectionMeasure; TDDUI MesureProtection.type",
        codes="protection-measures",
        **protect_person(SPECIAL, SUPPORT, BILLING, RIGHTS),
    )
    caregiver: Flag | None = declare_field(
        fr_title="Aidante",
        en_title="Caregiver",
        fr="La personne aide elle-même un proche.",
        en="The person takes care of a relative.",
        example=False,
        origin="MSS Beneficiary.caregiver",
        **protect_person(ORDINARY, SUPPORT),
    )
    telecoms: Annotated[list[Telecom], Field(max_length=20)] | None = declare_field(
        fr_title="Télécommunications",
        en_title="Telecoms",
        fr="Téléphones et adresses électroniques de la personne.",
        en="Telephone numbers and electronic addresses of the person.",
        example=[{"kind": "mobile", "value": "+33639980001"}],
        origin="TDDUI Telecommunication; RDV-S phone_number, email; Urssaf numeroTelephonePortable, adresseMail",
        **protect_person(IDENTIFYING, SUPPORT, PLANNING, BILLING),
    )
    addresses: Annotated[list[Address], Field(max_length=10)] | None = declare_field(
        fr_title="Adresses",
        en_title="Addresses",
        fr="Adresses postales de la personne.",
        en="Postal addresses of the person.",
        example=[{"lines": ["12 rue des Tilleuls"], "postcode": "42000", "city": "Saint-Étienne"}],
        origin="TDDUI Adresse (AFNOR NF Z10-011); ESPPADOM ShipTo/PostalCITradeAddress; Urssaf adressePostale",
        **protect_person(IDENTIFYING, SUPPORT, PLANNING, BILLING, EFFECTIVITY, RIGHTS),
    )
    # Whoever knows the door code can get in: only those who organise and make visits.
    access_notes: Text | None = declare_field(
        fr_title="Accès au domicile",
        en_title="Access to the home",
        fr="Comment entrer : digicode, interphone, étage, clés.",
        en="How to get in: door code, intercom, floor, keys.",
        example="3e étage, interphone au nom",
        origin="Ogust door_code, intercom_code",
        **protect_person(IDENTIFYING, SUPPORT, PLANNING),
    )
    organisation_ref: Urn | None = declare_field(
        fr_title="Organisation",
        en_title="Organisation",
        fr="Organisation qui accompagne la personne.",
        en="Organisation that accompanies the person.",
        example="gaia:organisation:42",
        reference="organisation",
        **protect_nobody(ORDINARY, *CARE_PURPOSES),
    )
    professional_ref: Urn | None = declare_field(
        fr_title="Référent",
        en_title="Reference professional",
        fr="Professionnel référent de la personne.",
        en="Reference professional of the person.",
        example="gaia:professional:AS07",
        origin="MSS referents; RDV-S referent_assignations; rdv-insertion Référent",
        reference="professional",
        **protect_worker(IDENTIFYING, SUPPORT, PLANNING),
    )
    comment: LongText | None = declare_field(
        fr_title="Commentaire",
        en_title="Comment",
        fr="Commentaire destiné à l'équipe.",
        en="Comment meant for the team.",
        example="Préfère être appelée le matin.",
        origin="TDDUI Usager.commentaire; RDV-S user.notes",
        **protect_person(SPECIAL, SUPPORT),
    )
