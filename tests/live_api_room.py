"""A live API on a real local server, over a shelf in memory that keeps what `vocabulary.shelf` says."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import httpx
import polars as pl
from old_software import settle_in
from workbench_room import PLUGINS

from passerelle import contracts
from passerelle.contracts.canonical import encode
from passerelle.contracts.field_types import list_columns
from passerelle.engine.api.live_api import LiveApi
from passerelle.engine.api.token_acts import TokenRequest, issue_token
from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.engine.workspace.assembly import open_workspace
from passerelle.faces.web.api.app import build_api
from passerelle.faces.web.local_server import ADDRESS, bind_local, make_server
from passerelle.vocabulary.errors import FlowError
from passerelle.vocabulary.ref_spelling import normalise_ref
from passerelle.vocabulary.shelf import RemovalCause, ShelfChange, ShelfScope

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from passerelle.contracts.contract import Contract
    from passerelle.engine.workspace.assembly import Workspace
    from passerelle.stores.seal import Seal
    from passerelle.vocabulary.ports import Clock

FLOW = "tout"
SETTINGS = f"""
[passerelle]
state = "etat"

[api]
per_second = 5000

[flow.{FLOW}]
connector = "atelier-contacts"
purpose = "portability"
source = {{ kind = "folder", path = "entrees", glob = "*.csv", quiet_seconds = 0 }}
destination = {{ kind = "folder", path = "sorties" }}
"""


@dataclass
class MemoryShelf:
    """A shelf in memory: numbers are dense in each scope, and of each record the latest change alone is kept."""

    clock: Clock
    seal: Seal
    scopes: dict[tuple[str, str], ShelfScope] = field(default_factory=dict)
    changes: dict[tuple[str, str], dict[str, ShelfChange]] = field(default_factory=dict)

    def put(self, contract: str, ref: str, record: bytes | None, *, flow: str = FLOW, **about: Any) -> int:
        """Append one change, and return its number. `cause` and `purpose` may be given."""
        now, key = self.clock.now(), (flow, contract)
        purpose = about.pop("purpose", "portability")
        scope = self.scopes.get(key) or ShelfScope(flow, contract, purpose, 0, 0, now)
        number, known = scope.last + 1, self.changes.setdefault(key, {})
        version = known[ref].version + 1 if ref in known else 1
        known[ref] = ShelfChange(number, ref, version, now, record, about.pop("cause", None))
        self.scopes[key] = replace(scope, last=number)
        return number

    def put_record(self, contract: str, record: dict[str, Any], **about: Any) -> int:
        """Append a record given as an object."""
        return self.put(contract, record["ref"], write_canonical(contracts.get(contract), record), **about)

    def remove(self, contract: str, ref: str, cause: RemovalCause = RemovalCause.SUPPLIER, **about: Any) -> int:
        """Append a removal."""
        return self.put(contract, ref, None, cause=cause, **about)

    def forget(self, contract: str, *, flow: str = FLOW) -> None:
        """Forget all removals that there are: readers before them cannot go on."""
        key = (flow, contract)
        self.changes[key] = {ref: one for ref, one in self.changes[key].items() if one.record is not None}
        self.scopes[key] = replace(self.scopes[key], first=self.scopes[key].last)

    def list_scopes(self, contract: str = "") -> tuple[ShelfScope, ...]:
        """List scopes by flow and contract."""
        return tuple(self.scopes[key] for key in sorted(self.scopes) if contract in ("", key[1]))

    def read_changes(self, scope: ShelfScope, after: int, limit: int, *, begun: int = 0) -> tuple[ShelfChange, ...]:
        """Return changes numbered above `after`."""
        key = (scope.flow, scope.contract)
        if after and max(after, begun) < self.scopes[key].first:
            raise FlowError("incident.shelf.forgotten")
        later = sorted((one for one in self.changes[key].values() if one.number > after), key=lambda one: one.number)
        return tuple(later[:limit])

    def find_keyed(self, scope: ShelfScope, ref_key: bytes) -> ShelfChange | None:
        """Return the latest state of a record by the pseudonym of its reference, composed or not."""
        there = self.changes[scope.flow, scope.contract]
        keys = [{one, self.seal.pseudonymise("ref", normalise_ref(ref))} for ref in there for one in [self._key(ref)]]
        found = [change for change, own in zip(there.values(), keys, strict=True) if ref_key in own]
        return found[-1] if found else None

    def _key(self, ref: str) -> bytes:
        return self.seal.pseudonymise("ref", ref)

    def find_change(self, scope: ShelfScope, ref: str) -> ShelfChange | None:
        """Return the latest state of a record."""
        return self.changes[scope.flow, scope.contract].get(ref)


def write_canonical(contract: type[Contract], record: dict[str, Any]) -> bytes:
    """Return the canonical JSON of an object."""
    extra = {group: pl.Struct(dict.fromkeys(cells, pl.String())) for group, cells in record.get("extra", {}).items()}
    schema = {**list_columns(contract), **({"extra": pl.Struct(extra)} if extra else {})}
    frame = pl.Series([json.dumps(record)]).str.json_decode(pl.Struct(schema)).struct.unnest()
    return encode(frame, contract)[0].encode()


def make_visit(number: int, **fields: Any) -> dict[str, Any]:
    """Return an invented visit."""
    day = f"2026-11-{1 + number % 28:02}"
    return {
        "ref": f"atelier:visit:V{number}",
        "person_ref": f"atelier:person:P{number}",
        "planned_start": f"{day}T08:00:00+01:00",
        "planned_end": f"{day}T09:00:00+01:00",
        "status": "done",
        **fields,
    }


@dataclass
class ApiRoom:
    """A live API that answers, the shelf that it reads, and the workspace behind it."""

    workspace: Workspace
    shelf: MemoryShelf
    url: str
    live: LiveApi

    def make_token(self, *contract_ids: str, purposes: tuple[str, ...] = ("planning",), **about: Any) -> str:
        """Return a token for these contracts."""
        about = {"client": "agenda", "days": 90, **about}
        asked = TokenRequest(contracts=contract_ids or ("visit/1",), purposes=purposes, **about)
        return issue_token(self.workspace, asked, why="agenda du service", who="marie")[1]

    def make_client(self, token: str, **headers: str) -> httpx.Client:
        """Return a program that sends a token."""
        headers = {
            "Authorization": f"Bearer {token}",
            **{name.replace("_", "-"): text for name, text in headers.items()},
        }
        return httpx.Client(base_url=self.url, headers=headers, timeout=60)

    def ask(self, *contract_ids: str, **about: Any) -> httpx.Client:
        """Return a program with a token of its own."""
        return self.make_client(self.make_token(*contract_ids, **about))


@contextmanager
def open_api(
    folder: Path, *, settings: str = SETTINGS, clock: Clock | None = None, is_real: bool = False
) -> Iterator[ApiRoom]:
    """Serve a live API over an empty shelf until the context ends; `is_real`: over the one that flows fill."""
    path = settle_in(folder, settings)
    with open_workspace(load_settings(path), plugins=PLUGINS, clock=clock) as workspace:
        shelf = MemoryShelf(workspace.clock, workspace.seal)
        bound = bind_local(0)
        api = workspace.settings.api
        assert api is not None
        live = LiveApi(workspace, workspace.shelf if is_real else shelf, per_second=api.per_second)
        server = make_server(build_api(live, "fr"))
        serving = threading.Thread(target=server.run, kwargs={"sockets": [bound]})
        serving.start()
        try:
            yield ApiRoom(workspace, shelf, f"http://{ADDRESS}:{bound.getsockname()[1]}", live)
        finally:
            server.should_exit = True
            serving.join()
            bound.close()


def follow(client: httpx.Client, path: str, cursor: str = "", *, limit: int = 500) -> tuple[dict[str, Any], str]:
    """Read a list to its end, or the changes after a cursor; return what is there by reference, and the next cursor."""
    there: dict[str, Any] = {}
    query: dict[str, Any] = {"limit": limit, **({"since": cursor} if cursor else {})}
    while True:
        answer = client.get(path, params=query).raise_for_status().json()
        there |= {one["ref"]: None if one.get("deleted") else one for one in answer["records"]}
        if "next" in answer:
            query["cursor"] = answer["next"]
        elif answer.get("more"):
            query["since"] = answer["cursor"]
        else:
            return there, answer["cursor"]
