"""List the installed plugins without importing them; import the allowed ones and collect what they provide."""

from __future__ import annotations

import re
from email import message_from_string
from importlib.metadata import entry_points
from typing import TYPE_CHECKING

from passerelle.extension import toml_files
from passerelle.extension.plugin_errors import make_invalid_plugin, wrap_plugin_errors
from passerelle.extension.plugin_info import PluginInfo
from passerelle.extension.plugins import Plugins
from passerelle.vocabulary.errors import SettingsError
from passerelle.vocabulary.language import _
from passerelle.vocabulary.outlets import guard_streams
from passerelle.vocabulary.suggestions import join_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from email.message import Message
    from importlib.metadata import Distribution, EntryPoint, PackageMetadata
    from pathlib import Path

    import pluggy

    from passerelle.extension.supplier import Supplier

GROUP = "passerelle.plugins"
"""Entry-point group under which a distribution names its plugin module."""
SUPPLIERS, CONNECTORS = "passerelle.suppliers", "passerelle.connectors"
"""Groups under which it may name what the plugin has, by id: what nobody asks for is not imported then."""


def list_installed() -> tuple[PluginInfo, ...]:
    """List the installed plugins by name, from their distributions' metadata alone."""
    infos = {}
    groups = entry_points()
    named = {group: _group_ids(groups.select(group=group)) for group in (SUPPLIERS, CONNECTORS)}
    for entry in groups.select(group=GROUP):
        metadata = _read_metadata(entry.dist)
        infos[entry.name] = PluginInfo(
            name=entry.name,
            distribution=metadata["Name"] if metadata else "",
            version=metadata["Version"] if metadata else "",
            summary=metadata["Summary"] if metadata and "Summary" in metadata else "",
            entry=entry,
            suppliers=named[SUPPLIERS].get(_name_owner(entry), ()),
            connectors=named[CONNECTORS].get(_name_owner(entry), ()),
        )
    return tuple(infos[name] for name in sorted(infos))


def _read_metadata(distribution: Distribution | None) -> Message | PackageMetadata | None:
    """Return what a distribution says of itself, without its page: that is most of the text, and nobody asks for it."""
    text = distribution.read_text("METADATA") if distribution else None
    if text is None:
        return distribution.metadata if distribution else None
    return message_from_string(text.partition("\n\n")[0])


def _group_ids(entries: Iterable[EntryPoint]) -> dict[tuple[int, str], tuple[str, ...]]:
    """Return the ids that an index names, by the plugin that has them."""
    ids: dict[tuple[int, str], tuple[str, ...]] = {}
    for entry in entries:
        owner = _name_owner(entry)
        ids[owner] = (*ids.get(owner, ()), entry.name)
    return ids


def _name_owner(entry: EntryPoint) -> tuple[int, str]:
    """Return what an index and the plugin it is about have in common: the distribution and what is imported of it."""
    # By identity: to ask a distribution for its name is to read its metadata once more.
    return id(entry.dist), entry.value


def describe_file(path: Path) -> PluginInfo:
    """Return what stands for the metadata of a description that is no plugin."""
    return PluginInfo(path.stem, "", toml_files.compute_version(path), path.name, path=path)


def list_described(folder: Path, patterns: Sequence[str]) -> tuple[PluginInfo, ...]:
    """List the suppliers described beside the settings, by the files below `folder` that match the patterns.

    Raises SettingsError for a pattern that matches nothing.
    """
    paths = dict.fromkeys(toml_files.find_descriptions(folder, patterns))
    return tuple(map(describe_file, paths))


def list_allowed(allowed: Sequence[str] | None) -> tuple[PluginInfo, ...]:
    """List the installed plugins that are allowed, by name or distribution; None: all. Raises SettingsError."""
    return _select_allowed(allowed, list_installed())


def leave_replaced_out(shared: Sequence[PluginInfo], own: Sequence[PluginInfo]) -> tuple[PluginInfo, ...]:
    """Return the shared descriptions but for those in whose place one of a member stands: of the same supplier."""
    if not own or not shared:
        return tuple(shared)
    taken = {toml_files.read_id(info.path) for info in own if info.path is not None}
    return tuple(info for info in shared if info.path is None or toml_files.read_id(info.path) not in taken)


def load_plugins(
    allowed: Sequence[str] | None = None,
    *,
    among: Sequence[PluginInfo] | None = None,
    local: Sequence[PluginInfo] = (),
) -> Plugins:
    """Return the allowed plugins (by name or distribution; None: all that are installed).

    Those whose metadata name their connectors are imported when one of these is asked for, all others at once. `local`
    are those of `beside`: the settings name them, so they are always allowed. Raises SettingsError when an allowed one
    is not installed or a TOML description is wrong, FatalError `incident.plugin.failed` for whatever a plugin raises,
    `incident.plugin.invalid` for a misspelt hook, a wrong type, an id that is taken or one that is not there.
    """
    infos = (*_select_allowed(allowed, list_installed() if among is None else tuple(among)), *local)
    return Plugins(infos, provide=_import_suppliers)


def _import_suppliers(infos: Sequence[PluginInfo]) -> list[tuple[PluginInfo, tuple[Supplier, ...]]]:
    """Import plugins, and return what each provides. Raises as `load_plugins` does."""
    # All Python plugins are registered before the first is asked: a misspelt hook stops everything at once.
    manager = _register_plugins(info for info in infos if not _is_described(info))
    return [
        (info, _read_described(info) if _is_described(info) else _ask_for_suppliers(manager, info)) for info in infos
    ]


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
