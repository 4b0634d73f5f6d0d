"""Observes the records of samples: counts them, and notes anomalies, for exactly what a tender asks."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import polars as pl

from passerelle import contracts
from passerelle.contracts.publishing.examples import iter_accepted
from passerelle.engine.watches.invoice_watch import DIFFER, InvoiceWatch
from passerelle.engine.watches.reference_watch import UNRESOLVED, digest_refs
from passerelle.stages.translate.plan import PIPELINE_FIELDS
from passerelle.tender.requirement import Measure
from passerelle.tender.scoring.plausibility.sample_frames import SampleFrames
from passerelle.tender.scoring.reference_rows import ReferenceRows
from passerelle.tender.scoring.tallies import ContractTally, is_filled, is_listed, list_codes
from passerelle.tender.scoring.trail import AnomalyGroup, AnomalyTrail
from passerelle.vocabulary.outcomes import Fate
from passerelle.vocabulary.place import ROW

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from passerelle.engine.records.ledger import Ledger
    from passerelle.stages.translate.plan import TranslationPlan
    from passerelle.tender.consultation import Consultation
    from passerelle.vocabulary.outcomes import RowWarning, SetAside
    from passerelle.vocabulary.parcels import Records, TextTable

EMPTY = "tender.field.empty"
UNLISTED = "tender.code.unlisted"
REPEATED = "tender.key.repeated"
UNWANTED = "tender.field.unwanted"
OUTSIDE = "tender.column.outside"
_NIR = r"^[12] ?[0-9]{2} ?(0[1-9]|1[0-2]|[2-9][0-9]) ?[0-9][0-9AB][0-9 ]{6,12}$"
"""Sex, year, month, département, and the rest: the form of a French social security number."""
_MARK = "\x1f"
"""Between the number of a sample and the name of a member, in what watches of whole parcels are told."""


@dataclass(slots=True)
class SampleColumns:
    """The columns of one sample that hold something."""

    held: dict[str, set[str]] = field(default_factory=dict)
    """By contract: those that its fields read."""
    outside: Counter[str] = field(default_factory=Counter)
    """Those that no contract field holds, with how many cells are filled."""
    numbered: set[str] = field(default_factory=set)
    """Those of them in which cells look like national identification numbers."""


class Gatherer:
    """Observer of every record of a bidder's samples, one sample after the other."""

    def __init__(self, consultation: Consultation) -> None:
        self.trail = AnomalyTrail()
        self.tallies: dict[str, ContractTally] = {}
        self.columns: list[SampleColumns] = []
        self.examples: Counter[str] = Counter()
        """Records of our own published examples, by contract."""
        self._unread: Counter[tuple[int, str]] = Counter()
        """Rows that could not be read as a record of any contract, by sample and member."""
        self._served: list[dict[str, set[str]]] = []
        """By sample: the contracts that the rows of each member would have become."""
        asked = [pinned.id for pinned in consultation.contracts]
        self.references = ReferenceRows.of(asked)
        self.invoices = InvoiceWatch.of(asked)
        self.frames = SampleFrames(consultation.date)
        self._watched = _list_watched(consultation)
        self._keys: dict[tuple[str, str], set[bytes]] = {}
        # A sample that repeats our own published examples shows nothing of the bidder's software.
        self._own = {
            contract_id: tuple(sorted({record["ref"] for record in iter_accepted(contracts.get(contract_id))}))
            for contract_id in asked
        }
        self._batch: list[Records] = []
        self._reads: dict[tuple[str, str, str], tuple[str, ...]] = {}

    @property
    def sample(self) -> int:
        """Index of the current sample."""
        return len(self.columns) - 1

    def begin(self, plan: TranslationPlan) -> None:
        """Begin the next sample."""
        self.columns.append(SampleColumns())
        self._reads = {}
        served: dict[str, set[str]] = {}
        self._served.append(served)
        for table in plan.tables:
            served.setdefault(table.table.member, set()).add(table.table.contract)
            for one in table.fields:
                key = (table.table.member, table.table.contract, one.name)
                self._reads[key] = tuple(dict.fromkeys((*self._reads.get(key, ()), *one.columns)))

    def observe(self, records: Records, table: TextTable) -> None:
        """Count records that would be delivered, and note their anomalies."""
        self._batch.append(records)
        contract, frame = records.contract, records.frame
        there = set(table.frame.columns)
        # Fields that the connector describes, and for which these rows have no column.
        absent = [
            name
            for name in frame.columns
            if (columns := self._get_columns(table.member, contract, name)) and not there & set(columns)
        ]
        frame = frame.drop(PIPELINE_FIELDS, *absent, strict=False)
        self.tallies.setdefault(contract, ContractTally.of(contract)).count_records(frame)
        self.references.observe(self.sample, records, table)
        self.frames.observe(self.sample, replace(records, frame=frame), table)
        # Watches know members, not samples: two files may both have a worksheet «visit».
        self.invoices.observe(records, replace(table, member=f"{self.sample}{_MARK}{table.member}"))
        for measure, name in self._watched.get(contract, ()):
            if name in frame.columns:
                self._judge_field(measure, name, replace(records, frame=frame), table)
            elif measure is Measure.FILLED:
                self._note_rows(EMPTY, contract, name, frame.get_column(ROW), table)
        self._look_outside(records, table)
        own = self._own.get(contract)
        if own and frame.height:
            self.examples[contract] += int(frame.get_column("ref").is_in(own).cast(pl.Int64).sum())

    def _get_columns(self, member: str, contract: str, name: str) -> tuple[str, ...]:
        return self._reads.get((member, contract, name), ())

    def _judge_field(self, measure: Measure, name: str, records: Records, table: TextTable) -> None:
        frame, contract = records.frame, records.contract
        if measure is Measure.KEY:
            self._find_repeated(name, records, table)
            return
        filled = is_filled(frame, name)
        codes = list_codes(contracts.get(contract), name) if measure is Measure.CODES else None
        wrong, code = {
            Measure.FILLED: (filled.not_(), EMPTY),
            Measure.MINIMAL: (filled, UNWANTED),
            Measure.CODES: (filled & is_listed(frame, name, codes).not_() if codes else pl.lit(False), UNLISTED),
        }[measure]
        self._note_rows(code, contract, name, frame.filter(wrong).get_column(ROW), table)

    def _find_repeated(self, name: str, records: Records, table: TextTable) -> None:
        # Digests, not keys: keys name persons, and a sample may have millions.
        seen = self._keys.setdefault((records.contract, name), set())
        cells = records.frame.select(name, ROW).drop_nulls(name)
        again = []
        for row, digest in zip(cells.get_column(ROW), digest_refs(cells.get_column(name).to_list()), strict=True):
            if digest in seen:
                again.append(row)
            seen.add(digest)
        self._note_rows(REPEATED, records.contract, name, pl.Series(again, dtype=pl.UInt32), table)

    def _note_rows(self, code: str, contract: str, name: str, rows: pl.Series, table: TextTable) -> None:
        if len(rows):
            column = ", ".join(self._get_columns(table.member, contract, name))
            group = AnomalyGroup(code, self.sample, table.member, contract, name, column, refuses=False)
            self.trail.add(group, table.lines.gather(rows).to_list(), _make_details(contract, name))

    def _look_outside(self, records: Records, table: TextTable) -> None:
        columns = self.columns[-1]
        frame = records.frame
        if "extra" in frame.columns:
            for cells in frame.get_column("extra").struct.unnest():
                for column in cells.struct.unnest():
                    self._note_outside(column, columns, frame.get_column(ROW), records.contract, table)
        place = (table.member, records.contract)
        reads = {name for key, names in self._reads.items() if key[:2] == place for name in names}
        columns.held.setdefault(records.contract, set()).update(reads & set(table.frame.columns))

    def _note_outside(
        self, column: pl.Series, columns: SampleColumns, rows: pl.Series, contract: str, table: TextTable
    ) -> None:
        held = column.is_not_null() & (column != "")
        if not held.any() or column.name.partition(".")[0] in PIPELINE_FIELDS:
            return
        columns.outside[column.name] += int(held.sum())
        if column.str.contains(_NIR).any():
            columns.numbered.add(column.name)
        group = AnomalyGroup(OUTSIDE, self.sample, table.member, contract, "", column.name, refuses=False)
        # One place is enough: a column outside the contract is outside on every row.
        if group not in self.trail.groups:
            self.trail.add(group, [table.lines[rows.filter(held)[0]]])

    def record_ledger(self, ledger: Ledger, table: TextTable) -> None:
        """Note what was set aside and warned about in the batch just seen."""
        for item in ledger.aside:
            if item.fate is Fate.WITHHELD:
                continue  # left out on purpose by the connector: no anomaly
            if item.contract:
                self.tallies.setdefault(item.contract, ContractTally.of(item.contract)).rejected += 1
            else:
                self._unread[self.sample, item.place.member or table.member] += 1
            self._note_anomaly(item, item.contract, table.member, refuses=True)
        owners = _Owners(self._batch, table)
        for warned in ledger.warned:
            contract = owners.of(warned)
            if contract:
                self._note_anomaly(warned, contract, table.member, refuses=False)
        self._batch = []

    def _note_anomaly(self, item: SetAside | RowWarning, contract: str, member: str, *, refuses: bool) -> None:
        place = item.place
        name = place.field.partition(".")[0]
        column = place.column or ", ".join(self._get_columns(member, contract, name))
        group = AnomalyGroup(item.reason, self.sample, place.member or member, contract, name, column, refuses)
        self.trail.add(group, [place.line], item.details)
        # One item may stand for many rows: only the first has a line.
        if rest := int(item.details.get("count", "1")) - 1:
            self.trail.repeat(group, rest)

    def end(self) -> None:
        """Note, after the last sample, anomalies that only all samples together show."""
        for place, lines in self.references.iter_orphans():
            group = AnomalyGroup(UNRESOLVED, place.sample, place.member, place.contract, place.field, "", refuses=False)
            self.trail.add(group, lines, _make_details(place.contract, place.field))
        for warning in self.invoices.list_warnings():
            sample, _, member = warning.key.member.partition(_MARK)
            group = AnomalyGroup(
                DIFFER, int(sample), member, warning.key.contract, warning.key.field, "", refuses=False
            )
            self.trail.add(group, warning.lines, _make_details(warning.key.contract, warning.key.field))

    def is_spoiling(self, group: AnomalyGroup, contract: str) -> bool:
        """Whether anomalies refuse records of a contract, or rows that would have become such records."""
        if group.contract:
            return group.refuses and group.contract == contract
        return group.refuses and self._serves(group.sample, group.member, contract)

    def count_unread(self, contract: str) -> int:
        """Return how many rows would have become records of a contract and could not be read as any."""
        return sum(count for (sample, member), count in self._unread.items() if self._serves(sample, member, contract))

    def _serves(self, sample: int, member: str, contract: str) -> bool:
        served = self._served[sample]
        # a row of a member that nobody described may be of any contract of its file, and of no other's
        return contract in served.get(member, set().union(*served.values()))

    def count_references(self, contract: str, name: str) -> int:
        """Return the number of rows that refer to something in a field."""
        return self.references.rows.get((contract, name), 0)


class _Owners:
    """Finds the contract of a warning: that of the record on its line, among those that have its field."""

    def __init__(self, batch: Iterable[Records], table: TextTable) -> None:
        self._batch, self._table = tuple(batch), table
        self._lines: dict[str, set[int]] = {}

    def of(self, warned: RowWarning) -> str:
        name = warned.place.field.partition(".")[0]
        candidates = [one for one in self._batch if name and name in contracts.get(one.contract).describe_fields()]
        if len(candidates) > 1:
            for one in candidates:
                if one.contract not in self._lines:
                    rows = one.frame.get_column(ROW)
                    self._lines[one.contract] = set(self._table.lines.gather(rows).to_list())
            candidates = [one for one in candidates if warned.place.line in self._lines[one.contract]]
        return candidates[0].contract if candidates else ""


def _list_watched(consultation: Consultation) -> Mapping[str, tuple[tuple[Measure, str], ...]]:
    """Return, by contract, the measures and fields that are checked record by record."""
    looked_at = (Measure.FILLED, Measure.CODES, Measure.KEY, Measure.MINIMAL)
    found: dict[str, dict[tuple[Measure, str], None]] = {}
    for one in consultation.requirements:
        if one.measure in looked_at and one.contract and one.field:
            found.setdefault(one.contract, {})[one.measure, one.field] = None
    return {contract: tuple(watched) for contract, watched in found.items()}


def _make_details(contract: str, name: str) -> dict[str, str]:
    fact = contracts.get(contract).describe_fields().get(name)
    return {"path": name, "list": fact.codes if fact else ""}


def iter_places(
    trail: AnomalyTrail, wanted: Mapping[AnomalyGroup, tuple[str, ...]]
) -> Iterator[tuple[str, AnomalyGroup, int]]:
    """Yield each anomaly with every requirement that it counts against."""
    for group, line in trail.iter_places():
        for requirement in wanted.get(group, ()):
            yield requirement, group, line
