"""Law 1 on what is delivered: what a recipient may not have changes no byte, no order, no count, no name of a file.

Each connector reads a sample of its own twice, with every withheld value changed the second time. The long form asks
it of all purposes that the connector serves and of all its samples.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from changed_samples import change_withheld
from journeying import TAKES_ALL
from turned_clock import TurnedClock

from passerelle import contracts
from passerelle.contracts.field_meta import FIGURES, Purpose
from passerelle.contracts.release_policy import ReleasePolicy
from passerelle.engine.runs.worker import run_flow
from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.engine.workspace.assembly import open_workspace
from passerelle.extension.loading import load_plugins
from passerelle.stages.gate.minimising import check_purpose
from passerelle.vocabulary.errors import FlowError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle.engine.workspace.assembly import Workspace

TRIES = 1_000 if TAKES_ALL else 10
"""How often a sample is changed before what is changed is enough: documents have hundreds of columns."""
BOX = Path(__file__).parents[2] / "plugins"
PLUGINS = load_plugins()
CONNECTORS = sorted(PLUGINS.connectors)
KEY = "ySKbIbTQiQjLEkBZCLZIzTQYEwnUYTtZ0IhLmJpVA2M="
"""One key for both inputs: handles are compared, too. It protects nothing."""
FORMATS = ("ndjson", "csv", "database", "parquet", "xlsx")
FLOW = """
[flow.{name}]
connector = "{connector}"
purpose = "{purpose}"
source = {{ kind = "folder", path = "in/{name}", after = "keep", quiet_seconds = 0 }}
destination = {{ {destination} }}
"""


def _list_samples(connector_id: str) -> list[Path]:
    """Return the samples of an installed connector, the nominal one first."""
    info = PLUGINS.find_connector(connector_id)[2]
    assert info.entry is not None
    folder = BOX / info.entry.module.partition(".")[0].removeprefix("passerelle_plugin_") / "samples"
    places = [place for place in folder.iterdir() if place.is_dir() and connector_id.endswith(f"-{place.name}")]
    found = sorted(one for one in (places[0] if places else folder).glob("*.*") if ".expected." not in one.name)
    return found if TAKES_ALL else found[:1]


def _list_purposes(connector_id: str) -> Iterator[Purpose]:
    """Yield the purposes that every contract of a connector may serve and that withhold something."""
    for purpose in Purpose:
        if purpose is Purpose.PORTABILITY:
            continue
        try:
            for table in PLUGINS.find_connector(connector_id)[1].tables:
                check_purpose(contracts.get(table.contract), ReleasePolicy.of_purpose(purpose))
        except FlowError:
            continue
        yield purpose


def _order_purposes(connector_id: str) -> list[Purpose]:
    """Return the purposes of a connector, each connector another one first: together they begin with all of them."""
    purposes = list(_list_purposes(connector_id))
    first = CONNECTORS.index(connector_id) % len(purposes)
    return [*purposes[first:], *purposes[:first]]


def _describe_destination(name: str, kind: str) -> str:
    if kind == "database":
        return f'kind = "database", url = "out-{name}.db"'
    return f'kind = "folder", path = "out-{name}", format = "{kind}"'


def _settle(folder: Path, connector_id: str, flows: dict[str, tuple[Purpose, str]]) -> Path:
    (folder / "etat").mkdir(parents=True, mode=0o700)
    (folder / "etat" / "cle").write_text(KEY)
    (folder / "etat" / "cle").chmod(0o600)
    text = "[passerelle]\n" + "".join(
        FLOW.format(name=name, connector=connector_id, purpose=purpose, destination=_describe_destination(name, kind))
        for name, (purpose, kind) in flows.items()
    )
    (folder / "passerelle.toml").write_text(text, "utf-8")
    return folder / "passerelle.toml"


def _deliver(workspace: Workspace, folder: Path, name: str, sample: Path, content: bytes) -> None:
    (folder / "in" / name).mkdir(parents=True)
    (folder / "in" / name / sample.name).write_bytes(content)
    run_flow(workspace, name, run=workspace.journal.begin_run([name], workspace.clock.now()))


def _collect(folder: Path, name: str) -> dict[str, bytes]:
    """Return everything that was delivered: files by name, tables of a database as text."""
    base = folder / f"out-{name}.db"
    if base.exists():
        with closing(sqlite3.connect(base)) as connection:
            return {"dump": "\n".join(connection.iterdump()).encode()}
    return {path.name: path.read_bytes() for path in sorted((folder / f"out-{name}").glob("*"))}


@pytest.mark.parametrize("connector_id", CONNECTORS)
def test_no_withheld_value_changes_a_delivered_byte(connector_id: str, tmp_path: Path) -> None:
    turn, samples = CONNECTORS.index(connector_id), _list_samples(connector_id)
    flows = {
        f"{purpose}-{nth}": (purpose, FORMATS[(turn + place) % len(FORMATS)], sample)
        for place, purpose in enumerate(_order_purposes(connector_id))
        for nth, sample in enumerate(samples)
    }
    both = [tmp_path / "one", tmp_path / "two"]
    paths = [
        _settle(folder, connector_id, {name: (purpose, kind) for name, (purpose, kind, _sample) in flows.items()})
        for folder in both
    ]
    with (
        open_workspace(load_settings(paths[0]), clock=TurnedClock(), plugins=PLUGINS) as one,
        open_workspace(load_settings(paths[1]), clock=TurnedClock(), plugins=PLUGINS) as two,
    ):
        shows = False
        for name, (purpose, _kind, sample) in flows.items():
            content = sample.read_bytes()
            with one.open_flow(name, jobs=1) as open_flow:
                other = change_withheld(content, open_flow, TRIES)
                if not other.values:  # a document of hundreds of columns
                    other = change_withheld(content, open_flow, 8 * TRIES)
            _deliver(one, both[0], name, sample, content)
            _deliver(two, both[1], name, sample, other.content)
            first, second = (_collect(folder, name) for folder in both)
            assert first or purpose in FIGURES, name  # a few rows make no group that may be shown
            shows |= bool(first and other.values)
            assert list(first) == list(second), name
            assert first == second, name
            if shows and not TAKES_ALL:
                break  # every day the first purpose for which something of the sample goes and something does not
    assert shows, "where nothing is changed, or nothing goes, equality shows nothing"


def test_together_the_connectors_are_tried_for_every_purpose() -> None:
    chosen = {purpose for connector_id in CONNECTORS for purpose in _order_purposes(connector_id)[:1]}
    assert chosen == set(Purpose) - {Purpose.PORTABILITY}
