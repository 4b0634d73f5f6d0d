"""Tables of a description: checked against the contracts, and repeated where columns repeat."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from passerelle.contracts.catalogue import get, list_ids
from passerelle.contracts.field_types import list_columns as layout_of
from passerelle.extension import toml_models
from passerelle.extension.toml_models import TableEntry
from passerelle.stages.translate.plan import PIPELINE_FIELDS, compile_plan
from passerelle.stages.translate.shaped import Parts
from passerelle.stages.translate.sharing import list_converters
from passerelle.stages.translate.table import Table, Where
from passerelle.vocabulary.defects import DefectError
from passerelle.vocabulary.errors import SettingsError
from passerelle.vocabulary.language import _
from passerelle.vocabulary.suggestions import find_nearest, join_names

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from passerelle.extension.toml_converters import AnySpec, CodeTables
    from passerelle.extension.toml_models import ScopeEntry
    from passerelle.extension.toml_problems import Collector, Location
    from passerelle.stages.translate.converter import Converter
    from passerelle.stages.translate.table import OutOfScope

EACH = "{each}"
"""What stands, in the names of columns that repeat, for what tells them apart."""


class TableBuilder:
    """Builds the tables of a supplier's description; whatever cannot be built is noted as a problem with its place."""

    def __init__(self, system: str, tables: CodeTables, problems: Collector) -> None:
        self._system = system
        self._tables = tables
        self._problems = problems

    def make_tables(self, place: Location, entry: TableEntry, raw: Mapping[str, Any]) -> tuple[Table, ...]:
        """Make a table, or one for each of its repeated groups of columns."""
        if not entry.each:
            return (self._make_table(place, entry),)
        plain = {name: value for name, value in raw.items() if name != "each"}
        shared = frozenset(_list_columns(self._make_table(place, TableEntry.model_validate(plain))))
        made: list[Table] = []
        for word in entry.each:
            table = self._make_table(place, TableEntry.model_validate(_fill_in(plain, word)))
            own = tuple(name for name in _list_columns(table) if name not in shared)
            if not own:
                defect = _("no column of this table has {each} in its name").format(each=EACH)
                self._problems.add("settings.supplier.defect", (*place, "each"), defect=defect)
                return ()
            # A group without a value is no record, and a file may have fewer groups than the first description knew.
            optional = table.optional if not made else tuple(dict.fromkeys((*table.optional, *own)))
            made.append(replace(table, where=(*table.where, Where.holds(*own)), optional=optional))
        return tuple(made)

    def _make_table(self, place: Location, entry: TableEntry) -> Table:
        fields = {name: self.make_converters((*place, "fields", name), specs) for name, specs in entry.fields.items()}
        table = Table(
            contract=entry.contract,
            fields={name: tuple(made) for name, made in fields.items()},
            member=entry.member,
            where=toml_models.make_conditions(entry.where),
            required=entry.required,
            waived=entry.waived,
            carried=entry.carried,
            optional=entry.optional,
            cut=self._check_shapes((*place, "cut"), entry.cut),
            glue=self._check_shapes((*place, "glue"), entry.glue),
            within=entry.within,
            becomes=entry.becomes,
            deleted=toml_models.make_conditions(entry.deleted),
        )
        if all(len(made) == len(entry.fields[name]) for name, made in fields.items()) and self._check_names(
            place, entry
        ):
            try:
                decide = (column for where in (*table.where, *table.deleted) for column in where.columns)
                plan = compile_plan((table,), supplier=self._system).tables[0]
                self._check_optional(place, entry.optional, {*plan.columns, *decide})
            except DefectError as error:
                self._note_defect(place, entry, error)
        return table

    def _check_shapes(self, place: Location, shapes: Mapping[str, Sequence[str]]) -> dict[str, Sequence[str]]:
        """Return the shapes that can be; the others are noted."""
        good: dict[str, Sequence[str]] = {}
        for column, texts in shapes.items():
            try:
                Parts.of({**good, column: texts}, {})
                good[column] = texts
            except DefectError as error:
                self._problems.add("settings.supplier.defect", (*place, column), defect=error.explain())
        return good

    def _note_defect(self, place: Location, entry: TableEntry, error: DefectError) -> None:
        """Note what the plan refuses, at the field it is about, with the converter's name in TOML."""
        field = error.facts.get("field", "")
        where = (*place, "fields", field) if field in entry.fields else place
        kinds = [spec.kind for spec in entry.fields.get(field, ())]
        facts = {"converter": f"«{', '.join(kinds)}»"} if kinds and "converter" in error.facts else {}
        self._problems.add("settings.supplier.defect", where, defect=error.explain(**facts))

    def make_scope(self, place: Location, entry: ScopeEntry) -> OutOfScope:
        """Make a rule that leaves rows out."""
        self._check_optional(
            place, entry.optional, {name for where in entry.where for name in (where.column, *where.also)}
        )
        return toml_models.make_scope(entry)

    def _check_optional(self, place: Location, optional: Iterable[str], read: Collection[str]) -> None:
        """Note the columns that are called optional and that nothing reads: a misspelt one would park files again."""
        for name in optional:
            if name not in read:
                self._note_unknown((*place, "optional"), name, sorted(read))

    def make_converters(self, place: Location, specs: Sequence[AnySpec]) -> list[Converter]:
        """Make the converters of a field; those that cannot be made are noted and left out."""
        made = []
        # One that cannot be made does not hide what is wrong with the next.
        for spec in specs:
            try:
                made.append(spec.make_converter(self._tables))
            except SettingsError as error:
                self._problems.add(error.code, place, **error.details)
            except DefectError as error:
                self._problems.add("settings.supplier.defect", place, defect=error.explain())
        return made

    def _check_names(self, place: Location, entry: TableEntry) -> bool:
        """Whether contract and fields exist; what does not is noted."""
        if entry.contract not in list_ids():
            self._note_unknown((*place, "contract"), entry.contract, list_ids())
            return False
        contract = get(entry.contract)
        known = [name for name in layout_of(contract) if name not in PIPELINE_FIELDS]
        strangers = [name for name in entry.fields if name not in known]
        for name in strangers:
            self._note_unknown((*place, "fields", name), name, known)
        wanted = [name for name, info in contract.model_fields.items() if info.is_required()]
        absent = [name for name in wanted if name not in entry.fields]
        for name in absent:
            self._problems.add("settings.key.missing", (*place, "fields", name))
        return not strangers and not absent

    def _note_unknown(self, place: Location, word: str, known: Any) -> None:
        facts = {"word": word, "nearest": find_nearest(word, known) or "–", "known": join_names(known, most=60)}
        self._problems.add("settings.supplier.unknown", place, **facts)


def _list_columns(table: Table) -> tuple[str, ...]:
    """List the supplier's columns that the converters of a table read."""
    converters = (one for entry in table.fields.values() for one in list_converters(entry))
    return tuple(dict.fromkeys(column for one in converters for column in one.columns))


def _fill_in(raw: Any, word: str) -> Any:
    """Return a part of a description with a word in place of `EACH`, in names and texts."""
    match raw:
        case str():
            return raw.replace(EACH, word)
        case dict():
            return {_fill_in(name, word): _fill_in(value, word) for name, value in raw.items()}
        case list():
            return [_fill_in(value, word) for value in raw]
        case _:
            return raw
