"""The way back: records written as the supplier's rows, read again, and compared; what is lost is listed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import polars as pl

from passerelle import contracts
from passerelle.contracts import canonical
from passerelle.stages.translate.plan import OURS, compile_plan
from passerelle.stages.translate.rendering import render
from passerelle.stages.translate.translation import translate
from passerelle.testing.documenting import read_again
from passerelle.vocabulary.parcels import ROW, TextTable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from passerelle.extension.supplier import Connector, Supplier
    from passerelle.stages.translate.table import Table

Body = dict[str, Any]


def returned(bodies: Sequence[Body], table: Table, supplier: Supplier, connector: Connector) -> dict[int, Body]:
    """Write records as rows of a table and read them back: what comes, by the place of what went."""
    contract = contracts.get(table.contract)
    frame = canonical.parse([_line(body) for body in bodies], contract)
    rows = render(frame, table, supplier=supplier.id)
    numbers = pl.Series("line", range(1, rows.height + 1), dtype=pl.UInt32)
    plan = compile_plan((table,), supplier=supplier.id, nulls=connector.nulls, nothing=connector.nothing)
    done = translate(TextTable(table.member, rows, numbers), plan)
    back: dict[int, Body] = {}
    for records in done.records:
        made = canonical.records(records.frame, contract)
        back |= dict(zip(records.frame.get_column(ROW).to_list(), made, strict=True))
    return back


def lost(records: Iterable[Mapping[str, Any]], supplier: Supplier, connector: Connector) -> set[tuple[str, str]]:
    """List what does not come back the same, as pairs of contract and field.

    A record goes by its best table or, where the connector writes documents, through these.
    """
    found: set[tuple[str, str]] = set()
    by_contract: dict[str, list[Body]] = {}
    for line in records:
        by_contract.setdefault(line["contract"], []).append(_ours(line["record"]))
    documented = read_again(by_contract, supplier, connector)
    for contract, bodies in by_contract.items():
        tables = [table for table in connector.tables if table.contract == contract]
        backs = [returned(bodies, table, supplier, connector) for table in tables]
        written = any(one.contract == contract for one in connector.writes)
        for nth, body in enumerate(bodies):
            again = documented.get((contract, body["ref"]))
            ways = [again] if written or again else [back.get(nth) for back in backs]
            found |= {(contract, name) for name in min((_differing(body, came) for came in ways), key=len)}
    return found


def _ours(record: Mapping[str, Any]) -> Body:
    return {name: value for name, value in record.items() if name not in OURS}


def _differing(went: Body, came: Body | None) -> set[str]:
    if came is None:
        return set(went)
    return {name for name in went if came.get(name) != went[name]}


def _line(body: Body) -> str:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))
