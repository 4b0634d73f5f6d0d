"""Rows of a file under the names that the tables know, without those that are no records: totals, notes.

Delimited text and workbooks only: documents have no such rows, and their names are exact. What documents have is types:
yes or no where a text belongs is doubted, and an id is one id whether it is written `1` or `1.0`.
"""

from __future__ import annotations

from dataclasses import field, replace
from typing import TYPE_CHECKING

import polars as pl

from passerelle.engine.path.name_columns import add_name_columns, read_name_columns
from passerelle.stages.decode.dialects import Csv, Json, Xlsx
from passerelle.stages.decode.notes import find_notes, judge_short, match_spellings, set_notes_aside, warn_spellings
from passerelle.stages.decode.value_types import warn_booleans, write_ids_alike
from passerelle.stages.translate.converters.texts import Text
from passerelle.stages.translate.drift import list_required_columns
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Container

    from passerelle.stages.decode.dialects import Dialect
    from passerelle.stages.translate.plan import TranslationPlan
    from passerelle.vocabulary.outcomes import RowWarning
    from passerelle.vocabulary.parcels import DecodedBatch


def tell_needed(dialect: Dialect, plan: TranslationPlan) -> Dialect:
    """Return the dialect of a text or a workbook with the columns that the tables need, by which a table is found."""
    if isinstance(dialect, Xlsx) and not dialect.sheets:
        return replace(dialect, needed=tuple(sorted(list_required_columns("", plan).difference(plan.name_columns))))
    if not isinstance(dialect, Csv):
        return dialect
    members = {entry.table.member for entry in plan.tables}
    # what the name of a file says stands in no header
    beside = plan.name_columns
    needed = {member: tuple(sorted(list_required_columns(member, plan).difference(beside))) for member in members}
    return replace(dialect, needed=needed)


@dataclass(slots=True)
class TableShaping:
    """Shapes the batches of one parcel, in order."""

    plan: TranslationPlan
    dialect: Dialect
    skip: Container[int] = ()
    """Batches that an earlier run settled: what is said once was said with the first of them."""
    met: set[str] = field(default_factory=set)
    """Members whose names were reported."""
    name: str = ""
    """The name of the file; empty: not known."""

    def arrange(self, decoded: DecodedBatch) -> DecodedBatch:
        """Return a batch under the names that the tables know, without rows that are no records."""
        # rows to replay were chosen by a person, and their names are those of the quarantine
        if decoded.items:
            return decoded
        decoded = self._arrange_rows(decoded)
        if not self.name or not self.plan.file_name:
            return decoded
        return add_name_columns(decoded, read_name_columns(self.plan, self.name))

    def _arrange_rows(self, decoded: DecodedBatch) -> DecodedBatch:
        if isinstance(self.dialect, Csv | Xlsx):
            decoded = self._set_notes_aside(self._match_columns(decoded))
        refs = self._list_ref_columns(decoded.table.member)
        if isinstance(self.dialect, Json):
            decoded = write_ids_alike(decoded, refs)
        # in other formats every value is a text already
        return (
            warn_booleans(decoded, dict.fromkeys([*self._list_texts(decoded), *refs])) if self._has_types else decoded
        )

    @property
    def _has_types(self) -> bool:
        return isinstance(self.dialect, Json | Xlsx)

    def _match_columns(self, decoded: DecodedBatch) -> DecodedBatch:
        member, columns = decoded.table.member, decoded.table.frame.columns
        renamed = match_spellings(columns, self._list_names(member))
        if not renamed:
            return decoded
        warned: tuple[RowWarning, ...] = ()
        if member not in self.met and decoded.number - 1 not in self.skip:
            warned = warn_spellings(renamed, member)
        self.met.add(member)
        table = replace(decoded.table, frame=decoded.table.frame.rename(renamed))
        return replace(decoded, table=table, warned=(*decoded.warned, *warned))

    def _list_names(self, member: str) -> list[str]:
        """List the columns that the tables and scopes of a member name."""
        names: dict[str, None] = dict.fromkeys(sorted(self.plan.list_scope_columns(member)))
        for entry in self.plan.list_tables(member):
            names.update(dict.fromkeys((*entry.columns, *sorted(entry.known_columns))))
        return list(names)

    def _set_notes_aside(self, decoded: DecodedBatch) -> DecodedBatch:
        table = decoded.table
        aside = [judge_short(item) for item in decoded.aside]
        notes = find_notes(table.frame, self._list_ref_columns(table.member))
        if not notes and all(one is other for one, other in zip(aside, decoded.aside, strict=True)):
            return decoded
        aside += set_notes_aside(table, notes)
        is_record = pl.repeat(True, table.frame.height, dtype=pl.Boolean, eager=True)
        if notes:
            is_record = is_record.scatter(list(notes), False)
        kept = replace(table, frame=table.frame.filter(is_record), lines=table.lines.filter(is_record))
        aside.sort(key=lambda item: item.place.line)
        return replace(decoded, table=kept, aside=tuple(aside))

    def _list_texts(self, decoded: DecodedBatch) -> list[str]:
        """List the columns that are read as texts, and as nothing else."""
        entries = self.plan.list_tables(decoded.table.member)
        converters = [slot.converter for entry in entries for slot in entry.slots]
        others = {column for one in converters if not isinstance(one, Text) for column in one.columns}
        texts = dict.fromkeys(one.column for one in converters if isinstance(one, Text))
        return [name for name in texts if name not in others]

    def _list_ref_columns(self, member: str) -> list[str]:
        """List the columns of which the references of a member's records are made."""
        fields = (one for entry in self.plan.list_tables(member) for one in entry.fields if one.name == "ref")
        return list(dict.fromkeys(column for one in fields for column in one.columns))
