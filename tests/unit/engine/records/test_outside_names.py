"""What a parcel is called outside tells nothing of what was received, and stays its name."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from people_flow import SUPPLIER, run_people, settle_people

from passerelle.engine.records.outside_names import OutsideNames
from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.engine.workspace.assembly import begin_journal, open_workspace
from passerelle.vocabulary.parcels import Parcel

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def people(tmp_path):
    """Write a flow of persons into files."""
    path = settle_people(tmp_path)
    (tmp_path / "essai.toml").write_text(SUPPLIER, "utf-8")
    path.write_text(
        path.read_text("utf-8").replace('kind = "database", url = "base.db"', 'kind = "folder", path = "out"'), "utf-8"
    )
    return path


def _list_names(path) -> list[str]:
    return sorted(file.name for file in (path.parent / "out").iterdir())


def _open_all(path) -> bytes:
    return b"".join(file.read_bytes() + file.name.encode() for file in (path.parent / "out").iterdir())


def _list_digests(path) -> set[str]:
    with open_workspace(load_settings(path)) as workspace:
        return {row.digest for row in workspace.journal.list_parcels()}


def _write_key(path, key: bytes) -> None:
    state = path.parent / "etat"
    state.mkdir(mode=0o700)
    (state / "cle").write_bytes(key)
    (state / "cle").chmod(0o600)


def test_no_digest_of_what_was_received_leaves(people):
    run_people(people, "1.csv", ("UN", "A", "x"))
    run_people(people, "2.csv", ("DEUX", "B", "y"))
    told = _open_all(people)
    assert len(_list_digests(people)) == 2
    assert not any(digest[:12].encode() in told for digest in _list_digests(people))


def test_each_parcel_has_a_name_of_its_own_which_its_records_say(people):
    run_people(people, "1.csv", ("UN", "A", "x"))
    run_people(people, "2.csv", ("DEUX", "B", "y"))
    records = {
        file.name: json.loads(file.read_text("utf-8").splitlines()[0]) for file in (people.parent / "out").iterdir()
    }
    assert len(records) == 2
    for name, record in records.items():
        assert re.fullmatch(r"[0-9a-f]{64}", record["source"]["parcel"])
        assert f"-{record['source']['parcel'][:12]}-" in name


def test_a_parcel_that_delivers_nothing_takes_no_turn(people, tmp_path_factory):
    other = tmp_path_factory.mktemp("other")
    two = settle_people(other)
    (other / "essai.toml").write_text(SUPPLIER, "utf-8")
    two.write_text(people.read_text("utf-8"), "utf-8")
    run_people(people, "1.csv", ("UN", "A", "x"))
    _write_key(two, (people.parent / "etat" / "cle").read_bytes())
    run_people(two, "1.csv", ("UN", "A", "x"))
    # here something came that changed nothing; there nothing came
    run_people(people, "2.csv", ("UN", "A", "x"), blank_lines=3)
    run_people(people, "3.csv", ("UN", "A", "z"))
    run_people(two, "3.csv", ("UN", "A", "z"))
    assert _list_names(people) == _list_names(two)


def test_a_state_that_was_begun_anew_overwrites_nothing(people):
    run_people(people, "1.csv", ("UN", "A", "x"))
    before = {file.name: file.read_bytes() for file in (people.parent / "out").iterdir()}
    key = (people.parent / "etat" / "cle").read_bytes()
    shutil.rmtree(people.parent / "etat")
    _write_key(people, key)
    begin_journal(load_settings(people), who="essai")
    run_people(people, "2.csv", ("DEUX", "B", "y"))
    after = {file.name: file.read_bytes() for file in (people.parent / "out").iterdir()}
    assert before.items() <= after.items()
    assert len(after) > len(before)


@pytest.fixture
def workspace(people):
    """Open a workspace that has two parcels of the flow."""
    with open_workspace(load_settings(people)) as opened:
        for letter in "ab":
            opened.journal.register(Parcel(letter * 64, "un", 1, NOW, "z.csv", 1024, 1))
        yield opened


def _begin(workspace, taken: frozenset[str] = frozenset()) -> OutsideNames:
    names = OutsideNames(flow="un", journal=workspace.journal, seal=workspace.seal)
    names.begin(_Shelf(taken))
    return names


@dataclass
class _Shelf:
    """A destination where some names are taken."""

    taken: frozenset[str]

    def list_parcel_names(self, flow: str) -> frozenset[str]:
        del flow
        return self.taken


def _list_open(workspace) -> list[Parcel]:
    return [entry.parcel for entry in workspace.journal.list_open_parcels("un", NOW)]


def test_the_name_stays_once_something_may_have_left_under_it(workspace):
    names, first = _begin(workspace), _list_open(workspace)[0]
    given = names.find(first)
    names.keep([first])
    assert _list_open(workspace)[0].outside == given
    assert _begin(workspace).find(_list_open(workspace)[0]) == given


def test_a_name_that_was_only_looked_at_is_given_to_the_next(workspace):
    first, second = _list_open(workspace)
    names = _begin(workspace)
    looked_at = names.find(first)
    names.begin(_Shelf(frozenset()))
    assert names.find(second) == looked_at
    names.keep([second])
    names.begin(_Shelf(frozenset()))
    assert names.find(first) != looked_at


def test_parcels_that_are_delivered_together_have_names_of_their_own(workspace):
    first, second = _list_open(workspace)
    names = _begin(workspace)
    assert names.find(first) != names.find(second)


def test_a_name_that_stands_there_is_not_given(workspace):
    first = _list_open(workspace)[0]
    usual = _begin(workspace).find(first)
    assert _begin(workspace, frozenset({usual[:12]})).find(first)[:12] != usual[:12]


def test_the_same_parcel_has_another_name_for_another_flow(workspace):
    first = _list_open(workspace)[0]
    other = OutsideNames(flow="deux", journal=workspace.journal, seal=workspace.seal)
    other.begin(_Shelf(frozenset()))
    assert other.find(first) != _begin(workspace).find(first)
