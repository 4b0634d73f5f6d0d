"""A peer: frictionless validates the file as a table: types, required cells, lists of words. Half of the job.

python peer_frictionless.py export.csv folder

It translates nothing, knows no key of a number and no rule between cells, and writes no accepted rows.
"""

from __future__ import annotations

import sys
from pathlib import Path

import export
from frictionless import Checklist, Dialect, Resource, Schema, formats

_DAY, _TIME = "%d/%m/%Y", "%H:%M"
_TYPES: dict[str, dict[str, object]] = {
    "Bénéficiaire": {"type": "string", "constraints": {"required": True}},
    "NIR": {"type": "string", "constraints": {"pattern": "[0-9]{15}"}},
    "SIRET": {"type": "string", "constraints": {"pattern": "[0-9]{14}"}},
    "Date": {"type": "date", "format": _DAY},
    **{name: {"type": "time", "format": _TIME} for name in ("Début prévu", "Fin prévue", "Début réel", "Fin réelle")},
    "Prestation": {"type": "string", "constraints": {"enum": list(export.SERVICES)}},
    "État": {"type": "string", "constraints": {"enum": list(export.STATES)}},
    "Heures": {"type": "number", "decimalChar": ","},
    "Facturé": {"type": "boolean", "trueValues": ["Oui"], "falseValues": ["Non"]},
}


def main(source: Path, folder: Path) -> None:
    """Validate, and write what was found."""
    fields = [{"name": name, **_TYPES.get(name, {"type": "string"})} for name in export.HEADER]
    resource = Resource(
        path=source.name,
        basepath=str(source.parent),
        encoding="cp1252",
        dialect=Dialect(controls=[formats.CsvControl(delimiter=";")]),
        schema=Schema.from_descriptor({"fields": fields}),
    )
    found = resource.validate(Checklist(), limit_errors=10_000_000)
    (folder / "report.json").write_text(found.to_json() or "", encoding="utf-8")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:3]))
