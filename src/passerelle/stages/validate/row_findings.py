"""What is wrong with rows that the fast path does not accept: the model path judges them, and not twice the same.

A row of which a required field is empty and all else is surely right has the same findings as any other such row: one
of them is judged. Of a row that can only have a doubtful number or code no other field is read.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import polars as pl

from passerelle.contracts import canonical
from passerelle.contracts.canonical import is_absent
from passerelle.stages.validate.contract_tree import read_tree
from passerelle.stages.validate.doubts import list_doubtful_fields
from passerelle.stages.validate.fast_path import compile_field_checks, list_dtypes
from passerelle.stages.validate.model_path import judge

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from passerelle.contracts.contract import Contract
    from passerelle.stages.validate.doubts import DoubtSetting
    from passerelle.stages.validate.fast_path import Fields, RowChecks
    from passerelle.stages.validate.findings import ValidationFinding

_MISSING = "validate.field.missing"
_NOT_SURE = -1
_MOST_REQUIRED = 62
"""Fields of which a number of 64 bits can say which are lacking."""


def find_in_rows(
    frame: pl.DataFrame,
    contract: type[Contract],
    checks: RowChecks,
    *,
    setting: DoubtSetting,
    strict: Container[str],
    fast_path: bool,
) -> list[tuple[ValidationFinding, ...]]:
    """Return the findings of each row, as `judge` has them; `checks` are those of these rows.

    Without `fast_path` each row is judged by itself, whatever can be known beforehand.
    """
    findings: list[tuple[ValidationFinding, ...]] = [()] * frame.height
    is_brief = checks.valid & checks.undoubted
    for row, record in _read_brief(frame, contract, is_brief):
        findings[row] = judge(record, contract, setting=setting, strict=strict, valid=True, undoubted=True)
    # most batches have no other: nothing is compiled for them
    if is_brief.all():
        return findings
    judged = _judge_lacking(frame, contract) if fast_path else {}
    for row, shared in judged.items():
        findings[row] = shared
    rest = (~is_brief).scatter(list(judged), False).arg_true()
    known = (checks.valid.gather(rest).to_list(), checks.undoubted.gather(rest).to_list())
    rows = zip(rest.to_list(), *known, strict=True)
    for (row, valid, undoubted), record in zip(rows, canonical.to_records(frame[rest], contract), strict=True):
        findings[row] = judge(record, contract, setting=setting, strict=strict, valid=valid, undoubted=undoubted)
    return findings


def _read_brief(
    frame: pl.DataFrame, contract: type[Contract], wanted: pl.Series
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield some rows by number, of each the fields alone in which a number or code may be doubtful."""
    names = [name for name in list_doubtful_fields(contract) if name in frame.columns]
    if names and wanted.any():
        rows = wanted.arg_true()
        yield from zip(rows.to_list(), canonical.to_records(frame.select(names)[rows], contract), strict=True)


def _judge_lacking(frame: pl.DataFrame, contract: type[Contract]) -> dict[int, tuple[ValidationFinding, ...]]:
    """Return, by row, the findings of rows that lack required fields and are right in all others."""
    lacking = frame.select(_compile_lacking(contract, list_dtypes(frame)).alias("lacking")).to_series()
    rows: dict[int, list[int]] = {}
    for row, fields in enumerate(lacking.to_list()):
        if fields > 0:
            rows.setdefault(fields, []).append(row)
    firsts = [some[0] for some in rows.values()]
    found: dict[int, tuple[ValidationFinding, ...]] = {}
    for some, record in zip(rows.values(), canonical.to_records(frame[firsts], contract), strict=True):
        findings = judge(record, contract)
        if all(finding.reason == _MISSING for finding in findings):
            found |= dict.fromkeys(some, findings)
    return found


@lru_cache(maxsize=256)
def _compile_lacking(contract: type[Contract], fields: Fields) -> pl.Expr:
    root, there = read_tree(contract), dict(fields)
    required = [name for name, node in root.fields.items() if node.required]
    if not root.certain or len(required) > _MOST_REQUIRED:
        return pl.repeat(_NOT_SURE, pl.len(), dtype=pl.Int64)
    absent = {
        name: is_absent(pl.col(name), there[name]) if name in there else pl.repeat(True, pl.len()) for name in required
    }
    checks = compile_field_checks(contract, fields, None)
    sure = [check | absent[name] if name in absent else check for name, check in checks.items()]
    number = pl.sum_horizontal(
        pl.repeat(0, pl.len(), dtype=pl.Int64),
        *(pl.when(lacks).then(pl.lit(1 << nth, pl.Int64)).otherwise(0) for nth, lacks in enumerate(absent.values())),
    )
    return pl.when(pl.all_horizontal(pl.lit(True), *sure).fill_null(value=False)).then(number).otherwise(_NOT_SURE)
