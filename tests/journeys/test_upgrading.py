"""What the first version wrote is opened by this one: its books, what it knew, sealed and promised, nothing lost."""

from __future__ import annotations

import json
import sqlite3
import tarfile
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from passerelle.engine.workspace import assembly
from passerelle.faces.cli.app import run
from passerelle.faces.cli.display_language import speak

FIRST = Path(__file__).parents[1] / "states" / "first.tar.xz"
NEXT = "id;nom;naissance;note\n1;ALPHA;03/04/1947;\n2;BETA;04/05/1950;troisieme\n5;REFUSE;01/02/1961;\n7;ETA;;\n"


@pytest.fixture
def house(tmp_path, monkeypatch, capsys):
    """Unpack the state; answer with the code and the JSON of a command, some hours after its last run."""
    with tarfile.open(FIRST) as archive:
        archive.extractall(tmp_path, filter="data")
    for path in (tmp_path / "etat").rglob("*"):
        path.chmod(0o700 if path.is_dir() else 0o600)
    # as the guide of the upgrade asks: numbers of the supplier say nothing of anybody, so that they go on leaving
    supplier = tmp_path / "essai.toml"
    text = supplier.read_text("utf-8").replace('entity = "person" }', 'entity = "person", opaque = true }')
    supplier.write_text(text, "utf-8")
    monkeypatch.chdir(tmp_path)

    class LaterClock(assembly.SystemClock):
        def now(self):
            return datetime(2026, 12, 1, 2, 30, tzinfo=UTC)

    monkeypatch.setattr(assembly, "SystemClock", LaterClock)

    def ask(*arguments):
        speak("fr")
        capsys.readouterr()
        code = run([*arguments, "--format", "json"], language_asked=True)
        return int(code), json.loads(capsys.readouterr().out)

    return ask


def read_table(folder):
    with closing(sqlite3.connect(folder / "base.db")) as connection:
        rows = connection.execute("SELECT ref, birth_name, comment, passerelle_version FROM passerelle_person_1")
        return {ref.rpartition(":")[2]: (name, note, version) for ref, name, note, version in rows}


def test_the_books_of_the_first_version_are_those_that_it_told(house):
    code, said = house("status")
    (flow,) = said["flows"]
    assert code == 1  # a file is parked, and rows wait
    fates = {fate: count for fate, count in flow["balance"].items() if count and fate not in ("received", "adds_up")}
    assert (flow["balance"]["received"], fates) == (7, {"delivered": 5, "rejected": 1, "withheld": 1})
    assert [parcel["state"] for parcel in flow["parcels"]].count("parked") == 1
    assert house("doctor")[0] == 0
    assert house("audit", "verify")[0] == 0


def test_a_run_knows_what_was_delivered_and_who_refused(house, tmp_path):
    (tmp_path / "entrees" / "d.csv").write_text(NEXT, "utf-8")
    code, said = house("run")
    (flow,) = said["flows"]
    # a file of the first version is still parked
    assert (code, flow["balance"]["received"]) in ((0, 4), (1, 4))
    fates = {fate: flow["balance"][fate] for fate in ("delivered", "unchanged", "withheld")}
    assert fates == {"delivered": 2, "unchanged": 1, "withheld": 1}
    assert read_table(tmp_path) == {
        "1": ("ALPHA", None, 1),
        "2": ("BETA", "troisieme", 3),
        "4": ("DELTA", None, 1),
        "6": ("ZETA", None, 1),
        "7": ("ETA", None, 1),
    }
    assert house("run")[1]["flows"][0]["balance"]["received"] == 0


def test_what_the_first_version_sealed_opens_and_what_it_kept_can_be_taken_again(house, tmp_path):
    (item,) = (
        one["id"] for one in house("quarantine", "list", "--each", "--reason", "translate.date.impossible")[1]["items"]
    )
    code, said = house("quarantine", "show", str(item), "--reveal", "--why", "un essai")
    assert (code, "32/01/1960" in json.dumps(said)) == (0, True)
    assert house("flow", "take-again", "gens", "--parcel", "6518dd5b61bb")[0] == 0
    house("run")
    # the file was asked for by its name: what it says goes again
    assert read_table(tmp_path)["2"] == ("BETA", "premiere", 3)
    assert house("flow", "drop", "gens", "85978f170424", "--why", "un essai")[0] == 0
    assert {parcel["state"] for parcel in house("status")[1]["flows"][0]["parcels"]} == {"done", "dropped"}
