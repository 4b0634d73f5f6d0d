"""The connector under test, its two samples and their outcomes, computed once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING, ClassVar

from passerelle.engine.path.plans import get_plan
from passerelle.extension.loading import load_plugins
from passerelle.testing.samples import SampleOutcome, StageOptions, take

if TYPE_CHECKING:
    from pathlib import Path

    from passerelle.extension.plugin_info import PluginInfo
    from passerelle.extension.plugins import Plugins
    from passerelle.extension.supplier import Connector, Supplier
    from passerelle.stages.translate.converter import Converter
    from passerelle.stages.translate.plan import TranslationPlan
    from passerelle.stages.translate.table import Table
    from passerelle.testing.grades import ConformanceCheck


@cache
def _load_installed() -> Plugins:
    return load_plugins()


@cache
def _compile_plan(connector_id: str, plugins: int) -> TranslationPlan:
    supplier, connector, _ = _examined[plugins].find_connector(connector_id)
    return get_plan(supplier.id, connector)


@cache
def _take_sample(connector_id: str, plugins: int, sample: Path, gait: StageOptions) -> SampleOutcome:
    supplier, connector, _ = _examined[plugins].find_connector(connector_id)
    return take(sample.read_bytes(), supplier, connector, gait, plan=_compile_plan(connector_id, plugins))


_examined: dict[int, Plugins] = {}
"""Plugins under examination by `id`: holding them keeps the ids unique while outcomes are cached."""


class ConnectorUnderTest:
    """Base of every part of the suite: the connector under test and its samples."""

    connector_id: ClassVar[str]
    nominal: ClassVar[Path]
    """A sample in which everything is right."""
    oddities: ClassVar[Path]
    """A sample of what may go wrong, one oddity a line."""
    plugins: ClassVar[Plugins | None] = None
    """Where the connector is looked for; None: among all that are installed."""

    @property
    def among(self) -> Plugins:
        """Where the connector is looked for."""
        return self.plugins or _load_installed()

    def find_connector(self) -> tuple[Supplier, Connector, PluginInfo]:
        """Return the connector under test with its supplier and plugin."""
        return self.among.find_connector(self.connector_id)

    def explain_absence(self, check: ConformanceCheck) -> str:  # noqa: ARG002  parts of the suite know more
        """Return why a check is not asked of this connector, as a message id; empty when it is."""
        return ""

    @property
    def supplier(self) -> Supplier:
        """Its supplier."""
        return self.find_connector()[0]

    @property
    def connector(self) -> Connector:
        """The connector under test."""
        return self.find_connector()[1]

    @property
    def plan(self) -> TranslationPlan:
        """Its tables, compiled once."""
        return _compile_plan(self.connector_id, self._register_plugins())

    def take_sample(self, sample: Path, gait: StageOptions | None = None) -> SampleOutcome:
        """Return the outcome of a sample, computed once."""
        return _take_sample(self.connector_id, self._register_plugins(), sample, gait or StageOptions())

    def _register_plugins(self) -> int:
        plugins = self.among
        # `Plugins` holds dictionaries and cannot be hashed: caches go by its id while it is held here.
        _examined[id(plugins)] = plugins
        return id(plugins)


def iter_converters(table: Table) -> Iterator[Converter]:
    """Yield the converters of a table, with those inside of others."""
    for entry in table.fields.values():
        for one in entry if isinstance(entry, Sequence) else (entry,):
            yield one
            yield from getattr(one, "converters", ())


def iter_columns(table: Table) -> Iterator[str]:
    """Yield the columns that a table reads."""
    for one in iter_converters(table):
        yield from one.columns
