"""Which of two states of a record is the newer: moments that a connector's column or a file's name says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from passerelle.stages.translate.cells import prepare_cells
from passerelle.stages.translate.converter import unwrap_doubtful
from passerelle.stages.translate.converters.moments import Instant, LocalDateTime
from passerelle.stores.instants import to_microseconds
from passerelle.vocabulary.errors import FlowError
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from passerelle.engine.settings.order_settings import OrderSettings
    from passerelle.extension.supplier import Connector
    from passerelle.stages.translate.converter import Converter
    from passerelle.vocabulary.parcels import Parcel, TextTable

    Moments = NDArray[np.int64]

_FRACTION = r":[0-5][0-9][.,]([0-9]{1,6})"
_ALL_DIGITS = 6


@dataclass(frozen=True, slots=True)
class VersionOrder:
    """Reads the moment of each record of a batch: microseconds since 1970 UTC, 0 where nothing says it."""

    converter: Converter | None
    """None: the date in the file's name."""
    words: tuple[str, ...]
    """Cell texts that mean «unknown» or «none»."""
    is_asked: bool = False
    """The flow's settings ask for it: then every state needs a moment."""

    def read_moments(self, rows: pl.Series, table: TextTable, parcel: Parcel) -> Moments:
        """Return the moments of the rows, in their order."""
        if self.converter is None:
            moment = to_microseconds(parcel.named_at) if parcel.named_at else 0
            return np.full(len(rows), moment, dtype=np.int64)
        columns = self.converter.columns
        if not set(columns) <= set(table.frame.columns):
            return np.zeros(len(rows), dtype=np.int64)
        texts = table.frame.select(columns)[rows]
        cells = prepare_cells(texts, columns, self.words, zero_width=table.zero_width)
        return _to_moments(_convert(cells, self.converter), cells).fill_null(0).to_numpy()


def name_column(order: VersionOrder | None) -> str:
    """Return the supplier's column that says the moments; empty where none does."""
    return order.converter.columns[-1] if order is not None and order.converter is not None else ""


def find_order(connector: Connector, settings: OrderSettings | None) -> VersionOrder | None:
    """Return what orders the states of a flow's records: what its settings say, else its connector; None: nothing.

    Raises FlowError when the way the column is written cannot be read.
    """
    words = (*connector.nulls, *connector.nothing)
    if settings is None:
        return VersionOrder(connector.ordered_by, words) if connector.ordered_by else None
    return VersionOrder(_make_converter(settings) if settings.column else None, words, is_asked=True)


def _make_converter(settings: OrderSettings) -> Converter:
    column, formats = settings.column or "", settings.formats
    if not formats:
        return Instant(column)
    try:
        # Of an hour that comes twice the first: what is ordered need not be exact to the hour of one night.
        return LocalDateTime(column, formats=formats, zone=settings.zone, missing="later", twice="earlier")
    except ValueError:
        raise FlowError("settings.order.unreadable", column=column) from None


def _convert(cells: pl.DataFrame, converter: Converter) -> pl.Series:
    """Return the canonical value of each row, null where there is none."""
    columnar = converter.parse_columns()
    values = pl.repeat(None, cells.height, dtype=pl.String, eager=True)
    if columnar is not None:
        computed = cells
        for step in columnar.steps:
            computed = computed.with_columns(expr.alias(name) for name, expr in step.items())
        values = computed.select(columnar.value.cast(pl.String).alias("moment")).to_series()
    # What is written otherwise is parsed alone, each way of writing once.
    odd = cells.filter(values.is_null()).unique().drop_nulls()
    if not odd.height:
        return values
    parsed = [_parse(converter, row) for row in odd.iter_rows(named=True)]
    known = odd.with_columns(pl.Series("\0moment", parsed, dtype=pl.String))
    others = cells.join(known, on=cells.columns, how="left", maintain_order="left", nulls_equal=True)
    return values.zip_with(values.is_not_null(), others.get_column("\0moment"))


def _parse(converter: Converter, row: Mapping[str, str | None]) -> str | None:
    value = unwrap_doubtful(converter.parse(row))
    return value if isinstance(value, str) else None


def _to_moments(values: pl.Series, cells: pl.DataFrame) -> pl.Series:
    """Return microseconds of canonical moments and days; contracts count whole seconds, so the rest is read again."""
    text = pl.lit(values)
    moment = pl.coalesce(
        text.str.to_datetime("%Y-%m-%dT%H:%M:%S%z", time_unit="us", strict=False).dt.replace_time_zone(None),
        text.str.to_datetime("%Y-%m-%d", time_unit="us", strict=False),
    )
    column = pl.col(cells.columns[-1])
    fraction = column.str.extract(_FRACTION).str.pad_end(_ALL_DIGITS, "0").cast(pl.Int64, strict=False).fill_null(0)
    return cells.select((moment.cast(pl.Int64) + fraction).alias("moment")).to_series()
