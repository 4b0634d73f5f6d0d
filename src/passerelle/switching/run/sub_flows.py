"""The flows of a move: one for each export of the old side and each contract, in the order of references.

Contracts that stand in one row of the new software share a flow: a row is written whole.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from passerelle import contracts
from passerelle.contracts.field_meta import Purpose
from passerelle.engine.path.collecting import TOWARDS_API
from passerelle.engine.path.selection import NO_CONTRACT
from passerelle.engine.settings.endpoint_settings import ApiDestinationSettings
from passerelle.engine.settings.place_settings import (
    FileDestinationSettings,
    FileSourceSettings,
    FolderSourceSettings,
)
from passerelle.engine.settings.workspace_settings import Flow
from passerelle.engine.workspace.assembly import is_api
from passerelle.switching.dependency_order import sort_by_dependency
from passerelle.vocabulary.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from passerelle.engine.settings.workspace_settings import Destination, Settings, Source
    from passerelle.extension.plugins import Plugins
    from passerelle.extension.writing import WholeRow
    from passerelle.switching.switch_settings import DeliverSettings, ExportSettings, SwitchDocument, SwitchSettings

_SHORT = re.compile(r"[a-z0-9][a-z0-9-]{0,13}\Z")


@dataclass(frozen=True, slots=True)
class SubFlow:
    """One flow of a move: one export, one contract, or those that the new software takes in one row."""

    flow: str
    contract: str
    """Its contract; of several, the one that the row is about."""
    export: int
    """Number of the export of the old side, from 1."""
    settings: Flow
    only: frozenset[str]
    """What it counts: its contracts, and for one sub-flow of an export also the rows of none."""
    row: WholeRow | None = None
    """The row in which its contracts stand; None: it has one."""
    beside: tuple[str, ...] = ()
    """Its other contracts."""

    @property
    def contracts(self) -> tuple[str, ...]:
        """Its contracts, the one that names it first."""
        return (self.contract, *self.beside)

    def find_contract(self, family: str) -> str:
        """Return its contract of a family; empty when it has none."""
        return next((name for name in self.contracts if contracts.get(name).about.family == family), "")


@dataclass(frozen=True, slots=True)
class Move:
    """A change of supplier, ready to run."""

    name: str
    system: str
    """What opens references to records of the new software under its own ids."""
    sub_flows: tuple[SubFlow, ...]
    """In dependency order: what is referred to comes first."""
    undelivered: tuple[str, ...]
    """Contracts that the old side holds and that no destination takes."""

    def list_sub_flows(self, family: str) -> tuple[SubFlow, ...]:
        """Return the sub-flows that bring records of a family."""
        return tuple(sub_flow for sub_flow in self.sub_flows if sub_flow.find_contract(family))

    @property
    def orders(self) -> dict[int, list[tuple[str, ...]]]:
        """By export number: the contracts of each of its flows, in their order."""
        found: dict[int, list[tuple[str, ...]]] = {}
        for sub_flow in self.sub_flows:
            found.setdefault(sub_flow.export, []).append(sub_flow.contracts)
        return found

    @property
    def contracts(self) -> tuple[str, ...]:
        """The contracts that move, in order."""
        return tuple(dict.fromkeys(name for sub_flow in self.sub_flows for name in sub_flow.contracts))


def make_move(
    name: str, document: SwitchDocument, settings: Settings, plugins: Plugins, *, generation: int = 1
) -> Move:
    """Work out the flows of a change of supplier. Raises UsageError for what cannot be moved so."""
    switch = document.get_switch(name)
    if not switch.deliver:
        raise UsageError("usage.switch.no_door", name=name)
    exports = [
        (number, export, _list_produced(export, settings, plugins))
        for number, export in enumerate(document.get_side(switch.origin).exports, start=1)
    ]
    wanted = sort_by_dependency({contract for _number, _export, produced in exports for contract in produced})
    destinations = {contract: _find_destination(contract, switch.deliver) for contract in wanted}
    # A sub-flow's name also names its files and journal entries: a long or odd name is replaced by its digest.
    slug = name if _SHORT.match(name) else f"s{hashlib.sha256(name.encode()).hexdigest()[:9]}"
    delivered = {
        number: [contract for contract in produced if destinations[contract] is not None]
        for number, _export, produced in exports
    }
    # All flows of an export that goes to an API in part cut it as that asks, so that they can share its batches.
    mixed = {
        number
        for number, taken in delivered.items()
        if len({is_api(door) for contract in taken if (door := destinations[contract]) is not None}) > 1
    }
    sub_flows = [
        _make_sub_flow(
            f"{slug}-g{generation}-{number}",
            (together, row if len(together) > 1 else None),
            (number, export),
            (destination, settings),
            counts_all=delivered[number][0] in together,
            cut_short=number in mixed,
        )
        for contract in wanted
        if (destination := destinations[contract]) is not None
        for number, export, produced in exports
        if contract in produced
        for row in [_find_row(contract, destination, plugins)]
        for together in [_list_together(contract, row, destinations, produced)]
        # those of one row go when the last of them could go alone: what any of them refers to went before
        if contract == max(together, key=wanted.index)
    ]
    undelivered = tuple(contract for contract in wanted if destinations[contract] is None)
    return Move(name, _find_system(switch, document, plugins), tuple(sub_flows), undelivered)


def _list_produced(export: ExportSettings, settings: Settings, plugins: Plugins) -> tuple[str, ...]:
    """List the contracts that an export brings. Files in contract form have no connector to read them in a flow."""
    if export.contract:
        raise UsageError("usage.switch.no_connector", contract=export.contract)
    connector = export.connector or settings.get_flow(export.flow or "").connector
    made = dict.fromkeys(table.contract for table in plugins.find_connector(connector)[1].tables)
    return sort_by_dependency([contract for contract in made if not export.contracts or contract in export.contracts])


def _find_destination(contract: str, doors: Iterable[DeliverSettings]) -> Destination | None:
    named = [door for door in doors if contract in door.contracts]
    others = [door for door in doors if not door.contracts]
    for door in (*named, *others):
        family = contracts.get(contract).about.family
        if isinstance(door.destination, ApiDestinationSettings):
            paths = {
                name: getattr(door.destination, name).replace("{family}", family) for name in ("path", "delete_path")
            }
            return door.destination.model_copy(update=paths)
        return door.destination
    return None


def _find_row(contract: str, destination: Destination, plugins: Plugins) -> WholeRow | None:
    """Return the row of several contracts in which a destination writes a contract; None where it writes none."""
    if not isinstance(destination, FileDestinationSettings) or not destination.layout:
        return None
    row = plugins.find_connector(destination.layout)[1].row
    return row if row and contract in row.contracts else None


def _list_together(
    contract: str, row: WholeRow | None, destinations: Mapping[str, Destination | None], produced: Iterable[str]
) -> tuple[str, ...]:
    """List the contracts of an export that go in the rows of one, the one that the rows are about first."""
    if row is None:
        return (contract,)
    door, made = destinations[contract], set(produced)
    return tuple(dict.fromkeys(name for name in row.contracts if name in made and destinations[name] == door))


def _make_sub_flow(
    stem: str,
    held: tuple[tuple[str, ...], WholeRow | None],
    numbered: tuple[int, ExportSettings],
    between: tuple[Destination, Settings],
    *,
    counts_all: bool,
    cut_short: bool,
) -> SubFlow:
    (together, row), (number, export), (destination, settings) = held, numbered, between
    contract = together[0]
    # The source keeps its files: they are read as often as there are contracts.
    if export.path:
        path = Path(export.path)
        source: Source = FolderSourceSettings(
            kind="folder", path=path.parent, glob=path.name, after="keep", quiet_seconds=0
        )
    else:
        source = settings.get_flow(export.flow or "").source
        if isinstance(source, FileSourceSettings):
            source = source.model_copy(update={"after": "keep"})
    family = contracts.get(contract).about.family
    name = f"{stem}-{family.replace('_', '-')}"
    flow = Flow(
        name=name,
        connector=export.connector or settings.get_flow(export.flow or "").connector,
        purpose=Purpose.PORTABILITY,
        source=source,
        destination=destination,
        block_bytes=TOWARDS_API.bytes if cut_short else None,
        block_rows=TOWARDS_API.rows if cut_short else None,
    )
    only = frozenset({*together, NO_CONTRACT} if counts_all else together)
    return SubFlow(name, contract, number, flow, only, row, together[1:])


def _find_system(switch: SwitchSettings, document: SwitchDocument, plugins: Plugins) -> str:
    if switch.system:
        return switch.system
    readers = (export.connector for export in document.get_side(switch.target).exports if export.connector)
    return next((plugins.find_connector(reader)[0].id for reader in readers), switch.target)


def list_flows(move: Move) -> Iterator[tuple[str, Flow]]:
    """Yield the settings of every sub-flow."""
    return ((sub_flow.flow, sub_flow.settings) for sub_flow in move.sub_flows)
