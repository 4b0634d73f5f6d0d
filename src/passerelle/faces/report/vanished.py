"""Records that vanished from whole exports, as people and programs read them: counts, and refs on demand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from passerelle.documents.text_table import write_table
from passerelle.vocabulary.formatting import format_count
from passerelle.vocabulary.language import _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passerelle.engine.decisions.vanished_acts import VanishedRecords


def to_contents(found: Sequence[VanishedRecords], *, reveal: bool) -> list[dict[str, Any]]:
    """Return what vanished, by contract and day; the refs only on demand."""
    return [
        {
            "contract": records.contract,
            "since": records.since.isoformat() if records.since else None,
            "became": records.became,
            "count": records.count,
            **({"refs": list(records.refs)} if reveal else {}),
        }
        for records in found
    ]


def format_text(found: Sequence[VanishedRecords], *, reveal: bool) -> str:
    """Write what vanished, by contract and day; the refs only on demand."""
    if not found:
        return _("Nothing that the destination still has is missing from the latest export.")
    heads = (_("contract"), _("missing since"), _("number"), "")
    rows = [
        (
            records.contract,
            records.since.isoformat() if records.since else _("export that is held"),
            format_count(records.count),
            _("goes on as another record") if records.became else "",
        )
        for records in found
    ]
    lines = [write_table(heads, rows)]
    for records in found if reveal else ():
        lines += ["", records.contract, *(f"  {_make_printable(ref)}" for ref in records.refs)]
    return "\n".join(lines)


def _make_printable(ref: str) -> str:
    """Return a ref that cannot act on a terminal: refs of rejected rows were never checked."""
    return ref if ref.isprintable() else ascii(ref)[1:-1]
