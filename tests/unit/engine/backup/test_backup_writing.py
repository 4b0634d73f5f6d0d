"""A backup is one moment of the state, whole or not there, without a key; its places are refused where they are bad."""

from __future__ import annotations

import stat
import tarfile
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from person_acts import CANARY, PersonHouse

from passerelle.engine.backup.backup_reading import verify_backup
from passerelle.engine.backup.backup_writing import STAGE, write_backup
from passerelle.engine.clock import SystemClock
from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.engine.workspace.journal_place import JOURNAL
from passerelle.stores.filelock import FileLock
from passerelle.vocabulary.errors import PasserelleError

CLOCK = SimpleNamespace(now=lambda: datetime(2026, 11, 5, 2, 30, tzinfo=UTC))


@pytest.fixture
def house(tmp_path) -> PersonHouse:
    made = PersonHouse.filled(tmp_path / "ici")
    (tmp_path / "sauvegardes").mkdir()
    (tmp_path / "cles").mkdir()
    return made


def test_a_backup_holds_state_and_settings_at_one_moment_and_no_key(tmp_path, house):
    settings = load_settings(house.path)
    done = write_backup(settings, tmp_path / "sauvegardes", clock=CLOCK)
    with tarfile.open(done.file) as archive:
        names = archive.getnames()
        texts = b"".join(archive.extractfile(name).read() for name in names)
    deposits = {f"etat/depot/{path.name}" for path in (settings.state / "depot").iterdir()}
    settings_there = {"reglages/passerelle.toml", "reglages/essai.toml"}
    assert set(names) == {"manifeste.json", "etat/journal.sqlite3", *settings_there, *deposits}
    assert (settings.state / "cle").read_bytes().strip() not in texts
    assert CANARY.encode() not in texts
    assert stat.S_IMODE(done.file.stat().st_mode) == 0o600
    assert done.manifest.rows["parcel"] == 3
    assert done.manifest.books["gens"]["received"] == 5
    assert verify_backup(done.file) == done.manifest
    assert not (settings.state / STAGE).exists()
    assert [path.name for path in (tmp_path / "sauvegardes").iterdir()] == [done.file.name]


def test_what_a_journal_names_is_in_the_backup_though_a_run_destroys_it_meanwhile(tmp_path, house, monkeypatch):
    settings = load_settings(house.path)
    before = {path.name for path in (settings.state / "depot").iterdir()}

    def destroy(place):
        if place == "backup.gathered":
            for name in before:
                (settings.state / "depot" / name).unlink()

    monkeypatch.setattr("passerelle.engine.backup.backup_writing.hit_failpoint", destroy)
    done = write_backup(settings, tmp_path / "sauvegardes" / "a.tar", clock=CLOCK)
    assert {f"etat/depot/{name}" for name in before} <= set(done.manifest.digests)


def test_the_keyring_s_copy_takes_the_place_of_the_one_before(tmp_path, house):
    settings = load_settings(house.path)
    copy = tmp_path / "cles" / "trousseau.sqlite3"
    for name in ("a.tar", "b.tar"):
        assert write_backup(settings, tmp_path / "sauvegardes" / name, clock=CLOCK, keyring=copy).keyring == copy
    assert [path.name for path in copy.parent.iterdir()] == [copy.name]
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("target", "keyring", "code"),
    [
        ("ici/etat/a.tar", None, "usage.backup.inside"),
        ("ici/etat-trousseau/a.tar", None, "usage.backup.inside"),
        ("nulle-part/a.tar", None, "usage.backup.folder"),
        ("sauvegardes/la.tar", None, "usage.file.exists"),
        ("sauvegardes", "sauvegardes/trousseau", "usage.backup.together"),
        ("sauvegardes", "nulle-part/trousseau", "usage.backup.folder"),
        ("sauvegardes", "ici/etat/trousseau", "usage.backup.inside"),
    ],
)
def test_a_bad_place_is_refused_and_nothing_is_written(tmp_path, house, target, keyring, code):
    (tmp_path / "sauvegardes" / "la.tar").write_bytes(b"mine")
    with pytest.raises(PasserelleError) as caught:
        write_backup(load_settings(house.path), tmp_path / target, clock=CLOCK, keyring=keyring and tmp_path / keyring)
    assert caught.value.code == code
    assert [path.name for path in (tmp_path / "sauvegardes").iterdir()] == ["la.tar"]
    assert (tmp_path / "sauvegardes" / "la.tar").read_bytes() == b"mine"


def test_one_backup_at_a_time_and_none_of_nothing(tmp_path, house):
    settings = load_settings(house.path)
    lock = FileLock(settings.state / "sauvegarde-verrou")
    assert lock.acquire()
    with pytest.raises(PasserelleError) as caught:
        write_backup(settings, tmp_path / "sauvegardes", clock=SystemClock())
    assert caught.value.code == "incident.backup.busy"
    lock.release()
    (settings.state / JOURNAL).unlink()
    with pytest.raises(PasserelleError) as caught:
        write_backup(settings, tmp_path / "sauvegardes", clock=SystemClock())
    assert caught.value.code == "incident.journal.gone"


def test_what_the_settings_name_elsewhere_is_told(tmp_path, house):
    (tmp_path / "ailleurs.toml").write_text((house.folder / "essai.toml").read_text("utf-8"), "utf-8")
    text = house.path.read_text("utf-8").replace('"essai.toml"', '"../ailleurs.toml"')
    house.path.write_text(text, "utf-8")
    done = write_backup(load_settings(house.path), tmp_path / "sauvegardes", clock=CLOCK)
    assert [path.name for path in done.outside] == ["ailleurs.toml"]
    assert "reglages/essai.toml" not in done.manifest.digests


def test_whatever_the_settings_name_below_their_folder_is_in_the_backup(tmp_path, house):
    root = house.folder
    (root / "codes").mkdir()
    (root / "codes" / "sexes.csv").write_text("code;label\nH;male\nF;female\n", "utf-8")
    description = (root / "essai.toml").read_text("utf-8")
    coded = 'gender = { kind = "code", column = "sexe", table = "codes/sexes.csv", system = "x" }\n[connector.suivis]\n'
    (root / "essai.toml").write_text(description.replace("[connector.suivis]\n", coded), "utf-8")
    (root / "lecture.sql").write_text("SELECT id, nom, naissance FROM gens", "utf-8")
    (root / "passages.csv").write_text("nom\nZyxoline\n", "utf-8")  # data, which no description names
    text = house.path.read_text("utf-8").replace('"essai.toml"', f'"{(root / "*sai.toml").as_posix()}", "rien-*.toml"')
    queried = 'source = { kind = "sql", url = "base.db", query = "lecture.sql" }'
    kept = 'source = { kind = "folder", path = "entrees/gens", quiet_seconds = 0 }'
    house.path.write_text(text.replace(kept, queried), "utf-8")
    done = write_backup(load_settings(house.path), tmp_path / "sauvegardes", clock=CLOCK)
    settings_there = {name for name in done.manifest.digests if name.startswith("reglages/")}
    names = ("passerelle.toml", "essai.toml", "codes/sexes.csv", "lecture.sql")
    assert settings_there == {f"reglages/{name}" for name in names}
    assert done.outside == ()
