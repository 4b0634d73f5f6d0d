"""What a whole export no longer holds is told, and deleted only where the flow says so and nobody need look before."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from journeying import count_examples
from whole_exports import PLANNING, Exports, codes, counts, refs, write_persons, write_planning

from passerelle.engine.decisions.vanished_acts import list_vanished
from passerelle.engine.quarantine.quarantine_acts import QuarantineSelection, replay_items
from passerelle.engine.runs.run_state import RunState, find_flows_state
from passerelle.engine.runs.running import resume_flow


def test_what_vanished_is_counted_and_stays_at_the_destination_until_the_flow_says_otherwise(tmp_path):
    exports = Exports.at(tmp_path, most_vanished=0.5)
    assert counts(exports.send(write_persons(range(10)))) == (0, 0)
    outcome = exports.send(write_persons(range(8)))
    assert (counts(outcome), outcome.settled, outcome.balance.received) == ((2, 0), 1, 8)
    assert outcome.balance.adds_up
    assert exports.list_rows().keys() == refs(*range(10))
    with exports.open() as workspace:
        assert [(one.contract, one.count) for one in list_vanished(workspace, "un")] == [("person/1", 2)]
        assert {key.code: count for key, count in workspace.journal.count_reasons("un").items()} == {
            "whole.record.vanished": 2
        }
    assert counts(exports.send(write_persons(range(8), tag="x"))) == (0, 0), "told once"


def test_what_vanished_is_deleted_and_comes_back_as_its_next_version(tmp_path):
    exports = Exports.at(tmp_path, vanished="delete", most_vanished=0.5)
    exports.send(write_persons(range(4)))
    assert counts(exports.send(write_persons(range(3)))) == (1, 1)
    assert exports.list_rows().keys() == refs(0, 1, 2)
    outcome = exports.send(write_persons([*range(3), 3]) + "\n")  # the same rows as at first
    assert (outcome.balance.fates["delivered"], outcome.balance.fates["unchanged"]) == (1, 3)
    assert exports.list_rows()["essai:person:3"] == 3


def test_more_than_the_flow_allows_holds_the_parcel_before_anything_is_deleted(tmp_path):
    exports = Exports.at(tmp_path, vanished="delete")
    exports.send(write_persons(range(100)))
    outcome = exports.send(write_persons(range(97), tag="x"))
    assert (outcome.parked, codes(outcome), counts(outcome)) == (1, ["whole.parcel.held"], (0, 0))
    assert outcome.notices[0].details == {"contract": "person/1", "count": "3", "earlier": "100"}
    assert exports.list_rows().keys() == refs(*range(100))
    assert find_flows_state([exports.run()]) is RunState.ASIDE, "until somebody looked"


def test_two_of_a_hundred_go_without_asking(tmp_path):
    exports = Exports.at(tmp_path, vanished="delete")
    exports.send(write_persons(range(100)))
    outcome = exports.send(write_persons(range(98)))
    assert (counts(outcome), codes(outcome)) == ((2, 2), [])


def test_a_complete_export_settles_what_was_held(tmp_path):
    exports = Exports.at(tmp_path, vanished="delete")
    exports.send(write_persons(range(10)))
    exports.send(write_persons(range(5)))
    outcome = exports.send(write_persons(range(10), tag="x"))
    assert (counts(outcome), codes(outcome)) == ((0, 0), [])
    with exports.open() as workspace:
        resume_flow(workspace, "un", who="moi")
    outcome = exports.run()
    assert counts(outcome) == (0, 0), "the older export no longer says what is missing"
    assert exports.list_rows().keys() == refs(*range(10))


def test_a_rejected_row_has_not_vanished(tmp_path):
    exports = Exports.at(tmp_path, vanished="delete", most_vanished=1)
    exports.send(write_persons(range(4)))
    outcome = exports.send(write_persons(range(4), wrong=[2]))
    assert (counts(outcome), outcome.balance.fates["rejected"]) == ((0, 0), 1)
    assert exports.list_rows().keys() == refs(*range(4))


def test_nothing_is_deleted_while_a_row_has_no_readable_ref(tmp_path):
    exports = Exports.at(tmp_path, vanished="delete", most_vanished=1)
    exports.send(write_persons(range(4)))
    outcome = exports.send(write_persons(["", 0, 1, 2]))
    assert counts(outcome) == (1, 0)
    assert exports.list_rows().keys() == refs(*range(4))
    with exports.open() as workspace:
        assert "whole.parcel.unnamed" in {key.code for key in workspace.journal.count_reasons("un")}
    assert counts(exports.send(write_persons([0, 1, 2], tag="x"))) == (0, 1), "the next one decides"
    assert exports.list_rows().keys() == refs(0, 1, 2)


@pytest.mark.parametrize("damage", [Path.unlink, lambda path: path.write_bytes(path.read_bytes()[:-9])])
def test_a_list_that_is_lost_parks_no_export_and_is_told(tmp_path, damage):
    exports = Exports.at(tmp_path, vanished="delete", most_vanished=1)
    exports.send(write_persons(range(4)))
    with exports.open() as workspace:
        folder = workspace.settings.state / "listes"
    for path in [path for path in folder.rglob("*") if path.is_file()]:
        damage(path)
    outcome = exports.send(write_persons(range(3)))
    assert (outcome.settled, outcome.parked, counts(outcome)) == (1, 0, (0, 0))
    with exports.open() as workspace:
        assert "whole.list.lost" in {key.code for key in workspace.journal.count_reasons("un")}
    assert exports.list_rows().keys() == refs(*range(4)), "nothing was deleted without a list"
    assert counts(exports.send(write_persons(range(2), tag="x"))) == (1, 1), "the next export has a list again"


def test_the_deletions_of_a_folder_are_a_file_without_values(tmp_path):
    exports = Exports.at(tmp_path, destination="folder", vanished="delete", most_vanished=1)
    exports.send(write_persons(range(3)))
    assert counts(exports.send(write_persons(range(2)))) == (1, 1)
    gone = [line for line in exports.read_lines() if line.get("deleted")]
    assert [(line["ref"], line["version"]) for line in gone] == [("essai:person:2", 2)]
    assert gone[0].keys() == {"ref", "version", "deleted", "source"}
    assert len(list((exports.folder / "sorties").glob("un-person-1-*-withdrawn.ndjson"))) == 1


def test_a_destination_that_cannot_delete_is_told_of(tmp_path):
    layout = '{ kind = "folder", path = "sorties", layout = "essai-personnes" }'
    exports = Exports.at(tmp_path, destination=layout, vanished="delete", most_vanished=1)
    exports.send(write_persons(range(3)))
    assert counts(exports.send(write_persons(range(2)))) == (1, 0)
    with exports.open() as workspace:
        assert "whole.deletion.impossible" in {key.code for key in workspace.journal.count_reasons("un")}
        assert [one.count for one in list_vanished(workspace, "un")] == [1]


def test_an_older_row_replayed_does_not_bring_back_what_was_deleted(tmp_path):
    exports = Exports.at(tmp_path, vanished="delete", most_vanished=1)
    exports.send(write_persons(range(3)))
    exports.send(write_persons(range(3), tag="x", wrong=[2]))
    exports.send(write_persons(range(2), tag="x"))
    assert exports.list_rows().keys() == refs(0, 1)
    with exports.open() as workspace:
        (item,) = workspace.quarantine.list_rows(flow="un")
        replay_items(workspace, QuarantineSelection((item.id,)), {item.id: {"Naissance": "01/02/1940"}})
    outcome = exports.run()
    assert outcome.balance.fates == {"withheld": 1}
    assert exports.list_rows().keys() == refs(0, 1)


def test_an_empty_export_with_a_window_deletes_nothing(tmp_path):
    exports = Exports.at(tmp_path, PLANNING, vanished="delete", most_vanished=1)
    exports.send(write_planning((day, "2024-12-02", False) for day in range(10)))
    outcome = exports.send(write_planning(()))
    assert (counts(outcome), codes(outcome)) == ((0, 0), ["silence.parcel.empty"])


def test_an_empty_export_without_a_window_is_held(tmp_path):
    exports = Exports.at(tmp_path, vanished="delete")
    exports.send(write_persons(range(10)))
    outcome = exports.send(write_persons(()))
    assert (outcome.parked, counts(outcome)) == (1, (0, 0))
    assert len(exports.list_rows()) == 10


def test_the_list_is_sealed_and_goes_with_the_flow(tmp_path):
    exports = Exports.at(tmp_path)
    exports.send(write_persons(["Lisbeth-Marguerite", "Auguste-Fulgence"]))
    exports.send(write_persons(["Lisbeth-Marguerite"]))
    (kept,) = (tmp_path / "etat" / "listes").iterdir()
    assert b"Marguerite" not in kept.read_bytes()
    text = (tmp_path / "passerelle.toml").read_text("utf-8").replace("[flow.un]", "[flow.deux]")
    (tmp_path / "passerelle.toml").write_text(text, "utf-8")
    with exports.open() as workspace:
        from passerelle.engine.runs.housekeeping import tidy  # noqa: PLC0415  the one use

        tidy(workspace)
    assert list((tmp_path / "etat" / "listes").iterdir()) == []


@st.composite
def nights(draw) -> list[tuple[set[int], set[int]]]:
    """Whole exports of some nights: who is present, and who of them is rejected."""
    ids = st.sets(st.integers(0, 11), max_size=12)
    return [(draw(ids), draw(ids)) for _night in range(draw(st.integers(2, 5)))]


# no shrinking: each night opens a workspace, and a failing history of five nights is short enough to read
@settings(max_examples=count_examples(8), deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(nights=nights(), mode=st.sampled_from(["tell", "delete"]), destination=st.sampled_from(["database", "folder"]))
def test_what_vanished_is_told(tmp_path_factory, nights, mode, destination):
    exports = Exports.at(tmp_path_factory.mktemp("x"), destination=destination, vanished=mode, most_vanished=1)
    before: set[int] = set()
    there: set[int] = set()
    for night, (present, wrong) in enumerate(nights):
        outcome = exports.send(write_persons(sorted(present), tag=night, wrong=wrong) + "\n" * night)
        assert outcome.balance.adds_up
        there |= present - wrong
        gone = there - present
        assert outcome.balance.vanished == len(before - present)
        if mode == "delete":
            assert outcome.balance.withdrawn == len(gone)
            there -= gone
        before = present
        with exports.open() as workspace:
            named = {ref for one in list_vanished(workspace, "un") for ref in one.refs}
        assert named == refs(*(there - present))
    if destination == "database":
        assert exports.list_rows().keys() == refs(*there)
    else:
        lines = exports.read_lines()
        deleted = {line["ref"] for line in lines if line.get("deleted")}
        assert {line["ref"] for line in lines} - deleted <= refs(*there), "what is gone has a line that says so"
