"""Killed at any moment, an erasure, a withdrawal or a change of keys leaves a state that the same command finishes."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from journeying import take_some
from person_acts import CANARY, FOLDER, PersonHouse

import passerelle
from passerelle.engine.workspace import assembly
from passerelle.stores.key_upkeep import MOVED
from passerelle.stores.seal import Seal
from passerelle.vocabulary.failpoints import (
    ALERT_FAILPOINTS,
    BACKUP_FAILPOINTS,
    CARRY_FAILPOINTS,
    DEPOT_FAILPOINTS,
    EVENT_FAILPOINTS,
    FAILPOINTS,
    LOG_VARIABLE,
    PERSON_FAILPOINTS,
    SHELF_FAILPOINTS,
    VARIABLE,
)
from passerelle.vocabulary.parcels import Parcel

PARCEL = Parcel("f" * 64, "gens", 1, datetime(2026, 3, 1, tzinfo=UTC), "z.csv", 1024, 1)
"""One of which the bytes never came."""
ERASE = ("person", "erase", "essai:person:1", "--why", "asked in writing")
ROTATE = ("key", "rotate", "--why", "the old one was copied")
WITHDRAW = """
import sys
from pathlib import Path
from passerelle.engine.workspace.assembly import open_workspace
from passerelle.engine.persons.person_withdrawing import withdraw_person
from passerelle.engine.settings.workspace_settings import load_settings
with open_workspace(load_settings(Path("passerelle.toml"))) as workspace:
    done = withdraw_person(workspace, ["essai:person:1"], who="somebody")
    sys.exit(0 if done.remaining == 0 else 1)
"""
IN_ERASURES = (
    *(
        "person.begun",
        "person.shelved",
        "person.withdrawn:1",
        "person.withdrawn:2",
        "person.known",
        "person.items",
        "person.deposits",
    ),
    *("person.lists", "person.trail", "keys.swept", "person.swept", "folder.written", "folder.renamed"),
    "database.written",
)
IN_ROTATIONS = ("rotate.kept", "rotate.wrapped", "rotate.locked", "rotate.placed")
IN_WITHDRAWALS = (
    "person.shelved",
    "person.withdrawn:1",
    "person.withdrawn:2",
    "folder.written",
    "folder.renamed",
    "database.written",
)
IN_MOVES = ("keys.moved:1", "keys.moved:2", "keys.moved:3")
IN_LISTS = ("person.told",)


@pytest.fixture
def house(tmp_path) -> PersonHouse:
    made = PersonHouse.filled(tmp_path)
    made.copy_state()
    return made


def _call(house: PersonHouse, *arguments: str, place: str = "", passed: str = "") -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "passerelle.faces.cli.main", *arguments]
    if arguments == ("withdraw",):
        line = [sys.executable, "-c", WITHDRAW]
    environment = {**os.environ, "PASSERELLE_LANG": "en", VARIABLE: place, LOG_VARIABLE: passed}
    return subprocess.run(line, cwd=house.folder, env=environment, capture_output=True, text=True, check=False)


def _is_erased(house: PersonHouse) -> None:
    assert house.list_people() == ["essai:person:2", "essai:person:3"]
    told = [path.read_text("utf-8") for path in (house.folder / "sorties").glob("*-withdrawn.ndjson")]
    refs = {line.split('"')[3] for text in told for line in text.splitlines()}
    assert refs == set(house.to_outside("suivis", ["essai:need:10", "essai:need:12"]))
    assert CANARY.encode() not in house.open_all()
    with house.open() as workspace:
        assert workspace.journal.list_acts() == ()
        assert workspace.journal.list_audit_entries()[-1].action == "person.erase"
        assert workspace.journal.verify_audit()
    house.put_back()
    opened = house.open_all()
    assert CANARY.encode() not in opened
    assert b"MARTIN" in opened, "others stay"


def test_every_place_is_killed_at_somewhere():
    places = (*IN_ERASURES, *IN_ROTATIONS, *IN_WITHDRAWALS, *IN_MOVES, *IN_LISTS)
    assert {place.partition(":")[0] for place in places} >= set(PERSON_FAILPOINTS)


@pytest.mark.parametrize(
    ("act", "tried"),
    [(ERASE, (*IN_ERASURES, *IN_LISTS)), (ROTATE, IN_ROTATIONS), (("withdraw",), (*IN_WITHDRAWALS, *IN_LISTS))],
    ids=["erase", "rotate", "withdraw"],
)
def test_an_act_passes_no_place_at_which_it_is_not_killed(house, act, tried):
    log = house.folder / "passed.txt"
    assert _call(house, *act, passed=str(log)).returncode == 0
    passed = set(log.read_text("ascii").split())
    assert passed <= {*FAILPOINTS, *PERSON_FAILPOINTS}
    assert passed <= {place.partition(":")[0] for place in tried}


def test_every_fail_point_in_the_code_is_listed():
    code = (path.read_text("utf-8") for path in Path(passerelle.__file__).parent.rglob("*.py"))
    named = {name for text in code for name in re.findall(r'hit_failpoint\("([^"]+)"\)', text)}
    assert named == {
        *FAILPOINTS,
        *PERSON_FAILPOINTS,
        *ALERT_FAILPOINTS,
        *BACKUP_FAILPOINTS,
        *CARRY_FAILPOINTS,
        *DEPOT_FAILPOINTS,
        *EVENT_FAILPOINTS,
        *SHELF_FAILPOINTS,
    }


@pytest.mark.parametrize("place", take_some(IN_ERASURES, 1))
def test_an_erasure_that_was_killed_is_finished_by_the_same_command(house, place):
    assert _call(house, *ERASE, place=place).returncode == -signal.SIGKILL
    done = _call(house, *ERASE)
    assert done.returncode == 0, done.stdout + done.stderr
    _is_erased(house)


@pytest.mark.parametrize("place", take_some(IN_ROTATIONS, 1))
def test_a_change_of_keys_that_was_killed_leaves_a_state_that_opens_and_is_finished(house, place):
    before = (house.folder / "etat" / "cle").read_bytes()
    assert _call(house, *ROTATE, place=place).returncode == -signal.SIGKILL
    assert CANARY.encode() in house.open_all()
    assert _call(house, *ROTATE).returncode == 0
    assert CANARY.encode() in house.open_all()
    after = (house.folder / "etat" / "cle").read_bytes()
    assert after != before
    assert not (house.folder / "etat" / "cle.new").exists()
    # nothing is delivered again, and nothing is forgotten
    assert house.send_people(f"1;{CANARY};01/02/1950", "2;MARTIN;03/04/1951").balance.fates == {"unchanged": 2}
    # the old key opens nothing
    (house.folder / "etat" / "cle").write_bytes(before)
    assert _call(house, "status").returncode == 3


@pytest.mark.parametrize("place", take_some(IN_WITHDRAWALS, 1))
def test_a_withdrawal_that_was_killed_is_finished_by_the_same_call(house, place):
    assert _call(house, "withdraw", place=place).returncode == -signal.SIGKILL
    assert _call(house, "withdraw").returncode == 0
    assert house.list_people() == ["essai:person:2", "essai:person:3"]
    with house.open() as workspace:
        assert workspace.journal.list_acts() == ()
        balances = [row.balance.withdrawn for row in workspace.journal.list_balances()]
    assert sum(balances) == 3
    assert house.send_people("2;MARTIN;03/04/1951", name="c.csv").balance.fates == {"unchanged": 1}


def _open_without_keyring(settings, _engine, _keyring) -> Seal:
    return Seal.from_key_file(settings.key_file, create=True)


@pytest.mark.parametrize("place", take_some(IN_MOVES, 1))
def test_keys_of_a_state_of_before_are_moved_by_the_next_run_when_the_first_was_killed(tmp_path, monkeypatch, place):
    house = PersonHouse(tmp_path)
    with monkeypatch.context() as before:
        before.setattr(assembly, "open_seal", _open_without_keyring)
        house.fill()
        with house.open() as workspace:
            workspace.journal.append_audit("person.show", "essai:person:2", "asked", workspace.clock.now(), "somebody")
            head = workspace.journal.get_audit_head()
            workspace.journal.register(PARCEL, cursor="page 2")
    assert _call(house, "run", place=place).returncode == -signal.SIGKILL
    assert b"MARTIN" in house.open_all()
    _call(house, "run")
    with house.open() as workspace:
        assert workspace.seal.keyring.read_word(MOVED)
        assert not workspace.depot.list_with_own_key()
        assert workspace.journal.get_cursor("gens") == "page 2"
        assert workspace.journal.verify_audit(head)
    house.copy_state()
    assert _call(house, *ERASE).returncode == 0
    house.put_back()
    assert CANARY.encode() not in house.open_all()
    assert b"MARTIN" in house.open_all()


@pytest.mark.parametrize("place", IN_LISTS)
def test_a_list_for_people_that_was_written_before_a_kill_is_written_once(tmp_path, place):
    house = PersonHouse(tmp_path, people=FOLDER + ', layout = "gens"')
    house.send_people(f"1;{CANARY};01/02/1950", "2;MARTIN;03/04/1951")
    assert _call(house, *ERASE, place=place).returncode == -signal.SIGKILL
    (first,) = house.folder.glob("a-retirer-*.csv")
    content = first.read_bytes()
    done = _call(house, *ERASE)
    assert done.returncode == 1, done.stdout + done.stderr
    assert [path.read_bytes() for path in house.folder.glob("a-retirer-*.csv")] == [content]
    assert content.count(b"\n") == 2
    with house.open() as workspace:
        assert workspace.journal.list_acts() == ()
    assert CANARY.encode() not in house.open_all()
