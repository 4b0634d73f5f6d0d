"""Suppliers described in TOML: read, checked, and made into the same objects as those described in Python."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from passerelle.extension import toml_models, toml_problems
from passerelle.extension.supplier import Connector, Supplier
from passerelle.extension.toml_extending import find_base, join_base, make_reader_of
from passerelle.extension.toml_models import SupplierEntry
from passerelle.extension.toml_tables import TableBuilder
from passerelle.stages.translate.shapes import read_shapes
from passerelle.vocabulary.composition import compose
from passerelle.vocabulary.defects import DefectError
from passerelle.vocabulary.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from importlib.resources.abc import Traversable

    from passerelle.extension.toml_converters import CodeTables
    from passerelle.extension.toml_models import ConnectorEntry
    from passerelle.extension.toml_problems import Location
    from passerelle.stages.translate.converter import Converter


def read_supplier(
    file: Traversable, folder: Traversable, read_table: Callable[[str], Mapping[str, str]] | None = None
) -> Supplier:
    """Read one description; its code tables are looked for in `folder`, or as `read_table` reads them.

    Raises SettingsError, whose `problems` are all that is wrong with it, each with file, line, key and what was
    probably meant; one that it extends has to be right by itself before. What it says is as good as what `compile_plan`
    would accept from Python.
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
    base = find_base(raw, file)
    if base is not None:
        raw = join_base(raw, file)  # before it is read by itself: of a circle that would have no end
        read_supplier(base, base.parent)
    problems = toml_problems.Collector(SupplierEntry, text, file.name)
    try:
        entry = SupplierEntry.model_validate(raw)
    except ValidationError as error:
        problems.add_all(error)
        raise problems.to_error() from None
    # Building goes on after a problem, so that one reading reports all of them.
    tables = read_table or make_reader_of(file, folder)
    supplier = _SupplierBuilder(entry, raw, tables, problems).make_supplier()
    if problems:
        raise problems.to_error()
    return supplier


class _SupplierBuilder:
    """Builds the objects of one description; whatever cannot be built is noted as a problem with its place."""

    def __init__(
        self, entry: SupplierEntry, raw: Mapping[str, Any], tables: CodeTables, problems: toml_problems.Collector
    ) -> None:
        self._entry = entry
        self._raw = raw
        self._tables = TableBuilder(entry.id, tables, problems)
        self._problems = problems

    def make_supplier(self) -> Supplier:
        entry = self._entry
        raw = self._raw["connector"]
        connectors = tuple(self._make_connector(name, one, raw[name]) for name, one in entry.connector.items())
        return Supplier(id=entry.id, title=entry.title, website=entry.website, connectors=connectors)

    def _make_connector(self, name: str, entry: ConnectorEntry, raw: Mapping[str, Any]) -> Connector:
        place = ("connector", name)
        return Connector(
            id=name,
            title=entry.title,
            dialect=toml_models.make_dialect(entry.dialect),
            tables=tuple(
                table
                for key, one in entry.table.items()
                for table in self._tables.make_tables((*place, "table", key), one, raw["table"][key])
            ),
            out_of_scope=tuple(
                self._tables.make_scope((*place, "out_of_scope", key), one) for key, one in entry.out_of_scope.items()
            ),
            nulls=entry.nulls,
            nothing=entry.nothing,
            unread=entry.unread,
            file_name=self._check_name(place, entry.file_name),
            access=toml_models.make_access(entry.access),
            send=toml_models.make_send(entry.send),
            ordered_by=self._make_order(place, entry),
            absent=entry.absent,
            whole=entry.whole,
            row=toml_models.make_row(entry.row),
            needed=entry.needed,
            ids_ignore_case=entry.ids_ignore_case,
            ids_ignore_zeros=entry.ids_ignore_zeros,
        )

    def _make_order(self, place: Location, entry: ConnectorEntry) -> Converter | None:
        specs = () if entry.ordered_by is None else (entry.ordered_by,)
        return next(iter(self._tables.make_converters((*place, "ordered_by"), specs)), None)

    def _check_name(self, place: Location, shapes: tuple[str, ...]) -> tuple[str, ...]:
        """Return the shapes of files' names, if they can be; else that is noted."""
        try:
            read_shapes(shapes)
        except DefectError as error:
            self._problems.add("settings.supplier.defect", (*place, "file_name"), defect=error.explain())
            return ()
        return shapes
