"""No delivered byte holds a key that may tell something: all samples, for all purposes but portability."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pytest

from passerelle import contracts
from passerelle.contracts.field_meta import Purpose
from passerelle.contracts.release_policy import ReleasePolicy
from passerelle.engine.records.handles import list_reference_fields
from passerelle.engine.runs.worker import run_flow
from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.engine.workspace.assembly import open_workspace
from passerelle.extension.loading import load_plugins
from passerelle.extension.opaque_references import list_kept, list_openings
from passerelle.stages.gate.minimising import check_purpose
from passerelle.vocabulary.errors import FlowError

if TYPE_CHECKING:
    from collections.abc import Iterator

BOX = Path(__file__).parents[2] / "plugins"
PLUGINS = load_plugins()
KEPT = frozenset().union(*(list_kept(supplier) for supplier in PLUGINS.suppliers))
FEWEST = 4
"""Characters from which on a part of a key is looked for."""
FLOW = """
[flow.{name}]
connector = "{connector}"
purpose = "{purpose}"
source = {{ kind = "folder", path = "in", glob = "{sample}", after = "keep", quiet_seconds = 0 }}
destination = {{ kind = "folder", path = "out-{name}" }}
"""


CONNECTORS = sorted(PLUGINS.connectors)


def _find_sample(connector_id: str) -> Path:
    """Return the nominal sample of an installed connector, in the folder of its plugin."""
    info = PLUGINS.find_connector(connector_id)[2]
    assert info.entry is not None
    folder = BOX / info.entry.module.partition(".")[0].removeprefix("passerelle_plugin_") / "samples"
    places = [place for place in folder.iterdir() if place.is_dir() and connector_id.endswith(f"-{place.name}")]
    place = places[0] if places else folder
    return next(one for one in sorted(place.glob("nominal.*")) if not one.name.endswith(".expected.jsonl"))


def _list_purposes(connector_id: str) -> Iterator[Purpose]:
    """Yield the purposes that every contract of a connector may serve."""
    for purpose in Purpose:
        try:
            for table in PLUGINS.find_connector(connector_id)[1].tables:
                check_purpose(contracts.get(table.contract), ReleasePolicy.of_purpose(purpose))
        except FlowError:
            continue
        yield purpose


def _choose_purposes(connector_id: str) -> list[Purpose]:
    """Return portability and another one: together, the connectors have all of them."""
    *others, portability = sorted(_list_purposes(connector_id), key=lambda purpose: purpose is Purpose.PORTABILITY)
    first = CONNECTORS.index(connector_id)
    return [portability, *(others[first % len(others)] for _any in others[:1])]


def _deliver(folder: Path, connector_id: str, sample: Path) -> dict[str, list[tuple[str, list[bytes]]]]:
    """Run a sample through a flow for each purpose; return, by purpose, contracts, file names and lines."""
    (folder / "in").mkdir(exist_ok=True)
    (folder / "in" / f"sample{sample.suffix}").write_bytes(sample.read_bytes())
    purposes = _choose_purposes(connector_id)
    flows = (
        FLOW.format(name=purpose.value, connector=connector_id, purpose=purpose.value, sample=f"sample{sample.suffix}")
        for purpose in purposes
    )
    (folder / "passerelle.toml").write_text("[passerelle]\n" + "".join(flows), "utf-8")
    with open_workspace(load_settings(folder / "passerelle.toml"), plugins=PLUGINS) as workspace:
        for purpose in purposes:
            run_flow(workspace, purpose.value, run=workspace.journal.begin_run([purpose.value], workspace.clock.now()))
    return {
        purpose.value: [
            (file.name, file.read_bytes().splitlines()) for file in sorted((folder / f"out-{purpose.value}").glob("*"))
        ]
        for purpose in purposes
    }


def _list_natural(delivered: dict[str, list[tuple[str, list[bytes]]]]) -> set[str]:
    """Return the keys that may not leave, as portability delivers them."""
    records = (json.loads(line) for _name, lines in delivered["portability"] for line in lines)
    refs = {
        record[name]
        for record in records
        for name in ("ref", *(name for name in record if name.endswith("_ref") or name in _OTHERS))
    }
    return {ref for ref in refs if ":".join([*ref.split(":", 2)[:2], ""]) not in KEPT}


_OTHERS = {name for contract in contracts.catalogue() for name in list_reference_fields(contract)}


def _find_leaks(natural: set[str], files: list[tuple[str, list[bytes]]]) -> Iterator[str]:
    """Yield what leaks: a whole key anywhere, a part of one in a reference field or in a file's name."""
    locals_ = {unquote(ref.split(":", 2)[2]) for ref in natural}
    parts = {part for local in locals_ for part in (local, *re.split(r"[~/@. -]+", local)) if len(part) >= FEWEST}
    for name, lines in files:
        contract = next(one for one in contracts.catalogue() if f"-{one.replace('/', '-')}-" in name)
        # digest of the parcel and number of the batch are ours: `0001` of a key may be in them by chance
        named = re.sub(r"-[0-9a-f]{12}-[0-9]{5}", "", name)
        yield from (part for part in parts if part in named)
        for line in lines:
            yield from (ref for ref in natural if f'"{ref}"'.encode() in line)
            record = json.loads(line)
            refs = [record[field] for field in list_reference_fields(contract) if field in record]
            hidden = [ref for ref in refs if ":".join([*ref.split(":", 2)[:2], ""]) not in KEPT]
            yield from (part for ref in hidden for part in parts if part in unquote(ref.split(":", 2)[2]))


@pytest.mark.parametrize("connector_id", CONNECTORS)
def test_no_delivered_byte_holds_a_key_or_a_part_of_one(connector_id: str, tmp_path: Path) -> None:
    delivered = _deliver(tmp_path, connector_id, _find_sample(connector_id))
    natural = _list_natural(delivered)
    for purpose, files in delivered.items():
        leaks = list(_find_leaks(natural, files))
        # portability shows that leaks are found where there are any
        assert bool(leaks) == (purpose == "portability" and bool(natural)), purpose


def test_some_connectors_have_keys_that_may_not_leave_and_some_have_none() -> None:
    opaque = [all(list_openings((PLUGINS.find_connector(one)[1],)).values()) for one in CONNECTORS]
    assert {True, False} == set(opaque)
