"""The conformance suite: the checks of every connector, on its own samples. To extend it, add a test method."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from passerelle.extension.opaque_references import list_kept
from passerelle.stages.translate.drift import Drift, detect_drift
from passerelle.stages.translate.table import covers
from passerelle.testing.api_checks import ApiChecks
from passerelle.testing.completeness_checks import CompletenessChecks
from passerelle.testing.connector_under_test import ConnectorUnderTest, iter_converters
from passerelle.testing.delivery_checks import DeliveryChecks
from passerelle.testing.description_checks import DescriptionChecks
from passerelle.testing.grades import ORDER, Grade, check_for, list_checks
from passerelle.testing.hostile_checks import HostileInputChecks
from passerelle.testing.samples import SampleOutcome, StageOptions, read_expected, take
from passerelle.testing.telling_references import find_telling_references
from passerelle.testing.watcher_process import ask_watcher
from passerelle.vocabulary.language import N_

if TYPE_CHECKING:
    from pathlib import Path

    from passerelle.extension.plugin_info import PluginInfo
    from passerelle.extension.plugins import Plugins

_GIVE_AWAY = 5
"""From this length on, a sample's cell found in a message is taken for a leak and not for a word of ours."""


class SampleChecks(ConnectorUnderTest):
    """Checks on the samples: silver."""

    def ask_watcher(self) -> dict[str, Any]:
        """See what happens elsewhere, under watch."""
        info: PluginInfo = self.find_connector()[2]
        path = str(info.path) if info.path else ""
        return ask_watcher(info.name, path, self.connector_id, str(self.nominal) if self.nominal.is_file() else "")

    @check_for(Grade.BRONZE, N_("It loads without touching files or network."))
    def test_the_plugin_loads_without_touching_files_or_network(self) -> None:
        """A description is data: nothing is opened, nobody is called. What TOML says is read by the core."""
        assert self.ask_watcher().get("load") == []

    @check_for(Grade.SILVER, N_("Its translation touches no file, no network, no chance."))
    def test_translation_touches_no_file_network_or_chance(self) -> None:
        """A connector only sees the rows it is given."""
        assert self.ask_watcher().get("translate") == []

    @check_for(Grade.SILVER, N_("It gives the same on another machine: time zone, order of hashes, process."))
    def test_it_gives_the_same_elsewhere(self) -> None:
        """Keys made twice must be equal."""
        taken = self.take_sample(self.nominal)
        assert self.ask_watcher().get("lines") == [*taken.records, *taken.messages]

    @check_for(Grade.SILVER, N_("The nominal sample gives the expected records and nothing else."))
    def test_the_nominal_sample_gives_the_expected_records_and_nothing_else(self) -> None:
        """Record by record, with what is out of scope told row by row."""
        taken = self.take_sample(self.nominal)
        assert [*taken.records, *taken.messages] == read_expected(self.nominal)
        assert {line["fate"] for line in taken.messages} <= {"withheld", "warning"}

    @check_for(Grade.SILVER, N_("Every oddity is told with its reason and place."))
    def test_every_oddity_is_told_with_its_reason_and_place(self) -> None:
        """Good rows among them must still give their records."""
        taken = self.take_sample(self.oddities)
        assert [*taken.records, *taken.messages] == read_expected(self.oddities)

    @check_for(Grade.SILVER, N_("Both gaits agree, cell by cell."))
    def test_both_gaits_agree(self) -> None:
        """Column by column or record by record: the same."""
        for sample in (self.nominal, self.oddities):
            _assert_same(self.take_sample(sample), self.take_sample(sample, StageOptions(columnar=False)))

    @check_for(Grade.SILVER, N_("Both lanes agree, express or not."))
    def test_both_lanes_agree(self) -> None:
        """With the express lane or with the verdict alone: the same."""
        for sample in (self.nominal, self.oddities):
            _assert_same(self.take_sample(sample), self.take_sample(sample, StageOptions(express=False)))

    @check_for(Grade.SILVER, N_("Cutting batches anywhere changes nothing."))
    def test_cutting_batches_anywhere_changes_nothing(self) -> None:
        """One row a batch is every cut there is; the oddities also by threes, so that rows are cut off from others."""
        for sample, sizes in ((self.nominal, (1,)), (self.oddities, (1, 3))):
            for size in sizes:
                _assert_same(
                    self.take_sample(sample),
                    self.take_sample(sample, StageOptions(block_rows=size, block_bytes=size * 100)),
                )

    @check_for(Grade.SILVER, N_("Every row of the samples has one fate."))
    def test_every_row_of_the_samples_has_one_fate(self) -> None:
        """The books balance."""
        assert self.take_sample(self.nominal).balanced
        assert self.take_sample(self.oddities).balanced

    @check_for(Grade.SILVER, N_("The same input gives the same references, each of them once."))
    def test_the_same_input_gives_the_same_refs_each_of_them_once(self) -> None:
        """A ref names one record; taking the sample again names the same."""
        again = take(self.nominal.read_bytes(), self.supplier, self.connector, plan=self.plan)
        refs = [(line["contract"], line["record"]["ref"]) for line in again.records]
        assert refs == [(line["contract"], line["record"]["ref"]) for line in self.take_sample(self.nominal).records]
        assert len(refs) == len(set(refs))

    @check_for(
        Grade.BRONZE,
        N_(
            "A reference that is declared opaque says nothing about anybody; without `opaque` it leaves as a handle, "
            "and is asked nothing."
        ),
    )
    def test_a_reference_declared_opaque_says_nothing_about_anybody(self) -> None:
        """It goes to every purpose as it is: a name, a number or a day in it would go too."""
        kept, samples = list_kept(self.supplier), [one for one in (self.nominal, self.oddities) if one.is_file()]
        lines = [line for sample in samples for line in self.take_sample(sample).records]
        told = sorted(set(find_telling_references(lines, kept)))
        assert not told, "; ".join(told)

    @check_for(Grade.SILVER, N_("Every column of the sample is mapped, carried or waived, and none is missing."))
    def test_every_column_of_the_sample_is_mapped_carried_or_waived(self) -> None:
        """And none that the connector names is missing from it: a misspelt column would stay silent for ever."""
        connector = self.connector
        plan, columns = self.plan, self.take_sample(self.nominal).columns
        assert {table.member for table in connector.tables} <= set(columns)
        assert {member: detect_drift(names, member, plan) for member, names in columns.items()} == dict.fromkeys(
            columns, Drift()
        )
        for table in connector.tables:
            there = columns[table.member]
            named = {*table.waived, *table.optional, *table.carried}
            assert [one for one in named if not any(covers(one, name) for name in there)] == []

    @check_for(Grade.SILVER, N_("No value of the samples is in any message."))
    def test_no_value_of_the_samples_is_in_any_message(self) -> None:
        """What is told of a row holds its place and its shape, never what it says."""
        for sample in (self.nominal, self.oddities):
            taken = self.take_sample(sample)
            secrets = {cell for cell in taken.cells if len(cell) >= _GIVE_AWAY} - self._list_own_words()
            # Why rows are left out is the connector's own text, whole: «of another sort» tells no cell «other».
            own = {text for scope in self.connector.out_of_scope for text in (scope.fr, scope.en)}
            messages = "\n".join(fact for one in taken.details for fact in one.details if fact not in own)
            assert not [cell for cell in secrets if cell in messages]

    def _list_own_words(self) -> set[str]:
        """Words that the connector itself declares, and that may therefore be said."""
        scopes = [table.where for table in self.connector.tables]
        scopes += [scope.where for scope in self.connector.out_of_scope]
        chosen = {word for scope in scopes for where in scope for word in where.values}
        looked_up = {
            word
            for table in self.connector.tables
            for converter in iter_converters(table)
            for name in ("table", "yes", "no")
            for word in getattr(converter, name, None) or ()
        }
        return chosen | looked_up


class Conformance(DescriptionChecks, HostileInputChecks, SampleChecks, CompletenessChecks, ApiChecks, DeliveryChecks):
    """The suite for one connector; `conforms` makes a class of it that pytest runs."""


def conforms(
    connector: str,
    nominal: Path,
    oddities: Path,
    *,
    grade: Grade | str = Grade.SILVER,
    plugins: Plugins | None = None,
    part: type[ConnectorUnderTest] = ConnectorUnderTest,
) -> type[Conformance]:
    """Make the suite of one connector, as far as `grade` asks. Assign it to a name that begins with `Test`.

    `part` keeps to the checks of one part of the suite: `ApiChecks` plays the saved exchanges of an API. `plugins` says
    where to look for the connector when it is not installed: beside the settings of a flow.
    """
    best = ORDER.index(Grade(grade))
    asked = {check.name for check in list_checks(Conformance if part is ConnectorUnderTest else part)}
    left_out = {
        check.name: None
        for check in list_checks(Conformance)
        if check.name not in asked or ORDER.index(check.grade) > best
    }
    about = {"connector_id": connector, "nominal": nominal, "oddities": oddities, "plugins": plugins}
    return type(f"Test{connector.title().replace('-', '')}", (Conformance,), {**about, **left_out})


def _assert_same(one: SampleOutcome, other: SampleOutcome) -> None:
    assert _to_lines(one) == _to_lines(other)


def _to_lines(taken: SampleOutcome) -> list[str]:
    return [json.dumps(line, sort_keys=True) for line in [*taken.records, *taken.messages]]
