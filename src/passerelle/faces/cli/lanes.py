"""Which lane judges the fields of a connector, and what a file sent to the slow one, as people and programs read it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from passerelle import contracts
from passerelle.documents.text_table import write_table
from passerelle.engine.plans import get_plan
from passerelle.stages.validate.paths import ValidationPath, list_paths
from passerelle.vocabulary.formatting import format_count
from passerelle.vocabulary.language import N_, _

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passerelle.engine.ledger import Ledger
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
class Lanes:
    """Counts, by contract, over all batches of a file."""

    counts: dict[str, Counter[str]] = field(default_factory=dict)

    def hear(self, ledger: Ledger, _table: TextTable) -> None:
        """Take in a batch."""
        for contract, counted in ledger.lanes.items():
            self.counts.setdefault(contract, Counter()).update(counted)

    def content(self, supplier: str, connector: Connector) -> list[dict[str, Any]]:
        """Say, by contract, how each field and rule is judged, and how many rows it sent to the verdict."""
        found: dict[str, dict[str, ValidationPath]] = {}
        for table in get_plan(supplier, connector).tables:
            contract = contracts.get(table.table.contract)
            said = found.setdefault(contract.about.id, {})
            for name, way in list_paths(
                contract, table.guarantees, {one.name: one.dtype for one in table.fields}
            ).items():
                said[name] = max(
                    said.get(name, way), way, key=list(ValidationPath).index
                )  # the slowest of several tables
        return [self._contract(name, said) for name, said in found.items()]

    def _contract(self, contract: str, said: Mapping[str, ValidationPath]) -> dict[str, Any]:
        counted = self.counts.get(contract, Counter())
        others = dict.fromkeys(name for name in counted if name not in ("express", "verdict"))
        names = {**said, **others}
        judged = [
            {"name": name, "lane": said.get(name, ValidationPath.FAST).value, "rows": counted[name]} for name in names
        ]
        return {"contract": contract, "express": counted["express"], "verdict": counted["verdict"], "judged": judged}

    def text(self, supplier: str, connector: Connector) -> str:
        """Write that as tables, one a contract."""
        return "\n\n".join(map(_table, self.content(supplier, connector)))


def _table(entry: Mapping[str, Any]) -> str:
    summary = _("{contract}: express lane {express}, verdict {verdict}").format(
        contract=entry["contract"], express=format_count(entry["express"]), verdict=format_count(entry["verdict"])
    )
    headers = (_("field or rule"), _("rows sent to the verdict"), _("how it is judged"))
    rows = [(one["name"], format_count(one["rows"]), _(WAYS[ValidationPath(one["lane"])])) for one in entry["judged"]]
    return f"{summary}\n{write_table(headers, rows)}"
