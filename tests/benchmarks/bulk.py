"""What it costs to read a whole shelf as one stream, beside unsealing it alone and beside a plain loop over its JSON.

For `shelves.py`. Ratios of one run on one machine, in processor time. The loop reads each record, keeps the fields that
the narrower purpose needs and writes it: no gate, no handles, nobody who refused, and no note of who read.
"""

from __future__ import annotations

import gc
import json
import random
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from live_api_room import FLOW, make_visit, open_api, write_canonical

from passerelle import contracts
from passerelle.contracts.field_meta import Purpose
from passerelle.engine.api.bulk_reading import BulkReading
from passerelle.engine.api.record_pages import RecordPages
from passerelle.stores.settlement import ShelfEntries

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from passerelle.engine.workspace.assembly import Workspace

_CONTRACT = "visit/1"
_BATCH = 14_000
_NOW = datetime(2026, 11, 1, 2, 30, tzinfo=UTC)
_NOTES = ("Tout s'est bien passé", "A refusé la douche", "Clé sous le pot ; sonner deux fois", "Médecin prévenu à midi")


def fill(workspace: Workspace, rows: int) -> None:
    """Put so many visits on the shelf: each person has a dozen of them, each worker a hundred."""
    chance, model = random.Random(20), contracts.get(_CONTRACT)
    for start in range(0, rows, _BATCH):
        records = [_make_record(number, rows, chance) for number in range(start, min(start + _BATCH, rows))]
        refs = [record["ref"] for record in records]
        keys = b"".join(workspace.seal.pseudonymise_each("ref", refs))
        # one form for all: to write each through the contract costs a millisecond a record
        bodies = [write_canonical(model, records[0])] if start == 0 else []
        bodies += [_write(record) for record in records[len(bodies) :]]
        entries = ShelfEntries(_CONTRACT, "portability", keys, refs, [1] * len(refs), bodies)
        workspace.shelf.put(FLOW, [entries], _NOW)


def _make_record(number: int, rows: int, chance: random.Random) -> dict[str, Any]:
    day, hour = 1 + number % 28, 7 + number % 12
    return {
        **make_visit(number),
        "person_ref": f"atelier:person:P{chance.randrange(max(rows // 12, 1))}",
        "professional_ref": f"atelier:professional:R{chance.randrange(max(rows // 100, 1))}",
        "planned_start": f"2026-11-{day:02}T{hour:02}:00:00+01:00",
        "planned_end": f"2026-11-{day:02}T{hour + 1:02}:00:00+01:00",
        "stamped_start": f"2026-11-{day:02}T{hour:02}:{chance.randrange(60):02}:00+01:00",
        "comment": chance.choice(_NOTES),
    }


def _write(record: dict[str, Any]) -> bytes:
    order = contracts.get(_CONTRACT).list_fields()
    known = {name: record[name] for name in order if name in record}
    return json.dumps(known, ensure_ascii=False, separators=(",", ":")).encode()


def measure(folder: Path, rows: int, times: int) -> dict[str, float]:
    """Return how many records a second each way takes, in processor time: the best of some tries."""
    with open_api(folder, is_real=True) as room:
        fill(room.workspace, rows)
        # as `serve` does: each look for garbage would go through what the start brought
        gc.collect()
        gc.freeze()
        ways: dict[str, Callable[[], Iterator[object]]] = {
            "unsealed": lambda: _unseal(room.workspace),
            "loop": lambda: _loop(room.workspace),
            "everything": lambda: _stream(room, "portability"),
            "narrower": lambda: _stream(room, "planning"),
        }
        return {name: max(_time(way, rows) for _time_nth in range(times)) for name, way in ways.items()}


def _time(way: Callable[[], Iterator[object]], rows: int) -> float:
    begun = time.process_time()
    for _piece in way():
        pass
    return rows / (time.process_time() - begun)


def _unseal(workspace: Workspace) -> Iterator[object]:
    (scope,) = workspace.shelf.list_scopes(_CONTRACT)
    after = 0
    while changes := workspace.shelf.read_changes(scope, after, 4_000):
        after = changes[-1].number
        yield changes


def _loop(workspace: Workspace) -> Iterator[object]:
    dropped = ("comment", "stamped_start")
    for changes in _unseal(workspace):
        found = []
        for change in changes:
            record = json.loads(change.record)
            found.append(json.dumps({name: cell for name, cell in record.items() if name not in dropped}))
        yield found


def _stream(room: Any, purpose: str) -> Iterator[object]:
    token = room.workspace.api.find_token(room.make_token(may_bulk=True, purposes=(purpose,)))
    pages = RecordPages(room.workspace.shelf)
    return BulkReading.open(room.workspace, pages, token, Purpose(purpose), named="", since="").iter_lines()
