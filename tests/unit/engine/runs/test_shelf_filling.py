"""A shelf that a flow gains is filled with what the destination has, once, as far as received files are kept."""

from __future__ import annotations

import json

import pytest
from shelving import Reader
from whole_exports import Exports, refs, write_persons

from passerelle.engine.runs.shelf_filling import empty_shelf, fill_shelf
from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.failpoints import hit_failpoint
from passerelle.vocabulary.shelf import RemovalCause


@pytest.fixture
def exports(tmp_path) -> Exports:
    """Give a flow that delivered before it had a shelf: ten persons, two of which changed since."""
    exports = Exports.at(tmp_path, destination="folder", whole="false")
    exports.send(write_persons(range(10)))
    exports.send(write_persons(range(2), tag=" bis"))
    settings = tmp_path / "passerelle.toml"
    settings.write_text(f"{settings.read_text('utf-8')}\nshelf = {{ days = 400 }}\n", "utf-8")
    return exports


def _fill(exports):
    with exports.open() as workspace:
        return fill_shelf(workspace, "un", who="somebody")


def _read(exports) -> dict[str, bytes]:
    with exports.open() as workspace:
        (scope,) = workspace.shelf.list_scopes()
        return Reader(workspace.shelf, scope).finish()


def test_it_is_filled_with_the_bytes_that_the_destination_has(exports):
    filled = _fill(exports)
    assert (filled.parcels, filled.gone, filled.records) == (2, 0, 10)
    delivered = {line["ref"]: line for line in exports.read_lines() if not line["birth_name"].endswith("bis")}
    delivered |= {line["ref"]: line for line in exports.read_lines() if line["birth_name"].endswith("bis")}
    found = {ref: json.loads(line) for ref, line in _read(exports).items()}
    assert set(found) == refs(*range(10))
    for ref, record in found.items():
        # filled by the connector of today, of the parcel and row of then
        for content in (record, delivered[ref]):
            content["source"].pop("connector_version")
        assert record == delivered[ref]


def test_it_is_filled_once_and_what_comes_later_goes_on(exports):
    first = _fill(exports)
    assert _fill(exports).records == 0
    exports.send(write_persons([3, 11], tag=" ter"))
    assert len(_read(exports)) == 11
    with exports.open() as workspace:
        (scope,) = workspace.shelf.list_scopes()
        assert scope.last == 12
        assert scope.since == first.since
        assert [entry.action for entry in workspace.journal.list_audit_entries()][-2:] == ["shelf.fill"] * 2


def test_what_was_taken_off_is_not_brought_back(exports):
    _fill(exports)
    with exports.open() as workspace:
        workspace.shelf.remove("un", {"person/1": ["essai:person:1"]}, RemovalCause.REFUSED, workspace.clock.now())
    assert _fill(exports).records == 0
    assert "essai:person:1" not in _read(exports)


def test_files_that_are_gone_are_counted_and_since_does_not_pass_them(exports):
    with exports.open() as workspace:
        first, second = workspace.journal.list_parcels("un")
        workspace.depot.remove(first.digest)
    filled = _fill(exports)
    assert (filled.parcels, filled.gone, filled.records, filled.since) == (1, 1, 2, second.received_at)
    assert set(_read(exports)) == refs(0, 1)


def test_a_filling_that_was_cut_off_goes_on(exports, monkeypatch):
    monkeypatch.setattr("passerelle.stores.shelf_writing.hit_failpoint", _Cut())
    with pytest.raises(KeyboardInterrupt):
        _fill(exports)
    monkeypatch.setattr("passerelle.stores.shelf_writing.hit_failpoint", hit_failpoint)
    _fill(exports)
    assert set(_read(exports)) == refs(*range(10))


class _Cut:
    """Dies over the second file."""

    passed = 0

    def __call__(self, name: str) -> None:
        self.passed += name == "shelf.marked"
        if self.passed == 2:
            raise KeyboardInterrupt


def test_a_flow_without_a_shelf_has_nothing_to_fill(tmp_path):
    exports = Exports.at(tmp_path, destination="folder")
    with pytest.raises(UsageError) as raised:
        _fill(exports)
    assert raised.value.code == "usage.shelf.none"


def test_an_emptied_shelf_can_be_filled_again(exports):
    _fill(exports)
    with exports.open() as workspace:
        assert empty_shelf(workspace, "un", who="somebody") == 10
        assert workspace.shelf.list_scopes() == ()
    assert _fill(exports).records == 10
    assert len(_read(exports)) == 10
