"""How quarantined items look, as text and as JSON; values only where they were revealed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from passerelle.documents.text_table import write_table
from passerelle.faces import json_forms
from passerelle.faces.report.findings import field_title
from passerelle.vocabulary import labels
from passerelle.vocabulary.formatting import format_count, format_moment
from passerelle.vocabulary.language import _
from passerelle.vocabulary.reasons import explain, find_reason

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from passerelle.stores.quarantine import QuarantineCause, QuarantineRow


def item_content(row: QuarantineRow, payloads: Mapping[int, bytes] | None = None) -> dict[str, Any]:
    """Give an item as JSON; its values only when they were revealed."""
    content = {
        "id": row.id,
        "flow": row.flow,
        "parcel": row.parcel,
        "batch": row.batch,
        "state": row.state.value,
        "fate": row.fate.value,
        **json_forms.cause(row.reason, row.facts),
        "place": json_forms.place(row.place),
        "contract": row.contract,
        "created_at": row.created_at.isoformat(),
        "expires_at": row.expires_at.isoformat(),
    }
    if payloads and row.id in payloads:
        content["values"] = json.loads(payloads[row.id])
    return content


def cause_content(cause: QuarantineCause) -> dict[str, Any]:
    """Give a cause as JSON."""
    return {
        "flow": cause.flow,
        "fate": cause.fate.value,
        **json_forms.cause(cause.reason, cause.facts),
        "contract": cause.contract,
        "member": cause.member,
        "column": cause.column,
        "field": cause.field,
        "count": cause.count,
    }


def cause_text(causes: Sequence[QuarantineCause]) -> str:
    """Write causes as a table."""
    if not causes:
        return _("Nothing waits in quarantine.")
    headers = (_("number"), _("flow"), _("outcome"), _("column"), _("field"), _("reason"), _("who can act"))
    return write_table(
        headers,
        (
            (
                format_count(cause.count),
                cause.flow,
                _(labels.FATES[cause.fate]),
                cause.column,
                cause.field,
                cause.reason,
                _(labels.PERSONS[find_reason(cause.reason).concerns]),
            )
            for cause in causes
        ),
    )


def item_table(rows: Sequence[QuarantineRow]) -> str:
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
                row.parcel[:12],
                labels.where(row.place),
                _(labels.FATES[row.fate]),
                row.reason,
                format_moment(row.expires_at),
            )
            for row in rows
        ),
    )


def item_text(row: QuarantineRow, payloads: Mapping[int, bytes]) -> str:
    """Write one item, with its values when they were revealed."""
    says, advice = explain(row.reason, row.facts)
    head = f"{row.id}  {row.flow}  {_(labels.FATES[row.fate])}  {_(labels.QUARANTINE_STATES[row.state])}"
    lines = [head, f"  {row.parcel[:12]}, {labels.where(row.place)}"]
    if row.place.column:
        lines.append("  " + _("column «{name}»").format(name=row.place.column))
    if row.place.field:
        lines.append("  " + _("field {name}").format(name=field_title(row.contract, row.place.field)))
    lines += [f"  {says}", f"  → {advice} ({_(labels.PERSONS[find_reason(row.reason).concerns])})"]
    if row.id in payloads:
        lines.append(json.dumps(json.loads(payloads[row.id]), ensure_ascii=False, indent=2))
    return "\n".join(lines)


def replay_text(counts: Mapping[str, int]) -> str:
    """Say how many records each flow will take up again."""
    words = _("{flow}: {count} to be taken up again by «passerelle run {flow}».")
    return "\n".join(words.format(flow=flow, count=format_count(count)) for flow, count in counts.items())
