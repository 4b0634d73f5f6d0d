"""The changes of supplier in `switch.toml`, as activities of the record of processing."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from passerelle.switching.switch_settings import SideSettings
    from passerelle.tender.register.recording import SupplierMove


def list_moves(folder: Path, connectors: Mapping[str, str]) -> tuple[SupplierMove, ...]:
    """Return the changes of supplier; none without the file. `connectors` says which connector each flow reads with.

    Raises SettingsError for a file that cannot be used.
    """
    from passerelle.switching.switch_settings import FILE, load_switch_file  # noqa: PLC0415  kept out of start-up
    from passerelle.tender.register.recording import SupplierMove  # noqa: PLC0415  kept out of start-up

    path = folder / FILE
    if not path.exists():
        return ()
    document = load_switch_file(path)
    return tuple(
        SupplierMove(
            name=name,
            origin=_name_side(document.side[switch.origin], switch.origin),
            target=_name_side(document.side[switch.target], switch.target),
            connectors=_list_connectors(document.side[switch.origin], connectors),
            contracts=tuple(export.contract for export in document.side[switch.origin].exports if export.contract),
            destinations=tuple(entry.destination for entry in switch.deliver),
        )
        for name, switch in document.switch.items()
    )


def _name_side(side: SideSettings, name: str) -> str:
    return side.title or name


def _list_connectors(side: SideSettings, connectors: Mapping[str, str]) -> tuple[str, ...]:
    read = (export.connector or connectors.get(export.flow or "", "") for export in side.exports)
    return tuple(dict.fromkeys(filter(None, read)))
