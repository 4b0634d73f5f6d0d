"""A program gets a note on its standard input, no word of it as an argument; what it does wrong is a failure."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

import pytest

from passerelle.edges.channels.note import ShortText
from passerelle.edges.channels.program import call_program
from passerelle.vocabulary.errors import TransientError

NOTE = ShortText("x", "Passerelle : 1 défaut", "$(touch là)", datetime(2026, 11, 30, tzinfo=UTC))


def test_a_program_reads_subject_and_body(tmp_path):
    code = f"import sys, pathlib; pathlib.Path({str(tmp_path / 'lu')!r}).write_bytes(sys.stdin.buffer.read())"
    call_program(NOTE, [sys.executable, "-c", code])
    assert (tmp_path / "lu").read_text("utf-8") == "Passerelle : 1 défaut\n\n$(touch là)\n"


@pytest.mark.parametrize("command", [["/nulle/part"], [sys.executable, "-c", "raise SystemExit(3)"]])
def test_a_program_that_is_not_there_or_fails_is_a_failure(command):
    with pytest.raises(TransientError) as caught:
        call_program(NOTE, command)
    assert caught.value.code == "incident.channel.failed"
