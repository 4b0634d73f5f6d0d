"""The difference to what was told before is sent, and a trial changes nothing of what was told."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

import pytest
from people_flow import open_people, settle_people

from passerelle.engine.incidents.alerting import tell, tell_trial
from passerelle.engine.incidents.incident_sending import make_note_id, send_text
from passerelle.engine.incidents.incident_words import write_trial
from passerelle.stores.incidents import IncidentMessage
from passerelle.vocabulary.errors import TransientError

NOW = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)


@pytest.fixture
def path(tmp_path):
    path = settle_people(tmp_path)
    code = f"import pathlib, sys; pathlib.Path({str(tmp_path / 'lu')!r}).open('ab').write(sys.stdin.buffer.read())"
    notify = f'\n[notify.command]\nrun = ["{sys.executable}", "-c", "{code}"]\n'
    path.write_text(path.read_text("utf-8") + notify, "utf-8")
    return path


def test_a_suspension_is_told_once_and_its_end_once(path):
    with open_people(path) as workspace:
        workspace.journal.suspend("un", "incident.access.forbidden", NOW)
        assert [tell(workspace), tell(workspace)] == [(), ()]
        assert (path.parent / "lu").read_text("utf-8").count("incident.access.forbidden") == 1
        workspace.journal.resume("un")
        assert [tell(workspace), tell(workspace)] == [(), ()]
        assert (path.parent / "lu").read_text("utf-8").count("Message") == 2
        assert tell_trial(workspace.settings, workspace.clock) == {"command": None}
        assert workspace.journal.list_unsent() == ()


def test_an_id_is_the_same_when_a_message_is_sent_again_and_another_for_another_moment():
    message = IncidentMessage(7, NOW, (), (), ())
    assert make_note_id(message) == make_note_id(IncidentMessage(7, NOW, (), (), ("mail",)))
    assert make_note_id(message) != make_note_id(IncidentMessage(8, NOW, (), (), ()))


def test_a_channel_that_is_not_in_the_settings_is_a_failure(path):
    with open_people(path) as workspace, pytest.raises(TransientError):
        send_text(workspace.settings.notify, "mail", "x", write_trial(""), NOW, workspace.clock)
