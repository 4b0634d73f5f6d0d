"""What a pack holds beside records: files as received, quarantine, answers of persons, books, mappings, settings."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from passerelle.contracts.field_meta import Purpose
from passerelle.stores.database import iter_slices
from passerelle.switching.exit_pack import mapping
from passerelle.vocabulary.outcomes import Balance, Fate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from passerelle.engine.assembly import Workspace
    from passerelle.switching.exit_pack.archive import Archive
    from passerelle.switching.exit_pack.holding import Held, Reading

_PIECE = 1 << 20


def write_mappings(archive: Archive, readings: Mapping[str, Reading]) -> None:
    """Write how each connector reads its supplier."""
    for name, reading in sorted(readings.items()):
        stem = f"correspondances/{name}"
        archive.put(f"{stem}.csv", mapping.as_csv(reading.connector))
        archive.put(f"{stem}.json", mapping.as_json(reading.supplier, reading.connector, reading.version))


def write_received(archive: Archive, house: Workspace, held: Sequence[Held]) -> None:
    """Write every parcel that is here, byte for byte as it came."""
    for one in held:
        if one.is_here:
            with archive.file(one.path) as target, house.depot.open(one.row.digest) as stream:
                while piece := stream.read(_PIECE):
                    target.write(piece)


def write_quarantine(archive: Archive, house: Workspace) -> None:
    """Write what waits in quarantine, with the cells as received."""
    rows = house.quarantine.list_rows()
    if not rows:
        return
    with archive.file("mis-de-cote/quarantaine.jsonl") as target:
        for some in iter_slices(rows):
            opened = house.quarantine.open_payloads([row.id for row in some])
            for row in some:
                content = json.loads(opened[row.id]) if row.id in opened else None
                target.write(
                    _line(
                        {
                            "flow": row.flow,
                            "parcel": row.parcel,
                            "member": row.place.member,
                            "line": row.place.line,
                            "contract": row.contract,
                            "fate": row.fate.value,
                            "reason": row.reason,
                            "content": content,
                        }
                    )
                )


def write_consents(archive: Archive, house: Workspace, persons: Sequence[str]) -> None:
    """Write what these persons answered, purpose by purpose; who never answered is not in it."""
    answers = [
        {"person_ref": ref, "purpose": purpose.value, "accepted": accepted}
        for purpose in Purpose
        for ref, accepted in sorted(house.consents.find_answers(purpose, persons).items())
    ]
    if answers:
        archive.put("consentements/reponses.jsonl", b"".join(map(_line, answers)))


def write_journal(archive: Archive, house: Workspace) -> None:
    """Write the books by flow, the runs, and who did what by hand."""
    books: dict[str, Balance] = {}
    for book in house.journal.list_balances():
        books[book.flow] = books.get(book.flow, Balance()) + book.balance
    runs = [
        {"run": run.id, "flows": list(run.flows), "started_at": run.started_at.isoformat(), "outcome": run.outcome}
        for run in reversed(house.journal.list_runs())
    ]
    told = {flow: _books(balance) for flow, balance in sorted(books.items())}
    archive.put("journal/bilans.json", _document({"flows": told, "runs": runs}))
    audits = [
        {"entry": one.entry, "at": one.at.isoformat(), "action": one.action, "subject": one.subject, "why": one.why}
        | {"who": one.who}
        for one in house.journal.list_audit_entries()
    ]
    archive.put("journal/operations.jsonl", b"".join(map(_line, audits)))


def write_settings(archive: Archive, house: Workspace) -> None:
    """Write the settings and the list of plugins. Secrets are references there: no secret goes along."""
    archive.put("reglages/passerelle.toml", house.settings.path.read_bytes())
    plugins = [
        {"name": info.name, "distribution": info.distribution, "version": info.version} for info in house.plugins.infos
    ]
    archive.put("reglages/greffons.json", _document({"plugins": plugins}))


def _books(balance: Balance) -> dict[str, int]:
    return {"received": balance.received, **{fate.value: balance.fates.get(fate, 0) for fate in Fate}}


def _line(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _document(document: Mapping[str, Any]) -> bytes:
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()
