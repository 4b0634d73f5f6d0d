"""What a person does about records that vanished: look with a reason, and let one held export through, once."""

from __future__ import annotations

import pytest
from whole_exports import WHY, Exports, codes, counts, refs, write_persons

from passerelle.engine.decisions.vanished_acts import confirm_flow, list_vanished, reveal_vanished
from passerelle.vocabulary.errors import UsageError


def test_a_held_parcel_goes_through_once_when_a_person_confirms_it(tmp_path):
    exports = Exports.at(tmp_path, vanished="delete")
    exports.send(write_persons(range(10)))
    exports.send(write_persons(range(5)))
    with exports.open() as workspace:
        assert [(one.since, one.count) for one in list_vanished(workspace, "un")] == [(None, 5)]
        with pytest.raises(UsageError):
            confirm_flow(workspace, "un", why="", who="moi")
        assert confirm_flow(workspace, "un", why=WHY, who="moi").parcels == 1
        assert [entry.action for entry in workspace.journal.list_audit_entries()] == ["flow.confirm"]
    outcome = exports.run()
    assert (counts(outcome), outcome.parked, codes(outcome)) == ((5, 5), 0, [])
    assert exports.list_rows().keys() == refs(*range(5))
    assert exports.send(write_persons(range(2))).parked == 1, "the next time somebody is asked again"


def test_without_deletions_a_thinned_export_is_a_notice_that_a_person_can_clear(tmp_path):
    exports = Exports.at(tmp_path)
    exports.send(write_persons(range(10)))
    assert codes(exports.send(write_persons(range(8)))) == ["whole.parcel.thinned"]
    with exports.open() as workspace:
        assert confirm_flow(workspace, "un", why=WHY, who="moi").notices == 1
        with pytest.raises(UsageError):
            confirm_flow(workspace, "un", why=WHY, who="moi")
    assert codes(exports.run()) == []


def test_refs_are_shown_only_with_a_reason_which_is_kept(tmp_path):
    exports = Exports.at(tmp_path)
    exports.send(write_persons(range(3)))
    exports.send(write_persons(range(2)))
    with exports.open() as workspace:
        with pytest.raises(UsageError):
            reveal_vanished(workspace, "un", why="vite", who="moi")
        found = reveal_vanished(workspace, "un", why=WHY, who="moi")
        assert [one.refs for one in found] == [("essai:person:2",)]
        assert [entry.action for entry in workspace.journal.list_audit_entries()] == ["flow.vanished.reveal"]
        assert "essai:person:2" not in repr(found)


def test_only_the_latest_of_two_held_exports_is_let_through(tmp_path):
    exports = Exports.at(tmp_path, vanished="delete")
    exports.send(write_persons(range(10)))
    exports.send(write_persons(range(3)))
    exports.send(write_persons(range(6)))
    with exports.open() as workspace:
        assert confirm_flow(workspace, "un", why=WHY, who="moi").parcels == 1
    exports.run()
    assert exports.list_rows().keys() == refs(*range(6)), "what the older one lacks was not confirmed"


def test_a_flow_where_nothing_is_held_has_nothing_to_confirm_and_nothing_is_audited(tmp_path):
    exports = Exports.at(tmp_path, vanished="delete")
    exports.send(write_persons(range(3)))
    with exports.open() as workspace:
        with pytest.raises(UsageError) as caught:
            confirm_flow(workspace, "un", why=WHY, who="moi")
        assert caught.value.code == "usage.flow.nothing_held"
        assert workspace.journal.list_audit_entries() == ()
        assert list_vanished(workspace, "un") == []


def test_a_flow_that_the_settings_do_not_know_is_refused(tmp_path):
    with Exports.at(tmp_path).open() as workspace, pytest.raises(UsageError):
        list_vanished(workspace, "deux")
