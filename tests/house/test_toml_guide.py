"""The supplier of the guide that is written in TOML alone, and the plain Python of its PerRecord, do what is said."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from passerelle.contracts.canonical import to_records
from passerelle.contracts.catalogue import get
from passerelle.engine.rehearsal.file_check import check
from passerelle.extension.toml_files import read_local
from passerelle.stages.translate import Fault, PerRecord

GUIDE = Path(__file__).parents[2] / "docs" / "ecrire-un-connecteur.md"
FILE = "passages_nord_202411.csv"


@pytest.fixture
def folder(tmp_path):
    """Return a folder with the files of the guide."""
    blocks = re.findall(r"<!-- soleil: (\S+) -->\n```\w+\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
    for name, content in blocks:
        (tmp_path / name).write_text(content, encoding="utf-8")
    return tmp_path


def read(folder: Path) -> tuple[dict[str, list[dict[str, Any]]], Any]:
    supplier = read_local(folder / "soleil.toml")
    found: dict[str, list[dict[str, Any]]] = {}

    def keep(records, _table):
        found.setdefault(records.contract, []).extend(to_records(records.frame, get(records.contract)))

    with (folder / FILE).open("rb") as stream:
        return found, check(stream, supplier.id, supplier.connectors[0], name=FILE, on_records=keep)


def test_nights_short_years_and_cut_cells_of_the_guide_are_read_as_it_says(folder):
    records, report = read(folder)
    moments = [(visit["planned_start"], visit["planned_end"]) for visit in records["visit/1"]]
    assert moments == [
        ("2024-11-15T07:30:00+01:00", "2024-11-15T09:00:00+01:00"),
        ("2024-10-26T21:00:00+02:00", "2024-10-27T07:00:00+01:00"),
        ("2024-12-31T22:15:00+01:00", "2025-01-01T06:00:00+01:00"),
        ("2024-11-17T09:05:00+01:00", "2024-11-17T10:05:00+01:00"),
    ]
    assert {visit["organisation_ref"] for visit in records["visit/1"]} == {"soleil-domicile:organisation:nord"}
    first, second, _again = records["person/1"]
    assert (first["usual_name"], first["first_names"], first["birth_date"]) == ("LE GOFF", "Jeanne", "1947-04-03")
    assert (second["birth_date"], second["addresses"][0]["city"]) == ("1931-01-12", "Ajaccio")
    assert second["addresses"][0]["postcode"] == "20000"
    assert sorted(key.code for key in report.causes) == [
        "decode.row.total",
        "translate.cell.uncut",
        "validate.reference.unresolved",
    ]


def test_the_command_of_the_guide_needs_no_settings(folder):
    code = "from passerelle.faces.cli.app import run; import sys; sys.exit(run(sys.argv[1:]))"
    arguments = ["-c", code, "check", FILE, "--supplier", "soleil.toml", "--format", "json"]
    ran = subprocess.run([sys.executable, *arguments], cwd=folder, capture_output=True, encoding="utf-8", check=False)
    assert ran.returncode == 1, ran.stderr
    assert json.loads(ran.stdout)["balance"]["delivered"] == 7


def test_the_plain_python_of_the_guide_reads_writes_and_faults():
    block = re.search(r"<!-- per record: [^>]*-->\n```python\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
    room: dict[str, Any] = {}
    exec(block[1], room)  # noqa: S102  the guide's own example
    travel = room["TRAVEL"]
    assert isinstance(travel, PerRecord)
    assert travel.parse({"Km": "12+3"}) == "15"
    assert travel.parse({"Km": None}) is None
    assert travel.parse({"Km": "12 km"}) == Fault("translate.number.malformed", "Km", {"expected": "12+3"})
    assert travel.parse(travel.render("15")) == "15"
