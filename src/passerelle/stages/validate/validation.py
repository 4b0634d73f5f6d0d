"""Validation of a batch: the fast path accepts the rows it is sure of, the model path judges and explains the rest."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

import polars as pl

from passerelle import contracts
from passerelle.stages.validate.doubts import NO_SETTING, DoubtSetting
from passerelle.stages.validate.fast_path import RowChecks, check_rows
from passerelle.stages.validate.paths import count_doubtful
from passerelle.stages.validate.row_findings import find_in_rows
from passerelle.vocabulary.doubts import WARN_ONLY, DoubtRules
from passerelle.vocabulary.light_dataclass import dataclass
from passerelle.vocabulary.outcomes import Fate, RowWarning, SetAside
from passerelle.vocabulary.parcels import Records
from passerelle.vocabulary.place import ROW, Place

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from passerelle.stages.validate.findings import ValidationFinding
    from passerelle.vocabulary.parcels import TextTable


@dataclass(frozen=True, slots=True)
class PathCounts:
    """How many rows each path of validation decided."""

    fast_path: int
    model_path: int
    doubtful: Mapping[str, int] = field(default_factory=dict)
    """When asked for: how many rows each field, or rule, sent to the model path."""


@dataclass(frozen=True, slots=True)
class ValidationResult:
    """Records that satisfy their contract, unchanged; their `aside` and `warned` hold what this stage found."""

    records: Records
    paths: PathCounts


def validate(
    records: Records,
    *,
    table: TextTable,
    fast_path: bool = True,
    setting: DoubtSetting = NO_SETTING,
    doubts: DoubtRules = WARN_ONLY,
    explain_paths: bool = False,
) -> ValidationResult:
    """Validate every row against its contract. The result does not depend on `fast_path`, only the speed does."""
    contract = contracts.get(records.contract)
    frame = records.frame
    if fast_path:
        checks = check_rows(
            frame,
            contract,
            guarantees=records.guarantees,
            rows_without_guarantee=records.rows_without_guarantee,
            setting=setting,
        )
    else:
        nothing = pl.repeat(False, frame.height, dtype=pl.Boolean, eager=True)
        checks = RowChecks(nothing, nothing, nothing)
    doubtful = (~checks.plain).arg_true()
    doubtful_rows = frame[doubtful]
    numbers = doubtful_rows.get_column(ROW)
    known = RowChecks(*(each.gather(doubtful) for each in (checks.valid, checks.plain, checks.undoubted)))
    rows = zip(doubtful.to_list(), numbers.to_list(), table.lines.gather(numbers).to_list(), strict=True)
    found = find_in_rows(doubtful_rows, contract, known, setting=setting, strict=doubts.strict, fast_path=fast_path)
    aside: list[SetAside] = []
    warned: list[RowWarning] = []
    refused: list[int] = []
    for (index, row, line), findings in zip(rows, found, strict=True):
        refusing = [finding for finding in findings if not finding.warns]
        if refusing:
            refused.append(index)
            aside.append(_set_aside(refusing, row, _locate(line, table, refusing[0]), records.contract))
        else:
            warned += [
                RowWarning(finding.reason, _locate(line, table, finding), finding.details) for finding in findings
            ]
    passing = frame.filter(pl.repeat(True, frame.height, eager=True).scatter(refused, False)) if refused else frame
    valid_records = Records(records.contract, passing, tuple(aside), tuple(warned))
    reasons = count_doubtful(doubtful_rows, contract, setting) if explain_paths else {}
    return ValidationResult(valid_records, PathCounts(frame.height - len(doubtful), len(doubtful), reasons))


def _set_aside(refusing: Sequence[ValidationFinding], row: int, place: Place, contract: str) -> SetAside:
    """Report the first finding that refuses; name the others by their codes, so that one correction can serve all."""
    first, *others = refusing
    details = first.details
    if others:
        details = {**details, "also": ", ".join(dict.fromkeys(other.reason for other in others))}
    return SetAside(Fate.REJECTED, first.reason, place, row, details=details, contract=contract)


def _locate(line: int, table: TextTable, finding: ValidationFinding) -> Place:
    return Place(line, member=table.member, field=finding.field)
