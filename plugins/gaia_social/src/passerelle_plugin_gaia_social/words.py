"""Code tables of the export, as such exports document them on a sheet of their own."""

from __future__ import annotations

TITLES = {"1": "M", "2": "MME"}
SEXES = {"1": "M", "2": "F"}
FAMILY_SITUATIONS = {
    "CEL": "single",
    "MAR": "married",
    "PAC": "married",
    "CON": "couple",
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

# The axes of the service: désinsertion professionnelle (PDP), sécurisation des parcours en santé (SPS).
PROGRAMMES = {"PDP": "PDP", "SPS": "SPS"}
# Accidents at work and occupational diseases (AT/MP) are one risk to the insurer.
RISKS = {"M": "sickness", "I": "invalidity", "AT": "work", "MP": "work"}
ORIGINS = {
    "CPAM": "health_insurance",
    "SM": "health_insurance",
    "PART": "third_party",
    "DIR": "spontaneous",
    "ETAB": "third_party",
}
CASE_STATUS = {"O": "open", "S": "suspended", "C": "closed"}
CLOSING_LABELS = {
    "OBJ": "Objectifs atteints",
    "REL": "Relais pris par un partenaire",
    "ARR": "Arrêt à la demande de la personne",
    "SNO": "Sans nouvelles",
}

CHANNELS = {
    "BUR": "on_site_planned",
    "ACC": "on_site_unplanned",
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
    "EMP": "emploi",
    "FIN": "difficulte_financiere",
    "SAN": "sante",
    "LOG": "logement",
    "ADM": "difficulte_administrative",
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
REFERRAL_LABELS = {
    "EMP": "Emploi et maintien en emploi",
    "LOG": "Logement",
    "SOC": "Service social de secteur",
    "MED": "Médico-social",
}
RESULT_LABELS = {"ACC": "Accepté", "REF": "Refusé", "ATT": "En attente"}
