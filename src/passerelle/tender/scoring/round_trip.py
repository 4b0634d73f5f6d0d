"""Round trip of the first records of a sample: written as the supplier writes them, read again, compared."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from passerelle import contracts
from passerelle.contracts import canonical
from passerelle.engine.rehearsal.round_trip import list_differences, write_and_read_back
from passerelle.stages.translate.plan import PIPELINE_FIELDS
from passerelle.tender.scoring.trail import AnomalyGroup
from passerelle.vocabulary.place import ROW

if TYPE_CHECKING:
    from passerelle.tender.scoring.reading import SampleReader
    from passerelle.tender.scoring.trail import AnomalyTrail
    from passerelle.vocabulary.parcels import Records, TextTable

TRIED = 500
"""Records of each contract that go there and back; writing goes record by record."""
NOT_RETURNED = "tender.record.not_returned"


@dataclass(slots=True)
class RoundTripTally:
    """Round trips of the records of one contract: how many were tried, how many came back equal."""

    tried: int = 0
    equal: int = 0
    lost: dict[str, int] = field(default_factory=dict)
    """By field: in how many records it did not come back equal."""
    groups: list[AnomalyGroup] = field(default_factory=list)


class RoundTrip:
    """Round trip of the first records of each contract. A sample in contract form shows nothing of it."""

    def __init__(self, trail: AnomalyTrail) -> None:
        self.found: dict[str, RoundTripTally] = {}
        self._trail = trail
        self._reader: SampleReader | None = None
        self._sample = -1

    def begin(self, reader: SampleReader) -> None:
        """Begin the next sample."""
        self._sample += 1
        self._reader = None if reader.is_contract_form else reader

    def observe(self, records: Records, table: TextTable) -> None:
        """Count records that would be delivered, and note their anomalies."""
        if self._reader is None or not records.frame.height:
            return
        found = self.found.setdefault(records.contract, RoundTripTally())
        frame = records.frame.head(TRIED - found.tried).drop(PIPELINE_FIELDS, strict=False)
        if not frame.height:
            return
        contract = contracts.get(records.contract)
        went = canonical.to_records(frame, contract)
        ways = [one for one in self._reader.connector.tables if one.contract == records.contract]
        backs = [write_and_read_back(frame, one, self._reader.supplier, self._reader.connector) for one in ways]
        gone: dict[str, list[int]] = {}
        for nth, body in enumerate(went):
            # Several tables may write a contract: the best one counts.
            lost = min((list_differences(body, back.get(nth)) for back in backs), key=len)
            found.equal += not lost
            for name in lost:
                found.lost[name] = found.lost.get(name, 0) + 1
                gone.setdefault(name, []).append(int(table.lines[int(frame.get_column(ROW)[nth])]))
        found.tried += frame.height
        for name, lines in sorted(gone.items()):
            group = AnomalyGroup(NOT_RETURNED, self._sample, table.member, records.contract, name, "", refuses=False)
            self._trail.add(group, lines, {"path": name})
            if group not in found.groups:
                found.groups.append(group)
