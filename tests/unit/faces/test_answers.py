"""Answers: documented JSON, text and a page that stand alone, failures told without values."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import passerelle
from passerelle.engine.flow_progress import Progress
from passerelle.engine.rehearsal.file_check import CheckCause, CheckReport
from passerelle.faces.cli import app, progress
from passerelle.faces.cli.consent.command import command as consent
from passerelle.faces.cli.exits import Exit, of_error
from passerelle.faces.report import findings, page, text
from passerelle.stores.settlement import ReasonKey
from passerelle.vocabulary import language
from passerelle.vocabulary.errors import (
    FatalError,
    FlowError,
    ParcelError,
    SettingsError,
    TransientError,
    UsageError,
)
from passerelle.vocabulary.formatting import format_count
from passerelle.vocabulary.outcomes import Balance, Fate
from passerelle.vocabulary.place import Place

DOCUMENT = Path(__file__).parents[3] / "docs" / "json.md"
WITHIN = {"dossier", "exchanges", "mapping", "pack", "signature", "snapshot"}
"""Forms of files that have a page of their own."""
CANARY = "Ghislaine TREMEUR"


def test_every_form_of_answer_is_on_its_page():
    page_text = DOCUMENT.read_text(encoding="utf-8")
    faces = Path(passerelle.__file__).parent / "faces"
    code = "\n".join(path.read_text(encoding="utf-8") for path in faces.rglob("*.py"))
    named = set(re.findall(r'(?:answer|document)\(\s*"([a-z.-]+)"', code))
    named |= {f"consent.{act}" for act in consent.commands}
    named |= set(re.findall(r'_tell\(invocation, "([a-z.-]+)"', code))
    rooms = "\n".join(path.read_text(encoding="utf-8") for path in faces.parent.rglob("*.py"))
    named |= set(re.findall(r'"passerelle\.([a-z.-]+)/1"', rooms)) - WITHIN
    documented = set(re.findall(r"`passerelle\.([a-z.-]+)/1`", page_text))
    assert named == documented


def test_every_exit_code_is_on_the_page_of_answers():
    page_text = DOCUMENT.read_text(encoding="utf-8")
    assert all(f"\n| {code.value} | " in page_text for code in Exit)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (SettingsError("settings.file.invalid"), 64),
        (UsageError("usage.items.none"), 64),
        (ParcelError("decode.row.too_few_cells"), 1),
        (FlowError("incident.credentials.refused"), 2),
        (FatalError("incident.plugin.failed"), 3),
        (TransientError("incident.supplier.unreachable"), 75),
    ],
)
def test_each_family_of_errors_has_its_exit_code(error, code):
    assert of_error(error) == code


def report():
    found = CheckReport("acme-visits", Balance.of(1_234, [Fate.DELIVERED] * 1_230 + [Fate.REJECTED] * 4), 1_234)
    found.accepted["visit/1"] = 1_230
    rejected = ReasonKey("visit/1", "", "validate.field.missing", "Début <b>", "planned_start", "rejected")
    warned = ReasonKey("", "", "decode.encoding.assumed", "", "", "warning")
    found.causes[warned] = CheckCause(warned, 9, [Place(1)], {"encoding": "cp1252"})
    found.causes[rejected] = CheckCause(rejected, 4, [Place(2), Place(7, 9)], {"path": "planned_start"})
    return found


def test_causes_that_refuse_come_before_those_that_warn():
    assert [cause["fate"] for cause in findings.to_content(report())["causes"]] == ["rejected", "warning"]


def test_a_report_says_how_many_places_it_does_not_show():
    language.set_language("en")
    (first, *_others) = findings.format_findings(report())
    assert first.places == "line 2; lines 7 to 9; and 2 more"


def test_figures_are_written_as_the_reader_writes_them():
    language.set_language("fr")
    assert format_count(1_234_567) == "1\u202f234\u202f567"
    assert "1\u202f234" in text.write(report())
    language.set_language("en")
    assert format_count(1_234_567) == "1,234,567"


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_the_page_stands_alone_and_escapes_what_it_shows(lang):
    language.set_language(lang)
    written = page.write(report(), title="<script>alert(1)</script>")
    assert f'<html lang="{lang}">' in written
    assert "<script" not in written
    assert "Début &lt;b&gt;" in written
    assert not re.search(r"(src|href)=", written)


def test_a_fault_of_ours_is_told_without_its_words(program, monkeypatch, folder):
    def fail(_self):
        raise ValueError(CANARY)

    monkeypatch.setattr("passerelle.faces.cli.invocation.Invocation.read_settings", fail)
    result = program("status")
    assert result.code == 3
    assert "ValueError" in result.err
    assert CANARY not in result.out + result.err


def test_an_interruption_says_that_nothing_is_lost(program, monkeypatch, folder):
    def interrupt(_self):
        raise KeyboardInterrupt

    monkeypatch.setattr("passerelle.faces.cli.invocation.Invocation.read_settings", interrupt)
    result = program("status")
    assert (result.code, "Nothing is lost" in result.err) == (3, True)


def test_a_failure_is_json_where_the_answer_was_to_be_json(program, folder):
    (folder / "passerelle.toml").write_text("[passerelle]\nlangage = 'fr'\n", encoding="utf-8")
    content = program("status", "--format", "json").json
    assert (content["schema"], content["code"]) == ("passerelle.error/1", "settings.file.invalid")
    assert content["problems"][0]["where"] == "passerelle.toml, line 2"


def test_a_failure_in_a_flow_says_where(program, monkeypatch, folder):
    def stop(_self):
        raise FatalError("incident.books.unbalanced", flow="visites", parcel="a" * 64, batch=3)

    monkeypatch.setattr("passerelle.faces.cli.invocation.Invocation.read_settings", stop)
    result = program("status")
    assert result.code == 3
    assert "flow visites, parcel aaaaaaaaaaaa, batch 3: " in result.err


def test_the_log_of_a_run_is_not_flooded(capsys):
    now = iter([0.0, 1.0, 6.0, 6.5])
    lines = progress.ProgressLog(lambda: next(now))
    for rows in (10, 20, 30, 40):
        lines.step(Progress("visites", rows, 0, rows, 40))
    assert re.findall(r'"rows": (\d+)', capsys.readouterr().err) == ["10", "30", "40"]


def test_a_terminal_shows_rows_their_rate_and_what_is_set_aside():
    import rich.progress  # noqa: PLC0415  only this test needs it

    now = iter([0.0, 2.0])
    bar = rich.progress.Progress(disable=True)
    bars = progress.ProgressBars(bar, lambda: next(now))
    bars.step(Progress("visites", 1_000, 3, 10, 40))
    (task,) = bar.tasks
    assert (task.description, task.completed, task.total) == ("visites", 10, 40)
    assert task.fields["figures"] == "1,000 rows, 500/s, 3 set aside"


def test_every_command_has_a_module_of_its_name():
    assert all(app.program.get_command(None, name).name == name for name in app.COMMANDS)
