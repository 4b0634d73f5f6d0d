"""`passerelle score --compare`: scores of several bidders side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from passerelle.faces.cli.exits import Exit
from passerelle.faces.cli.files import refuse_unreadable
from passerelle.faces.cli.score.output import write
from passerelle.faces.cli.showing import show
from passerelle.tender.comparing import forms
from passerelle.tender.comparing.written_forms import FILES, WRITERS, compare_folders
from passerelle.tender.scoring import score_labels
from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.language import _

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def compare(paths: Sequence[Path], form: str | None, output: Path | None, prices: Path | None = None) -> Exit:
    """Compare scores and write what is asked for. Raises UsageError when they cannot be compared."""
    if form not in (None, *WRITERS):
        raise click.UsageError(_("A comparison is written as text, json, html, xlsx or docx."))
    if form in ("xlsx", "docx") and output is None:
        raise UsageError("usage.output.missing")
    made = compare_folders(paths, prices)
    with score_labels.speak_language(made.language):
        if output is None:
            show(WRITERS[form or "text"](made).decode(), nl=False)
        elif form is None:
            with refuse_unreadable(output):
                output.mkdir(parents=True, exist_ok=True)
            for name, file in FILES.items():
                write(output / file, [WRITERS[name](made)])
            show(forms.write_text(made))
        else:
            write(output, [WRITERS[form](made)])
    return Exit.SETTLED
