"""Which plugins are installed, and what they provide. Listing them imports none of them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING

from passerelle.extension import described
from passerelle.extension.blame import blaming, broken
from passerelle.vocabulary.errors import SettingsError, UsageError
from passerelle.vocabulary.language import _
from passerelle.vocabulary.nearest import listed, nearest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from passerelle.extension.supplier import Connector, Supplier

GROUP = "passerelle.plugins"
"""Entry-point group under which a distribution names its plugin module."""
_ID = re.compile(r"[a-z0-9][a-z0-9_.-]{0,39}\Z")
"""What opens a `ref`, and what settings and commands name a connector by."""


@dataclass(frozen=True, slots=True)
class PluginInfo:
    """What an installed distribution says of its plugin."""

    name: str
    distribution: str
    version: str
    summary: str
    entry: EntryPoint | None = field(default=None, compare=False, repr=False)
    path: Path | None = field(default=None, compare=False, repr=False)
    """The description, for a supplier that stands beside the settings and is not installed."""


@dataclass(frozen=True, slots=True)
class Plugins:
    """What the loaded plugins provide."""

    infos: tuple[PluginInfo, ...] = ()
    suppliers: tuple[Supplier, ...] = ()
    connectors: Mapping[str, tuple[Supplier, Connector, PluginInfo]] = field(default_factory=dict)
    """By connector id, in the order of the plugins' names."""

    def connector(self, connector_id: str) -> tuple[Supplier, Connector, PluginInfo]:
        """Find a connector with its supplier and plugin. Raises UsageError with the nearest id."""
        if connector_id in self.connectors:
            return self.connectors[connector_id]
        raise UsageError(
            "usage.connector.unknown",
            name=connector_id,
            known=listed(self.connectors),
            nearest=nearest(connector_id, self.connectors) or "–",
        )


def installed() -> tuple[PluginInfo, ...]:
    """List the installed plugins by name, from their distributions' metadata alone."""
    found = {entry.name: _info(entry) for entry in entry_points(group=GROUP)}
    return tuple(found[name] for name in sorted(found))


def _info(entry: EntryPoint) -> PluginInfo:
    about = entry.dist.metadata if entry.dist else None
    return PluginInfo(
        name=entry.name,
        distribution=about["Name"] if about else "",
        version=about["Version"] if about else "",
        summary=about["Summary"] if about and "Summary" in about else "",
        entry=entry,
    )


def beside(folder: Path, patterns: Sequence[str]) -> tuple[PluginInfo, ...]:
    """List the suppliers described beside the settings, by the files that the patterns find below `folder`.

    Raises SettingsError for a pattern that finds nothing.
    """
    paths = dict.fromkeys(described.found(folder, patterns))
    return tuple(PluginInfo(path.stem, "", described.version(path), path.name, path=path) for path in paths)


def load_plugins(
    allowed: Sequence[str] | None = None,
    *,
    among: Sequence[PluginInfo] | None = None,
    local: Sequence[PluginInfo] = (),
) -> Plugins:
    """Import the allowed plugins (by name or distribution; None: all that are installed) and ask what they provide.

    `local` are those of `beside`: the settings name them, so they are always allowed. Raises SettingsError when an
    allowed one is not installed or a TOML description is wrong, FatalError `incident.plugin.failed` for whatever a
    plugin raises, `incident.plugin.invalid` for a misspelt hook, a wrong type, or an id that is taken.
    """
    infos = (*_allowed(allowed, installed() if among is None else tuple(among)), *local)
    from passerelle.extension import asking  # noqa: PLC0415  listing plugins needs none of it

    manager = asking.registered(info for info in infos if not _is_described(info))
    return _gathered(infos, [(info, _described(info) or asking.suppliers(manager, info)) for info in infos])


def _is_described(info: PluginInfo) -> bool:
    return info.path is not None or described.is_description(info.entry)


def _described(info: PluginInfo) -> tuple[Supplier, ...]:
    if info.path is not None:
        return (described.local(info.path),)
    if info.entry is not None and described.is_description(info.entry):
        with blaming(info):
            return (described.packaged(info.entry),)
    return ()


def _allowed(allowed: Sequence[str] | None, infos: tuple[PluginInfo, ...]) -> tuple[PluginInfo, ...]:
    if allowed is None:
        return infos
    by_word = {word: info for info in infos for word in (info.name, _plain(info.distribution))}
    chosen = []
    for word in allowed:
        info = by_word.get(word) or by_word.get(_plain(word))
        if info is None:
            names = [info.name for info in infos]
            raise SettingsError("settings.plugin.absent", plugin=word, known=listed(names))
        chosen.append(info)
    return tuple(sorted(set(chosen), key=lambda info: info.name))


def _plain(distribution: str) -> str:
    """Write a distribution's name the way PEP 503 compares them."""
    return re.sub(r"[-_.]+", "-", distribution).lower()


def _gathered(infos: tuple[PluginInfo, ...], given: Sequence[tuple[PluginInfo, tuple[Supplier, ...]]]) -> Plugins:
    suppliers: dict[str, Supplier] = {}
    connectors: dict[str, tuple[Supplier, Connector, PluginInfo]] = {}
    for info, supplier in _pairs(given):
        _claim(info, supplier.id, suppliers)
        suppliers[supplier.id] = supplier
        for connector in supplier.connectors:
            _claim(info, connector.id, connectors)
            connectors[connector.id] = (supplier, connector, info)
    return Plugins(infos, tuple(suppliers.values()), connectors)


def _pairs(given: Sequence[tuple[PluginInfo, tuple[Supplier, ...]]]) -> Iterator[tuple[PluginInfo, Supplier]]:
    return ((info, supplier) for info, suppliers in given for supplier in suppliers)


def _claim(info: PluginInfo, wanted: str, taken: Mapping[str, object]) -> None:
    if not _ID.match(wanted):
        raise broken(info, _("«{id}» cannot be an id").format(id=wanted))
    if wanted in taken:
        raise broken(info, _("the id «{id}» is taken already").format(id=wanted))
