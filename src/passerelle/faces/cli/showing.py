"""The one way from a command to a terminal: nothing that somebody else wrote acts upon it."""

from __future__ import annotations

import click

from passerelle.vocabulary.formatting import show_text
from passerelle.vocabulary.outlets import speak_up


def show(text: str, *, err: bool = False, nl: bool = True) -> None:
    """Write a text to standard output, or to standard error."""
    with speak_up():
        click.echo(show_text(text), err=err, nl=nl)
