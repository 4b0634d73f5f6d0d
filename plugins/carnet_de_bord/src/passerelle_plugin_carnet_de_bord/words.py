"""Code tables: the words of Carnet de bord's import files and ours."""

from __future__ import annotations

YES, NO = ("Oui", "oui", "O", "o"), ("Non", "non", "N", "n")

DAYS = ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%Y-%m-%d %H:%M:%S")
"""The files are filled in by hand: all of these occur, even in one column. The last is a true date of a worksheet."""

RSA = {
    "rsa_droit_ouvert_versable": "open",
    "rsa_droit_ouvert_et_suspendu": "suspended",
    "rsa_droit_ouvert_versement_suspendu": "suspended",
}

SITUATIONS = {
    **dict.fromkeys(
        ("recherche_emploi", "recherche_formation", "recherche_alternance", "recherche_stage"), "job_seeker"
    ),
    **dict.fromkeys(("emploi", "cdd", "cdi", "iae", "interim", "alternance", "entrepreneur"), "employed"),
    **dict.fromkeys(
        ("formation", "stage", "service_civique", "construction_projet", "projet_entrepreneurial"), "other"
    ),
}
