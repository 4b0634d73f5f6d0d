"""Plugins that are Python code: registered, and asked what they provide."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pluggy

from passerelle.extension import hookspecs
from passerelle.extension.blame import blaming, broken
from passerelle.extension.supplier import Supplier
from passerelle.vocabulary.language import _

if TYPE_CHECKING:
    from collections.abc import Iterable

    from passerelle.extension.loading import PluginInfo


def registered(infos: Iterable[PluginInfo]) -> pluggy.PluginManager:
    """Import plugins. Raises FatalError for whatever one raises, and for a misspelt hook."""
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    for info in infos:
        _register(manager, info)
    return manager


def _register(manager: pluggy.PluginManager, info: PluginInfo) -> None:
    with blaming(info):
        plugin = info.entry.load() if info.entry else None
    try:
        manager.register(plugin, name=info.name)
        manager.check_pending()
    except (pluggy.PluginValidationError, ValueError):
        raise broken(info, _("a hook is misspelt or takes arguments that do not exist")) from None


def suppliers(manager: pluggy.PluginManager, info: PluginInfo) -> tuple[Supplier, ...]:
    """Ask one plugin alone, so that what it answers is known to be its own. Raises FatalError."""
    others = [plugin for name, plugin in manager.list_name_plugin() if name != info.name]
    with blaming(info):
        answers = manager.subset_hook_caller("provide_suppliers", others)()
        given = tuple(supplier for answer in answers for supplier in answer)
    if not all(isinstance(supplier, Supplier) for supplier in given):
        raise broken(info, _("provide_suppliers gives something other than a sequence of Supplier"))
    return given
