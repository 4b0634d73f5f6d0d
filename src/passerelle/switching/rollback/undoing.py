"""`switch rollback`: delete where the other side lets us, in the reverse order; list what people must remove."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from passerelle.engine.adapters.file_places import open_place
from passerelle.engine.settings.endpoint_settings import ApiDestinationSettings, DatabaseDestinationSettings
from passerelle.engine.settings.place_settings import FileDestinationSettings
from passerelle.engine.settings.shelf_settings import ShelfDestinationSettings
from passerelle.switching.run.moving import ROLLED_BACK, ROLLING_BACK, claim_move, list_acts

if TYPE_CHECKING:
    from collections.abc import Callable

    from passerelle.edges.http.client import HttpClient
    from passerelle.engine.settings.endpoint_settings import SupplierDestinationSettings
    from passerelle.engine.workspace.assembly import Workspace
    from passerelle.switching.run.sub_flows import Move, SubFlow

_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class RemainingItem:
    """Something that people have to remove at the new software."""

    contract: str
    kind: str
    """`record`: its id there; `file`: its name in the folder; `table`: how many rows; `unnamed`: how many records."""
    what: str = field(repr=False)


@dataclass(slots=True)
class ContractRollback:
    """What a rollback did with the records of one contract."""

    contract: str
    created: int = 0
    """Records that the move delivered there, as far as is known."""
    removed: int = 0
    remaining: list[RemainingItem] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _ApiDeletion:
    """How an API takes records back."""

    client: Callable[[], HttpClient]
    delete_path: str
    """Empty: it does not."""
    in_flight: int


def roll_back(
    workspace: Workspace,
    move: Move,
    *,
    who: str = "",
    dry_run: bool = False,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> list[ContractRollback]:
    """Take back what a move created, latest contracts first. Running it again continues where it was cut off.

    Raises TransientError when the other side cannot be reached or another process works on the move (nothing is
    lost: run it again), FlowError when the other side does not let us in. A dry run only counts.
    """
    named = [(sub_flow, contract) for sub_flow in move.sub_flows for contract in sub_flow.contracts]
    total = sum(workspace.journal.count_known(sub_flow.flow, contract) for sub_flow, contract in named)
    found: dict[str, ContractRollback] = {}
    with claim_move(workspace, move):
        if not dry_run and list_acts(workspace, move.name)[-1:] != [ROLLING_BACK]:
            workspace.journal.append_audit(ROLLING_BACK, move.name, "", workspace.clock.now(), who)
        for sub_flow, contract in reversed(named):
            undone = found.setdefault(contract, ContractRollback(contract))
            _undo_sub_flow(workspace, sub_flow, undone, dry_run=dry_run)
            progress(sum(done.removed for done in found.values()), total)
        if not dry_run:
            workspace.journal.append_audit(ROLLED_BACK, move.name, "", workspace.clock.now(), who)
    return list(found.values())


def _undo_sub_flow(workspace: Workspace, sub_flow: SubFlow, undone: ContractRollback, *, dry_run: bool) -> None:
    known = workspace.journal.count_known(sub_flow.flow, undone.contract)
    undone.created += known
    door = sub_flow.settings.destination
    if not known:
        return
    if undone.contract in sub_flow.beside:
        return  # it stands in rows that are told with the contract that they are about
    if isinstance(door, FileDestinationSettings):
        place = open_place(door)
        names = sorted(name for name in place.list_names() if name.startswith(f"{sub_flow.flow}-"))
        place.close()
        undone.remaining += [RemainingItem(sub_flow.contract, "file", name) for name in names]
    elif isinstance(door, DatabaseDestinationSettings):
        undone.remaining.append(RemainingItem(sub_flow.contract, "table", str(known)))
    elif not isinstance(door, ShelfDestinationSettings):  # which no move has
        _undo_at_api(workspace, sub_flow, _find_deletion(workspace, door), undone, dry_run=dry_run)


def _find_deletion(
    workspace: Workspace, destination: ApiDestinationSettings | SupplierDestinationSettings
) -> _ApiDeletion:
    from passerelle.engine.adapters import api_clients  # noqa: PLC0415  folders need no client

    if isinstance(destination, ApiDestinationSettings):
        client = partial(api_clients.make_destination_client, destination, workspace.clock)
        return _ApiDeletion(client, destination.delete_path, destination.in_flight)
    connector = workspace.plugins.find_connector(destination.connector)[1]
    path = connector.send.delete_path if connector.send else ""
    client = partial(api_clients.make_client, destination, connector.access, workspace.clock)
    return _ApiDeletion(client, path, connector.access.in_flight)


def _undo_at_api(
    workspace: Workspace, sub_flow: SubFlow, deletion: _ApiDeletion, undone: ContractRollback, *, dry_run: bool
) -> None:
    pairs: list[tuple[bytes, str]] = []
    after = b""
    while page := workspace.journal.page_remote_ids(sub_flow.flow, sub_flow.contract, after):
        pairs += page
        after = page[-1][0]
    named = [pair for pair in pairs if pair[1]]  # an empty id: an earlier try that was cut off removed the record
    from passerelle.edges.destinations.deletions import is_deletable  # noqa: PLC0415  folders need no client

    stay = named if not deletion.delete_path else [pair for pair in named if not is_deletable(pair[1])]
    if deletion.delete_path and not dry_run:
        stay = _delete_all(workspace, sub_flow, deletion, named)
    undone.removed += len(pairs) - len(stay)
    undone.remaining += [RemainingItem(sub_flow.contract, "record", remote_id) for _key, remote_id in stay]
    if unnamed := workspace.journal.count_known(sub_flow.flow, sub_flow.contract) - len(pairs):
        undone.remaining.append(RemainingItem(sub_flow.contract, "unnamed", str(unnamed)))


def _delete_all(
    workspace: Workspace, sub_flow: SubFlow, deletion: _ApiDeletion, pairs: list[tuple[bytes, str]]
) -> list[tuple[bytes, str]]:
    """Delete records, again while that helps: some can go only after others of their kind. Return those that stay."""
    from passerelle.edges.http.concurrent import map_in_order  # noqa: PLC0415  folders need no client

    client = deletion.client()
    try:
        before = -1
        while before != (before := len(pairs)) and pairs:
            stay: list[tuple[bytes, str]] = []
            for start in range(0, len(pairs), _AT_ONCE):
                chunk = pairs[start : start + _AT_ONCE]
                delete = partial(_delete_record, client, deletion.delete_path)
                deleted = map_in_order(delete, chunk, in_flight=deletion.in_flight)
                gone = [pair[0] for pair, done in zip(chunk, deleted, strict=True) if done]
                # Forgotten chunk by chunk, so that a rollback that is cut off does not begin again from the start.
                workspace.journal.forget_remote_ids(sub_flow.flow, sub_flow.contract, gone)
                stay += [pair for pair, done in zip(chunk, deleted, strict=True) if not done]
            pairs = stay
    finally:
        client.close()
    return pairs


def _delete_record(client: HttpClient, path: str, pair: tuple[bytes, str]) -> bool:
    from passerelle.edges.destinations.deletions import (  # noqa: PLC0415  folders need no client
        is_deletable,
        is_gone,
        request_deletion,
    )

    return is_deletable(pair[1]) and is_gone(request_deletion(client, path, pair[1]))
