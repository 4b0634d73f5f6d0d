"""Run a sample through the stages without delivery: the records it gives, and the reasons for the rest.

`python -m passerelle.testing.samples CONNECTOR SAMPLE` prints both as JSON lines, for an author to read, judge and
keep as the sample's `.expected.jsonl`.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass, field
from io import BytesIO
from typing import TYPE_CHECKING, Any

from passerelle import contracts
from passerelle.contracts import canonical
from passerelle.contracts.field_meta import Purpose
from passerelle.engine.path.batch_stream import prepare_batches
from passerelle.engine.path.collecting import Blocks
from passerelle.engine.path.flow_policy import FlowPolicy
from passerelle.engine.path.plans import get_plan
from passerelle.engine.watches.drift_watch import DriftWatch
from passerelle.engine.watches.unread_watch import is_about_parcel
from passerelle.extension.loading import load_plugins
from passerelle.stores.settlement import WARNING
from passerelle.vocabulary.place import ROW

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from passerelle.extension.supplier import Connector, Supplier
    from passerelle.stages.translate.plan import TranslationPlan
    from passerelle.vocabulary.outcomes import RowWarning, SetAside
    from passerelle.vocabulary.parcels import DecodedBatch, Records


@dataclass(frozen=True, slots=True, kw_only=True)
class StageOptions:
    """Options of the stages that must not change the results: columnar or row-wise, fast path or model path, cuts."""

    columnar: bool = True
    express: bool = True
    block_bytes: int = 1 << 20
    block_rows: int = 10_000


@dataclass(frozen=True, slots=True)
class SampleMessage:
    """The message about one row: its fate (or `warning`), the reason, and the words of its sentence."""

    line: dict[str, Any]
    """As in `.expected.jsonl`: fate, reason, member, line, column, field; what is empty is left out."""
    details: tuple[str, ...]
    """The words that are put into the sentence."""


@dataclass(slots=True)
class SampleOutcome:
    """The outcome of a sample. Records and messages are lines as in `.expected.jsonl`, in order of member and line."""

    records: list[dict[str, Any]] = field(default_factory=list)
    details: list[SampleMessage] = field(default_factory=list)
    columns: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """By member, as the sample names them."""
    cells: set[str] = field(default_factory=set)
    balanced: bool = True

    @property
    def messages(self) -> list[dict[str, Any]]:
        """Return the messages, without the words of the sentences."""
        return [told.line for told in self.details]

    def add_warnings(self, messages: Iterable[SampleMessage]) -> None:
        """Add warnings; one about the whole sample, to which several batches add their values, is one message."""
        for message in messages:
            if not is_about_parcel(message.line["reason"]) or message.line not in self.messages:
                self.details.append(message)


def take(
    content: bytes,
    supplier: Supplier,
    connector: Connector,
    gait: StageOptions | None = None,
    *,
    plan: TranslationPlan | None = None,
) -> SampleOutcome:
    """Run a sample through the stages, as `passerelle check` does. Raises ParcelError when it cannot be read at all.

    `plan` is that of the connector, for whoever takes several samples.
    """
    gait = gait or StageOptions()
    policy = FlowPolicy(
        plan=plan or get_plan(supplier.id, connector),
        purpose=Purpose.PORTABILITY,
        columnar=gait.columnar,
        fast_path=gait.express,
    )
    taken = SampleOutcome()
    blocks, drift = Blocks(gait.block_bytes, gait.block_rows), DriftWatch(policy.plan)
    for batch in prepare_batches(BytesIO(content), connector.dialect, policy, blocks=blocks, drift=drift):
        decoded, ledger, passing = batch.decoded, batch.ledger, batch.records
        for records in passing:
            taken.records.extend(_iter_records(records, decoded))
        aside: Iterable[SetAside] = ledger.aside
        taken.details.extend(_describe(item.fate, item, decoded) for item in aside)
        taken.add_warnings(_describe(WARNING, item, decoded) for item in ledger.warned)
        frame = decoded.table.frame
        taken.columns[decoded.table.member] = tuple(frame.columns)
        # Every cell is kept, so that a check can look for one in the messages.
        taken.cells.update(cell for column in frame for cell in column.drop_nulls())
        taken.balanced &= ledger.received == sum(ledger.fates.values()) + sum(one.frame.height for one in passing)
    # Sorted, so that the order does not depend on where batches are cut.
    taken.records.sort(key=_sort_key)
    taken.details.sort(key=lambda told: (_sort_key(told.line), told.line["reason"], told.line.get("column", "")))
    return taken


def _iter_records(records: Records, decoded: DecodedBatch) -> Iterator[dict[str, Any]]:
    rows = records.frame.get_column(ROW).to_list()
    bodies = canonical.to_records(records.frame, contracts.get(records.contract))
    for row, body in zip(rows, bodies, strict=True):
        place = {"member": decoded.table.member, "line": decoded.table.lines[row]}
        yield {"contract": records.contract, **{name: value for name, value in place.items() if value}, "record": body}


def _describe(fate: str, item: SetAside | RowWarning, decoded: DecodedBatch) -> SampleMessage:
    place = item.place
    line = {
        "fate": str(fate),
        "reason": item.reason,
        "member": place.member or decoded.table.member,
        "line": place.line,
        "column": place.column,
        "field": place.field,
    }
    return SampleMessage({name: value for name, value in line.items() if value}, tuple(item.details.values()))


def _sort_key(line: dict[str, Any]) -> tuple[str, int, str]:
    return line.get("member", ""), line["line"], line.get("contract", "")


def read_expected(sample: Path) -> list[dict[str, Any]]:
    """Read what a sample must give, from the file beside it: `nominal.csv` → `nominal.expected.jsonl`."""
    lines = sample.with_name(f"{sample.stem}.expected.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines if line]


def main() -> None:
    """Print what a sample gives today."""
    from pathlib import Path  # noqa: PLC0415  only this command needs it at run time

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("connector")
    parser.add_argument("sample", type=Path)
    arguments = parser.parse_args()
    supplier, connector, _ = load_plugins().find_connector(arguments.connector)
    taken = take(arguments.sample.read_bytes(), supplier, connector)
    for line in [*taken.records, *taken.messages]:
        sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
