"""Who is examined: a connector, its two samples, and what both have given so far."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING, ClassVar

from passerelle.extension.loading import load_plugins
from passerelle.testing.samples import Gait, Taken, take

if TYPE_CHECKING:
    from pathlib import Path

    from passerelle.extension.loading import PluginInfo, Plugins
    from passerelle.extension.supplier import Connector, Supplier
    from passerelle.stages.translate.converter import Converter
    from passerelle.stages.translate.table import Table


@cache
def _installed() -> Plugins:
    return load_plugins()


@cache
def _taken(connector_id: str, plugins: int, sample: Path, gait: Gait) -> Taken:
    supplier, connector, _ = _examined[plugins].connector(connector_id)
    return take(sample.read_bytes(), supplier, connector, gait)


_examined: dict[int, Plugins] = {}
"""Plugins under examination, kept as long as what they gave is."""


class Subject:
    """What every part of the suite knows of the connector under test."""

    connector_id: ClassVar[str]
    nominal: ClassVar[Path]
    """A sample in which everything is right."""
    oddities: ClassVar[Path]
    """A sample of what may go wrong, one oddity a line."""
    plugins: ClassVar[Plugins | None] = None
    """Where the connector is looked for; None: among all that are installed."""

    def found(self) -> tuple[Supplier, Connector, PluginInfo]:
        """Give the connector under test with its supplier and plugin."""
        return (self.plugins or _installed()).connector(self.connector_id)

    @property
    def supplier(self) -> Supplier:
        """Its supplier."""
        return self.found()[0]

    @property
    def connector(self) -> Connector:
        """The connector under test."""
        return self.found()[1]

    def taken(self, sample: Path, gait: Gait | None = None) -> Taken:
        """Take a sample down the path."""
        plugins = self.plugins or _installed()
        _examined[id(plugins)] = plugins
        return _taken(self.connector_id, id(plugins), sample, gait or Gait())


def converters(table: Table) -> Iterator[Converter]:
    """Go through the converters of a table, with those inside of others."""
    for entry in table.fields.values():
        for one in entry if isinstance(entry, Sequence) else (entry,):
            yield one
            yield from getattr(one, "converters", ())


def read(table: Table) -> Iterator[str]:
    """Go through the columns that a table reads."""
    for one in converters(table):
        yield from one.columns
