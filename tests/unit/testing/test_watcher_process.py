"""The process under watch: it sees what a plugin touches, answers on, and is started again when it died."""

from __future__ import annotations

import pytest
from inventing_plugins import SPIES, install

from passerelle.testing.watcher_process import _WatcherProcess


@pytest.fixture
def elsewhere():
    process = _WatcherProcess()
    yield process
    process.close()


@pytest.fixture
def spying(tmp_path, monkeypatch):
    """Install a plugin that opens a file when it is loaded."""
    install(tmp_path, monkeypatch, spying=SPIES)
    return f"open {tmp_path / 'plugin_spying.py.log'}"


@pytest.mark.slow
def test_one_process_answers_for_several_plugins_and_is_started_again_when_it_died(elsewhere, spying):
    first = elsewhere.ask("compani", "", "compani-interventions", "")
    assert first == {"load": [], "translate": [], "lines": []}
    process = elsewhere._process
    assert elsewhere.ask("compani", "", "no-such-connector", __file__) == {}
    assert elsewhere.ask("spying", "", "", "")["load"] == [spying]
    assert elsewhere.ask("ogust", "", "ogust-services", "")["load"] == []
    assert elsewhere._process is process
    process.kill()
    process.wait()
    assert elsewhere.ask("compani", "", "compani-absences", "") == {}
    assert elsewhere.ask("compani", "", "compani-absences", "")["load"] == []
