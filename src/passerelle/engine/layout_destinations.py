"""Destinations that write a connector's own layout: rows of its tables or documents, and what these cannot hold."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import polars as pl

from passerelle import contracts
from passerelle.edges.destinations.documents import DocumentDestination
from passerelle.edges.destinations.folder import FolderDestination
from passerelle.edges.destinations.forms import LayoutRows
from passerelle.engine.document_writing import Writer
from passerelle.engine.previewing import DeliveryPreview
from passerelle.engine.related_records import RelatedRecords
from passerelle.engine.settings import SupplierDestinationSettings
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


def open_layout_destination(
    entry: FolderDestinationSettings, connector_id: str, plugins: Plugins, purpose: Purpose
) -> Destination:
    """Open a folder of documents where the connector `writes` them, else of rows in the form of its dialect."""
    supplier, connector, _plugin = plugins.find_connector(connector_id)
    if connector.writes:
        document_writer = make_writer(entry, connector_id, plugins, purpose)
        return DocumentDestination(entry.path, document_writer.extension, document_writer.write)

    def render_rows(contract: str, frame: pl.DataFrame) -> LayoutRows:
        table = _find_table(connector, contract)
        rows, unmapped = render_with_unmapped(frame, table, supplier=supplier.id)
        empty = (name for name in _list_columns(connector, table.member) if name not in rows.columns)
        return LayoutRows(rows.with_columns(pl.lit("").alias(name) for name in empty), unmapped)

    # rows of a connector of another form (JSON, XML, workbook) are written as a plain CSV file
    dialect = connector.dialect if isinstance(connector.dialect, Csv) else Csv()
    return FolderDestination(
        entry.path,
        format="csv",
        layout=render_rows,
        delimiter=dialect.delimiter,
        quote=dialect.quote,
        encoding=dialect.encoding,
    )


def _list_columns(connector: Connector, member: str) -> dict[str, None]:
    """Return all columns that the tables of a member read: the supplier expects each, also where nothing fills it."""
    tables = [table for table in connector.tables if table.member == member]
    converters = (each for table in tables for entry in table.fields.values() for each in list_converters(entry))
    read = dict.fromkeys(name for converter in converters for name in converter.columns)
    return read | dict.fromkeys(entry.column for table in tables for entry in table.where)


def make_preview(
    entry: FolderDestinationSettings | SupplierDestinationSettings,
    connector_id: str,
    plugins: Plugins,
    purpose: Purpose,
) -> Preview:
    """Return a function that finds, before anything is written, what this layout could not hold."""
    supplier, connector, _plugin = plugins.find_connector(connector_id)
    if connector.writes:
        preview_documents = make_writer(entry, connector_id, plugins, purpose).preview
        return partial(preview_documents, for_api=isinstance(entry, SupplierDestinationSettings))

    def preview(delivery: Delivery) -> DeliveryPreview:
        table = _find_table(connector, delivery.contract)
        return DeliveryPreview(unmapped=find_unmapped(delivery.frame, table, supplier=supplier.id))

    return preview


def make_writer(
    entry: FolderDestinationSettings | SupplierDestinationSettings,
    connector_id: str,
    plugins: Plugins,
    purpose: Purpose,
) -> Writer:
    """Make a writer of documents. Raises FlowError when `fill` names fields that no written contract has."""
    supplier, connector, _plugin = plugins.find_connector(connector_id)
    fields = {name for writing in connector.writes for name in contracts.get(writing.contract).model_fields}
    if unknown := sorted(set(entry.fill) - fields):
        raise FlowError("settings.fill.unknown", connector=connector_id, keys=", ".join(unknown))
    return Writer(supplier, connector, RelatedRecords(entry.related, purpose), entry.fill)


def _find_table(connector: Connector, contract: str) -> Table:
    """Return the first table of a contract. Raises FlowError when there is none."""
    for table in connector.tables:
        if table.contract == contract:
            return table
    raise FlowError("settings.layout.no_table", connector=connector.id, contract=contract)
