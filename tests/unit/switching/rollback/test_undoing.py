"""A move is taken back: what can be is removed, what cannot is listed, and a new move begins afresh."""

from __future__ import annotations

from dataclasses import replace

import pytest
from new_software import NewSoftware
from old_software import CONTACTS, PEOPLE, PLUGINS, contacts, people, settle_in

from passerelle import Connector, Json, Send, Supplier, Table, writing
from passerelle import convert as to
from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.engine.workspace.assembly import open_workspace
from passerelle.extension.plugins import Plugins
from passerelle.switching import switch_settings as switching
from passerelle.switching.rollback.undoing import roll_back
from passerelle.switching.run.moving import prepare_move, run_move
from passerelle.vocabulary.errors import TransientError, UsageError

SWITCH = f"""
[side.ancien]
exports = [
  {{ connector = "{CONTACTS}", path = "exports/contacts*.csv" }},
  {{ connector = "{PEOPLE}", path = "exports/personnes*.csv" }},
]

[side.nouveau]
exports = [{{ contract = "person/1", path = "retour/*.jsonl" }}]

[switch.bascule]
from = "ancien"
to = "nouveau"
"""
API = """
[[switch.bascule.deliver]]
destination = {{ kind = "api", base_url = "{url}", path = "{{family}}s", per_second = 5000{more} }}
"""
DELETES = ', delete_path = "{family}s/{id}"'


@pytest.fixture
def new():
    with NewSoftware() as software:
        yield software


@pytest.fixture
def house(tmp_path, new):
    people(tmp_path / "exports", (1, "Martin", 7), (2, "Durand", 8))
    contacts(
        tmp_path / "exports",
        (11, 1, 7, "02/05/2024", "", "Logement", "Petit"),
        (12, 2, 8, "03/05/2024", 11, "Budget", "Grand"),
    )
    _doors(tmp_path, API.format(url=new.url, more=DELETES))
    with open_workspace(load_settings(settle_in(tmp_path)), plugins=PLUGINS) as opened:
        yield opened


def _doors(folder, text):
    (folder / "switch.toml").write_text(SWITCH + text, "utf-8")


def _move(house):
    return prepare_move(house, switching.load_switch_file(house.settings.path.with_name("switch.toml")), "bascule")


def _counts(undone):
    return {one.contract: (one.created, one.removed, len(one.remaining)) for one in undone}


def test_everything_that_was_created_goes_what_refers_to_others_first(house, new):
    run_move(house, _move(house))
    undone = roll_back(house, _move(house))
    assert new.held == {}
    assert list(_counts(undone)) == ["interaction/1", "person/1", "professional/1"]
    assert set(_counts(undone).values()) == {(2, 2, 0)}


def test_what_was_there_before_and_is_not_ours_stays(house, new):
    new.held["persons", "N 900"] = {"ref": "nouveau:person:900"}
    run_move(house, _move(house))
    roll_back(house, _move(house))
    assert list(new.held) == [("persons", "N 900")]


def test_a_dry_run_says_the_same_and_touches_nothing(house, new):
    run_move(house, _move(house))
    before = dict(new.held)
    planned = _counts(roll_back(house, _move(house), dry_run=True))
    assert new.held == before
    assert planned == _counts(roll_back(house, _move(house)))


def test_a_second_rollback_finds_nothing_to_do(house, new):
    run_move(house, _move(house))
    roll_back(house, _move(house))
    calls = new.calls["DELETE"]
    assert {counts[1] for counts in _counts(roll_back(house, _move(house))).values()} == {0}
    assert new.calls["DELETE"] == calls


def test_after_a_rollback_the_move_begins_afresh_also_where_old_keys_are_remembered(house, new):
    run_move(house, _move(house))
    roll_back(house, _move(house))
    run_move(house, _move(house))
    assert sorted(body["ref"] for body in new.of("persons")) == ["ancien:person:1", "ancien:person:2"]
    assert len(new.held) == 6


def test_a_rollback_that_was_cut_off_is_gone_on_with_and_no_move_runs_meanwhile(house, new):
    run_move(house, _move(house))
    new.down = True
    with pytest.raises(TransientError):
        roll_back(house, _move(house))
    with pytest.raises(UsageError) as refused:
        run_move(house, _move(house))
    assert refused.value.code == "usage.switch.rolling_back"
    new.down = False
    assert set(_counts(roll_back(house, _move(house))).values()) == {(2, 2, 0)}
    assert new.held == {}


def test_a_supplier_whose_connector_says_how_takes_its_records_back(house, new, tmp_path):
    connector = Connector(
        id="nouveau-api",
        title="Nouveau",
        dialect=Json(),
        tables=(
            Table(
                contract="person/1",
                fields={"ref": to.Ref("ref", system="nouveau", entity="person"), "birth_name": to.Text("nom")},
            ),
        ),
        send=Send(path="persons", delete_path="persons/{id}", says=writing.ResponseRules(id=("id",))),
        writes=(
            writing.Writing(
                contract="person/1",
                shape=writing.JsonShape(root={"ref": writing.Cell("ref"), "nom": writing.Cell("nom")}),
            ),
        ),
    )
    supplier = Supplier(id="nouveau", title="Nouveau", connectors=(connector,))
    known = {**PLUGINS.connectors, connector.id: (supplier, connector, PLUGINS.infos[0])}
    both = replace(house, plugins=Plugins(PLUGINS.infos, (*PLUGINS.suppliers, supplier), known))
    door = f'{{ kind = "supplier", connector = "nouveau-api", base_url = "{new.url}" }}'
    _doors(tmp_path, f'[[switch.bascule.deliver]]\ncontracts = ["person/1"]\ndestination = {door}\n')
    assert run_move(both, _move(both)).stopped == ""
    assert {body["nom"] for body in new.of("persons")} == {"Martin", "Durand"}
    assert _counts(roll_back(both, _move(both))) == {"person/1": (2, 2, 0)}
    assert new.held == {}


def test_what_is_already_gone_counts_as_removed(house, new):
    run_move(house, _move(house))
    new.held.pop(("persons", next(number for where, number in new.held if where == "persons")))
    assert _counts(roll_back(house, _move(house)))["person/1"] == (2, 2, 0)


def test_an_api_that_deletes_nothing_leaves_a_list_of_its_ids(house, new, tmp_path):
    _doors(tmp_path, API.format(url=new.url, more=""))
    run_move(house, _move(house))
    undone = roll_back(house, _move(house))
    left = {(one.contract, one.kind, one.what) for one in undone[0].remaining}
    assert left == {("interaction/1", "record", number) for where, number in new.held if where == "interactions"}
    assert "N " not in repr(undone)
    assert len(new.held) == 6


def test_files_are_listed_and_left_to_people(house, tmp_path):
    _doors(tmp_path, '[[switch.bascule.deliver]]\ndestination = { kind = "folder", path = "nouveau" }\n')
    run_move(house, _move(house))
    undone = roll_back(house, _move(house))
    named = {one.what for part in undone for one in part.remaining}
    assert named == {path.name for path in (tmp_path / "nouveau").iterdir()}
    assert {one.kind for part in undone for one in part.remaining} == {"file"}


def test_rows_of_a_database_are_counted(house, tmp_path):
    _doors(tmp_path, '[[switch.bascule.deliver]]\ndestination = { kind = "database", url = "nouveau.sqlite3" }\n')
    run_move(house, _move(house))
    assert [(one.kind, one.what) for part in roll_back(house, _move(house)) for one in part.remaining] == [
        ("table", "2")
    ] * 3


def test_two_processes_do_not_work_on_the_same_move(house, new):
    with house.journal.claim("switch bascule"):
        for act in (run_move, roll_back):
            with pytest.raises(TransientError) as busy:
                act(house, _move(house))
            assert busy.value.code == "incident.flow.busy"
    assert new.held == {}


def test_both_ends_of_a_rollback_are_in_the_audit_trail(house, new):
    run_move(house, _move(house))
    roll_back(house, _move(house), who="Jeanne")
    told = [(entry.action, entry.subject, entry.who) for entry in house.journal.list_audit_entries()]
    assert told == [("switch.rolling_back", "bascule", "Jeanne"), ("switch.rolled_back", "bascule", "Jeanne")]
