"""Notices, of a flow and of the installation as a whole, as people and programs read them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from passerelle.faces import json_forms
from passerelle.vocabulary.formatting import format_count, format_moment
from passerelle.vocabulary.language import _
from passerelle.vocabulary.reasons import explain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from passerelle.engine.runs.running import RunNotice
    from passerelle.stores.notices import Notice
    from passerelle.vocabulary.outcomes import Balance


def to_contents(notices: Iterable[Notice]) -> list[dict[str, Any]]:
    """Return notices: a reason, and since when it is so."""
    return [
        {**json_forms.describe_cause(notice.code, notice.details), "since": notice.since.isoformat()}
        for notice in notices
    ]


def iter_lines(notices: Iterable[Notice]) -> Iterator[str]:
    """Yield what somebody should look at, since when, and what to do."""
    for notice in notices:
        says, advice = explain(notice.code, notice.details)
        yield "  " + _("To be looked at since {since}: {what}").format(since=format_moment(notice.since), what=says)
        yield f"  → {advice}"


def describe_run_notices(notices: Iterable[RunNotice]) -> list[dict[str, Any]]:
    """Return what a run says of the installation: reasons alone, for each is told in one run only."""
    return [json_forms.describe_cause(notice.code, notice.details) for notice in notices]


def iter_run_notices(notices: Iterable[RunNotice]) -> Iterator[str]:
    """Yield what somebody should look at in the installation, and what to do: one text a notice."""
    for notice in notices:
        says, advice = explain(notice.code, notice.details)
        yield f"{says}\n  → {advice}"


def iter_vanished_lines(balance: Balance) -> Iterator[str]:
    """Yield how many records vanished, and how many of them were deleted at the destination."""
    if balance.vanished or balance.withdrawn:
        words = _("no longer at the source: {vanished}, of which deleted at the destination: {withdrawn}")
        counts = {"vanished": format_count(balance.vanished), "withdrawn": format_count(balance.withdrawn)}
        yield "  " + words.format(**counts)
