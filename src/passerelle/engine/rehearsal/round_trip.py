"""Round trip of records: written as rows of a supplier's table and read again, to see what differs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from passerelle import contracts
from passerelle.contracts import canonical
from passerelle.stages.translate.plan import PIPELINE_FIELDS, compile_plan
from passerelle.stages.translate.rendering import render
from passerelle.stages.translate.translation import translate
from passerelle.vocabulary.parcels import TextTable
from passerelle.vocabulary.place import ROW

if TYPE_CHECKING:
    from passerelle.extension.supplier import Connector
    from passerelle.stages.translate.table import Table

Body = dict[str, Any]


def write_and_read_back(frame: pl.DataFrame, table: Table, supplier: str, connector: Connector) -> dict[int, Body]:
    """Write records as rows of a table and read them back. Return what was read, by the index of the record written."""
    rows = render(frame, table, supplier=supplier)
    numbers = pl.Series("line", range(1, rows.height + 1), dtype=pl.UInt32)
    plan = compile_plan((table,), supplier=supplier, nulls=connector.nulls, nothing=connector.nothing)
    contract = contracts.get(table.contract)
    back: dict[int, Body] = {}
    for records in translate(TextTable(table.member, rows, numbers), plan).records:
        made = canonical.to_records(records.frame.drop(PIPELINE_FIELDS, strict=False), contract)
        back |= dict(zip(records.frame.get_column(ROW).to_list(), made, strict=True))
    return back


def list_differences(went: Body, came: Body | None) -> set[str]:
    """Return the fields that did not come back the same; all of them when nothing came."""
    if came is None:
        return set(went)
    return {name for name in went if came.get(name) != went[name]}
