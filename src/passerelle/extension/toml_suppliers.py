"""Suppliers described in TOML: read, checked, and made into the same objects as those described in Python."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from passerelle.contracts.catalogue import catalogue
from passerelle.contracts.field_types import list_columns as layout_of
from passerelle.extension import toml_models, toml_problems
from passerelle.extension.code_tables import make_table_reader
from passerelle.extension.supplier import Connector, Supplier
from passerelle.extension.toml_converters import fill_in_system
from passerelle.extension.toml_models import SupplierEntry
from passerelle.stages.translate.plan import PIPELINE_FIELDS, compile_plan
from passerelle.stages.translate.table import Table
from passerelle.vocabulary.composition import compose
from passerelle.vocabulary.errors import SettingsError
from passerelle.vocabulary.suggestions import find_nearest, join_names

if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.resources.abc import Traversable

    from passerelle.extension.toml_converters import AnySpec, CodeTables
    from passerelle.extension.toml_models import ConnectorEntry, TableEntry
    from passerelle.extension.toml_problems import Location
    from passerelle.stages.translate.converter import Converter


def read_supplier(file: Traversable, folder: Traversable) -> Supplier:
    """Read one description; its code tables are looked for in `folder`.

    Raises SettingsError, whose `problems` are all that is wrong with it, each with file, line, key and what was
    probably meant. What it says is as good as what `compile_plan` would accept from Python.
    """
    try:
        # exports are composed before they are compared with what is written here
        text = compose(file.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError:
        raise SettingsError("settings.file.missing", file=file.name) from None
    except (OSError, UnicodeDecodeError):
        raise SettingsError("settings.file.unreadable", file=file.name) from None
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise toml_problems.make_syntax_error(error, text, file.name) from None
    problems = toml_problems.Collector(SupplierEntry, text, file.name)
    try:
        entry = SupplierEntry.model_validate(raw)
    except ValidationError as error:
        problems.add_all(error)
        raise problems.to_error() from None
    # Building goes on after a problem, so that one reading reports all of them.
    supplier = _SupplierBuilder(entry, make_table_reader(folder), problems).make_supplier()
    if problems:
        raise problems.to_error()
    return supplier


class _SupplierBuilder:
    """Builds the objects of one description; whatever cannot be built is noted as a problem with its place."""

    def __init__(self, entry: SupplierEntry, tables: CodeTables, problems: toml_problems.Collector) -> None:
        self._entry = entry
        self._tables = tables
        self._problems = problems

    def make_supplier(self) -> Supplier:
        entry = self._entry
        connectors = tuple(self._make_connector(name, one) for name, one in entry.connector.items())
        return Supplier(id=entry.id, title=entry.title, website=entry.website, connectors=connectors)

    def _make_connector(self, name: str, entry: ConnectorEntry) -> Connector:
        place = ("connector", name)
        return Connector(
            id=name,
            title=entry.title,
            dialect=toml_models.make_dialect(entry.dialect),
            tables=tuple(self._make_table((*place, "table", key), one) for key, one in entry.table.items()),
            out_of_scope=tuple(toml_models.make_scope(one) for one in entry.out_of_scope.values()),
            nulls=entry.nulls,
            nothing=entry.nothing,
            unread=entry.unread,
            access=toml_models.make_access(entry.access),
            send=toml_models.make_send(entry.send),
            ordered_by=self._make_order(place, entry),
            absent=entry.absent,
            whole=entry.whole,
        )

    def _make_order(self, place: Location, entry: ConnectorEntry) -> Converter | None:
        specs = () if entry.ordered_by is None else (entry.ordered_by,)
        return next(iter(self._make_converters((*place, "ordered_by"), specs)), None)

    def _make_table(self, place: Location, entry: TableEntry) -> Table:
        fields = {name: self._make_converters((*place, "fields", name), specs) for name, specs in entry.fields.items()}
        table = Table(
            contract=entry.contract,
            fields={name: tuple(made) for name, made in fields.items()},
            member=entry.member,
            where=toml_models.make_conditions(entry.where),
            required=entry.required,
            waived=entry.waived,
            carried=entry.carried,
            within=entry.within,
            becomes=entry.becomes,
            deleted=toml_models.make_conditions(entry.deleted),
        )
        if all(len(made) == len(entry.fields[name]) for name, made in fields.items()) and self._check_names(
            place, entry
        ):
            try:
                compile_plan((table,), supplier=self._entry.id)
            except ValueError as error:
                self._problems.add("settings.supplier.defect", place, defect=str(error))
        return table

    def _make_converters(self, place: Location, specs: Sequence[AnySpec]) -> list[Converter]:
        """Make the converters of a field; those that cannot be made are noted and left out."""
        made = []
        # One that cannot be made does not hide what is wrong with the next.
        for spec in specs:
            try:
                made.append(fill_in_system(spec, self._entry.id).make_converter(self._tables))
            except SettingsError as error:
                self._problems.add(error.code, place, **error.details)
            except ValueError as error:
                self._problems.add("settings.supplier.defect", place, defect=str(error))
        return made

    def _check_names(self, place: Location, entry: TableEntry) -> bool:
        """Whether contract and fields exist; what does not is noted."""
        if entry.contract not in catalogue():
            self._note_unknown((*place, "contract"), entry.contract, catalogue())
            return False
        contract = catalogue()[entry.contract]
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
