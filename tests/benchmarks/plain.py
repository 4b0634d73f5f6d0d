"""The plain loop that the product is measured against: csv, one row after the other, pydantic over the same contract.

python plain.py export.csv accepted.ndjson aside.ndjson
"""

from __future__ import annotations

import csv
import json
import sys
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from passerelle import contracts
from passerelle.contracts.identifiers import NumberCheck, check

_PARIS = ZoneInfo("Europe/Paris")
_VISIT = contracts.get("visit/1")
_SERVICES = {
    "Aide à la toilette": "TOI",
    "Aide au repas": "REP",
    "Entretien du logement": "ENT",
    "Accompagnement à l'extérieur": "ACC",
    "Présence de nuit": "NUI",
}
_STATES = {"Réalisée": "done", "Annulée": "cancelled", "Absence": "missed", "En cours": "in_progress"}
_FLAGS = {"Oui": True, "Non": False}
_NOT_NEEDED = {"team", "comment"}
"""What the purpose of the flow leaves out."""


class Refused(Exception):  # noqa: N818  what happens to a row
    """A row that cannot become a record, with the reason people read."""


def _moment(day: str, time: str) -> str:
    return f"{_day(day)}T{_time(time)}:00{_offset(day, time[:2])}"


@cache
def _day(text: str) -> str:
    try:
        return datetime.strptime(text, "%d/%m/%Y").date().isoformat()  # noqa: DTZ007  a day has no zone
    except ValueError:
        raise Refused("ce n'est pas une date") from None


@cache
def _time(text: str) -> str:
    try:
        return datetime.strptime(text, "%H:%M").strftime("%H:%M")  # noqa: DTZ007  the offset is added
    except ValueError:
        raise Refused("ce n'est pas une heure") from None


@cache
def _offset(day: str, hour: str) -> str:
    local = datetime.fromisoformat(f"{_day(day)}T{hour}:30:00")
    early, late = (local.replace(tzinfo=_PARIS, fold=fold) for fold in (0, 1))
    if early.utcoffset() != late.utcoffset():
        raise Refused("cette heure n'existe pas, ou existe deux fois, la nuit du changement d'heure")
    return early.isoformat()[-6:]


def _looked_up(table: dict[str, Any], word: str, what: str) -> Any:
    if word not in table:
        raise Refused(f"{what} : mot inconnu")
    return table[word]


def _quantity(text: str) -> str:
    number = text.replace(",", ".")
    if not number.replace(".", "", 1).isdigit():
        raise Refused("le nombre d'heures n'est pas un nombre")
    return number.rstrip("0").rstrip(".") if "." in number else number


def translate(cells: list[str], width: int) -> dict[str, Any]:
    """Make a record of the contract out of a row. Raises Refused, with the reason."""
    if len(cells) != width:
        raise Refused(f"{len(cells)} cellules, {width} attendues")
    number, person, nir, siret, professional, team, day, begin, end, came, left, service, state, hours, billed, note = (
        cell.strip() for cell in cells
    )
    record = {
        "ref": f"bench:visit:{number}",
        "person_ref": f"bench:person:{person}" if person else None,
        "professional_ref": f"bench:professional:{professional}",
        "team": team,
        "service": {
            "code": _looked_up(_SERVICES, service, "prestation"),
            "system": "bench-services",
            "original": service,
        },
        "status": _looked_up(_STATES, state, "état"),
        "planned_start": _moment(day, begin),
        "planned_end": _moment(day, end),
        "stamped_start": _moment(day, came),
        "stamped_end": _moment(day, left),
        "billed_quantity": _quantity(hours),
        "billed_unit": "hour",
        "billed": _looked_up(_FLAGS, billed, "facturé"),
        "comment": note or None,
        "identifiers": [{"system": "nir", "value": nir}, {"system": "siret", "value": siret}],
    }
    return {name: value for name, value in record.items() if value is not None}


def judge(record: dict[str, Any]) -> str:
    """Give the record as JSON. Raises Refused, with the reason."""
    try:
        model = _VISIT.model_validate(record)
    except ValidationError as problem:
        error = problem.errors(include_url=False)[0]
        raise Refused(f"{error['loc'][0]} : {error['msg']}") from None
    for rule in _VISIT.rules:
        if not rule.warns and not rule.holds(model):
            raise Refused(rule.code)
    for entry in record["identifiers"]:
        if check(entry["system"], entry["value"]) in (NumberCheck.WRONG_KEY, NumberCheck.MALFORMED):
            raise Refused(f"{entry['system']} : clé fausse")
    return model.model_dump_json(exclude_none=True, exclude=_NOT_NEEDED)


def main(source: Path, accepted: Path, aside: Path) -> None:
    """Do the job."""
    with (
        source.open(encoding="cp1252", newline="") as stream,
        accepted.open("w", encoding="utf-8") as good,
        aside.open("w", encoding="utf-8") as bad,
    ):
        rows = csv.reader(stream, delimiter=";")
        width = len(next(rows))
        for cells in rows:
            try:
                good.write(judge(translate(cells, width)) + "\n")
            except Refused as refusal:
                row = {"line": rows.line_num, "reason": str(refusal), "cells": cells}
                bad.write(json.dumps(row, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]))
