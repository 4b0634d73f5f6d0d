"""Destinations that write a connector's own layout: rows of its tables or documents, and what these cannot hold."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import polars as pl

from passerelle import contracts
from passerelle.contracts.field_meta import Purpose
from passerelle.edges.destinations.documents import DocumentDestination
from passerelle.edges.destinations.folder import FolderDestination
from passerelle.edges.destinations.forms import CsvForm, LayoutRows
from passerelle.engine.adapters.document_writing import Writer
from passerelle.engine.adapters.previewing import DeliveryPreview
from passerelle.engine.adapters.related_records import RelatedRecords
from passerelle.engine.adapters.row_joining import RowJoiner, find_incomplete
from passerelle.engine.adapters.whole_row_destination import RowBatch, RowPreview, WholeRowDestination
from passerelle.engine.settings.endpoint_settings import SupplierDestinationSettings
from passerelle.stages.decode.dialects import Csv, FixedWidth
from passerelle.stages.translate.rendering import render_with_unmapped
from passerelle.stages.translate.sharing import list_converters
from passerelle.vocabulary.errors import FlowError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from passerelle.edges.places.file_place import FilePlace
    from passerelle.engine.adapters.previewing import Preview
    from passerelle.engine.settings.place_settings import FileDestinationSettings
    from passerelle.extension.plugins import Plugins
    from passerelle.extension.supplier import Connector
    from passerelle.stages.translate.table import Table
    from passerelle.vocabulary.parcels import Delivery
    from passerelle.vocabulary.ports import Destination


def open_layout_destination(
    entry: FileDestinationSettings,
    place: FilePlace,
    connector_id: str,
    plugins: Plugins,
    related: RelatedRecords | None = None,
) -> Destination:
    """Open a folder of documents where the connector `writes` them, else of rows in the form of its dialect."""
    supplier, connector, _plugin = plugins.find_connector(connector_id)
    if connector.writes:
        document_writer = make_writer(entry, connector_id, plugins, related)
        return DocumentDestination(place, document_writer.extension, document_writer.write, rights=entry.rights)

    _check_fill(entry, connector_id, {table.contract for table in connector.tables})
    dialect = _choose_dialect(connector)
    if connector.row is not None:
        return WholeRowDestination(place, _make_row_batch(entry, supplier.id, connector), entry.rights)

    def render_rows(contract: str, frame: pl.DataFrame) -> LayoutRows:
        table = _find_table(connector, contract)
        rows, unmapped = render_with_unmapped(frame, table, supplier=supplier.id, fill=entry.fill)
        empty = (name for name in list_columns(connector, table.member) if name not in rows.columns)
        rows = rows.with_columns(pl.lit("").alias(name) for name in empty)
        return LayoutRows(rows, unmapped, find_incomplete(rows, connector.needed))

    return FolderDestination(
        place,
        format="csv",
        layout=render_rows,
        delimiter=dialect.delimiter,
        quote=dialect.quote,
        encoding=dialect.encoding,
        header_rows=dialect.header_rows,
        rights=entry.rights,
        formulas=entry.formulas,
    )


def _make_row_batch(entry: FileDestinationSettings, supplier: str, connector: Connector) -> RowBatch:
    """Make what joins the records of a batch into whole rows."""
    dialect = _choose_dialect(connector)
    form = CsvForm(
        None,
        dialect.delimiter,
        dialect.quote,
        dialect.encoding,
        keeps_formulas=entry.formulas != "quote",
        header_rows=dialect.header_rows,
    )
    contract = connector.row.contract if connector.row else ""
    columns = tuple(list_columns(connector, _find_table(connector, contract).member))
    return RowBatch(RowJoiner(supplier, connector, columns, entry.fill), form)


def _choose_dialect(connector: Connector) -> Csv:
    """Return how rows are written: those of another form (JSON, XML, workbook) become a plain CSV file."""
    dialect = connector.dialect
    return dialect if isinstance(dialect, Csv) and not isinstance(dialect, FixedWidth) else Csv()


def list_columns(connector: Connector, member: str) -> dict[str, None]:
    """Return all columns that the tables of a member read: the supplier expects each, also where nothing fills it."""
    tables = [table for table in connector.tables if table.member == member]
    converters = (each for table in tables for entry in table.fields.values() for each in list_converters(entry))
    read = dict.fromkeys(name for converter in converters for name in converter.columns)
    return read | dict.fromkeys(name for table in tables for entry in table.where for name in entry.columns)


def make_preview(
    entry: FileDestinationSettings | SupplierDestinationSettings,
    connector_id: str,
    plugins: Plugins,
    related: RelatedRecords | None = None,
) -> Preview:
    """Return a function that finds, before anything is written, what this layout could not hold."""
    supplier, connector, _plugin = plugins.find_connector(connector_id)
    if connector.writes:
        preview_documents = make_writer(entry, connector_id, plugins, related).preview
        return partial(preview_documents, for_api=isinstance(entry, SupplierDestinationSettings))
    if connector.row is not None and not isinstance(entry, SupplierDestinationSettings):
        return RowPreview(_make_row_batch(entry, supplier.id, connector))

    def preview(delivery: Delivery) -> DeliveryPreview:
        table = _find_table(connector, delivery.contract)
        rows, unmapped = render_with_unmapped(delivery.frame, table, supplier=supplier.id, fill=entry.fill)
        return DeliveryPreview(find_incomplete(rows, connector.needed), unmapped)

    return preview


def make_writer(
    entry: FileDestinationSettings | SupplierDestinationSettings,
    connector_id: str,
    plugins: Plugins,
    related: RelatedRecords | None = None,
) -> Writer:
    """Make a writer of documents. Raises FlowError when `fill` names fields that no written contract has."""
    supplier, connector, _plugin = plugins.find_connector(connector_id)
    _check_fill(entry, connector_id, {writing.contract for writing in connector.writes})
    return Writer(supplier, connector, related or RelatedRecords(entry.related, Purpose.PORTABILITY), entry.fill)


def _check_fill(
    entry: FileDestinationSettings | SupplierDestinationSettings, connector_id: str, written: Iterable[str]
) -> None:
    fields = {name for contract in written for name in contracts.get(contract).model_fields}
    if unknown := sorted(set(entry.fill) - fields):
        raise FlowError("settings.fill.unknown", connector=connector_id, keys=", ".join(unknown))


def _find_table(connector: Connector, contract: str) -> Table:
    """Return the first table of a contract. Raises FlowError when there is none."""
    for table in connector.tables:
        if table.contract == contract:
            return table
    raise FlowError("settings.layout.no_table", connector=connector.id, contract=contract)
