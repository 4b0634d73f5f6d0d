"""A side of a change of supplier: what one software holds, as exports of files or flows, each with its reader."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from passerelle import contracts
from passerelle.engine.adapters import flow_adapters as adapters
from passerelle.engine.clock import SystemClock
from passerelle.engine.settings.place_settings import FileSourceSettings
from passerelle.vocabulary.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from passerelle.engine.settings.workspace_settings import Settings
    from passerelle.extension.plugin_info import PluginInfo
    from passerelle.extension.plugins import Plugins
    from passerelle.extension.supplier import Connector, Supplier
    from passerelle.stages.translate.table import Table
    from passerelle.switching.switch_settings import ExportSettings, SideSettings


@dataclass(frozen=True, slots=True)
class ExportReader:
    """How an export is read: through a supplier's connector."""

    supplier: Supplier
    connector: Connector
    plugin: PluginInfo


@dataclass(frozen=True, slots=True)
class ExportPiece:
    """One file or page of an export, opened as often as asked."""

    name: str
    """Its name at the supplier or the organisation: data, never shown outside the snapshot's manifest."""
    open: Callable[[], IO[bytes]]


@dataclass(frozen=True, slots=True)
class SideExport:
    """One set of files or one flow that a side holds."""

    iter_pieces: Callable[[], Iterator[ExportPiece]]
    """Finds the files, or asks the API, each time it is called; in a stable order."""
    connector_reader: ExportReader | None = None
    contract: str = ""
    """The contract of files that are in contract form, when no connector reads them."""
    only: tuple[str, ...] = ()
    """The contracts that this export is the authority for; all that it gives when empty."""
    related: tuple[Path, ...] = ()
    """Files in which documents look up other records that they hold."""
    is_asked: bool = False
    """Whether somebody else is asked for it each time (an API, a database), and not a file opened."""

    @property
    def reader(self) -> str:
        """The id of what reads it: a connector, or a contract."""
        return self.connector_reader.connector.id if self.connector_reader else self.contract

    def has_contract(self, contract: str) -> bool:
        """Whether this export is an authority for a contract."""
        if self.only and contract not in self.only:
            return False
        return contract == self.contract or bool(self.list_tables(contract))

    def list_tables(self, contract: str) -> tuple[Table, ...]:
        """List the tables that make records of this contract; none for files in contract form."""
        if self.connector_reader is None or (self.only and contract not in self.only):
            return ()
        return tuple(table for table in self.connector_reader.connector.tables if table.contract == contract)


@dataclass(frozen=True, slots=True)
class Side:
    """One software with what it holds."""

    name: str
    exports: tuple[SideExport, ...]
    title: str = ""

    @property
    def suppliers(self) -> frozenset[str]:
        """The ids of the suppliers whose connectors read its exports."""
        return frozenset(export.connector_reader.supplier.id for export in self.exports if export.connector_reader)

    @property
    def contracts(self) -> tuple[str, ...]:
        """The ids of all contracts it can hold, in the order of the catalogue."""
        return tuple(
            name for name in contracts.catalogue() if any(export.has_contract(name) for export in self.exports)
        )

    def list_unread(self) -> dict[str, dict[str, str]]:
        """Return what the connectors of its exports leave unread on purpose: by connector, names with reasons."""
        readers = {export.reader: export.connector_reader for export in self.exports if export.connector_reader}
        found = {name: reader.connector.list_unread() for name, reader in readers.items()}
        return {name: unread for name, unread in found.items() if unread}

    def list_exports(self, contract: str) -> tuple[SideExport, ...]:
        """List the exports that hold a contract."""
        return tuple(export for export in self.exports if export.has_contract(contract))


def make_side(name: str, about: SideSettings, plugins: Plugins, settings: Settings | None = None) -> Side:
    """Make a side from `switch.toml`. `settings` are needed where an export is a flow.

    Raises UsageError for an unknown connector or flow, FlowError where a flow's API cannot be asked.
    """
    return Side(name, tuple(_make_export(name, export, plugins, settings) for export in about.exports), about.title)


def make_described_side(name: str, plugins: Plugins) -> Side:
    """Make a side of a supplier or a connector alone: what it could hold, without files. Raises UsageError."""
    chosen = [
        (supplier, connector)
        for supplier in plugins.suppliers
        for connector in supplier.connectors
        if name in (supplier.id, connector.id)
    ]
    if not chosen:
        known = [supplier.id for supplier in plugins.suppliers]
        raise UsageError("usage.side.unknown", name=name, known=", ".join(known), nearest="–")
    exports = (make_file_export(connector.id, (), plugins) for _supplier, connector in chosen)
    return Side(name, tuple(exports))


def make_file_export(connector: str, files: Sequence[Path], plugins: Plugins) -> SideExport:
    """Make an export of named files. Raises UsageError for an unknown connector."""
    paths = tuple(files)
    return SideExport(lambda: map(_make_piece, paths), ExportReader(*plugins.find_connector(connector)))


def _make_export(side: str, about: ExportSettings, plugins: Plugins, settings: Settings | None) -> SideExport:
    if about.flow:
        return _make_flow_export(about, plugins, settings)
    pattern = Path(about.path or "")
    reading = ExportReader(*plugins.find_connector(about.connector)) if about.connector else None

    def list_pieces() -> Iterator[ExportPiece]:
        # A folder has the order of its file system: the same exports must give the same bytes.
        found = sorted(path for path in pattern.parent.glob(pattern.name) if path.is_file())
        if not found:
            raise UsageError("usage.side.empty", name=side, export=about.connector or about.contract or "")
        return map(_make_piece, found)

    return SideExport(list_pieces, reading, about.contract or "", about.contracts, tuple(map(Path, about.related)))


def _make_piece(path: Path) -> ExportPiece:
    def open_file() -> IO[bytes]:
        try:
            return path.open("rb")
        except OSError:
            raise UsageError("usage.file.unreadable", file=path.name) from None

    return ExportPiece(path.name, open_file)


def _make_flow_export(about: ExportSettings, plugins: Plugins, settings: Settings | None) -> SideExport:
    if settings is None:
        raise UsageError("usage.flow.unknown", name=about.flow or "", known="–", nearest="–")
    flow = settings.get_flow(about.flow or "")
    reading = ExportReader(*plugins.find_connector(flow.connector))

    def list_pieces() -> Iterator[ExportPiece]:
        source = adapters.open_source(flow.source, reading.connector, reading.plugin, SystemClock())
        return (ExportPiece(arrival.name, arrival.open) for arrival in source.iter_arrivals(""))

    is_asked = not isinstance(flow.source, FileSourceSettings)
    return SideExport(list_pieces, reading, only=about.contracts, is_asked=is_asked)
