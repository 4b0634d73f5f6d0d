"""`exit-pack` and `switch run`, `rollback`, `keygen`, `verify`, as people type them: answers and exit codes."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from old_software import settle_in

from passerelle.faces.cli.app import run

ROOT = Path(__file__).parents[3]
EXPORT = ROOT / "examples" / "demo" / "entrants" / "visites" / "interventions-2024-11.csv"
SETTINGS = """
[passerelle]
state = "etat"
plugins = ["compani"]

[flow.visites]
connector = "compani-interventions"
purpose = "portability"
source = { kind = "folder", path = "entrees", quiet_seconds = 0 }
destination = { kind = "folder", path = "sorties" }
"""
SWITCH = """
[side.ancien]
exports = [{ connector = "compani-interventions", path = "export.csv" }]
[side.nouveau]
exports = [{ contract = "visit/1", path = "nouveau/*.ndjson" }]
[switch.bascule]
from = "ancien"
to = "nouveau"
[[switch.bascule.deliver]]
destination = { kind = "folder", path = "nouveau" }
"""
ACCEPTED = """
[[switch.bascule.accepted]]
contract = "{contract}"
most = {most}
who = "La directrice"
why = "Ressaisi à la main"
"""

WHY = ("--why", "changement de logiciel")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("PASSERELLE_LANG", "en")
    monkeypatch.chdir(tmp_path)
    settle_in(tmp_path, SETTINGS)
    (tmp_path / "entrees").mkdir()
    shutil.copy(EXPORT, tmp_path / "entrees")
    shutil.copy(EXPORT, tmp_path / "export.csv")
    (tmp_path / "switch.toml").write_text(SWITCH, encoding="utf-8")
    return tmp_path


def _answer(capsys, *arguments):
    code = run([*arguments, "--format", "json"])
    return code, json.loads(capsys.readouterr().out)


def test_a_pack_is_written_and_verified(folder, capsys):
    run(["run"])
    capsys.readouterr()
    code, told = _answer(capsys, "exit-pack", "--output", "sortie.zip", *WHY)
    assert (code, told["type"], told["contracts"]) == (0, "MASSIF", {"planned_visit/1": 8, "visit/1": 42})
    code, told = _answer(capsys, "exit-pack", "verify", "sortie.zip")
    assert (code, told["good"], told["records"]) == (0, True, 50)


def test_a_pack_that_was_changed_ends_with_one_and_says_where(folder, capsys):
    run(["run"])
    run(["exit-pack", "--output", "sortie.zip", *WHY])
    content = (folder / "sortie.zip").read_bytes()
    (folder / "sortie.zip").write_bytes(
        content.replace(b"contrats/visit-1/donnees.csv", b"contrats/visit-1/donnees.csw")
    )
    capsys.readouterr()
    assert run(["exit-pack", "verify", "sortie.zip"]) == 1
    assert "contrats/visit-1/donnees.csv" in capsys.readouterr().out


def test_a_type_that_does_not_go_with_the_options_is_wrong_usage(folder):
    assert run(["exit-pack", "--output", "sortie.zip", *WHY, "--type", "unitaire"]) == 64
    assert run(["exit-pack"]) == 64
    assert not (folder / "sortie.zip").exists()


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (("--from", "2024-12-01", "--to", "2024-11-01"), "from 2024-12-01 to 2024-11-01"),
        (("--from", "2024-13-01"), "write a day as 2026-11-21"),
        (("--to", "01/12/2024"), "write a day as 2026-11-21"),
    ],
    ids=["reversed", "no such day", "another form"],
)
def test_a_period_that_cannot_be_is_told_and_nothing_is_written(tmp_path, monkeypatch, capsys, days, said):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PASSERELLE_LANG", "en")
    assert run(["exit-pack", "--output", "sortie.zip", *WHY, *days]) == 64
    assert said in " ".join(capsys.readouterr().err.split())
    assert not (tmp_path / "sortie.zip").exists()


def test_a_pack_of_nobody_says_so(folder, capsys):
    assert (
        run(
            [
                "exit-pack",
                "--output",
                "personne.zip",
                "--why",
                "changement de logiciel",
                "--person",
                "compani:person:nobody",
            ]
        )
        == 1
    )
    assert "answers to this selection" in capsys.readouterr().err


def test_a_passphrase_comes_from_a_reference_and_is_never_told(folder, capsys, monkeypatch):
    monkeypatch.setenv("PHRASE", "trois mots choisis")
    assert run(["exit-pack", "--output", "sortie.psx", *WHY, "--encrypt", "env:PHRASE"]) == 0
    assert run(["exit-pack", "verify", "sortie.psx", "--passphrase", "env:PHRASE"]) == 0
    monkeypatch.setenv("PHRASE", "autre chose")
    assert run(["exit-pack", "verify", "sortie.psx", "--passphrase", "env:PHRASE"]) == 64
    told = "".join(capsys.readouterr())
    assert "trois mots" not in told
    assert "in clear" not in told


def test_a_move_stops_until_somebody_answers_for_what_is_lost(folder, capsys):
    code, told = _answer(capsys, "switch", "run", "bascule")
    assert (code, told["stopped"]["at"], told["stopped"]["reason"]) == (1, "planned_visit/1", "deliver.loss.undecided")
    accepted = ACCEPTED.format(contract="planned_visit/1", most=1) + ACCEPTED.format(contract="visit/1", most=2)
    (folder / "switch.toml").write_text(SWITCH + accepted, encoding="utf-8")
    code, told = _answer(capsys, "switch", "run", "bascule")
    assert (code, told["stopped"], [one["lost"] for one in told["contracts"]]) == (0, None, [1, 2])
    assert len(list((folder / "nouveau").iterdir())) == 2


def test_a_rollback_to_files_lists_them_for_its_owner_alone(folder, capsys):
    run(["switch", "run", "bascule"])
    capsys.readouterr()
    code, told = _answer(capsys, "switch", "rollback", "bascule", "--list", "a-retirer.csv", *WHY)
    assert (code, [one["left"] for one in told["contracts"]]) == (1, [{}, {"file": 1}])
    assert (folder / "a-retirer.csv").stat().st_mode & 0o077 == 0
    assert next((folder / "nouveau").iterdir()).name in (folder / "a-retirer.csv").read_text("utf-8-sig")


def test_a_dossier_by_another_key_than_the_one_named_does_not_hold(folder, capsys):
    _code, made = _answer(capsys, "switch", "keygen", "--output", "cle.pem")
    run(["switch", "run", "bascule"])
    capsys.readouterr()
    prove = ("switch", "prove", "bascule", "--key", "cle.pem", "--seed", "tirage", "--output", "preuve")
    code, told = _answer(capsys, *prove)
    assert (code, told["fingerprint"]) == (1, made["fingerprint"])  # what was not accepted has not moved
    assert run(["switch", "verify", "preuve", "--key", made["fingerprint"].upper()]) == 0
    capsys.readouterr()
    code, told = _answer(capsys, "switch", "verify", "preuve", "--key", "abcd")
    assert (code, [flaw["reason"] for flaw in told["flaws"]]) == (1, ["validate.dossier.key"])
