"""Records that are handed in become a parcel, registered before the answer; a run settles it, and a receipt tells."""

from __future__ import annotations

import hashlib
import re
import secrets
from typing import TYPE_CHECKING, Any

from passerelle.edges.sources.inbox import MessageSource
from passerelle.engine.api.handed_records import judge_records, read_records, refuse_own, refuse_wrong
from passerelle.engine.api.refusals import RequestRefusedError
from passerelle.engine.path.collecting import Blocks, collect
from passerelle.engine.settings.api_settings import HandedSourceSettings
from passerelle.extension.contract_records import write_lines
from passerelle.stores.handings import KeyState
from passerelle.stores.parcels import FINAL
from passerelle.vocabulary.outcomes import Fate
from passerelle.vocabulary.reasons import explain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passerelle.engine.settings.workspace_settings import Flow
    from passerelle.engine.workspace.assembly import Workspace
    from passerelle.stores.books import ParcelRow
    from passerelle.stores.handings import Handing
    from passerelle.stores.quarantine_rows import QuarantineRow
    from passerelle.stores.tokens import ApiToken

_KEY = re.compile(r"[!-~]{1,200}")
_MOST_ITEMS = 1_000


def find_taking_flow(workspace: Workspace, contract_id: str) -> Flow | None:
    """Return the flow that takes records of a contract which are handed in; None when none does."""
    for flow in workspace.settings.flows.values():
        if flow.enabled and isinstance(flow.source, HandedSourceSettings) and contract_id not in flow.leave_out:
            return flow
    return None


def take_records(workspace: Workspace, token: ApiToken, contract_id: str, *, key: str, body: bytes) -> str:
    """Register records and return their receipt, once for a key. Raises RequestRefusedError; nothing is taken then."""
    flow = find_taking_flow(workspace, contract_id)
    if flow is None:
        raise RequestRefusedError("api.contract.closed")
    if not _KEY.fullmatch(key):
        raise RequestRefusedError("api.key.missing")
    records = read_records(body)
    refuse_wrong(judge_records(contract_id, records))
    refuse_own(contract_id, records)
    store, now = workspace.api, workspace.clock.now()
    state, receipt = store.begin_handing(
        token.id,
        # the contract belongs to it: the same key for two contracts is two requests
        key=_digest(f"{contract_id}\n{key}".encode()),
        body=_digest(body),
        receipt=secrets.token_hex(12),
        flow=flow.name,
        contract=contract_id,
        now=now,
    )
    if state is KeyState.OTHER:
        raise RequestRefusedError("api.key.reused")
    if state is KeyState.RUNNING:
        raise RequestRefusedError("api.key.running", retry_after=2)
    if state is KeyState.FIRST:
        _register(workspace, flow, receipt, write_lines(contract_id, receipt, records))
        terms, about = token.terms, f"{contract_id} {len(records)}"
        workspace.journal.append_audit("api.write", about, terms.why, now, terms.client, flow.purpose.value)
    return receipt


def _register(workspace: Workspace, flow: Flow, receipt: str, lines: bytes) -> None:
    blocks = Blocks(flow.block_bytes or Blocks().bytes, flow.block_rows or Blocks().rows)
    parcel = ""
    try:
        collect(flow.name, MessageSource(lines), workspace.depot, workspace.journal, workspace.clock, blocks)
        # no two parcels have the same bytes: the receipt is in each
        parcel = hashlib.sha256(lines).hexdigest()
    finally:
        workspace.api.end_handing(receipt, parcel)


def describe_receipt(workspace: Workspace, token: ApiToken, receipt: str) -> dict[str, Any]:
    """Return what became of records that were handed in: counts by fate, and what was set aside, without a value."""
    handed = workspace.api.find_handing(token.id, receipt)
    row = _find_parcel(workspace, handed) if handed is not None else None
    if handed is None or row is None:
        raise RequestRefusedError("api.receipt.unknown")
    return {
        "receipt": receipt,
        "contract": handed.contract,
        "at": handed.at.isoformat(timespec="seconds"),
        "settled": row.state in FINAL,
        **({"waits": _describe_reason(row.code, {})} if row.code else {}),
        "received": row.balance.received,
        "fates": {fate.value: row.balance.fates.get(fate, 0) for fate in Fate},
        "items": [_describe_item(item) for item in _list_items(workspace, handed)],
    }


def _find_parcel(workspace: Workspace, handed: Handing) -> ParcelRow | None:
    return next(iter(workspace.journal.list_parcels(handed.flow, key=handed.parcel)), None)


def _list_items(workspace: Workspace, handed: Handing) -> Sequence[QuarantineRow]:
    return workspace.quarantine.list_parcel_rows(handed.flow, handed.parcel, limit=_MOST_ITEMS)


def _describe_item(item: QuarantineRow) -> dict[str, Any]:
    """Return why one record was set aside; `record` is its rank in what was handed in, from 0."""
    field = {"field": item.place.field} if item.place.field else {}
    return {
        "record": item.place.line - 1,
        "fate": item.fate.value,
        **field,
        **_describe_reason(item.reason, item.details),
    }


def _describe_reason(code: str, details: Any) -> dict[str, str]:
    sentence, advice = explain(code, details)
    return {"code": code, "detail": sentence, "advice": advice}


def _digest(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()
