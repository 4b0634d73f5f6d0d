"""Records that are handed in become a parcel, registered before the answer; a run settles it, and a receipt tells."""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import field
from typing import TYPE_CHECKING, Any

from passerelle.edges.sources.inbox import MessageSource
from passerelle.engine.adapters.flow_adapters import can_withdraw
from passerelle.engine.api.refusals import RequestRefusedError
from passerelle.engine.path.collecting import Blocks, collect
from passerelle.engine.settings.api_settings import HandedSourceSettings
from passerelle.extension.contract_records import write_lines
from passerelle.stores.handings import KeyState, NewHanding
from passerelle.stores.parcels import FINAL
from passerelle.stores.trail import AuditEntry
from passerelle.vocabulary.light_dataclass import dataclass
from passerelle.vocabulary.outcomes import Fate
from passerelle.vocabulary.reasons import explain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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


def can_delete(workspace: Workspace, flow: Flow) -> bool:
    """Whether what is handed in to a flow can be deleted: its destination takes records back, and the flow lets it."""
    return flow.vanished == "delete" and can_withdraw(flow.destination, workspace.plugins)


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteRequest:
    """What a client asks to be written, and under which key."""

    contract: str
    address: str = field(default="", repr=False)
    """Of one record, with the method; empty for a list."""
    body: bytes = field(repr=False)
    key: str = field(default="", repr=False)
    """Empty: it has none."""

    def digest_key(self, receipt: str) -> bytes:
        """Return what stands for the key; without one, each request stands for itself."""
        # contract and address belong to it: the same key for two of them is two requests
        place = "\n".join([self.contract, *([self.address] if self.address else []), self.key])
        return _digest(place.encode() if self.key else receipt.encode())


def find_earlier(workspace: Workspace, token: ApiToken, asked: WriteRequest) -> str:
    """Return the receipt of the same request under the same key; empty when there was none.

    Raises RequestRefusedError: `api.key.missing` for a key that is none, `api.key.reused` when it came with another
    body, whatever that body is worth, `api.key.running` while the first is under way.
    """
    if not asked.key:
        return ""
    if not _KEY.fullmatch(asked.key):
        raise RequestRefusedError("api.key.missing")
    body, now = _digest(asked.body), workspace.clock.now()
    return _refuse_key(*workspace.api.find_key(token.id, asked.digest_key(""), body, now))


def admit_records(  # noqa: PLR0913  whose, for which flow, what, and after what
    workspace: Workspace,
    token: ApiToken,
    flow: Flow,
    asked: WriteRequest,
    records: Sequence[Mapping[str, Any]],
    *,
    deletes: bool = False,
    follows: int | None = None,
) -> str:
    """Register records that are good, or deletions, and return their receipt, once for a key.

    `follows`: the number of the last write of the one record that its client can know of. Raises RequestRefusedError
    `api.record.changed` when another came since; nothing is taken then.
    """
    receipt, terms = secrets.token_hex(12), token.terms
    new = NewHanding(
        token=token.id,
        key=asked.digest_key(receipt),
        body=_digest(asked.body),
        receipt=receipt,
        flow=flow.name,
        contract=asked.contract,
        ref_keys=workspace.seal.pseudonymise_each("ref", dict.fromkeys(record["ref"] for record in records)),
        follows=follows,
    )
    about, action = f"{asked.contract} {len(records)}", "api.delete" if deletes else "api.write"
    act = AuditEntry(0, workspace.clock.now(), action, about, terms.why, terms.client, flow.purpose.value)
    state, found = workspace.api.begin_handing(new, act)
    if state is KeyState.OVERTAKEN:
        raise RequestRefusedError("api.record.changed")
    if state is not KeyState.FIRST:
        return _refuse_key(state, found)
    _register(workspace, flow, receipt, write_lines(asked.contract, receipt, records, deletes=deletes))
    return receipt


def _refuse_key(state: KeyState, receipt: str) -> str:
    """Return the receipt of a key that came before, empty for one that did not; refuse one that cannot be repeated."""
    if state is KeyState.OTHER:
        raise RequestRefusedError("api.key.reused")
    if state is KeyState.RUNNING:
        raise RequestRefusedError("api.key.running", retry_after=2)
    return receipt


def find_pending(workspace: Workspace, contract_id: str, ref: str) -> tuple[int, bool]:
    """Return the number of the last write of a record, and whether any write of it is not settled."""
    key, now = workspace.seal.pseudonymise("ref", ref), workspace.clock.now()
    last, writes = workspace.api.find_writes(contract_id, key, now)
    return last, any(_is_pending(workspace, one) for one in writes)


def _is_pending(workspace: Workspace, handed: Handing) -> bool:
    row = _find_parcel(workspace, handed) if handed.parcel else None  # without a parcel it is being registered
    return row is None or row.state not in FINAL


def _register(workspace: Workspace, flow: Flow, receipt: str, lines: bytes) -> None:
    blocks = Blocks(flow.block_bytes or Blocks().bytes, flow.block_rows or Blocks().rows)
    parcel = ""
    try:
        collect(flow.name, MessageSource(lines), workspace.depot, workspace.journal, workspace.clock, blocks)
        # no two parcels have the same bytes: the receipt is in each
        parcel = hashlib.sha256(lines).hexdigest()
        workspace.ring(flow.name)
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
