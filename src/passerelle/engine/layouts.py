"""A connector's own layout as a destination: rows of its tables, or documents, and what has no place in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from passerelle import contracts
from passerelle.edges.destinations.documents import DocumentDestination
from passerelle.edges.destinations.folder import FolderDestination
from passerelle.engine.leftover import nothing_refused
from passerelle.engine.register import Register
from passerelle.engine.writing import Writer
from passerelle.stages.decode.dialects import Csv
from passerelle.stages.translate.rendering import render, unrendered
from passerelle.stages.translate.sharing import several
from passerelle.vocabulary.errors import FlowError

if TYPE_CHECKING:
    from passerelle.contracts.fact import Purpose
    from passerelle.engine.leftover import Left, Refused
    from passerelle.engine.settings import FolderDestinationSettings, SupplierDestinationSettings
    from passerelle.extension.loading import Plugins
    from passerelle.extension.supplier import Connector
    from passerelle.stages.translate.table import Table
    from passerelle.vocabulary.ports import Destination


def destination(entry: FolderDestinationSettings, connector_id: str, plugins: Plugins, purpose: Purpose) -> Destination:
    """Write documents where the connector says how; else rows, as its dialect writes them."""
    supplier, connector, _plugin = plugins.connector(connector_id)
    if connector.writes:
        made = writer(entry, connector_id, plugins, purpose)
        return DocumentDestination(entry.path, made.extension, made.write)

    def rendered(contract: str, frame: pl.DataFrame) -> pl.DataFrame:
        table = _table(connector, contract)
        rows = render(frame, table, supplier=supplier.id)
        empty = (name for name in _columns(connector, table.member) if name not in rows.columns)
        return rows.with_columns(pl.lit("").alias(name) for name in empty)

    dialect = connector.dialect if isinstance(connector.dialect, Csv) else Csv()
    return FolderDestination(
        entry.path,
        format="csv",
        layout=rendered,
        delimiter=dialect.delimiter,
        quote=dialect.quote,
        encoding=dialect.encoding,
    )


def _columns(connector: Connector, member: str) -> dict[str, None]:
    """Name all that the tables of a member read: their supplier expects every column, also where nothing fills it."""
    tables = [table for table in connector.tables if table.member == member]
    converters = (one for table in tables for entry in table.fields.values() for one in several(entry))
    read = dict.fromkeys(name for one in converters for name in one.columns)
    return read | dict.fromkeys(entry.column for table in tables for entry in table.where)


def left(
    entry: FolderDestinationSettings | SupplierDestinationSettings,
    connector_id: str,
    plugins: Plugins,
    purpose: Purpose,
) -> Left:
    """Say how to count what this layout leaves behind."""
    supplier, connector, _plugin = plugins.connector(connector_id)
    if connector.writes:
        return writer(entry, connector_id, plugins, purpose).left
    return lambda ready: unrendered(ready.frame, _table(connector, ready.contract), supplier=supplier.id)


def refused(
    entry: FolderDestinationSettings | SupplierDestinationSettings,
    connector_id: str,
    plugins: Plugins,
    purpose: Purpose,
) -> Refused:
    """Say how to tell, before anything is written, what has no place in the connector's documents."""
    _supplier, connector, _plugin = plugins.connector(connector_id)
    return writer(entry, connector_id, plugins, purpose).refused if connector.writes else nothing_refused


def writer(
    entry: FolderDestinationSettings | SupplierDestinationSettings,
    connector_id: str,
    plugins: Plugins,
    purpose: Purpose,
) -> Writer:
    """Make what writes documents. Raises FlowError when `fill` names fields that no written contract has."""
    supplier, connector, _plugin = plugins.connector(connector_id)
    known = {name for one in connector.writes for name in contracts.get(one.contract).model_fields}
    if strange := sorted(set(entry.fill) - known):
        raise FlowError("settings.fill.unknown", connector=connector_id, keys=", ".join(strange))
    register = Register(entry.related, purpose)
    return Writer(supplier, connector, register, entry.fill)


def _table(connector: Connector, contract: str) -> Table:
    """Find the table that decides: the first of a contract. Raises FlowError."""
    for table in connector.tables:
        if table.contract == contract:
            return table
    raise FlowError("settings.layout.no_table", connector=connector.id, contract=contract)
