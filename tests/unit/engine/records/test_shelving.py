"""What a flow delivers is on its shelf, in the bytes that its destination has, and nothing else is (law 4)."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from people_flow import open_people, run_people, settle_people
from person_acts import FOLDER, PersonHouse
from shelving import Reader
from whole_exports import PLANNING, Exports, counts, refs, write_persons, write_planning

from passerelle.contracts.field_meta import FIGURES, Purpose
from passerelle.engine.records.shelving import ShelfPile, choose_kept
from passerelle.vocabulary.bodies import Bodies
from passerelle.vocabulary.errors import SettingsError
from passerelle.vocabulary.parcels import Records
from passerelle.vocabulary.shelf import RemovalCause

SHELF = {"days": 400}


def _whole(tmp_path, destination: str = "folder", **how) -> Exports:
    exports = Exports.at(tmp_path, destination=destination, **how)
    settings = exports.folder / "passerelle.toml"
    settings.write_text(f"{settings.read_text('utf-8')}\nshelf = {{ days = 400 }}\n", "utf-8")
    return exports


def _read(exports: Exports, contract: str = "person/1") -> dict[str, bytes]:
    with exports.open() as workspace:
        (scope,) = workspace.shelf.list_scopes(contract)
        return Reader(workspace.shelf, scope).finish()


def _read_folder(folder) -> dict[str, bytes]:
    """Return the last line of each record in a folder of NDJSON, as it stands there."""
    paths = sorted(folder.glob("*.ndjson"), key=lambda path: path.stat().st_mtime_ns)
    lines = (line for path in paths for line in path.read_bytes().splitlines())
    return {json.loads(line)["ref"]: line for line in lines}


def test_the_shelf_has_the_bytes_that_the_folder_has(tmp_path):
    exports = _whole(tmp_path)
    exports.send(write_persons(range(30)))
    exports.send(write_persons(range(30), tag=" bis"))
    assert _read(exports) == _read_folder(tmp_path / "sorties")
    assert len(_read(exports)) == 30


def test_every_contract_of_a_flow_has_its_own_numbers(tmp_path):
    exports = _whole(tmp_path, connector=PLANNING)
    exports.send(write_planning([(1, "2024-12-01", True), (2, "2024-12-05", False), (3, "2024-12-06", False)]))
    with exports.open() as workspace:
        scopes = {scope.contract: scope for scope in workspace.shelf.list_scopes()}
    assert {contract: scope.last for contract, scope in scopes.items()} == {"visit/1": 1, "planned_visit/1": 2}
    assert {scope.purpose for scope in scopes.values()} == {"portability"}


def test_what_is_unchanged_takes_no_number(tmp_path):
    exports = _whole(tmp_path)
    exports.send(write_persons(range(10)))
    outcome = exports.send(write_persons(range(11)))
    assert outcome.balance.fates["unchanged"] == 10
    with exports.open() as workspace:
        assert workspace.shelf.list_scopes()[0].last == 11


def test_what_is_set_aside_is_not_there(tmp_path):
    exports = _whole(tmp_path)
    exports.send(write_persons(range(10), wrong=[4]))
    assert set(_read(exports)) == refs(*(one for one in range(10) if one != 4))


@pytest.mark.parametrize("destination", ["database", '{ kind = "shelf", days = 400 }'])
def test_what_vanished_from_a_whole_export_and_was_deleted_is_removed(tmp_path, destination):
    exports = Exports.at(tmp_path, destination=destination, vanished="delete", most_vanished=0.5)
    if destination == "database":
        settings = exports.folder / "passerelle.toml"
        settings.write_text(f"{settings.read_text('utf-8')}\nshelf = {{ days = 400 }}\n", "utf-8")
    exports.send(write_persons(range(10)))
    assert counts(exports.send(write_persons(range(8)))) == (2, 2)
    assert set(_read(exports)) == refs(*range(8))
    with exports.open() as workspace:
        (scope,) = workspace.shelf.list_scopes()
        change = workspace.shelf.find_change(scope, "essai:person:9")
    assert (change.record, change.cause, change.version) == (None, RemovalCause.VANISHED, 2)


def test_what_vanished_and_is_only_told_stays_as_it_does_at_the_destination(tmp_path):
    exports = _whole(tmp_path, most_vanished=0.5)
    exports.send(write_persons(range(10)))
    assert counts(exports.send(write_persons(range(8)))) == (2, 0)
    assert set(_read(exports)) == refs(*range(10))


def test_a_shelf_alone_is_a_destination(tmp_path):
    exports = Exports.at(tmp_path, destination='{ kind = "shelf", days = 400 }')
    outcome = exports.send(write_persons(range(10)))
    assert outcome.balance.fates["delivered"] == 10
    assert set(_read(exports)) == refs(*range(10))
    assert not (tmp_path / "sorties").exists()


def test_small_parcels_that_are_delivered_together_are_all_there(tmp_path):
    exports = _whole(tmp_path, whole="false")
    for number in range(12):
        exports.drop(write_persons([number, 100], tag=f" {number}"))
    exports.run()
    found = _read(exports)
    assert set(found) == refs(*range(12), 100)
    assert found == _read_folder(tmp_path / "sorties")


def test_references_that_may_not_leave_are_kept_as_they_are_inside(tmp_path):
    house = PersonHouse(tmp_path, people=FOLDER)
    text = house.path.read_text("utf-8").replace("[flow.suivis]", "shelf = { days = 400 }\n[flow.suivis]")
    house.path.write_text(text, "utf-8")
    house.fill()
    with house.open() as workspace, workspace.open_flow("gens", delivers=False) as opened:
        (scope,) = workspace.shelf.list_scopes("person/1")
        found = Reader(workspace.shelf, scope).finish()
        handles = opened.known_records.handles
        assert all(json.loads(line)["ref"] == ref for ref, line in found.items())
        outside = [handles.replace_in_record(json.loads(line), "person/1") for line in found.values()]
        delivered = [json.loads(line) for line in _read_folder(tmp_path / "sorties").values()]
    own = [record for record in delivered if record["ref"].split(":")[1] == "person"]
    assert sorted(outside, key=lambda record: record["ref"]) == sorted(own, key=lambda record: record["ref"])
    assert not {record["ref"] for record in own} & set(found)


def test_figures_are_kept_as_they_leave():
    frame = pl.DataFrame({"ref": ["a:person:1"]})
    inside = Records("person/1", frame)
    outside = replace(inside, frame=frame.with_columns(ref=pl.lit("a:person:handle")))
    kept = {purpose for purpose in Purpose if choose_kept(inside, outside, purpose) is inside}
    assert set(Purpose) - kept == FIGURES


def test_a_pile_becomes_entries_in_its_order():
    keys = np.arange(32, dtype=np.uint8).reshape(2, 16)
    pile = ShelfPile("planning", pl.Series(["a", "b"]), keys, Bodies.from_lines(pl.Series(["1\n", "22\n"])))
    entries = pile.make_entries("visit/1", [1, 2])
    assert pile.select(np.array([1])).make_entries("visit/1", [2]).ref_keys == keys[1].tobytes()
    assert (list(entries.refs), list(entries.records), entries.cause) == (["a", "b"], [b"1", b"22"], None)


def test_two_shelves_of_one_flow_are_refused(tmp_path):
    exports = _whole(tmp_path, destination='{ kind = "shelf", days = 400 }')
    with pytest.raises(SettingsError) as raised, exports.open():
        pass
    assert [problem.code for problem in raised.value.problems] == ["settings.shelf.twice"]


@pytest.mark.parametrize("days", ["0", '"400"', "40000"])
def test_a_shelf_says_for_how_many_days(tmp_path, days):
    exports = Exports.at(tmp_path, destination=f'{{ kind = "shelf", days = {days} }}')
    with pytest.raises(SettingsError), exports.open():
        pass


def test_a_flow_without_a_shelf_keeps_nothing(tmp_path):
    path = settle_people(tmp_path)
    run_people(path, "a.csv", ("1", "Untel", ""))
    with open_people(path) as workspace:
        assert workspace.shelf.list_scopes() == ()


def test_of_figures_too_what_vanished_and_was_deleted_is_removed(tmp_path):
    exports = Exports.at(tmp_path, destination='{ kind = "shelf", days = 400 }', vanished="delete", most_vanished=0.5)
    settings = exports.folder / "passerelle.toml"
    settings.write_text(settings.read_text("utf-8").replace('"portability"', '"statistics"'), "utf-8")
    exports.send(write_persons(range(30)))
    before = _read(exports)
    exports.send(write_persons(range(20)))
    assert (len(before), len(_read(exports))) == (30, 20)
    assert _read(exports).items() <= before.items()
