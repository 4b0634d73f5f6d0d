"""The persons and professionals that a record names: whose answers decide whether it may go, and with which fields."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import polars as pl

from passerelle.contracts.field_meta import Sensitivity
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Collection

    from passerelle.contracts.contract import Contract

PERSONS = frozenset({"person", "related_contact"})
"""Contract families of persons: accompanied, or close to somebody who is."""
PROFESSIONAL = "professional"
SUBJECTS = PERSONS | {PROFESSIONAL}


@dataclass(frozen=True, slots=True)
class SubjectFields:
    """The fields of a contract that name somebody, and those that trace a professional."""

    main: str
    """The field that says which person the record is about; empty when it is about none."""
    persons: tuple[str, ...]
    """Each of them must allow the record, the one of `main` first."""
    professionals: tuple[str, ...]
    """Those of records about others."""
    own_professional: str
    """The key of a record that is about a professional; empty in other contracts."""
    surveillance: tuple[str, ...]

    @property
    def all(self) -> tuple[str, ...]:
        """All fields that name somebody."""
        own = (self.own_professional,) if self.own_professional else ()
        return (*self.persons, *self.professionals, *own)


@cache
def find_subject_fields(contract: type[Contract]) -> SubjectFields:
    """Return the fields of a contract that name somebody, from their metadata."""
    about, meta = contract.about, contract.describe_fields()
    own = ("ref",) if about.family in PERSONS else ()
    named = (name for name, entry in meta.items() if entry.reference in PERSONS)
    main = (about.person,) if about.person else ()
    return SubjectFields(
        main=about.person,
        persons=tuple(dict.fromkeys((*main, *named, *own))),
        professionals=tuple(name for name, entry in meta.items() if entry.reference == PROFESSIONAL),
        own_professional="ref" if about.family == PROFESSIONAL else "",
        surveillance=tuple(name for name, entry in meta.items() if entry.sensitivity is Sensitivity.SURVEILLANCE),
    )


def list_subject_refs(frame: pl.DataFrame, names: Collection[str]) -> list[str]:
    """Return all references in these columns, those of lists too, each once and in a stable order."""
    columns = [frame.get_column(name) for name in names if name in frame.columns]
    # a column that the supplier does not send has no type of its own
    columns = [column for column in columns if column.dtype != pl.Null]
    if not columns:
        return []
    # each column alone first: few persons are named by many rows
    parts = [(column.explode() if column.dtype == pl.List else column).drop_nulls().unique() for column in columns]
    refs: list[str] = pl.concat(parts).unique().sort().to_list()
    return refs


def mark_named(frame: pl.DataFrame, name: str, refs: Collection[str]) -> pl.Expr:
    """Mark the rows that name one of these references in a column."""
    if name not in frame.columns or not refs:
        return pl.lit(value=False)
    wanted, dtype = list(refs), frame.schema[name]
    if isinstance(dtype, pl.List):
        return pl.col(name).list.eval(pl.element().is_in(wanted)).list.any().fill_null(value=False)
    return pl.col(name).is_in(wanted).fill_null(value=False)


def mark_others(frame: pl.DataFrame, name: str, refs: Collection[str]) -> pl.Expr:
    """Mark the rows that name in a column somebody who is not among these references."""
    if name not in frame.columns:
        return pl.lit(value=False)
    wanted, dtype = list(refs), frame.schema[name]
    if isinstance(dtype, pl.List):
        return pl.col(name).list.eval(~pl.element().is_in(wanted)).list.any().fill_null(value=False)
    return (pl.col(name).is_not_null() & ~pl.col(name).is_in(wanted)).fill_null(value=False)
