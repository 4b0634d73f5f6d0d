"""A connector's tables, checked against the contracts and made ready: built once, used for every batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

import polars as pl

from passerelle.contracts.catalogue import catalogue, get
from passerelle.contracts.layout import columns as layout_of
from passerelle.stages.translate.columnar import evaluate
from passerelle.stages.translate.slot import Slot
from passerelle.stages.translate.table import covers
from passerelle.vocabulary.promises import Promise, Promises

if TYPE_CHECKING:
    from collections.abc import Iterable

    from passerelle.contracts.contract import Contract
    from passerelle.stages.translate.converter import Converter
    from passerelle.stages.translate.table import OutOfScope, Table

OURS = ("confirmed_none", "extra", "source")
"""Fields that the pipeline fills itself."""


@dataclass(frozen=True, slots=True)
class FieldPlan:
    """One contract field and the converters that fill it: exactly one, unless the field is a list."""

    name: str
    dtype: pl.DataType
    slots: tuple[Slot, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Name the supplier's columns that the field reads."""
        return tuple(dict.fromkeys(column for slot in self.slots for column in slot.columns))

    @property
    def promise(self) -> Promise | None:
        """Say what the values surely are."""
        promises = [slot.face.promise if slot.face else None for slot in self.slots]
        if not isinstance(self.dtype, pl.List):
            return promises[0]
        items = tuple(promise for promise in promises if promise is not None)
        return Promise(items=items) if len(items) == len(promises) else None


@dataclass(frozen=True, slots=True)
class TablePlan:
    """A table, bound to its contract."""

    table: Table
    fields: tuple[FieldPlan, ...]
    """In contract order."""
    required: frozenset[str]
    """Columns that must be there: declared, asked for by `where`, or read by a field that the contract requires."""
    promises: Promises
    """What the fields surely are, where their columnar faces are sure."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Name the supplier's columns that are read by converters."""
        return tuple(dict.fromkeys(column for field in self.fields for column in field.columns))

    @property
    def slots(self) -> tuple[Slot, ...]:
        """Give the slots of all fields, in contract order."""
        return tuple(slot for field in self.fields for slot in field.slots)

    @property
    def settled(self) -> frozenset[str]:
        """Name the columns that `extra` need not carry: read, waived, or the same in every row of the table."""
        same = (entry.column for entry in self.table.where if len(entry.values) == 1 and not entry.negated)
        return frozenset((*self.columns, *self.table.waived, *same))

    @property
    def known(self) -> frozenset[str]:
        """Name every column that the table speaks of."""
        conditions = (entry.column for entry in self.table.where)
        return self.settled | self.required | frozenset((*conditions, *self.table.carried))

    def speaks_of(self, column: str) -> bool:
        """Say whether the table knows a column, by name or by how its name begins."""
        return column in self.known or any(covers(name, column) for name in self.table.carried)

    @property
    def expected(self) -> frozenset[str]:
        """Name the columns that are read and whose absence is worth a word."""
        return self.required | (frozenset(self.columns) - frozenset(self.table.optional))


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that `translate`, `drift` and `render` need to know of a connector."""

    supplier: str
    tables: tuple[TablePlan, ...]
    out_of_scope: tuple[OutOfScope, ...]
    nulls: tuple[str, ...]
    nothing: tuple[str, ...]

    def tables_of(self, member: str) -> tuple[TablePlan, ...]:
        """Give the tables that a member's rows may belong to."""
        return tuple(entry for entry in self.tables if entry.table.member == member)

    def scopes_of(self, member: str) -> tuple[OutOfScope, ...]:
        """Give what the connector leaves out of a member."""
        return tuple(entry for entry in self.out_of_scope if entry.member == member)

    def asked_of(self, member: str) -> frozenset[str]:
        """Name the columns that decide which rows of a member are left out."""
        return frozenset(entry.column for scope in self.scopes_of(member) for entry in scope.where)

    def needed_of(self, member: str) -> frozenset[str]:
        """Name those of them without which nothing can be decided."""
        return self.asked_of(member).difference(*(scope.optional for scope in self.scopes_of(member)))


def compile_plan(
    tables: Sequence[Table],
    *,
    supplier: str,
    out_of_scope: Sequence[OutOfScope] = (),
    nulls: Sequence[str] = ("",),
    nothing: Sequence[str] = (),
) -> Plan:
    """Check tables against the contracts and make them ready.

    Raises:
        ValueError: a contract or field that does not exist (the nearest name is given), a required field that nothing
            fills, a converter whose values do not fit its field. It speaks to the developer of the connector.
    """
    bound = tuple(_bind(table) for table in tables)
    return Plan(supplier, bound, tuple(out_of_scope), tuple(nulls), tuple(nothing))


def _bind(table: Table) -> TablePlan:
    contract = _contract(table.contract)
    dtypes = layout_of(contract)
    for name in table.fields:
        if name in OURS or name not in dtypes:
            raise ValueError(_unknown(f"{table.contract}: field", name, set(dtypes) - set(OURS)))
    wanted = [name for name, info in contract.model_fields.items() if info.is_required()]
    if missing := [name for name in wanted if name not in table.fields]:
        message = f"{table.contract}: nothing fills the required field {missing[0]!r}"
        raise ValueError(message)
    fields = tuple(_field(name, dtypes[name], table.fields[name]) for name in contract.order() if name in table.fields)
    read = {column for field in fields if field.name in wanted for column in field.columns}
    conditions = {entry.column for entry in table.where} - set(table.optional)
    asked = (*table.required, *conditions)
    required = frozenset((*asked, *(read - frozenset(table.optional))))
    promised = {field.name: promise for field in fields if (promise := field.promise)}
    plan = TablePlan(table, fields, required, Promises(promised))
    if not plan.columns:
        message = f"{table.contract}: no converter reads a column"
        raise ValueError(message)
    _rehearse(plan)
    return plan


def _contract(contract_id: str) -> type[Contract]:
    try:
        return get(contract_id)
    except KeyError:
        raise ValueError(_unknown("contract", contract_id, catalogue())) from None


def _unknown(what: str, name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name, sorted(known), n=1)
    return f"{what} {name!r} does not exist" + (f"; did you mean {near[0]!r}?" if near else "")


def _field(name: str, dtype: pl.DataType, converters: Converter | Sequence[Converter]) -> FieldPlan:
    several = tuple(converters) if isinstance(converters, Sequence) else (converters,)
    if not several or (len(several) > 1 and not isinstance(dtype, pl.List)):
        message = f"field {name!r} takes exactly one converter"
        raise ValueError(message)
    return FieldPlan(name, dtype, tuple(Slot.of(name, converter, dtype) for converter in several))


def _rehearse(plan: TablePlan) -> None:
    """Evaluate the columnar faces on no rows at all: what does not fit its field shows here and not at night."""
    nobody = pl.DataFrame(schema=dict.fromkeys(plan.columns, pl.String()))
    if _fit(plan.slots, nobody):
        return
    for slot in plan.slots:
        if not _fit((slot,), nobody):
            message = f"{plan.table.contract}: {type(slot.converter).__name__} does not fit the field {slot.field!r}"
            raise ValueError(message)


def _fit(slots: Sequence[Slot], nobody: pl.DataFrame) -> bool:
    try:
        faces = evaluate(nobody, slots)
    except pl.exceptions.PolarsError:
        return False
    return all(face is None or face[0].dtype == slot.dtype for face, slot in zip(faces, slots, strict=True))
