"""Finds what stands outside for a reference that people know inside: by flow, as recipients see it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from passerelle.engine.workspace.recipients import make_handles
from passerelle.extension.opaque_references import list_openings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passerelle.engine.workspace.assembly import Workspace


@dataclass(frozen=True, slots=True)
class FlowHandle:
    """What one flow writes for a key."""

    recipient: str
    """The name under which handles are made."""
    purpose: str
    ref: str = field(repr=False)
    """The handle, or the key itself where it leaves as it is."""
    is_key: bool
    """Whether the key leaves as it is: for portability, or because it says nothing of anybody."""


def find_handles(workspace: Workspace, key: str) -> Mapping[str, FlowHandle]:
    """Return what stands outside for a key, by the name of each flow whose connector makes such references.

    Nothing leads from a handle to its key, so that a recipient's question is answered by trying keys. Whoever shows the
    answer writes why into the audit trail first: it links a person across recipients.
    """
    found: dict[str, FlowHandle] = {}
    for name, flow in workspace.settings.flows.items():
        _supplier, connector, _plugin = workspace.plugins.find_connector(flow.connector)
        if not key.startswith(tuple(list_openings((connector,)))):
            continue
        handles = make_handles(flow, workspace.plugins, workspace.seal, workspace.settings.path.parent)
        (ref,) = handles.replace_refs(pl.Series("ref", [key], dtype=pl.String()))
        found[name] = FlowHandle(handles.recipient, str(flow.purpose), ref, is_key=ref == key)
    return found
