"""Write a connector's own records as its rows or documents, read them again, and list what is lost."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from passerelle import contracts
from passerelle.contracts import canonical
from passerelle.engine.rehearsal.round_trip import Body, list_differences, write_and_read_back
from passerelle.stages.translate.plan import PIPELINE_FIELDS
from passerelle.testing.document_round_trip import read_back

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from passerelle.extension.supplier import Connector, Supplier


def find_lost_fields(
    records: Iterable[Mapping[str, Any]], supplier: Supplier, connector: Connector
) -> set[tuple[str, str]]:
    """List what does not come back the same, as pairs of contract and field.

    A record goes by its best table or, where the connector writes documents, through these.
    """
    lost: set[tuple[str, str]] = set()
    by_contract: dict[str, list[Body]] = {}
    for line in records:
        by_contract.setdefault(line["contract"], []).append(
            {name: value for name, value in line["record"].items() if name not in PIPELINE_FIELDS}
        )
    documented = read_back(by_contract, supplier, connector)
    for contract, bodies in by_contract.items():
        frame = canonical.parse(
            [json.dumps(body, ensure_ascii=False, separators=(",", ":")) for body in bodies], contracts.get(contract)
        )
        tables = [table for table in connector.tables if table.contract == contract]
        backs = [write_and_read_back(frame, table, supplier.id, connector) for table in tables]
        written = any(one.contract == contract for one in connector.writes)
        for nth, body in enumerate(bodies):
            again = documented.get((contract, body["ref"]))
            # Of several tables of one contract a record may come by any: the best one counts.
            ways = [again] if written or again else [back.get(nth) for back in backs]
            lost |= {(contract, name) for name in min((list_differences(body, came) for came in ways), key=len)}
    return lost
