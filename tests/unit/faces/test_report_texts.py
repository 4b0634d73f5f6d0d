"""Texts for people: a reason says what it is about, and no foreign name acts on a terminal."""

from __future__ import annotations

from passerelle.engine.rehearsal.file_check import CheckReport, DeclaredUnread
from passerelle.engine.rehearsal.rehearsing import Rehearsal
from passerelle.engine.runs.worker import FlowOutcome
from passerelle.faces.report import rehearsal, text
from passerelle.vocabulary.errors import FatalError
from passerelle.vocabulary.language import set_language


def test_a_rehearsal_that_fails_names_the_cause_as_a_run_does():
    failure = FatalError("incident.database.failed", cause="OperationalError")
    told = Rehearsal(FlowOutcome("un", failure=failure), {}, {})
    assert "OperationalError" in rehearsal.format_text(told)
    assert "OperationalError" in rehearsal.to_content(told)["failed"]["says"]
    assert rehearsal.to_content(Rehearsal(FlowOutcome("un"), {}, {}))["failed"] is None


def test_what_is_unread_on_purpose_is_written_as_the_language_does_without_what_a_terminal_obeys():
    set_language("en")
    report = CheckReport("demo", unread={"links.\x1b[2J": DeclaredUnread("a link", 1200)})
    assert text.write_unread(report).splitlines()[1:] == ["  links.\ufffd[2J (1,200): a link"]
