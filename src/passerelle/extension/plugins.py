"""The suppliers and connectors of the allowed plugins; those that say what they have are imported when asked for."""

from __future__ import annotations

import re
from threading import RLock
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from passerelle.extension.plugin_errors import make_invalid_plugin
from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.language import _
from passerelle.vocabulary.suggestions import find_nearest, join_names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from passerelle.extension.plugin_info import PluginInfo
    from passerelle.extension.supplier import Connector, Supplier

    Entry = tuple[Supplier, Connector, PluginInfo]
    Provided = tuple[PluginInfo, tuple[Supplier, ...]]

OWN = "contract-records"
"""The connector that no plugin brings: of records that were handed in in contract form."""
_ID = re.compile(r"[a-z0-9][a-z0-9_.-]{0,39}\Z")
"""Ids of suppliers and connectors: they open every `ref`, and settings and commands name connectors by them."""


class _Contents(NamedTuple):
    """What the imported plugins have, by id, in the order of the plugins."""

    suppliers: Mapping[str, Supplier]
    connectors: Mapping[str, Entry]


class Plugins:
    """The suppliers and connectors of some plugins. Safe to share between threads."""

    def __init__(
        self,
        infos: Sequence[PluginInfo] = (),
        suppliers: Iterable[Supplier] = (),
        connectors: Mapping[str, Entry] = MappingProxyType({}),
        *,
        provide: Callable[[Sequence[PluginInfo]], list[Provided]] | None = None,
    ) -> None:
        """Hold what is given; with `provide`, what it gives for `infos`, for those that can wait when it is needed.

        Raises FatalError as `provide` does, and for an id that is malformed, taken, or named and not there.
        """
        self.infos = tuple(infos)
        self._found = _Contents({one.id: one for one in suppliers}, connectors)
        self._provide = provide
        self._provided: dict[int, Provided] = {}
        """By identity: two descriptions beside the settings may have one name."""
        self._waiting = self.infos if provide else ()
        self._lock = RLock()
        self._load(info for info in self._waiting if not info.can_wait)

    @property
    def suppliers(self) -> tuple[Supplier, ...]:
        """All suppliers; imports every plugin."""
        return tuple(self._load_all().suppliers.values())

    @property
    def connectors(self) -> Mapping[str, Entry]:
        """By id, all connectors with their supplier and plugin; imports every plugin."""
        return self._load_all().connectors

    def find_connector(self, connector_id: str) -> Entry:
        """Return a connector with its supplier and plugin. Raises UsageError with the nearest id."""
        found = self.get_connector(connector_id)
        if found is None:
            raise UsageError(
                "usage.connector.unknown",
                name=connector_id,
                known=join_names(self.connectors),
                nearest=find_nearest(connector_id, self.connectors) or "–",
            )
        return found

    def get_connector(self, connector_id: str) -> Entry | None:
        """Return a connector with its supplier and plugin; None when there is none of this id."""
        if connector_id == OWN:
            from passerelle.extension.contract_records import describe_own  # noqa: PLC0415  few flows take what is handed in

            return describe_own()
        self._load(info for info in self._waiting if connector_id in info.connectors)
        if connector_id not in self._found.connectors:
            self._load_all()
        return self._found.connectors.get(connector_id)

    def get_supplier(self, supplier_id: str) -> Supplier | None:
        """Return a supplier; None where no plugin has it, or one that names its suppliers does not name this one."""
        self._load(info for info in self._waiting if supplier_id in info.suppliers)
        return self._found.suppliers.get(supplier_id)

    def _load_all(self) -> _Contents:
        self._load(self._waiting)
        return self._found

    def _load(self, infos: Iterable[PluginInfo]) -> None:
        """Import plugins, and take in what they provide."""
        with self._lock:
            wanted = tuple(infos)
            if not wanted or self._provide is None:
                return
            loaded = {id(info): (info, suppliers) for info, suppliers in self._provide(wanted)}
            provided = self._provided | loaded
            # In the order of all, whichever was asked for first.
            found = _collect(provided[id(info)] for info in self.infos if id(info) in provided)
            for info in wanted:
                _check_index(info, found)
            self._provided, self._found = provided, found
            self._waiting = tuple(info for info in self._waiting if id(info) not in provided)


def _collect(provided: Iterable[Provided]) -> _Contents:
    """Gather suppliers and connectors by id. Raises FatalError for an id that is malformed or taken."""
    suppliers: dict[str, Supplier] = {}
    owners: dict[str, PluginInfo] = {}
    connectors: dict[str, Entry] = {}
    for info, supplier in ((info, supplier) for info, provides in provided for supplier in provides):
        _check_id(info, supplier.id, owners)
        suppliers[supplier.id], owners[supplier.id] = supplier, info
        for connector in supplier.connectors:
            _check_id(info, connector.id, {name: entry[2] for name, entry in connectors.items()})
            connectors[connector.id] = (supplier, connector, info)
    return _Contents(suppliers, connectors)


def _check_id(info: PluginInfo, wanted: str, taken: Mapping[str, PluginInfo]) -> None:
    if not _ID.match(wanted):
        raise make_invalid_plugin(info, _("«{id}» cannot be an id").format(id=wanted))
    if wanted in taken:
        first, second = _name_place(taken[wanted]), _name_place(info)
        defect = _("the id «{id}» is described twice: by «{first}» and by «{second}»")
        raise make_invalid_plugin(info, defect.format(id=wanted, first=first, second=second))


def _check_index(info: PluginInfo, found: _Contents) -> None:
    """Raise FatalError when the metadata of a plugin do not name what it has, and that alone."""
    if not info.can_wait:
        return
    connectors = {name: entry[0].id for name, entry in found.connectors.items() if entry[2] is info}
    named, had = {*info.suppliers, *info.connectors}, {*connectors, *connectors.values()}
    for name in sorted(named - had):
        raise make_invalid_plugin(info, _("its metadata name «{id}», which it does not have").format(id=name))
    for name in sorted(had - named):
        defect = _("its metadata do not name «{id}»: complete its pyproject.toml, and install it again")
        raise make_invalid_plugin(info, defect.format(id=name))


def _name_place(info: PluginInfo) -> str:
    """Return where a supplier is described: the file with its folder, or the plugin."""
    # Two files of one name in two folders are as likely as two names: the folder tells them apart.
    return "/".join(info.path.parts[-2:]) if info.path else info.distribution or info.name
