"""A flow of files that are encrypted: settings, doctor, runs; a password or a key that is wrong suspends."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys

import pysequoia
import pytest
import pyzipper
from people_flow import SUPPLIER

SETTINGS = """
[passerelle]
suppliers = ["essai.toml"]
language = "fr"
[flow.un]
connector = "gens"
purpose = "support"
source = {{ kind = "folder", path = "sortie", quiet_seconds = 0{password} }}
destination = {{ kind = "folder", path = "entree" }}
"""
NAMED = ', zip_password = "env:ZIP_MOT"'


class LockedSite:
    """An installation into which zips with a password are dropped."""

    def __init__(self, folder):
        self.folder = folder
        (folder / "sortie").mkdir()
        (folder / "essai.toml").write_text(SUPPLIER, "utf-8")
        self.settle()

    def settle(self, password=NAMED):
        (self.folder / "passerelle.toml").write_text(SETTINGS.format(password=password), "utf-8")

    def drop(self, name, *rows, word="soir"):
        held = io.BytesIO()
        with pyzipper.AESZipFile(held, "w", pyzipper.ZIP_DEFLATED, encryption=pyzipper.WZ_AES) as archive:
            archive.setpassword(word.encode())
            archive.writestr("export.csv", "\n".join(["id;nom;note", *rows]) + "\n")
        (self.folder / "sortie" / name).write_bytes(held.getvalue())

    def run(self, *arguments, word="soir"):
        code = "from passerelle.faces.cli.main import main; main()"
        environment = os.environ | {"PYTHONUTF8": "1", "COLUMNS": "200", "ZIP_MOT": word}
        command = [sys.executable, "-W", "error", "-c", code, *arguments]
        return subprocess.run(command, cwd=self.folder, env=environment, capture_output=True, text=True, check=False)

    def read_names(self):
        files = (self.folder / "entree").glob("*.ndjson")
        lines = [json.loads(line) for path in files for line in path.read_text("utf-8").splitlines()]
        return sorted(line["birth_name"] for line in lines)


@pytest.fixture
def site(tmp_path):
    return LockedSite(tmp_path)


def test_a_zip_with_a_password_is_read_and_archived_as_it_came(site):
    site.drop("a.zip", "1;ALPHA;", "2;BETA;")
    told = site.run("doctor")
    assert "un : connecteur, source et destination" in told.stdout.replace("\u00a0", " "), told.stdout
    ended = site.run("run")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert site.read_names() == ["ALPHA", "BETA"]
    with pyzipper.AESZipFile(site.folder / "sortie" / "archives" / "a.zip") as archive:
        assert archive.infolist()[0].flag_bits & 1


def test_a_wrong_password_suspends_with_what_to_correct_and_shows_nothing(site):
    site.drop("a.zip", "1;ALPHA;", word="autre")
    ended = site.run("run")
    assert ended.returncode == 2, ended.stdout + ended.stderr
    assert "ne s’ouvre pas avec le mot de passe" in " ".join(ended.stdout.split()), ended.stdout
    assert "soir" not in ended.stdout + ended.stderr
    assert (site.folder / "sortie" / "a.zip").exists()
    assert site.run("flow", "resume", "un", word="autre").returncode == 0
    assert site.run("run", word="autre").returncode == 0
    assert site.read_names() == ["ALPHA"]


def test_the_one_of_several_that_does_not_open_is_named(site):
    for number in range(3):
        site.drop(f"lot-{number}.zip", f"{number};ALPHA;", word="autre" if number == 1 else "soir")
    for command in ("run", "doctor"):
        told = " ".join(site.run(command).stdout.split())
        assert "lot-1.zip" in told, told
        assert not {"lot-0.zip", "lot-2.zip"} & set(told.split()), told


def test_a_file_of_openpgp_is_read_and_another_key_suspends(site):
    key, other = (pysequoia.Tsk.generate("Essai <essai@exemple.fr>") for _turn in range(2))
    site.settle(', pgp_key = "env:ZIP_MOT"')
    content = pysequoia.encrypt(b"id;nom;note\n1;ALPHA;\n", recipients=[key.extract_certificate()])
    (site.folder / "sortie" / "a.csv.pgp").write_bytes(content)
    ended = site.run("run", word=str(other))
    assert ended.returncode == 2, ended.stdout + ended.stderr
    assert "ne s’ouvre pas avec la clé" in " ".join(ended.stdout.split()), ended.stdout
    assert site.run("flow", "resume", "un").returncode == 0
    ended = site.run("run", word=str(key))
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert site.read_names() == ["ALPHA"]


def test_a_changed_password_does_not_lock_what_was_received_before(site):
    site.drop("a.zip", "1;ALPHA;")
    assert site.run("run").returncode == 0
    assert site.run("flow", "take-again", "un", word="nouveau").returncode == 0
    ended = site.run("run", word="nouveau")
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_without_a_password_the_parcel_is_parked_with_its_reason(site):
    site.settle("")
    site.drop("a.zip", "1;ALPHA;")
    ended = site.run("run")
    assert ended.returncode == 1, ended.stdout + ended.stderr
    assert "protégé par un mot de passe" in " ".join(ended.stdout.split()), ended.stdout
    assert "redéposer" in " ".join(ended.stdout.split()), ended.stdout
    # what the advice says is enough: the parcel that is here stays as it came
    site.settle()
    site.drop("a.zip", "1;ALPHA;")
    ended = site.run("run")
    assert site.read_names() == ["ALPHA"], ended.stdout + ended.stderr


def test_a_message_of_openpgp_without_a_key_is_named_as_what_it_is(site):
    key = pysequoia.Tsk.generate("Essai <essai@exemple.fr>")
    site.settle("")
    for name, armor in (("a.csv.pgp", True), ("b.csv.pgp", False)):
        content = pysequoia.encrypt(b"id;nom;note\n1;A;\n", recipients=[key.extract_certificate()], armor=armor)
        (site.folder / "sortie" / name).write_bytes(content)
    ended = site.run("run")
    assert ended.returncode == 1, ended.stdout + ended.stderr
    told = " ".join(ended.stdout.split())
    assert "colis garés : 2 Il est chiffré par OpenPGP" in told.replace("\u00a0", " "), told
    status = json.loads(site.run("status", "--format", "json").stdout)
    assert {parcel["reason"] for parcel in status["flows"][0]["parcels"]} == {"decode.parcel.openpgp"}
    assert "pgp_key" in told


def test_the_doctor_finds_a_wrong_password_and_what_is_no_key_before_a_run_does(site):
    site.drop("a.zip", "1;ALPHA;", word="autre")
    told = site.run("doctor")
    assert told.returncode != 0
    assert "ne s’ouvre pas avec le mot de passe" in " ".join(told.stdout.split()), told.stdout
    (site.folder / "sortie" / "a.zip").unlink()
    key = pysequoia.Tsk.generate("Essai <essai@exemple.fr>")
    site.settle(', pgp_key = "env:ZIP_MOT"')
    assert "connecteur, source et destination" in " ".join(site.run("doctor", word=str(key)).stdout.split())
    told = site.run("doctor", word=str(key.extract_certificate()))
    assert told.returncode != 0
    assert "n’est pas une clé privée" in " ".join(told.stdout.split()), told.stdout
