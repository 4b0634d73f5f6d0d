"""Code tables of the layout: its codes, and ours or their labels."""

from __future__ import annotations

CULTURES = {"MED": "Médicale", "PSY": "Psychologique", "EDU": "Éducative", "SOC": "Sociale"}
"""The four professional cultures."""

SEXES = {"F": "F", "M": "M"}
DECISIONS = {"OUI": "accepted", "NON": "refused", "RETRAIT": "withdrawn"}
PURPOSES = {"ACCOMPAGNEMENT": "support", "PILOTAGE": "steering"}
METHODS = {"E": "written", "O": "spoken", "N": "electronic"}
SPEAKERS = {"P": "person", "R": "legal_representative", "C": "trusted"}
THEMES = {
    "LOG": "logement",
    "SAN": "sante",
    "FAM": "contraintes_familiales",
    "RES": "difficulte_financiere",
    "DRO": "difficulte_administrative",
    "FOR": "formation",
}
PROGRESS = {"P": "planned", "E": "active", "S": "suspended", "T": "done", "A": "abandoned"}
PRIORITIES = {"1": "Urgent", "2": "Important", "3": "À suivre"}
EFFECTS = {"O": "Répond au besoin", "P": "Répond en partie", "N": "Ne répond pas"}
