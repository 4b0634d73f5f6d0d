"""An examination finds what is wrong, says what to do, and goes on with what it can still look at."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from old_software import settle_in

from passerelle.engine.health.findings import Severity
from passerelle.engine.health.health_checks import compare_clock, examine_workspace
from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.stores.books import RunRow


def test_settings_that_cannot_be_read_are_a_finding_and_what_needs_them_is_left_out(tmp_path):
    path = tmp_path / "passerelle.toml"
    path.write_text('[passerelle]\nlanguage = "de"\n', "utf-8")
    findings = list(examine_workspace(lambda: load_settings(path)))
    assert [title for title, _finding in findings] == ["versions", "settings", "clock"]
    assert [finding.severity for _title, finding in findings] == [Severity.GOOD, Severity.WRONG, Severity.GOOD]
    assert findings[1][1].advice


def test_a_workspace_in_order_is_good_and_offline_nothing_is_called(tmp_path):
    path = settle_in(tmp_path)
    findings = list(examine_workspace(lambda: load_settings(path), offline=True))
    assert {title for title, _finding in findings} == {
        "versions",
        "settings",
        "secrets",
        "rights",
        "clock",
        "database",
    }
    assert Severity.WRONG not in {finding.severity for title, finding in findings if title != "rights"}


def test_a_key_or_keyring_inside_the_state_is_told_and_one_outside_is_not(tmp_path):
    doubtful = []
    for places in ("", 'key_file = "cle"\n', 'key_file = "cle"\nkeyring = "etat/trousseau"\n'):
        path = tmp_path / "passerelle.toml"
        path.write_text(f'[passerelle]\nstate = "etat"\n{places}', "utf-8")
        found = examine_workspace(lambda path=path: load_settings(path), offline=True)
        doubtful.append(
            [one.sentence for title, one in found if title == "rights" and one.severity is Severity.DOUBTFUL]
        )
    assert [len(sentences) for sentences in doubtful] == [1, 0, 1]


def test_the_lines_offered_for_a_processing_are_pasted_as_they_stand_and_leave_nothing_to_state(tmp_path):
    path = tmp_path / "passerelle.toml"
    settings = """
[flow.un]
connector = "compani-interventions"
purpose = "effectivity"
source = { kind = "folder", path = "entrees" }
destination = { kind = "folder", path = "sorties" }
[flow.un.processing]
"""

    def offer() -> list[str]:
        found = examine_workspace(lambda: load_settings(path), offline=True)
        advice = [finding.advice for title, finding in found if title == "processings"]
        return [line.strip() for text in advice for line in text.splitlines()[1:]]

    path.write_text(settings, "utf-8")
    lines = offer()
    assert len(lines) > 6
    path.write_text(settings + "\n".join(lines) + "\n", "utf-8")
    assert offer() == []


NOW = datetime(2026, 3, 1, 2, 30, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("started", "ended", "doubts"),
    [
        (-60 * MINUTE, -30 * MINUTE, 0),
        (5 * MINUTE, None, 0),
        (6 * MINUTE, None, 1),
        (60 * MINUTE, -60 * MINUTE, 1),  # the clock was put back while it ran
        (-60 * MINUTE, 6 * MINUTE, 1),
        (-40 * DAY, -30 * DAY, 0),
        (-40 * DAY, -30 * DAY - MINUTE, 1),
        (-30 * DAY - MINUTE, None, 1),
    ],
)
def test_the_clock_is_doubted_when_the_last_run_lies_ahead_of_it_or_long_behind(started, ended, doubts):
    run = RunRow(1, ("un",), NOW + started, None if ended is None else NOW + ended, "")
    found = list(compare_clock(run, NOW, idle_days=30))
    assert [finding.severity for finding in found] == [Severity.DOUBTFUL] * doubts
