"""The translation plan: a connector's tables, checked against the contracts; compiled once, used for every batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from difflib import get_close_matches
from fnmatch import fnmatchcase
from types import MappingProxyType
from typing import TYPE_CHECKING

import polars as pl

from passerelle.contracts.catalogue import catalogue, get
from passerelle.contracts.field_types import list_columns as layout_of
from passerelle.stages.translate.code_words import list_code_words
from passerelle.stages.translate.columnar import evaluate
from passerelle.stages.translate.converters.true_cells import accept_true_cells
from passerelle.stages.translate.shaped import iter_unread_parts
from passerelle.stages.translate.shapes import read_shapes
from passerelle.stages.translate.slot import ConverterSlot
from passerelle.stages.translate.structured_cells import list_text_columns
from passerelle.stages.translate.systems import name_system
from passerelle.stages.translate.table import covers
from passerelle.vocabulary.composition import compose
from passerelle.vocabulary.defects import DefectError
from passerelle.vocabulary.guarantees import Guarantee, Guarantees
from passerelle.vocabulary.language import N_
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from passerelle.contracts.contract import Contract
    from passerelle.stages.translate.converter import Converter
    from passerelle.stages.translate.shapes import CellShape
    from passerelle.stages.translate.table import OutOfScope, Table

PIPELINE_FIELDS = ("confirmed_none", "extra", "source")
"""Fields that the pipeline fills itself."""


@dataclass(frozen=True, slots=True)
class FieldTranslation:
    """One contract field and the converters that fill it: exactly one, unless the field is a list."""

    name: str
    dtype: pl.DataType
    slots: tuple[ConverterSlot, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The supplier's columns that the field reads."""
        return tuple(dict.fromkeys(column for slot in self.slots for column in slot.columns))

    @property
    def guarantee(self) -> Guarantee | None:
        """What the values are guaranteed to be, where the columnar translation is sure."""
        guarantees = [slot.columnar.guarantee if slot.columnar else None for slot in self.slots]
        if not isinstance(self.dtype, pl.List):
            return guarantees[0]
        items = tuple(guarantee for guarantee in guarantees if guarantee is not None)
        # An item without guarantee may be anything: then the list has none either.
        return Guarantee(items=items) if len(items) == len(guarantees) else None


@dataclass(frozen=True, slots=True)
class TablePlan:
    """A table, bound to its contract."""

    table: Table
    fields: tuple[FieldTranslation, ...]
    """In contract order."""
    required: frozenset[str]
    """Columns that must be there: declared, asked for by `where`, or read by a field that the contract requires."""
    guarantees: Guarantees
    """Guarantees about the fields' values, where their columnar translations are sure."""
    texts: tuple[str, ...] = ()
    """Columns of a JSON document that are read as texts: a list or an object in one of them is none."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The supplier's columns that converters read."""
        return tuple(dict.fromkeys(column for field in self.fields for column in field.columns))

    @property
    def conditions(self) -> tuple[str, ...]:
        """The supplier's columns that decide which rows belong to the table, and which announce a deletion."""
        deciding = (*self.table.where, *self.table.deleted)
        return tuple(dict.fromkeys(column for entry in deciding for column in entry.columns))

    @property
    def slots(self) -> tuple[ConverterSlot, ...]:
        """The slots of all fields, in contract order."""
        return tuple(slot for field in self.fields for slot in field.slots)

    @property
    def not_carried(self) -> frozenset[str]:
        """The columns that `extra` need not carry: read, waived, or the same in every row of the table."""
        same = (entry.column for entry in self.table.where if entry.only_value is not None)
        return frozenset((*self.columns, *self.table.waived, *same))

    @property
    def known_columns(self) -> frozenset[str]:
        """Every column that the table names."""
        return self.not_carried | self.required | frozenset((*self.conditions, *self.table.carried))

    def knows(self, column: str) -> bool:
        """Whether the table names a column, or the family of columns that its name belongs to."""
        return column in self.known_columns or any(covers(name, column) for name in self.table.carried)

    @property
    def expected_columns(self) -> frozenset[str]:
        """The columns that are read and whose absence is reported as drift."""
        return self.required | (frozenset(self.columns) - frozenset(self.table.optional))


@dataclass(frozen=True, slots=True)
class TranslationPlan:
    """Everything that translation, drift detection and rendering need of a connector."""

    supplier: str
    tables: tuple[TablePlan, ...]
    out_of_scope: tuple[OutOfScope, ...]
    nulls: tuple[str, ...]
    nothing: tuple[str, ...]
    unread: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Names or patterns of what the connector leaves unread on purpose → the reason, in words."""
    types: str = ""
    """Column that names the type of a row; empty: rows have none."""
    file_name: tuple[CellShape, ...] = ()
    """How files are named whose names say something of their rows."""
    words: Mapping[str, Mapping[str, frozenset[str]]] = field(default_factory=lambda: MappingProxyType({}))
    """The supplier's words in the connector's code tables, by contract and field."""

    @property
    def name_columns(self) -> tuple[str, ...]:
        """The columns that the names of files fill."""
        return tuple(dict.fromkeys(name for shape in self.file_name for name in shape.names))

    def find_unread_reason(self, name: str) -> str | None:
        """Return why a column, list, element, member or type is left unread; None when it is not declared so."""
        if name in self.unread:
            return self.unread[name]
        # whatever its capitals and however its accents are composed: people type the names of sheets
        wanted = compose(name).casefold()
        return next(
            (why for pattern, why in self.unread.items() if fnmatchcase(wanted, compose(pattern).casefold())), None
        )

    def find_beside_reason(self, name: str) -> str | None:
        """Return why something beside the records is left unread: declared as `../name`, or as `name` alone."""
        reason = self.find_unread_reason(f"../{name}")
        return self.find_unread_reason(name) if reason is None else reason

    def find_why_unread(self, name: str) -> str:
        """Return why a name is left unread, or waived by a table, in the connector's words; empty when it is not."""
        waived = (entry.table.waived[name] for entry in self.tables if name in entry.table.waived)
        return self.find_beside_reason(name) or next(waived, "")

    def list_known_types(self, member: str) -> frozenset[str]:
        """List the types of rows that a table or a scope of a member names."""
        tables = [where for entry in self.list_tables(member) for where in entry.table.where]
        conditions = [*tables, *(where for scope in self.list_scopes(member) for where in scope.where)]
        return frozenset(
            word for where in conditions if where.column == self.types and where.is_list for word in where.values
        )

    def list_tables(self, member: str) -> tuple[TablePlan, ...]:
        """List the tables that a member's rows may belong to."""
        return tuple(entry for entry in self.tables if entry.table.member == member)

    def list_scopes(self, member: str) -> tuple[OutOfScope, ...]:
        """List the conditions under which rows of a member are left out."""
        return tuple(entry for entry in self.out_of_scope if entry.member == member)

    def list_scope_columns(self, member: str) -> frozenset[str]:
        """List the columns that decide which rows of a member are left out."""
        return frozenset(name for scope in self.list_scopes(member) for entry in scope.where for name in entry.columns)

    def list_required_scope_columns(self, member: str) -> frozenset[str]:
        """List those of them without which no row can be decided on."""
        return self.list_scope_columns(member).difference(*(scope.optional for scope in self.list_scopes(member)))


def compile_plan(  # noqa: PLR0913  the parts of a connector, most of them with defaults
    tables: Sequence[Table],
    *,
    supplier: str,
    out_of_scope: Sequence[OutOfScope] = (),
    nulls: Sequence[str] = ("",),
    nothing: Sequence[str] = (),
    true_cells: bool = False,
    unread: Mapping[str, str] = MappingProxyType({}),
    types: str = "",
    typed: bool = False,
    file_name: str | Sequence[str] = (),
) -> TranslationPlan:
    """Check tables against the contracts and bind their converters to the contracts' fields.

    With `true_cells`, converters of days and times also take what the reader of workbooks writes of true cells.
    With `typed`, values have types (JSON), and those that are lists or objects are no texts.

    Raises:
        ValueError: a contract or field that does not exist (the nearest name is named), a required field that nothing
            fills, a converter whose values do not fit its field. The message is for the developer of the connector.
    """
    tables = tuple(name_system(table, supplier) for table in tables)
    bound = tuple(_bind(table, true_cells=true_cells, typed=typed) for table in tables)
    words = list_code_words((plan.table.contract, slot) for plan in bound for slot in plan.slots)
    shapes = read_shapes(file_name)
    scopes, texts = tuple(out_of_scope), (tuple(nulls), tuple(nothing))
    return TranslationPlan(supplier, bound, scopes, *texts, unread, types, shapes, words)


def _bind(table: Table, *, true_cells: bool, typed: bool) -> TablePlan:
    contract = _find_contract(table.contract)
    dtypes = layout_of(contract)
    for name in table.fields:
        if name in PIPELINE_FIELDS or name not in dtypes:
            raise _make_unknown(_NO_FIELD, name, set(dtypes) - set(PIPELINE_FIELDS), contract=table.contract)
    if table.within and table.within not in table.fields:
        raise _make_unknown(_NO_FIELD, table.within, table.fields, contract=table.contract)
    if table.becomes:
        _find_contract(table.becomes)
    wanted = [name for name, info in contract.model_fields.items() if info.is_required()]
    if missing := [name for name in wanted if name not in table.fields]:
        raise DefectError(
            N_("{contract}: nothing fills the required field «{field}»"), contract=table.contract, field=missing[0]
        )
    fields = tuple(
        _bind_field(name, dtypes[name], table.fields[name], true_cells=true_cells)
        for name in contract.list_fields()
        if name in table.fields
    )
    read = {column for field in fields if field.name in wanted for column in field.columns}
    conditions = {name for entry in (*table.where, *table.deleted) for name in entry.columns} - set(table.optional)
    declared = (*table.required, *conditions)
    required = frozenset((*declared, *(read - frozenset(table.optional))))
    guaranteed = {field.name: guarantee for field in fields if (guarantee := field.guarantee)}
    texts = list_text_columns(slot.converter for field in fields for slot in field.slots) if typed else ()
    for name in iter_unread_parts(table.fields, table.parts):
        if name not in table.waived:
            raise DefectError(
                N_("{contract}: nobody reads the part «{part}»; waive it with a reason"),
                contract=table.contract,
                part=name,
            )
    plan = TablePlan(table, fields, required, Guarantees(guaranteed), texts)
    if not plan.columns:
        raise DefectError(N_("{contract}: no converter reads a column"), contract=table.contract)
    _rehearse(plan)
    return plan


def _find_contract(name: str) -> type[Contract]:
    try:
        return get(name)
    except KeyError:
        raise _make_unknown(_NO_CONTRACT, name, catalogue()) from None


_NO_FIELD = (
    N_("{contract}: field «{field}» does not exist"),
    N_("{contract}: field «{field}» does not exist; did you mean «{nearest}»?"),
)
_NO_CONTRACT = (
    N_("contract «{field}» does not exist"),
    N_("contract «{field}» does not exist; did you mean «{nearest}»?"),
)
"""Sentences without a nearest name, and with one."""


def _make_unknown(sentences: tuple[str, str], name: str, candidates: Iterable[str], **facts: str) -> DefectError:
    near = get_close_matches(name, sorted(candidates), n=1)
    return DefectError(sentences[bool(near)], field=name, nearest=near[0] if near else "", **facts)


def _bind_field(
    name: str, dtype: pl.DataType, converters: Converter | Sequence[Converter], *, true_cells: bool
) -> FieldTranslation:
    several = tuple(converters) if isinstance(converters, Sequence) else (converters,)
    several = tuple(map(accept_true_cells, several)) if true_cells else several
    if not several or (len(several) > 1 and not isinstance(dtype, pl.List)):
        raise DefectError(N_("field «{field}» takes exactly one converter"), field=name)
    return FieldTranslation(name, dtype, tuple(ConverterSlot.of(name, converter, dtype) for converter in several))


def _rehearse(plan: TablePlan) -> None:
    """Evaluate the columnar translations on an empty frame. Raises ValueError when one does not fit its field."""
    empty = pl.DataFrame(schema=dict.fromkeys(plan.columns, pl.String()))
    # All at once is the usual case; only when that fails is the slot looked for, one by one.
    if _can_evaluate(plan.slots, empty):
        return
    for slot in plan.slots:
        if not _can_evaluate((slot,), empty):
            raise DefectError(
                N_("{contract}: {converter} does not fit the field «{field}»"),
                contract=plan.table.contract,
                converter=type(slot.converter).__name__,
                field=slot.field,
            )


def _can_evaluate(slots: Sequence[ConverterSlot], empty: pl.DataFrame) -> bool:
    try:
        evaluated = evaluate(empty, slots)
    except pl.exceptions.PolarsError:
        return False
    return all(
        columns is None or columns[0].dtype == slot.dtype for columns, slot in zip(evaluated, slots, strict=True)
    )
