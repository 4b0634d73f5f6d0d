"""The conformance suite: what every connector keeps, shown on its own samples. To extend it, add a test method."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING, ClassVar

from passerelle.engine.checking import plan_of
from passerelle.extension.loading import load_plugins
from passerelle.stages.translate.drift import Drift, drift
from passerelle.testing.samples import Gait, Taken, expected, take

if TYPE_CHECKING:
    from pathlib import Path

    from passerelle.extension.loading import PluginInfo
    from passerelle.extension.supplier import Connector, Supplier
    from passerelle.stages.translate.converter import Converter
    from passerelle.stages.translate.table import Table

_GIVE_AWAY = 5
"""From this length on, a sample's cell found in a message is taken for a leak and not for a word of ours."""

_LOADING = """
import sys
import passerelle.engine.checking, passerelle.extension.loading as loading
touched = []
def watch(event, args):
    if event.startswith("socket.") or event == "subprocess.Popen":
        touched.append(event)
    name = str(args[0]) if event == "open" else ".py"
    if not name.endswith((".py", ".pyc", ".so", ".pyd", ".mo")) and "zoneinfo" not in name:
        touched.append("open " + name)
found = [info for info in loading.installed() if info.name == sys.argv[1]]
for info in loading.installed():
    if info.name != sys.argv[1]:
        continue
    sys.addaudithook(watch)
    loading.load_plugins(among=[info])
sys.exit("\\n".join(touched) if touched or not found else 0)
"""


@cache
def _found(connector_id: str) -> tuple[Supplier, Connector, PluginInfo]:
    return load_plugins().connector(connector_id)


@cache
def _taken(connector_id: str, sample: Path, gait: Gait) -> Taken:
    supplier, connector, _ = _found(connector_id)
    return take(sample.read_bytes(), supplier, connector, gait)


class Conformance:
    """The suite for one connector; `conforms` makes a class of it that pytest runs."""

    connector_id: ClassVar[str]
    nominal: ClassVar[Path]
    """A sample in which everything is right."""
    oddities: ClassVar[Path]
    """A sample of what may go wrong, one oddity a line."""

    @property
    def connector(self) -> Connector:
        """The connector under test."""
        return _found(self.connector_id)[1]

    def taken(self, sample: Path, gait: Gait | None = None) -> Taken:
        """Take a sample down the path."""
        return _taken(self.connector_id, sample, gait or Gait())

    def test_the_nominal_sample_gives_the_expected_records_and_nothing_else(self) -> None:
        """Record by record, with what is out of scope told row by row."""
        taken = self.taken(self.nominal)
        assert [*taken.records, *taken.sayings] == expected(self.nominal)
        assert {line["fate"] for line in taken.sayings} <= {"withheld", "warning"}

    def test_every_oddity_is_told_with_its_reason_and_place(self) -> None:
        """Good rows among them must still give their records."""
        taken = self.taken(self.oddities)
        assert [*taken.records, *taken.sayings] == expected(self.oddities)

    def test_both_gaits_agree(self) -> None:
        """Column by column or record by record: the same."""
        for sample in (self.nominal, self.oddities):
            _same(self.taken(sample), self.taken(sample, Gait(columnar=False)))

    def test_both_lanes_agree(self) -> None:
        """With the express lane or with the verdict alone: the same."""
        for sample in (self.nominal, self.oddities):
            _same(self.taken(sample), self.taken(sample, Gait(express=False)))

    def test_cutting_batches_anywhere_changes_nothing(self) -> None:
        """One row a batch, or a few: the same."""
        for sample in (self.nominal, self.oddities):
            for size in (1, 3):
                _same(self.taken(sample), self.taken(sample, Gait(block_rows=size, block_bytes=size * 100)))

    def test_every_row_of_the_samples_has_one_fate(self) -> None:
        """The books balance."""
        assert self.taken(self.nominal).balanced
        assert self.taken(self.oddities).balanced

    def test_the_same_input_gives_the_same_refs_each_of_them_once(self) -> None:
        """A ref names one record; taking the sample again names the same."""
        supplier, connector, _ = _found(self.connector_id)
        again = take(self.nominal.read_bytes(), supplier, connector)
        refs = [(line["contract"], line["record"]["ref"]) for line in again.records]
        assert refs == [(line["contract"], line["record"]["ref"]) for line in self.taken(self.nominal).records]
        assert len(refs) == len(set(refs))

    def test_every_column_of_the_sample_is_mapped_carried_or_waived(self) -> None:
        """And none that the connector names is missing from it: a misspelt column would stay silent for ever."""
        supplier, connector, _ = _found(self.connector_id)
        plan, columns = plan_of(supplier.id, connector), self.taken(self.nominal).columns
        assert {table.member for table in connector.tables} <= set(columns)
        assert {member: drift(names, member, plan) for member, names in columns.items()} == dict.fromkeys(
            columns, Drift()
        )
        for table in connector.tables:
            assert {*table.waived, *table.carried} <= set(columns[table.member])

    def test_every_column_left_out_has_a_reason_and_is_not_read_as_well(self) -> None:
        """To waive a column is to say why."""
        for table in self.connector.tables:
            assert all(why.strip() for why in table.waived.values())
            assert not {*table.waived, *table.carried} & set(_read(table))

    def test_no_value_of_the_samples_is_in_any_message(self) -> None:
        """What is told of a row holds its place and its shape, never what it says."""
        for sample in (self.nominal, self.oddities):
            taken = self.taken(sample)
            secrets = {cell for cell in taken.cells if len(cell) >= _GIVE_AWAY} - self._own_words()
            told = "\n".join(fact for one in taken.told for fact in one.facts)
            assert not [cell for cell in secrets if cell in told]

    def test_the_plugin_loads_without_touching_files_or_network(self) -> None:
        """A description is data: nothing is opened, nobody is called."""
        name = _found(self.connector_id)[2].name
        ran = subprocess.run(  # noqa: S603  our own interpreter, our own words
            [sys.executable, "-B", "-c", _LOADING, name], capture_output=True, text=True, check=False
        )
        assert ran.returncode == 0, ran.stderr

    def _own_words(self) -> set[str]:
        """Words that the connector itself declares, and that may therefore be said."""
        scopes = [table.where for table in self.connector.tables]
        scopes += [scope.where for scope in self.connector.out_of_scope]
        chosen = {word for scope in scopes for where in scope for word in where.values}
        looked_up = {word for table in self.connector.tables for one in _converters(table) for word in _words(one)}
        return chosen | looked_up


def conforms(connector: str, nominal: Path, oddities: Path) -> type[Conformance]:
    """Make the suite of one connector. Assign it to a name that begins with `Test`."""
    return type(
        f"Test{connector.title().replace('-', '')}",
        (Conformance,),
        {"connector_id": connector, "nominal": nominal, "oddities": oddities},
    )


def _same(one: Taken, other: Taken) -> None:
    assert _lines(one) == _lines(other)


def _lines(taken: Taken) -> list[str]:
    return [json.dumps(line, sort_keys=True) for line in [*taken.records, *taken.sayings]]


def _converters(table: Table) -> Iterator[Converter]:
    for converter in table.fields.values():
        yield from converter if isinstance(converter, Sequence) else (converter,)


def _read(table: Table) -> Iterator[str]:
    for converter in _converters(table):
        yield from converter.columns


def _words(converter: Converter) -> Iterator[str]:
    for name in ("table", "yes", "no"):
        yield from getattr(converter, name, None) or ()
