"""Quarantined items as text and as JSON; values only where they were revealed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from passerelle.documents.text_table import write_table
from passerelle.faces import json_forms
from passerelle.faces.report.findings import format_field
from passerelle.vocabulary import labels
from passerelle.vocabulary.formatting import escape_unseen, format_count, format_moment, show_name
from passerelle.vocabulary.language import _
from passerelle.vocabulary.parcels import shorten_key
from passerelle.vocabulary.reasons import explain, find_reason

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from passerelle.stores.quarantine_causes import QuarantineCause
    from passerelle.stores.quarantine_rows import QuarantineRow


def describe_item(row: QuarantineRow, payloads: Mapping[int, bytes] | None = None) -> dict[str, Any]:
    """Return an item as JSON content; its values only when they were revealed, null when they are destroyed."""
    content: dict[str, Any] = {
        "id": row.id,
        "flow": row.flow,
        "parcel": row.parcel,
        "batch": row.batch,
        "state": row.state.value,
        "fate": row.fate.value,
        **json_forms.describe_cause(row.reason, row.details),
        "place": json_forms.describe_place(row.place),
        "contract": row.contract,
        "created_at": row.created_at.isoformat(),
        "expires_at": row.expires_at.isoformat(),
    }
    if payloads is not None:
        content["values"] = json.loads(payloads[row.id]) if row.id in payloads else None
    return content


def describe_quarantine_cause(cause: QuarantineCause) -> dict[str, Any]:
    """Return a cause as JSON content."""
    return {
        "flow": cause.flow,
        "fate": cause.fate.value,
        **json_forms.describe_cause(cause.reason, cause.details),
        "contract": cause.contract,
        "member": cause.member,
        "column": cause.column,
        "field": cause.field,
        "count": cause.count,
    }


def format_causes(causes: Sequence[QuarantineCause]) -> str:
    """Write causes as a table."""
    if not causes:
        return _("Nothing waits in quarantine.")
    headers = (
        _("number"),
        _("flow"),
        _("outcome"),
        _("contract"),
        _("column"),
        _("field"),
        _("reason"),
        _("who can act"),
    )
    return write_table(
        headers,
        (
            (
                format_count(cause.count),
                cause.flow,
                _(labels.FATES[cause.fate]),
                cause.contract,
                cause.column,
                cause.field,
                cause.reason,
                _(labels.PERSONS[find_reason(cause.reason).concerns]),
            )
            for cause in causes
        ),
    )


def format_items(rows: Sequence[QuarantineRow]) -> str:
    """Write items as a table."""
    if not rows:
        return _("Nothing waits in quarantine.")
    headers = (_("number"), _("flow"), _("parcel"), _("where"), _("outcome"), _("reason"), _("expires"))
    return write_table(
        headers,
        (
            (
                str(row.id),
                row.flow,
                shorten_key(row.parcel),
                labels.format_place(row.place),
                _(labels.FATES[row.fate]),
                row.reason,
                format_moment(row.expires_at),
            )
            for row in rows
        ),
    )


def format_item(row: QuarantineRow, payloads: Mapping[int, bytes] | None) -> str:
    """Write one item, with its values when they were revealed, or that they are no more."""
    says, advice = explain(row.reason, row.details)
    head = f"{row.id}  {row.flow}  {_(labels.FATES[row.fate])}  {_(labels.QUARANTINE_STATES[row.state])}"
    lines = [head, f"  {shorten_key(row.parcel)}, {labels.format_place(row.place)}"]
    if row.place.column:
        lines.append("  " + _("column «{name}»").format(name=show_name(row.place.column)))
    if row.place.field:
        lines.append("  " + _("field {name}").format(name=format_field(row.contract, row.place.field)))
    lines += [f"  {says}", f"  → {advice} ({_(labels.PERSONS[find_reason(row.reason).concerns])})"]
    if payloads is not None and row.id not in payloads:
        lines.append("  " + _("Its values were destroyed with their key: nobody can read them any more, in no copy."))
    elif payloads is not None:
        lines.append(escape_unseen(json.dumps(json.loads(payloads[row.id]), ensure_ascii=False, indent=2)))
    return "\n".join(lines)


def format_replay(counts: Mapping[str, int]) -> str:
    """Write how many records each flow will take up again."""
    words = _("{flow}: {count} to be taken up again by «passerelle run {flow}».")
    return "\n".join(words.format(flow=flow, count=format_count(count)) for flow, count in counts.items())


def format_cells(row: QuarantineRow, content: Mapping[str, Any], columns: Sequence[str]) -> tuple[str, ...]:
    """Return the cells of an item in a sheet; `content` holds its values, `columns` the supplier's, in order."""
    says, advice = explain(row.reason, row.details)
    cells = content.get("cells", {})
    return (
        str(row.id),
        row.flow,
        _(labels.FATES[row.fate]),
        labels.format_place(row.place),
        row.place.column,
        row.place.field,
        says,
        advice,
        _(labels.PERSONS[find_reason(row.reason).concerns]),
        row.reason,
        content.get("raw", ""),
        *(cells.get(name) or "" for name in columns),
    )
