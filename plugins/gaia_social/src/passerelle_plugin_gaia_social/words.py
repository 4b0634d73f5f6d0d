"""The label tables of the export: what its codes mean, as such exports document them on a sheet of their own."""

from __future__ import annotations

TITLES = {"1": "mr", "2": "mrs"}
SEXES = {"1": "male", "2": "female"}
FAMILY_SITUATIONS = {
    "CEL": "single",
    "MAR": "married",
    "PAC": "civil_union",
    "CON": "cohabiting",
    "SEP": "separated",
    "DIV": "divorced",
    "VEU": "widowed",
}
OCCUPATIONS = {
    "ACT": "employed",
    "ARR": "sick_leave",
    "CHO": "job_seeker",
    "INV": "disability",
    "RET": "retired",
    "SAN": "no_activity",
}
PERSON_STATUS = {"A": "active", "I": "inactive", "D": "deceased"}

PROGRAMMES = {"PDP": "PDP", "SPS": "SPS"}
RISKS = {"M": "illness", "I": "invalidity", "AT": "work_accident", "MP": "occupational_disease"}
ORIGINS = {
    "CPAM": "cpam",
    "SM": "medical_service",
    "PART": "partner",
    "DIR": "direct_request",
    "ETAB": "hospital",
}
CASE_STATUS = {"O": "open", "S": "suspended", "C": "closed"}
CLOSING_LABELS = {
    "OBJ": "Objectifs atteints",
    "REL": "Relais pris par un partenaire",
    "ARR": "Arrêt à la demande de la personne",
    "SNO": "Sans nouvelles",
}

CHANNELS = {
    "BUR": "planned_in_person",
    "ACC": "unplanned_in_person",
    "TEL": "phone",
    "VIS": "video",
    "DOM": "home",
    "COU": "mail",
}
INTERACTION_STATUS = {"R": "done", "P": "todo", "A": "cancelled"}
MOTIVE_LABELS = {
    "REP": "Reprise du travail",
    "RES": "Ressources pendant l'arrêt",
    "SOI": "Accès aux soins",
    "RAD": "Retour à domicile",
    "LOG": "Logement",
}
OUTCOME_LABELS = {
    "SUI": "Suivi à poursuivre",
    "ORI": "Orientation vers un partenaire",
    "FIN": "Fin d'accompagnement",
    "ABS": "Personne absente",
}

THEMES = {
    "EMP": "employment",
    "FIN": "financial_difficulty",
    "SAN": "health",
    "LOG": "housing",
    "ADM": "administrative_difficulty",
}
PROGRESS = {"P": "planned", "E": "active", "S": "suspended", "T": "done", "A": "abandoned"}
PRIORITY_LABELS = {"1": "Urgent", "2": "Important", "3": "À suivre"}
ACTION_LABELS = {
    "ESSAI": "Essai encadré",
    "BILAN": "Bilan de compétences",
    "DAF": "Demande d'aide financière",
    "C2S": "Demande de complémentaire santé solidaire",
    "COORD": "Coordination avec les soignants",
}
RESULT_LABELS = {"ACC": "Accepté", "REF": "Refusé", "ATT": "En attente"}
