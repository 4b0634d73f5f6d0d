"""One row is seen under a grant, tried, kept as a draft and released; no other cell changes, nobody is overwritten."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import timedelta

import pytest
from workbench_room import FLOW, OTHER_FLOW, PLUGINS, RIGHT, SETTINGS, WRONG, export_contacts, settle_in

from passerelle.engine.quarantine.drafting import grant_row, keep_draft, read_row, release_drafts, try_texts
from passerelle.engine.quarantine.quarantine_acts import QuarantineSelection, discard_items, replay_items
from passerelle.engine.quarantine.trying import try_row
from passerelle.engine.runs.running import run_flows
from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.engine.workspace.assembly import open_workspace
from passerelle.vocabulary.errors import FatalError, UsageError

WHY = "corriger un contact"


@pytest.fixture
def workspace(tmp_path):
    path = settle_in(tmp_path, SETTINGS)
    export_contacts(tmp_path, FLOW, [WRONG, "Appel", "autre"])
    export_contacts(tmp_path, OTHER_FLOW, [])
    with open_workspace(load_settings(path), plugins=PLUGINS) as opened:
        run_flows(opened, [FLOW])
        yield opened


def _list_ids(workspace) -> list[int]:
    return [row.id for row in workspace.quarantine.list_rows()]


def _grant(workspace, item: int, *, is_whole: bool = False, who: str = "marie"):
    return grant_row(workspace, item, is_whole=is_whole, why=WHY, who=who)


def _fail(act) -> str:
    with pytest.raises(UsageError) as caught:
        act()
    return caught.value.code


def test_a_grant_shows_one_column_unless_the_row_was_asked_for(workspace):
    item = _list_ids(workspace)[0]
    assert [(cell.column, cell.text) for cell in read_row(workspace, _grant(workspace, item))] == [("Motif", WRONG)]
    whole = read_row(workspace, _grant(workspace, item, is_whole=True))
    assert [cell.column for cell in whole] == ["Id", "Personne", "Date", "Motif"]
    acts = [entry.action for entry in workspace.journal.list_audit_entries()]
    assert acts == ["quarantine.grant", "quarantine.reveal"]
    assert WRONG not in repr(whole)
    assert _fail(lambda: grant_row(workspace, item, is_whole=True, why="voir", who="marie")) == (
        "usage.reveal.unexplained"
    )


def test_a_grant_ends_and_a_row_that_is_gone_is_said_to_be(workspace):
    item = _list_ids(workspace)[0]
    grant = _grant(workspace, item)
    late = replace(grant, begins=grant.begins - timedelta(hours=1), ends=grant.begins)
    assert _fail(lambda: read_row(workspace, late)) == "usage.grant.over"
    discard_items(workspace, QuarantineSelection((item,)), why="reçue deux fois", who="marie")
    assert _fail(lambda: read_row(workspace, grant)) == "usage.items.gone"
    assert _fail(lambda: _grant(workspace, item)) == "usage.items.gone"


def test_what_is_tried_is_what_the_replay_does(workspace):
    item = _list_ids(workspace)[0]
    grant = _grant(workspace, item)
    assert try_texts(workspace, grant, {}).reason == "translate.code.unknown"
    verdict = try_texts(workspace, grant, {"Motif": RIGHT})
    assert (verdict.reason, verdict.accepted) == ("", ("interaction/1",))
    assert workspace.quarantine.find_draft(item) is None
    keep_draft(workspace, grant, {"Motif": RIGHT}, before=0)
    assert release_drafts(workspace, [item], why="vérifié au dossier", who="ali") == {FLOW: 1}
    run_flows(workspace, [FLOW])
    assert item not in _list_ids(workspace)
    assert workspace.quarantine.find_draft(item) is None


def test_a_correction_changes_no_column_that_the_grant_does_not_show(workspace):
    item = _list_ids(workspace)[0]
    grant = _grant(workspace, item)
    keep_draft(workspace, grant, {"Motif": RIGHT, "Personne": "P99", "Inventée": "x"}, before=0)
    assert workspace.quarantine.open_draft(item) == {"Motif": RIGHT}
    assert _fail(lambda: keep_draft(workspace, grant, {"Motif": WRONG}, before=1)) == "usage.correction.nothing"


def test_two_persons_on_one_row_do_not_overwrite_one_another(workspace):
    item = _list_ids(workspace)[0]
    keep_draft(workspace, _grant(workspace, item), {"Motif": RIGHT}, before=0)
    other = _grant(workspace, item, who="ali")
    assert _fail(lambda: keep_draft(workspace, other, {"Motif": "Appel"}, before=0)) == "usage.draft.overtaken"
    assert workspace.quarantine.open_draft(item) == {"Motif": RIGHT}
    keep_draft(workspace, other, {"Motif": "Appel"}, before=1)
    draft = workspace.quarantine.find_draft(item)
    assert (draft.version, draft.who, draft.verdict) == (2, "ali", "")


def test_with_four_eyes_nobody_releases_what_they_wrote(workspace):
    first, second = _list_ids(workspace)
    keep_draft(workspace, _grant(workspace, first), {"Motif": RIGHT}, before=0)
    keep_draft(workspace, _grant(workspace, second, who="ali"), {"Motif": RIGHT}, before=0)
    release = lambda ids, who: release_drafts(workspace, ids, why="vérifié deux fois", who=who, four_eyes=True)  # noqa: E731  said once
    assert _fail(lambda: release([first], "marie")) == "usage.draft.own"
    assert release([first, second], "marie") == {FLOW: 1}
    assert [draft.item for draft in workspace.quarantine.list_drafts()] == [first]
    assert _fail(lambda: release_drafts(workspace, [first], why="oui", who="ali")) == "usage.reveal.unexplained"
    assert _fail(lambda: release_drafts(workspace, [], why=WHY, who="ali")) == "usage.items.gone"


def test_a_draft_ends_with_its_row_and_its_words_are_sealed(workspace):
    first, second = _list_ids(workspace)
    for item in (first, second):
        keep_draft(workspace, _grant(workspace, item), {"Motif": "Zzyx-brouillon"}, before=0)
    state = workspace.settings.state
    assert not any(b"Zzyx-brouillon" in path.read_bytes() for path in state.rglob("*") if path.is_file())
    discard_items(workspace, QuarantineSelection((first,)), why="reçue deux fois", who="marie")
    replay_items(workspace, QuarantineSelection((second,)))
    assert workspace.quarantine.list_drafts() == ()
    with sqlite3.connect(state / "journal.sqlite3") as connection:
        assert connection.execute("SELECT count(*) FROM draft").fetchone() == (0,)


def test_trying_keeps_nothing_and_a_flow_that_is_gone_is_told(workspace):
    item = _list_ids(workspace)[0]
    payload = workspace.quarantine.open_payloads([item])[item]
    verdict = try_row(workspace, FLOW, item, payload, {"Id": "C1", "Personne": "P1", "Date": "32/10", "Motif": RIGHT})
    assert verdict.reason
    assert not verdict.accepted
    assert "32/10" not in repr(verdict)
    assert _fail(lambda: try_row(workspace, "inconnu", item, payload, {})) == "usage.flow.unknown"


def test_what_was_drafted_of_an_erased_row_opens_no_more_from_an_older_copy_either(workspace):
    first, second = _list_ids(workspace)
    for item in (first, second):
        keep_draft(workspace, _grant(workspace, item), {"Motif": RIGHT}, before=0)
    with sqlite3.connect(workspace.settings.state / "journal.sqlite3") as connection:
        copies = dict(connection.execute("SELECT item_id, cells FROM draft").fetchall())
    workspace.journal.erase_items([first], workspace.clock.now())
    discard_items(workspace, QuarantineSelection((second,)), why="reçue deux fois", who="marie")
    for item, sealed in copies.items():
        with pytest.raises(FatalError) as caught:
            workspace.seal.open(sealed, about=f"draft/{item}/1".encode())
        assert caught.value.code == "incident.seal.destroyed"


def test_a_column_that_the_row_does_not_have_is_not_kept_with_it(workspace):
    item = _list_ids(workspace)[0]
    grant = _grant(workspace, item, is_whole=True)
    keep_draft(workspace, grant, {"Motif": RIGHT, "Couleur": "rouge"}, before=0)
    assert workspace.quarantine.open_draft(item) == {"Motif": RIGHT}
