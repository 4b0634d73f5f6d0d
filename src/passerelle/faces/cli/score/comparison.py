"""`passerelle score --compare`: scores of several bidders side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from passerelle.faces.cli.exits import Exit
from passerelle.faces.cli.files import refuse_unreadable
from passerelle.faces.cli.score.output import write
from passerelle.faces.cli.showing import show
from passerelle.tender.comparing import comparison, forms, paper
from passerelle.tender.comparing.prices import read_prices
from passerelle.tender.federation import FOLDER
from passerelle.tender.scoring import score_labels, scorecard
from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.language import _

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from passerelle.tender.comparing.comparison import BidComparison
    from passerelle.tender.scoring.scorecard import Score

_WRITERS: Mapping[str, Callable[[BidComparison], bytes]] = {
    "text": lambda made: (forms.write_text(made) + "\n").encode(),
    "json": comparison.write,
    "html": forms.write_html,
    "xlsx": forms.write_xlsx,
    "docx": paper.write,
}
FILES: Mapping[str, str] = {
    "json": "comparaison.json",
    "html": "comparaison.html",
    "xlsx": "comparaison.xlsx",
    "docx": "comparaison.docx",
}
"""The file of each form in a folder."""


def compare(paths: Sequence[Path], form: str | None, output: Path | None, prices: Path | None = None) -> Exit:
    """Compare scores and write what is asked for. Raises UsageError when they cannot be compared."""
    if form not in (None, *_WRITERS):
        raise click.UsageError(_("A comparison is written as text, json, html, xlsx or docx."))
    if form in ("xlsx", "docx") and output is None:
        raise UsageError("usage.output.missing")
    scores = [scorecard.read(path) for path in paths]
    priced = read_prices(prices, {one.bidder for one in scores}) if prices else {}
    made = comparison.compare(scores, _read_members(paths), priced)
    with score_labels.speak_language(made.language):
        if output is None:
            show(_WRITERS[form or "text"](made).decode(), nl=False)
        elif form is None:
            with refuse_unreadable(output):
                output.mkdir(parents=True, exist_ok=True)
            for name, file in FILES.items():
                write(output / file, [_WRITERS[name](made)])
            show(forms.write_text(made))
        else:
            write(output, [_WRITERS[form](made)])
    return Exit.SETTLED


def _read_members(paths: Sequence[Path]) -> dict[str, list[Score]]:
    """Return, for each member of a federation, the scores of all bidders. Raises UsageError when one lacks a member."""
    names = [sorted(one.parent.name for one in (path / FOLDER).glob(f"*/{scorecard.FILE}")) for path in paths]
    if any(mine != names[0] for mine in names):
        raise UsageError("usage.scores.incomparable", difference=_("they are not about the same members"))
    return {name: [scorecard.read(path / FOLDER / name) for path in paths] for name in names[0]} if names else {}
