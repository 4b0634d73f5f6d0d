"""Which validation path the fields of a connector take, and the rows a file sent to the slow one: text and JSON."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from passerelle import contracts
from passerelle.documents.text_table import write_table
from passerelle.engine.path.plans import get_plan
from passerelle.stages.validate.paths import ValidationPath, list_paths
from passerelle.vocabulary.formatting import format_count
from passerelle.vocabulary.language import N_, _

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passerelle.engine.records.ledger import Ledger
    from passerelle.extension.supplier import Connector
    from passerelle.vocabulary.parcels import TextTable

WAYS: Mapping[ValidationPath, str] = MappingProxyType(
    {
        ValidationPath.GUARANTEED: N_("made right by its converter: only what was done by record is looked at"),
        ValidationPath.FAST: N_("express: only what does not plainly fit goes to the verdict"),
        ValidationPath.MODEL: N_("verdict: the contract asks for more than columns can say"),
    },
)


@dataclass(slots=True)
class PathReport:
    """Rows that took the fast and the model path, and the fields that sent them there: over all batches of a file."""

    counts: dict[str, Counter[str]] = field(default_factory=dict)
    """By contract: rows of each path, and rows that each field or rule sent to the model path."""

    def count_batch(self, ledger: Ledger, _table: TextTable) -> None:
        """Count a batch."""
        for contract, counts in ledger.paths.items():
            self.counts.setdefault(contract, Counter()).update(counts)

    def to_content(self, supplier: str, connector: Connector) -> list[dict[str, Any]]:
        """Return, by contract, the path of each field and rule, and the rows it sent to the model path."""
        paths: dict[str, dict[str, ValidationPath]] = {}
        for table in get_plan(supplier, connector).tables:
            contract = contracts.get(table.table.contract)
            slowest = paths.setdefault(contract.about.id, {})
            dtypes = {column.name: column.dtype for column in table.fields}
            for name, path in list_paths(contract, table.guarantees, dtypes).items():
                # several tables may fill one contract: the slowest of them is what people wait for
                slowest[name] = max(slowest.get(name, path), path, key=list(ValidationPath).index)
        contents = []
        for contract_id, by_name in paths.items():
            counts = self.counts.get(contract_id, Counter())
            # rules across fields and fields that no table fills count rows, although no path is planned for them
            names = dict.fromkeys([*by_name, *(name for name in counts if name not in ("express", "verdict"))])
            judged = [
                {"name": name, "lane": by_name.get(name, ValidationPath.FAST).value, "rows": counts[name]}
                for name in names
            ]
            contents.append(
                {
                    "contract": contract_id,
                    "express": counts["express"],
                    "verdict": counts["verdict"],
                    "judged": judged,
                }
            )
        return contents

    def format_text(self, supplier: str, connector: Connector) -> str:
        """Write the report as tables, one for each contract."""
        headers = (_("field or rule"), _("rows sent to the verdict"), _("how it is judged"))
        tables = []
        for content in self.to_content(supplier, connector):
            summary = _("{contract}: express lane {express}, verdict {verdict}").format(
                contract=content["contract"],
                express=format_count(content["express"]),
                verdict=format_count(content["verdict"]),
            )
            rows = [
                (entry["name"], format_count(entry["rows"]), _(WAYS[ValidationPath(entry["lane"])]))
                for entry in content["judged"]
            ]
            tables.append(f"{summary}\n{write_table(headers, rows)}")
        return "\n\n".join(tables)
