"""Compares both sides again, on the terms that a dossier states, and holds the result against what was signed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from passerelle.switching.compare.side_comparing import compare_sides
from passerelle.switching.compare.side_findings import FindingLog
from passerelle.switching.prove.comparison_terms import rebuild_terms

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from passerelle.switching.side import Side
    from passerelle.switching.snapshot import Snapshot

_WORDS = ("places", "reason")
"""Parts of an entry that differ with the reader: pseudonyms and first places, a connector's words in one language."""
LEFT_OUT = ("origin", "target", "schema")
"""Parts of a comparison that stand elsewhere in a dossier."""


def list_changed_parts(
    content: Mapping[str, Any], target_side: Side, snapshots: tuple[Snapshot, Snapshot], folder: Path
) -> list[str]:
    """Return the parts of the signed comparison that both sides do not give. `folder` is private: rows wait there.

    Raises KeyError, TypeError or ValueError when the dossier does not state terms, as its first edition did not.
    """
    signed = _arrange(content["comparison"])
    terms = rebuild_terms(content, target_side, *snapshots)
    rows = folder / "rows"
    rows.mkdir(mode=0o700)
    with FindingLog(folder / "findings.jsonl", lambda _ref: "") as findings:
        compared = compare_sides(*snapshots, terms, folder=rows, findings=findings).to_json()
    # Through JSON, as it was signed: tuples are lists, enumerations are texts.
    again = _arrange(json.loads(json.dumps({k: v for k, v in compared.items() if k not in LEFT_OUT})))
    return sorted(name for name in signed.keys() | again.keys() if signed.get(name) != again.get(name))


def _arrange(comparison: Mapping[str, Any]) -> dict[str, Any]:
    """Return a comparison whose lists have one order, without the first places and pseudonyms of each finding."""
    arranged: dict[str, Any] = {}
    for name, part in comparison.items():
        if isinstance(part, list):
            plain = [{key: value for key, value in entry.items() if key not in _WORDS} for entry in part]
            arranged[name] = sorted(plain, key=lambda entry: json.dumps(entry, sort_keys=True))
        else:
            arranged[name] = part
    return arranged
