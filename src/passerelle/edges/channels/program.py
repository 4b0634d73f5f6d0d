"""A program of this machine that gets each message on its standard input: for whatever else people use."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from passerelle.vocabulary.errors import TransientError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passerelle.edges.channels.note import ShortText

_SECONDS = 60.0


def call_program(note: ShortText, command: Sequence[str]) -> None:
    """Hand one message to a program: subject, empty line, body. Raises TransientError `incident.channel.failed`.

    No shell is between, and no word of the message is an argument.
    """
    text = f"{note.subject}\n\n{note.body}\n".encode()
    try:
        ended = subprocess.run(  # noqa: S603  the settings name the program, and only they
            list(command), input=text, capture_output=True, timeout=_SECONDS, check=False
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise TransientError("incident.channel.failed", channel="command", cause=type(error).__name__) from None
    if ended.returncode:
        raise TransientError("incident.channel.failed", channel="command", cause=f"exit {ended.returncode}")
