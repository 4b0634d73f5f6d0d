"""The files of a pack beside its records: files as received, quarantine, consents, journal, mappings, settings."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from passerelle.contracts.field_meta import Purpose
from passerelle.stores.database import iter_slices
from passerelle.switching.exit_pack import connector_mapping
from passerelle.vocabulary.outcomes import Balance, Fate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from passerelle.engine.workspace.assembly import Workspace
    from passerelle.switching.exit_pack.archive import Archive
    from passerelle.switching.exit_pack.held_parcels import ConnectorOutcome, HeldParcel

_PIECE = 1 << 20


def write_mappings(archive: Archive, readings: Mapping[str, ConnectorOutcome]) -> None:
    """Write how each connector reads its supplier."""
    for name, reading in sorted(readings.items()):
        stem = f"correspondances/{name}"
        archive.put(f"{stem}.csv", connector_mapping.as_csv(reading.connector))
        archive.put(f"{stem}.json", connector_mapping.as_json(reading.supplier, reading.connector, reading.version))


def write_received(archive: Archive, workspace: Workspace, held: Sequence[HeldParcel]) -> None:
    """Write every parcel whose bytes are held, byte for byte as it came."""
    for parcel in held:
        if parcel.is_here:
            with archive.open_file(parcel.path) as target, workspace.depot.open(parcel.row.digest) as stream:
                while piece := stream.read(_PIECE):
                    target.write(piece)


def write_quarantine(archive: Archive, workspace: Workspace) -> None:
    """Write what waits in quarantine, with the cells as received."""
    rows = workspace.quarantine.list_rows()
    if not rows:
        return
    with archive.open_file("mis-de-cote/quarantaine.jsonl") as target:
        # Slice by slice: the payloads hold whole rows, and are opened one slice at a time.
        for batch in iter_slices(rows):
            payloads = workspace.quarantine.open_payloads([row.id for row in batch])
            for row in batch:
                document = {
                    "flow": row.flow,
                    "parcel": row.parcel,
                    "member": row.place.member,
                    "line": row.place.line,
                    "contract": row.contract,
                    "fate": row.fate.value,
                    "reason": row.reason,
                    "content": json.loads(payloads[row.id]) if row.id in payloads else None,
                }
                target.write(_encode_line(document))


def write_consents(archive: Archive, workspace: Workspace, persons: Sequence[str], at: datetime) -> None:
    """Write what these persons answered, as of a moment, purpose by purpose; who never answered is not in it."""
    answers = [
        {"person_ref": ref, "purpose": purpose.value, "accepted": accepted}
        for purpose in Purpose
        for ref, accepted in sorted(workspace.consents.find_answers(purpose, persons, at).items())
    ]
    if answers:
        archive.put("consentements/reponses.jsonl", b"".join(map(_encode_line, answers)))


def write_journal(archive: Archive, workspace: Workspace) -> None:
    """Write the balance of each flow, the runs, and who did what by hand."""
    balances: dict[str, Balance] = {}
    for entry in workspace.journal.list_balances():
        balances[entry.flow] = balances.get(entry.flow, Balance()) + entry.balance
    flows = {
        flow: {"received": balance.received, **{fate.value: balance.fates.get(fate, 0) for fate in Fate}}
        for flow, balance in sorted(balances.items())
    }
    runs = [
        {"run": run.id, "flows": list(run.flows), "started_at": run.started_at.isoformat(), "outcome": run.outcome}
        for run in reversed(workspace.journal.list_runs())
    ]
    archive.put("journal/bilans.json", _encode_document({"flows": flows, "runs": runs}))
    audits = [
        {
            "entry": audit.entry,
            "at": audit.at.isoformat(),
            "action": audit.action,
            "subject": audit.subject,
            "why": audit.why,
            "who": audit.who,
            "purpose": audit.purpose,
        }
        for audit in workspace.journal.list_audit_entries()
    ]
    archive.put("journal/operations.jsonl", b"".join(map(_encode_line, audits)))


def write_settings(archive: Archive, workspace: Workspace) -> None:
    """Write the settings and the list of plugins. Secrets are references there: no secret goes along."""
    archive.put("reglages/passerelle.toml", workspace.settings.path.read_bytes())
    plugins = [
        {"name": info.name, "distribution": info.distribution, "version": info.version}
        for info in workspace.plugins.infos
    ]
    archive.put("reglages/greffons.json", _encode_document({"plugins": plugins}))


def _encode_line(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _encode_document(document: Mapping[str, Any]) -> bytes:
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()
