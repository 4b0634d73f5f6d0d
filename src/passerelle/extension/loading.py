"""List the installed plugins without importing them; import the allowed ones and collect what they provide."""

from __future__ import annotations

import re
from dataclasses import field
from importlib.metadata import entry_points
from typing import TYPE_CHECKING

from passerelle.extension import toml_files
from passerelle.extension.plugin_errors import make_invalid_plugin, wrap_plugin_errors
from passerelle.extension.plugin_info import PluginInfo
from passerelle.vocabulary.errors import SettingsError, UsageError
from passerelle.vocabulary.language import _
from passerelle.vocabulary.light_dataclass import dataclass
from passerelle.vocabulary.outlets import guard_streams
from passerelle.vocabulary.suggestions import find_nearest, join_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    import pluggy

    from passerelle.extension.supplier import Connector, Supplier

GROUP = "passerelle.plugins"
"""Entry-point group under which a distribution names its plugin module."""
_ID = re.compile(r"[a-z0-9][a-z0-9_.-]{0,39}\Z")
"""Ids of suppliers and connectors: they open every `ref`, and settings and commands name connectors by them."""


@dataclass(frozen=True, slots=True)
class Plugins:
    """The suppliers and connectors of the loaded plugins."""

    infos: tuple[PluginInfo, ...] = ()
    suppliers: tuple[Supplier, ...] = ()
    connectors: Mapping[str, tuple[Supplier, Connector, PluginInfo]] = field(default_factory=dict)
    """By connector id, in the order of the plugins' names."""

    def find_connector(self, connector_id: str) -> tuple[Supplier, Connector, PluginInfo]:
        """Return a connector with its supplier and plugin. Raises UsageError with the nearest id."""
        if connector_id in self.connectors:
            return self.connectors[connector_id]
        raise UsageError(
            "usage.connector.unknown",
            name=connector_id,
            known=join_names(self.connectors),
            nearest=find_nearest(connector_id, self.connectors) or "–",
        )


def list_installed() -> tuple[PluginInfo, ...]:
    """List the installed plugins by name, from their distributions' metadata alone."""
    infos = {}
    for entry in entry_points(group=GROUP):
        metadata = entry.dist.metadata if entry.dist else None
        infos[entry.name] = PluginInfo(
            name=entry.name,
            distribution=metadata["Name"] if metadata else "",
            version=metadata["Version"] if metadata else "",
            summary=metadata["Summary"] if metadata and "Summary" in metadata else "",
            entry=entry,
        )
    return tuple(infos[name] for name in sorted(infos))


def describe_file(path: Path) -> PluginInfo:
    """Return what stands for the metadata of a description that is no plugin."""
    return PluginInfo(path.stem, "", toml_files.compute_version(path), path.name, path=path)


def list_described(folder: Path, patterns: Sequence[str]) -> tuple[PluginInfo, ...]:
    """List the suppliers described beside the settings, by the files below `folder` that match the patterns.

    Raises SettingsError for a pattern that matches nothing.
    """
    paths = dict.fromkeys(toml_files.find_descriptions(folder, patterns))
    return tuple(map(describe_file, paths))


def load_plugins(
    allowed: Sequence[str] | None = None,
    *,
    among: Sequence[PluginInfo] | None = None,
    local: Sequence[PluginInfo] = (),
) -> Plugins:
    """Import the allowed plugins (by name or distribution; None: all that are installed) and collect their suppliers.

    `local` are those of `beside`: the settings name them, so they are always allowed. Raises SettingsError when an
    allowed one is not installed or a TOML description is wrong, FatalError `incident.plugin.failed` for whatever a
    plugin raises, `incident.plugin.invalid` for a misspelt hook, a wrong type, or an id that is taken.
    """
    infos = (*_select_allowed(allowed, list_installed() if among is None else tuple(among)), *local)
    # All Python plugins are registered before the first is asked: a misspelt hook stops everything at once.
    manager = _register_plugins(info for info in infos if not _is_described(info))
    return _collect(
        infos,
        (
            (info, supplier)
            for info in infos
            for supplier in (_read_described(info) if _is_described(info) else _ask_for_suppliers(manager, info))
        ),
    )


def _is_described(info: PluginInfo) -> bool:
    return info.path is not None or toml_files.is_description(info.entry)


def _read_described(info: PluginInfo) -> tuple[Supplier, ...]:
    if info.path is not None:
        return (toml_files.read_local(info.path),)
    if info.entry is None:
        return ()
    with wrap_plugin_errors(info):
        return (toml_files.read_packaged(info.entry),)


def _register_plugins(infos: Iterable[PluginInfo]) -> pluggy.PluginManager:
    """Import plugins. Raises FatalError for whatever one raises, and for a misspelt hook."""
    import pluggy  # noqa: PLC0415  listing plugins needs none of it

    from passerelle.extension import hookspecs  # noqa: PLC0415  listing plugins needs none of it

    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    guard_streams()
    for info in infos:
        with wrap_plugin_errors(info):
            plugin = info.entry.load() if info.entry else None
        try:
            manager.register(plugin, name=info.name)
            # After each one, so that the misspelt hook is known to be this plugin's.
            manager.check_pending()
        except (pluggy.PluginValidationError, ValueError):
            raise make_invalid_plugin(info, _("a hook is misspelt or takes arguments that do not exist")) from None
    return manager


def _ask_for_suppliers(manager: pluggy.PluginManager, info: PluginInfo) -> tuple[Supplier, ...]:
    """Call the hook of one plugin alone, so that what it returns is known to be its own. Raises FatalError."""
    from passerelle.extension.supplier import Supplier  # noqa: PLC0415  listing plugins needs none of it

    others = [plugin for name, plugin in manager.list_name_plugin() if name != info.name]
    with wrap_plugin_errors(info):
        answers = manager.subset_hook_caller("provide_suppliers", others)()
        # Inside the guard: an answer may be a generator, whose code runs only now.
        suppliers = tuple(supplier for answer in answers for supplier in answer)
    if not all(isinstance(supplier, Supplier) for supplier in suppliers):
        raise make_invalid_plugin(info, _("provide_suppliers gives something other than a sequence of Supplier"))
    return suppliers


def _select_allowed(allowed: Sequence[str] | None, infos: tuple[PluginInfo, ...]) -> tuple[PluginInfo, ...]:
    if allowed is None:
        return infos
    by_word = {word: info for info in infos for word in (info.name, _normalise(info.distribution))}
    chosen = []
    for word in allowed:
        info = by_word.get(word) or by_word.get(_normalise(word))
        if info is None:
            names = [info.name for info in infos]
            raise SettingsError("settings.plugin.absent", plugin=word, known=join_names(names))
        chosen.append(info)
    return tuple(sorted(set(chosen), key=lambda info: info.name))


def _normalise(distribution: str) -> str:
    """Return a distribution's name as PEP 503 compares them."""
    # People write a distribution's name with dashes or underscores; installers take them for the same.
    return re.sub(r"[-_.]+", "-", distribution).lower()


def _collect(infos: tuple[PluginInfo, ...], provided: Iterable[tuple[PluginInfo, Supplier]]) -> Plugins:
    """Gather suppliers and connectors by id. Raises FatalError for an id that is malformed or taken."""
    suppliers: dict[str, Supplier] = {}
    owners: dict[str, PluginInfo] = {}
    connectors: dict[str, tuple[Supplier, Connector, PluginInfo]] = {}
    # All answers first: what a plugin raises is reported before an id that is taken.
    for info, supplier in list(provided):
        _check_id(info, supplier.id, owners)
        suppliers[supplier.id], owners[supplier.id] = supplier, info
        for connector in supplier.connectors:
            _check_id(info, connector.id, {name: entry[2] for name, entry in connectors.items()})
            connectors[connector.id] = (supplier, connector, info)
    return Plugins(infos, tuple(suppliers.values()), connectors)


def _check_id(info: PluginInfo, wanted: str, taken: Mapping[str, PluginInfo]) -> None:
    if not _ID.match(wanted):
        raise make_invalid_plugin(info, _("«{id}» cannot be an id").format(id=wanted))
    if wanted in taken:
        first, second = _name_place(taken[wanted]), _name_place(info)
        defect = _("the id «{id}» is described twice: by «{first}» and by «{second}»")
        raise make_invalid_plugin(info, defect.format(id=wanted, first=first, second=second))


def _name_place(info: PluginInfo) -> str:
    """Return where a supplier is described: the file with its folder, or the plugin."""
    # Two files of one name in two folders are as likely as two names: the folder tells them apart.
    return "/".join(info.path.parts[-2:]) if info.path else info.distribution or info.name
