"""A peer: petl validates rows by constraints, converts and splits them, as its documentation shows it.

python peer_petl.py export.csv folder

Rows that break a constraint are written aside with its name. The keys of numbers and the hours of a clock change are
functions of whoever writes the script; petl has none.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from datetime import datetime
from pathlib import Path

import export
import petl as etl

_DAY, _TIME = "%d/%m/%Y", "%H:%M"
_TIMES = ("Début prévu", "Fin prévue", "Début réel", "Fin réelle")
_NAMES = {"Début prévu": "planned_start", "Fin prévue": "planned_end", "Début réel": "stamped_start"}


def has_nir_key(text: str) -> bool:
    """Whether the key of a NIR is right."""
    return len(text) == 15 and text.isdigit() and 97 - int(text[:13]) % 97 == int(text[13:])


def has_luhn_key(text: str) -> bool:
    """Whether the last digit of a SIRET is right."""
    if len(text) != 14 or not text.isdigit():
        return False
    return sum(sum(divmod(int(digit) * (1 + place % 2), 10)) for place, digit in enumerate(reversed(text))) % 10 == 0


def _ends_after_it_begins(row: etl.Record) -> bool:
    return row["Début prévu"] < row["Fin prévue"] and row["Début réel"] < row["Fin réelle"]


CONSTRAINTS = [
    {"name": "person", "field": "Bénéficiaire", "assertion": bool},
    {"name": "nir", "field": "NIR", "assertion": has_nir_key},
    {"name": "siret", "field": "SIRET", "assertion": has_luhn_key},
    {"name": "day", "field": "Date", "test": etl.dateparser(_DAY)},
    *({"name": name, "field": name, "test": etl.timeparser(_TIME)} for name in _TIMES),
    {"name": "service", "field": "Prestation", "assertion": lambda word: word in export.SERVICES},
    {"name": "state", "field": "État", "assertion": lambda word: word in export.STATES},
    {"name": "hours", "field": "Heures", "test": lambda text: float(text.replace(",", "."))},
    {"name": "billed", "field": "Facturé", "assertion": lambda word: word in {"Oui", "Non"}},
    {"name": "order", "assertion": _ends_after_it_begins},
]


def main(source: Path, folder: Path) -> None:
    """Validate, convert, split."""
    table = etl.fromcsv(str(source), encoding="cp1252", delimiter=";")
    problems: dict[int, list[str]] = defaultdict(list)
    for problem in etl.validate(table, constraints=CONSTRAINTS, header=export.HEADER).dicts():
        problems[problem["row"]].append(problem["name"])
    numbered = etl.addrownumbers(table, field="row")
    good, bad = etl.biselect(numbered, lambda row: row["row"] not in problems)
    converted = etl.fieldmap(
        good,
        {
            "ref": ("Numéro", lambda text: f"bench:visit:{text}"),
            "person_ref": ("Bénéficiaire", lambda text: f"bench:person:{text}"),
            "professional_ref": ("Intervenant", lambda text: f"bench:professional:{text}"),
            "service": ("Prestation", lambda word: {"code": export.SERVICES[word], "original": word}),
            "status": ("État", lambda word: export.STATES[word]),
            **{name: lambda row, cell=cell: _join(row["Date"], row[cell]) for cell, name in _NAMES.items()},
            "stamped_end": lambda row: _join(row["Date"], row["Fin réelle"]),
            "billed_quantity": ("Heures", lambda text: text.replace(",", ".")),
            "billed": ("Facturé", lambda word: word == "Oui"),
            "nir": "NIR",
            "siret": "SIRET",
        },
    )
    etl.tojson(converted, str(folder / "accepted.ndjson"), lines=True, ensure_ascii=False)
    with (folder / "aside.ndjson").open("w", encoding="utf-8") as stream:
        for row in bad.dicts():
            stream.write(json.dumps({"reasons": problems[row["row"]], "row": row}, ensure_ascii=False) + "\n")


def _join(day: str, time: str) -> str:
    return datetime.strptime(f"{day} {time}", f"{_DAY} {_TIME}").isoformat()  # noqa: DTZ007  a local time


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:3]))
