"""The gate: only records of persons who take part, and only fields that the flow's purpose needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import polars as pl

from passerelle import contracts
from passerelle.stages.gate.minimising import minimise
from passerelle.vocabulary.outcomes import Fate, SetAside
from passerelle.vocabulary.parcels import Records
from passerelle.vocabulary.place import ROW, Place

if TYPE_CHECKING:
    from passerelle.contracts.contract import Contract
    from passerelle.contracts.field_meta import Purpose
    from passerelle.vocabulary.parcels import TextTable

ConsentRule = Literal["opposition", "required"]
"""`opposition`: everybody takes part who has not refused. `required`: only those who accepted."""

Answers = Callable[[Sequence[str]], Mapping[str, bool]]
"""Looks up persons by `ref`: True accepted, False refused, absent when they have not answered."""


@dataclass(frozen=True, slots=True)
class GateResult:
    """Records that may go, with the fields that may go; aside holds what this stage withheld."""

    records: Records
    withheld_values: int
    """Known values of delivered records that the purpose does not need (in `extra`: cells)."""
    withheld_fields: Mapping[str, int]
    """The same, by field."""


def gate(
    records: Records,
    *,
    table: TextTable,
    purpose: Purpose,
    consent: ConsentRule,
    answers: Answers,
    deliver_extra: bool = False,
) -> GateResult:
    """Withhold records of persons who do not take part, then fields that the purpose does not need."""
    contract = contracts.get(records.contract)
    withheld = _find_withheld(records.frame, contract, consent, answers)
    aside = tuple(
        SetAside(
            Fate.WITHHELD,
            reason,
            Place(table.lines[row], member=table.member, field=contract.about.person),
            row,
            contract=records.contract,
        )
        for row, reason in withheld.values()
    )
    going = records.frame.filter(~pl.int_range(pl.len()).is_in(list(withheld))) if withheld else records.frame
    needed, counts = minimise(going, contract, purpose, deliver_extra=deliver_extra)
    return GateResult(Records(records.contract, needed, aside), sum(counts.values()), counts)


def _find_withheld(
    frame: pl.DataFrame, contract: type[Contract], consent: ConsentRule, answers: Answers
) -> dict[int, tuple[int, str]]:
    """Return the rows that are withheld: index in the frame → row in the table, reason."""
    person = contract.about.person
    if not person:
        return {}
    column = frame.get_column(person) if person in frame.columns else pl.repeat(None, frame.height, eager=True)
    # Each person is looked up once, in a stable order, however many rows name them.
    answer_of = answers(column.drop_nulls().unique().sort().to_list())
    reasons = {ref: _find_reason(answer_of.get(ref), consent) for ref in answer_of}
    reason_of_silence = _find_reason(None, consent)
    # Where consent is required, a record that names nobody cannot have it.
    nobody = "gate.consent.nobody" if consent == "required" else ""
    # Nobody is withheld, the usual case: no pass over the rows.
    if not (reason_of_silence or nobody or any(reasons.values())):
        return {}
    refs = column.to_list()
    reasons_by_index = [nobody if ref is None else reasons.get(ref, reason_of_silence) for ref in refs]
    rows = frame.get_column(ROW)
    return {index: (rows[index], reason) for index, reason in enumerate(reasons_by_index) if reason}


def _find_reason(answer: bool | None, consent: ConsentRule) -> str:  # noqa: FBT001  an answer is a value, not an option
    if answer is False:
        return "gate.consent.refused"
    if answer is None and consent == "required":
        return "gate.consent.missing"
    return ""
