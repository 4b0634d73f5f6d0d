"""Two lanes, one authority: the express lane admits the plain rows, the verdict judges and explains the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from passerelle import contracts
from passerelle.contracts import canonical
from passerelle.stages.validate.express import admitted
from passerelle.stages.validate.verdict import judge
from passerelle.vocabulary.outcomes import Fate, SetAside, Warned
from passerelle.vocabulary.parcels import ROW, Place, Records

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passerelle.stages.validate.finding import Finding
    from passerelle.vocabulary.parcels import TextTable


@dataclass(frozen=True, slots=True)
class Lanes:
    """How many rows each lane decided."""

    express: int
    verdict: int


@dataclass(frozen=True, slots=True)
class Validated:
    """Records of which the contract is satisfied, unchanged; aside and warned hold what this stage found."""

    records: Records
    lanes: Lanes


def validate(
    records: Records, *, table: TextTable, express: bool = True, strict_identifiers: bool = False
) -> Validated:
    """Judge every row against its contract. The result does not depend on `express`, only the speed does."""
    contract = contracts.get(records.contract)
    frame = records.frame
    plain = admitted(frame, contract) if express else pl.repeat(False, frame.height, dtype=pl.Boolean, eager=True)
    doubtful = frame.filter(~plain)
    judged = [
        judge(record, contract, strict_identifiers=strict_identifiers)
        for record in canonical.records(doubtful, contract)
    ]
    rows = doubtful.get_column(ROW).to_list()
    aside = [_aside(row, findings, records.contract, table) for row, findings in zip(rows, judged, strict=True) if _refused(findings)]
    ...
