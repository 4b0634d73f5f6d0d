"""The processing of a flow, short, and what its settings do not state: as people and programs read them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from passerelle.engine.settings.processing_check import name_gaps
from passerelle.faces import json_forms
from passerelle.vocabulary import labels
from passerelle.vocabulary.formatting import format_count
from passerelle.vocabulary.language import _, translate_plural
from passerelle.vocabulary.reasons import explain

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from passerelle.contracts.processing import Processing
    from passerelle.engine.settings.processing_check import ProcessingGap


def to_content(processing: Processing, gaps: Sequence[ProcessingGap]) -> dict[str, Any]:
    """Return a processing as part of a document."""
    return {
        "recipient": processing.recipient.name,
        "recipient_kind": processing.recipient.kind.value,
        "basis": processing.basis.value if processing.basis else None,
        "special_ground": processing.special_ground or None,
        "recipient_days": processing.retention.recipient_days,
        "missing": [json_forms.describe_cause(gap.code, gap.details) for gap in gaps],
    }


def format_processing(processing: Processing) -> str:
    """Write a processing in a line: to whom, on what basis, for how long."""
    kind = _(labels.RECIPIENTS[processing.recipient.kind])
    parts = [f"{processing.recipient.name} ({kind})" if processing.recipient.name else kind]
    if processing.basis:
        parts.append(_(labels.BASES[processing.basis]))
    if days := processing.retention.recipient_days:
        parts.append(translate_plural("kept {count} day", "kept {count} days", days).format(count=format_count(days)))
    return _("for: {processing}").format(processing=", ".join(parts))


def iter_lines(gaps: Sequence[ProcessingGap]) -> Iterator[str]:
    """Yield once for a flow that its settings do not state everything, and where to read what to add."""
    if gaps:
        says, advice = explain("processing.flow.incomplete", {"missing": name_gaps(gaps)})
        yield f"  {says}"
        yield f"  → {advice}"
