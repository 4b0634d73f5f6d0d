"""A connector's own layout as a destination: rows of its tables, or documents, and what has no place in them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import polars as pl

from passerelle import contracts
from passerelle.edges.destinations.documents import DocumentDestination
from passerelle.edges.destinations.folder import FolderDestination
from passerelle.edges.destinations.forms import LayoutRows
from passerelle.engine.previewing import DeliveryPreview
from passerelle.engine.related_records import RelatedRecords
from passerelle.engine.settings import SupplierDestinationSettings
from passerelle.engine.writing import Writer
from passerelle.stages.decode.dialects import Csv
from passerelle.stages.translate.rendering import find_unmapped, render_with_unmapped
from passerelle.stages.translate.sharing import list_converters
from passerelle.vocabulary.errors import FlowError

if TYPE_CHECKING:
    from passerelle.contracts.field_meta import Purpose
    from passerelle.engine.previewing import Preview
    from passerelle.engine.settings import FolderDestinationSettings
    from passerelle.extension.loading import Plugins
    from passerelle.extension.supplier import Connector
    from passerelle.stages.translate.table import Table
    from passerelle.vocabulary.parcels import Delivery
    from passerelle.vocabulary.ports import Destination


def destination(entry: FolderDestinationSettings, connector_id: str, plugins: Plugins, purpose: Purpose) -> Destination:
    """Write documents where the connector says how; else rows, as its dialect writes them."""
    supplier, connector, _plugin = plugins.find_connector(connector_id)
    if connector.writes:
        made = writer(entry, connector_id, plugins, purpose)
        return DocumentDestination(entry.path, made.extension, made.write)

    def render_rows(contract: str, frame: pl.DataFrame) -> LayoutRows:
        table = _table(connector, contract)
        rows, unmapped = render_with_unmapped(frame, table, supplier=supplier.id)
        empty = (name for name in _columns(connector, table.member) if name not in rows.columns)
        return LayoutRows(rows.with_columns(pl.lit("").alias(name) for name in empty), unmapped)

    dialect = connector.dialect if isinstance(connector.dialect, Csv) else Csv()
    return FolderDestination(
        entry.path,
        format="csv",
        layout=render_rows,
        delimiter=dialect.delimiter,
        quote=dialect.quote,
        encoding=dialect.encoding,
    )


def _columns(connector: Connector, member: str) -> dict[str, None]:
    """Name all that the tables of a member read: their supplier expects every column, also where nothing fills it."""
    tables = [table for table in connector.tables if table.member == member]
    converters = (one for table in tables for entry in table.fields.values() for one in list_converters(entry))
    read = dict.fromkeys(name for one in converters for name in one.columns)
    return read | dict.fromkeys(entry.column for table in tables for entry in table.where)


def make_preview(
    entry: FolderDestinationSettings | SupplierDestinationSettings,
    connector_id: str,
    plugins: Plugins,
    purpose: Purpose,
) -> Preview:
    """Return what tells, before anything is written, what this layout could not hold."""
    supplier, connector, _plugin = plugins.find_connector(connector_id)
    if connector.writes:
        made = writer(entry, connector_id, plugins, purpose)
        return partial(made.preview, for_api=isinstance(entry, SupplierDestinationSettings))

    def preview(delivery: Delivery) -> DeliveryPreview:
        table = _table(connector, delivery.contract)
        return DeliveryPreview(unmapped=find_unmapped(delivery.frame, table, supplier=supplier.id))

    return preview


def writer(
    entry: FolderDestinationSettings | SupplierDestinationSettings,
    connector_id: str,
    plugins: Plugins,
    purpose: Purpose,
) -> Writer:
    """Make what writes documents. Raises FlowError when `fill` names fields that no written contract has."""
    supplier, connector, _plugin = plugins.find_connector(connector_id)
    known = {name for one in connector.writes for name in contracts.get(one.contract).model_fields}
    if strange := sorted(set(entry.fill) - known):
        raise FlowError("settings.fill.unknown", connector=connector_id, keys=", ".join(strange))
    register = RelatedRecords(entry.related, purpose)
    return Writer(supplier, connector, register, entry.fill)


def _table(connector: Connector, contract: str) -> Table:
    """Find the table that decides: the first of a contract. Raises FlowError."""
    for table in connector.tables:
        if table.contract == contract:
            return table
    raise FlowError("settings.layout.no_table", connector=connector.id, contract=contract)
