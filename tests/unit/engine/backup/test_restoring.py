"""A backup is put back on another machine and runs on; who was erased stays so; nothing that is there is replaced."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from person_acts import CANARY, PersonHouse

from passerelle.engine.backup.backup_writing import write_backup
from passerelle.engine.backup.restoring import STAGE, GivenKeys, rehearse_restore, restore_backup
from passerelle.engine.clock import SystemClock
from passerelle.engine.persons.person_erasing import erase_persons
from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.stores.seal import Seal
from passerelle.vocabulary.errors import PasserelleError

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Places:
    """A workspace, its backup with copies of its keys, and the settings of another machine, where nothing is yet."""

    house: PersonHouse
    backup: Path
    given: GivenKeys
    elsewhere: Path

    def save(self, name: str) -> Path:
        return write_backup(
            load_settings(self.house.path), self.backup.parent / name, clock=SystemClock(), keyring=self.given.keyring
        ).file

    def restore(self, file: Path | None = None):
        return restore_backup(self.elsewhere, file or self.backup, self.given, who="somebody")

    def arrive(self) -> PersonHouse:
        """Return the other machine as a workspace that runs: where a source and a destination stand again."""
        other = PersonHouse.__new__(PersonHouse)
        other.folder, other.path = self.elsewhere.parent, self.elsewhere
        for name in ("gens", "suivis"):
            (other.folder / "entrees" / name).mkdir(parents=True)
        shutil.copy(self.house.folder / "base.db", other.folder)
        return other


@pytest.fixture
def places(tmp_path) -> Places:
    house = PersonHouse.filled(tmp_path / "ici")
    for name in ("sauvegardes", "cles"):
        (tmp_path / name).mkdir()
    key = tmp_path / "cles" / "cle"
    shutil.copy(house.folder / "etat" / "cle", key)
    made = Places(
        house,
        tmp_path / "sauvegardes" / "a.tar",
        GivenKeys(key, tmp_path / "cles" / "trousseau.sqlite3"),
        tmp_path / "la-bas" / "passerelle.toml",
    )
    made.save("a.tar")
    return made


def _refusal(act) -> str:
    with pytest.raises(PasserelleError) as caught:
        act()
    return caught.value.code


def test_another_machine_runs_on_where_this_one_was(places):
    report = places.restore()
    assert set(report.made) == {"passerelle.toml", "cle", "cles.sqlite3", "etat"}
    assert report.examination.is_whole
    assert report.examination.deposits == 3
    other = places.arrive()
    assert CANARY.encode() in other.open_all()
    again = other.send_people(f"1;{CANARY};01/02/1950", "4;NEUF;04/05/1960", name="n.csv")
    assert again.balance.fates == {"unchanged": 1, "delivered": 1}
    with other.open() as workspace:
        assert workspace.journal.verify_audit() == 1
        entry = workspace.journal.list_audit_entries()[-1]
    assert (entry.action, entry.who) == ("state.restore", "somebody")
    assert not (other.folder / "etat" / STAGE).exists()


def test_a_rehearsal_says_the_same_and_leaves_and_changes_nothing(tmp_path, places):
    before = {path: path.read_bytes() for path in sorted(tmp_path.rglob("*")) if path.is_file()}
    report = rehearse_restore(places.elsewhere, places.backup, places.given)
    assert report.examination.is_whole
    assert report.losses == {}
    assert report.manifest.books["gens"]["received"] == 5
    assert {path: path.read_bytes() for path in sorted(tmp_path.rglob("*")) if path.is_file()} == before


def test_a_rehearsal_beside_the_state_says_what_would_be_lost(places):
    assert set(rehearse_restore(places.house.path, places.backup, GivenKeys()).losses.values()) == {0}
    places.house.send_people("9;NEUF;01/01/1960", name="n.csv")
    with places.house.open() as workspace:
        workspace.consents.record("essai:person:2", "steering", False, workspace.clock.now())
    losses = rehearse_restore(places.house.path, places.backup, GivenKeys()).losses
    assert losses == {"run": 1, "parcel": 1, "batch": 1, "statement": 1, "audit": 0}


def test_who_was_erased_since_stays_erased_in_what_an_older_backup_brings_back(places):
    with places.house.open() as workspace:
        erase_persons(workspace, ["essai:person:1"], why="asked in writing", who="somebody")
    places.save("b.tar")  # the keyring's copy follows; the older backup is put back
    report = places.restore()
    assert report.examination.closed
    assert report.examination.deposits == 0
    opened = places.arrive().open_all()
    assert CANARY.encode() not in opened
    assert b"MARTIN" in opened, "others stay"


def test_a_state_that_is_there_is_left_and_so_is_a_keyring(places):
    assert _refusal(lambda: restore_backup(places.house.path, places.backup, places.given, who="x")) == (
        "usage.state.there"
    )
    (places.house.folder / "etat" / "journal.sqlite3").unlink()
    assert _refusal(lambda: restore_backup(places.house.path, places.backup, places.given, who="x")) == (
        "usage.state.there"
    )
    keyring = places.house.folder / "etat-trousseau" / "cles.sqlite3"
    (places.house.folder / "etat").rename(places.house.folder / "etat-ancien")
    places.given.keyring.write_bytes(b"what is here already is used instead")
    before = keyring.stat().st_ino
    restore_backup(places.house.path, places.backup, places.given, who="x")
    assert keyring.stat().st_ino == before
    assert CANARY.encode() in places.house.open_all()


def test_without_its_keys_or_with_others_nothing_is_put_in_place(tmp_path, places):
    path, backup, given = places.elsewhere, places.backup, places.given
    assert _refusal(lambda: rehearse_restore(path, backup, GivenKeys(keyring=given.keyring))) == "incident.key.missing"
    assert _refusal(lambda: rehearse_restore(path, backup, GivenKeys(key=given.key))) == "incident.keyring.missing"
    other = tmp_path / "autre-cle"
    Seal.from_key_file(other, create=True)
    for act in (rehearse_restore, lambda *some: restore_backup(*some, who="x")):
        code = _refusal(lambda act=act: act(path, backup, GivenKeys(other, given.keyring)))
        assert code == "incident.keyring.locked"
    assert {each.name for each in path.parent.rglob("*") if each.is_file()} == {"essai.toml", "passerelle.toml"}
    assert places.restore().made, "the right keys are not kept out by the wrong ones"


def test_a_keyring_older_than_the_state_is_refused(places, tmp_path):
    older = tmp_path / "cles" / "ancien"
    shutil.copy(places.given.keyring, older)
    places.house.send_people("9;NEUF;99/99/1960", name="n.csv")
    later = places.save("b.tar")
    given = GivenKeys(places.given.key, older)
    assert _refusal(lambda: rehearse_restore(places.elsewhere, later, given)) == "incident.keyring.older"


def test_settings_that_are_there_stay_as_they_are(places):
    places.elsewhere.parent.mkdir()
    shutil.copy(places.house.folder / "essai.toml", places.elsewhere.parent)
    text = places.house.path.read_text("utf-8").replace("[passerelle]\n", '[passerelle]\nstate = "mon-etat"\n')
    places.elsewhere.write_text(text, "utf-8")
    assert "mon-etat" in places.restore().made
    assert places.elsewhere.read_text("utf-8") == text
