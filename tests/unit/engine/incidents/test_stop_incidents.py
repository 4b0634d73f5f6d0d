"""What stops a process is told once per reason, at once or when it lasts, and taken over by the journal."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta

import pytest
from people_flow import open_people, settle_people

from passerelle.engine.incidents.stop_incidents import take_stops_over, tell_stop
from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.vocabulary.errors import FatalError

NOW = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)


class Clock:
    def __init__(self):
        self.moment = NOW

    def now(self):
        return self.moment

    def sleep(self, _seconds):
        """Wait for nothing."""


@pytest.fixture
def settings(tmp_path):
    path = settle_people(tmp_path)
    code = f"import pathlib, sys; pathlib.Path({str(tmp_path / 'lu')!r}).open('ab').write(sys.stdin.buffer.read())"
    notify = f'\n[notify.command]\nrun = ["{sys.executable}", "-c", "{code}"]\n'
    path.write_text(path.read_text("utf-8") + notify, "utf-8")
    return load_settings(path)


def _count(settings, word):
    file = settings.path.parent / "lu"
    return file.read_text("utf-8").count(word) if file.exists() else 0


def test_each_reason_is_told_once_and_the_journal_takes_all_over(settings):
    for _night in range(2):
        for error in (
            FatalError("incident.journal.corrupt", cause="x"),
            FatalError("incident.key.missing", file="cle"),
        ):
            tell_stop(settings, error, Clock())
    assert [
        _count(settings, f"reason {code}") + _count(settings, f"motif {code}")
        for code in ("incident.journal.corrupt", "incident.key.missing")
    ] == [1, 1]
    with open_people(settings.path) as workspace:
        take_stops_over(workspace)
        take_stops_over(workspace)
        assert len(workspace.journal.list_incidents()) == 2
    assert not list(settings.path.parent.glob("*alerte*"))


def test_what_passes_by_itself_is_told_only_when_it_lasts(settings):
    clock = Clock()
    for hours, told in ((0, 0), (2, 0), (25, 1), (26, 1)):
        clock.moment = NOW + timedelta(hours=hours)
        tell_stop(settings, FatalError("incident.database.busy"), clock)
        assert _count(settings, "incident.database.busy") == told
