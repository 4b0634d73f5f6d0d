"""The dialect, references and times that all exports of Compani share."""

from __future__ import annotations

from passerelle import Csv
from passerelle import convert as to

# Ids of persons, professionals and payers are opaque: ObjectIds, which MongoDB draws (`_id` of compani-api).
# Those of events, plans and absences are made here of several columns, days among them; an invoice's is its number.
SYSTEM = "compani"
# `src/helpers/file.js` of compani-api: UTF-8 with its mark, `;`, CRLF between rows.
CSV = Csv(delimiter=";", encoding="utf-8-sig")


def read_local_time(column: str, layout: str) -> to.LocalDateTime:
    """Read a local time. Times that a clock change skips or repeats are set aside: evidence is never guessed."""
    return to.LocalDateTime(column, formats=(layout,), zone="Europe/Paris", missing="refuse", twice="refuse")


def make_ref(*columns: str, entity: str) -> to.Ref:
    """Return a reference made of all these columns; without one of them there is none."""
    return to.Ref(columns, system=SYSTEM, entity=entity, whole=True)


CUSTOMER = ("Titre", "Nom", "Prénom")
"""Columns carried along: a record refers to a beneficiary and does not name them."""
