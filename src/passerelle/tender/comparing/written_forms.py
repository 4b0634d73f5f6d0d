"""The forms in which a comparison is written, and the scores of several folders compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.tender.comparing import comparison, forms, paper
from passerelle.tender.comparing.prices import read_prices
from passerelle.tender.federation import FOLDER
from passerelle.tender.scoring import scorecard
from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.language import _

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from passerelle.tender.comparing.comparison import BidComparison
    from passerelle.tender.scoring.scorecard import Score

WRITERS: Mapping[str, Callable[[BidComparison], bytes]] = {
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


def compare_folders(paths: Sequence[Path], prices: Path | None = None) -> BidComparison:
    """Return the scores of some folders (or files) side by side, with those of members where there are any.

    Raises UsageError when they cannot be read or compared.
    """
    scores = [scorecard.read(path) for path in paths]
    priced = read_prices(prices, {one.bidder for one in scores}) if prices else {}
    return comparison.compare(scores, _read_members(paths), priced)


def _read_members(paths: Sequence[Path]) -> dict[str, list[Score]]:
    """Return, for each member of a federation, the scores of all bidders. Raises UsageError when one lacks a member."""
    names = [sorted(one.parent.name for one in (path / FOLDER).glob(f"*/{scorecard.FILE}")) for path in paths]
    if any(mine != names[0] for mine in names):
        raise UsageError("usage.scores.incomparable", difference=_("they are not about the same members"))
    return {name: [scorecard.read(path / FOLDER / name) for path in paths] for name in names[0]} if names else {}
