"""A cause is followed by somebody, and destroyed up to what was seen, with a reason that stands in the trail before."""

from __future__ import annotations

import pytest
from workbench_room import FLOW, OTHER_FLOW, PLUGINS, SETTINGS, WRONG, export_contacts, settle_in

from passerelle.engine.quarantine.cause_acts import LONGEST_NOTE, discard_cause, follow_cause
from passerelle.engine.runs.running import run_flows
from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.engine.workspace.assembly import open_workspace
from passerelle.vocabulary.errors import UsageError


@pytest.fixture
def workspace(tmp_path):
    path = settle_in(tmp_path, SETTINGS)
    export_contacts(tmp_path, FLOW, [WRONG] * 3)
    export_contacts(tmp_path, OTHER_FLOW, [])
    with open_workspace(load_settings(path), plugins=PLUGINS) as opened:
        run_flows(opened, [FLOW])
        yield opened


def fail(act) -> str:
    with pytest.raises(UsageError) as caught:
        act()
    return caught.value.code


def test_what_was_seen_is_destroyed_and_what_came_since_stays(workspace):
    (cause,) = workspace.quarantine.list_causes()
    first, second, _third = workspace.quarantine.list_cause_ids(cause.id, limit=9)
    destroy = lambda last, why="essai de mars": discard_cause(  # noqa: E731  said once
        workspace, cause.id, last=last, why=why, who="marie"
    )
    assert fail(lambda: destroy(second, why="voir")) == "usage.reveal.unexplained"
    assert destroy(second) == 2
    assert fail(lambda: destroy(first)) == "usage.items.gone"
    assert workspace.quarantine.find_cause(cause.id).count == 1
    (entry,) = workspace.journal.list_audit_entries()
    assert (entry.action, entry.subject) == ("quarantine.discard", f"quarantine {first} {second}")


def test_nobody_overwrites_a_note_unseen_and_none_is_endless(workspace, capfd):
    (cause,) = workspace.quarantine.list_causes()
    follow = lambda note, before: follow_cause(  # noqa: E731  said once
        workspace, cause.id, assignee="ali", note=note, before=before, who="marie"
    )
    follow("Zzyx : l'éditeur répond vendredi", 0)
    assert fail(lambda: follow("autre", 0)) == "usage.note.overtaken"
    assert fail(lambda: follow("x" * (LONGEST_NOTE + 1), 1)) == "usage.note.long"
    assert workspace.quarantine.list_cause_notes()[cause.id].note.startswith("Zzyx")
    said = capfd.readouterr()
    assert "Zzyx" not in said.out + said.err
