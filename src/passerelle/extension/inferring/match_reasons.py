"""Explain in words why a column was matched to a field; no value of the file is in them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from passerelle.contracts.types import FieldKind
from passerelle.extension.inferring.likelihood import is_proven_by_content
from passerelle.vocabulary.formatting import format_share
from passerelle.vocabulary.language import N_, _

if TYPE_CHECKING:
    from passerelle.extension.inferring.column_matching import ColumnMatch
    from passerelle.extension.inferring.contents import Evidence
    from passerelle.extension.inferring.proposal import FieldChoice

_CLOSE_CALL = 0.05
SURE = 0.8
"""From this confidence on, a field is proposed without a question."""
_KINDS = {
    FieldKind.URN: N_("the cells look like identifiers"),
    FieldKind.AMOUNT: N_("the cells are amounts"),
    FieldKind.QUANTITY: N_("the cells are numbers"),
    FieldKind.INTEGER: N_("the cells are whole numbers or durations"),
    FieldKind.FLAG: N_("the cells say yes or no"),
}


def explain_match(match: ColumnMatch, seen: Evidence) -> tuple[str, ...]:
    """Return the reasons for a match."""
    said = [_("name alike at {share}").format(share=format_share(match.name, decimals=0))]
    if not seen.filled:
        return (*said, _("no value in this file"))
    if is_proven_by_content(match.slot, seen):
        said.append(_("the content alone tells what it is"))
    elif seen.kind and seen.formats:
        said.append(_("written like {example}").format(example=" / ".join(map(_write_example, seen.formats))))
    elif seen.clock:
        said.append(_("a time of day, written like {example}").format(example=_write_example(seen.clock)))
    elif match.slot.kind in _KINDS:
        said.append(_(_KINDS[match.slot.kind]))
    elif seen.listed:
        said.append(_("words of a list: {count}").format(count=len(seen.words)))
    return tuple(said)


def _write_example(form: str) -> str:
    """Return a moment of ours in a form: directives say nothing to people."""
    return datetime(2026, 12, 31, 18, 45, 30, tzinfo=UTC).strftime(form.replace("%-", "%"))


def compute_confidence(match: ColumnMatch) -> float:
    """Return how sure a match is, from 0 to 1: less when another field is nearly as likely."""
    sure = match.score if match.margin >= _CLOSE_CALL else match.score * 0.85
    # Never 1: a proposal is not a decision.
    return round(min(sure, 0.99), 2)


def ask_when_unsure(choice: FieldChoice) -> FieldChoice:
    """Ask about a field whose match is not sure and about which nothing else is asked yet."""
    if choice.confidence >= SURE or choice.questions:
        return choice
    question = _("This is only likely: does this column say that?")
    return replace(choice, questions=(question,))
