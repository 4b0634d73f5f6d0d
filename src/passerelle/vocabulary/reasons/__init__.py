"""All reason codes: what is wrong, what to do, and whom it concerns."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING

from passerelle.vocabulary.formatting import format_labelled, set_quotes, show_text
from passerelle.vocabulary.language import _
from passerelle.vocabulary.reasons import (
    api,
    backups,
    certificates,
    compare,
    databases,
    decode,
    deliver,
    depots,
    faults,
    fleet,
    gate,
    incident,
    leaving,
    named_files,
    organisations,
    pages,
    places,
    plausibility,
    processing,
    proposing,
    quarantine,
    rules,
    scoring,
    settings,
    shared_journal,
    shelf,
    signing_in,
    silence,
    subscriptions,
    switching,
    tender,
    translate,
    validate,
    whole,
)
from passerelle.vocabulary.reasons.reason import Concerns, Reason

_LONGEST_DETAIL = 2_000
"""Characters of a detail that are shown."""

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["REASONS", "Concerns", "Reason", "explain", "find_reason"]

REASONS: Mapping[str, Reason] = MappingProxyType(
    {
        entry.code: entry
        for room in (
            decode,
            translate,
            validate,
            rules,
            gate,
            compare,
            deliver,
            incident,
            shared_journal,
            databases,
            faults,
            fleet,
            depots,
            backups,
            settings,
            proposing,
            quarantine,
            tender,
            signing_in,
            subscriptions,
            switching,
            leaving,
            scoring,
            plausibility,
            whole,
            silence,
            pages,
            places,
            named_files,
            processing,
            certificates,
            shelf,
            organisations,
            api,
        )
        for entry in room.REASONS
    },
)
"""By code, `stage.subject.defect`. Codes are public: they never change their meaning."""


def find_reason(code: str) -> Reason:
    """Return a reason. Raises KeyError for a code that is not declared, which is a defect of ours."""
    return REASONS[code]


def _shorten(detail: str) -> str:
    return f"{detail[:_LONGEST_DETAIL]}…" if len(detail) > _LONGEST_DETAIL else detail


# A missing detail must not hide the reason: the sentence is shown with an ellipsis.
class _Details(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "…"


def explain(code: str, details: Mapping[str, str]) -> tuple[str, str]:
    """Return what is wrong and what to do, in the reader's language."""
    entry = REASONS[code]
    # a plugin, a destination or a file filled them: a sentence stays a sentence
    words = _Details({name: set_quotes(_shorten(show_text(str(detail)))) for name, detail in details.items()})
    sentence = format_labelled(_format_side(words), _(entry.sentence).format_map(words))
    # a list that was cut ends with an ellipsis of its own
    return sentence, _drop_nearest(_(entry.advice), details).format_map(words).replace(", ….", ", …")


def _drop_nearest(advice: str, details: Mapping[str, str]) -> str:
    """Return an advice without the sentence about the nearest name where nothing is near; alone, it stays."""
    if details.get("nearest", "–") not in ("", "–"):
        return advice
    kept = [sentence for sentence in re.split(r"(?<=\.) ", advice) if "{nearest}" not in sentence]
    return " ".join(kept) or advice


def _format_side(words: Mapping[str, str]) -> str:
    """Return which end of a flow a reason is about, and its place; empty when it was not said.

    «The other system» and «the folder» may be either end of a flow.
    """
    match words.get("at_side"), words.get("at_place"):
        case "source", None | "":
            return _("Source")
        case "source", place:
            return _("Source «{place}»").format(place=place)
        case "destination", None | "":
            return _("Destination")
        case "destination", place:
            return _("Destination «{place}»").format(place=place)
    return ""
