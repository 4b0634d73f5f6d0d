"""The connector of the house itself: records that were handed in in contract form, each as a text of JSON in one cell.

Decoding, quarantine and replays then treat them as rows of any supplier.
"""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

from passerelle.contracts.catalogue import catalogue
from passerelle.extension.plugin_info import PluginInfo
from passerelle.extension.plugins import OWN
from passerelle.extension.supplier import Connector, Supplier
from passerelle.stages.decode.dialects import Json
from passerelle.stages.translate.conditions import Where
from passerelle.stages.translate.converter import NONE, Fault
from passerelle.stages.translate.plan import PIPELINE_FIELDS
from passerelle.stages.translate.table import Table
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable

    from passerelle.stages.translate.converter import ColumnarTranslation, Row

_SUPPLIER = "contract"
_CONTRACT, _RECORD, _RECEIPT, _DELETED = "contract", "record", "receipt", "deleted"
"""Members of each line; the last one only where a record is to be deleted."""
_YES = "yes"


@dataclass(frozen=True, slots=True)
class RecordMember:
    """The value of one field of a record that stands whole in one cell."""

    name: str

    @property
    def columns(self) -> tuple[str, ...]:
        """The cell that holds the record."""
        return (_RECORD,)

    def parse(self, row: Row) -> Any:
        """Return the value; NONE where the record confirms that there is nothing."""
        try:
            record = json.loads(row.get(_RECORD) or "{}")
        except (ValueError, RecursionError):
            return Fault("decode.record.malformed", _RECORD)
        if not isinstance(record, dict):
            return Fault("decode.record.malformed", _RECORD)
        value = record.get(self.name)
        return NONE if value is None and self.name in (record.get("confirmed_none") or ()) else value

    def parse_columns(self) -> ColumnarTranslation | None:
        """Return None: at most a thousand records come together, and each is read as it is."""
        return None

    def render(self, value: Any) -> dict[str, str]:
        """Return a record that has this field alone."""
        return {_RECORD: json.dumps({} if value is None else {self.name: value}, ensure_ascii=False)}

    @property
    def is_faithful(self) -> bool:
        """Whether what is rendered reads back."""
        return True


def write_lines(contract_id: str, receipt: str, records: Iterable[Any], *, deletes: bool = False) -> bytes:
    """Return records as the parcel that the connector reads; the receipt makes two parcels of the same records two.

    `deletes`: of each record the reference alone counts, and says which one is to be deleted.
    """
    told = {_DELETED: _YES} if deletes else {}
    lines = (
        {_CONTRACT: contract_id, _RECEIPT: receipt, _RECORD: json.dumps(record, ensure_ascii=False), **told}
        for record in records
    )
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode()


@cache
def describe_own() -> tuple[Supplier, Connector, PluginInfo]:
    """Return the connector as plugins provide theirs."""
    tables = tuple(
        Table(
            contract=contract_id,
            where=(Where.equals(_CONTRACT, contract_id),),
            deleted=(Where.equals(_DELETED, _YES),),
            optional=(_DELETED,),
            fields={name: RecordMember(name) for name in contract.list_fields() if name not in PIPELINE_FIELDS},
        )
        for contract_id, contract in catalogue().items()
    )
    connector = Connector(
        id=OWN,
        title="Contract records",
        dialect=Json(lines=True),
        tables=tables,
        unread={_RECEIPT: "number of the receipt"},
    )
    supplier = Supplier(id=_SUPPLIER, title="Passerelle", connectors=(connector,))
    return supplier, supplier.connectors[0], PluginInfo(_SUPPLIER, "passerelle-social", "1", "")
