"""What all exports of Compani have in common."""

from __future__ import annotations

from passerelle import Csv
from passerelle import convert as to

SYSTEM = "compani"
CSV = Csv(delimiter=";", encoding="utf-8-sig")


def local(column: str, layout: str) -> to.LocalDateTime:
    """Read a local time. Times that clock changes skip or repeat are set aside: what is evidence is never guessed."""
    return to.LocalDateTime(column, formats=(layout,), zone="Europe/Paris", missing="refuse", twice="refuse")


def ref(*columns: str, entity: str) -> to.Ref:
    """Name a record by all of these columns: without one of them it has no name."""
    return to.Ref(columns, system=SYSTEM, entity=entity, whole=True)


CUSTOMER = ("Titre", "Nom", "Prénom")
"""Carried: what refers to a beneficiary does not name them."""
