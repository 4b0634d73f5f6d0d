"""The notice, once, that references leave as handles by now, at a destination that has records under their keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.contracts.field_meta import Purpose
from passerelle.extension.opaque_references import list_openings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passerelle.engine.workspace.assembly import OpenFlow
    from passerelle.stores.journal import Journal
    from passerelle.stores.notices import Notice

HANDLES = "deliver.references.handles"
"""Raised by the migration of a journal that an earlier version wrote."""


def has_hidden_references(open_flow: OpenFlow) -> bool:
    """Whether some references of a flow leave as handles."""
    openings, handles = list_openings((open_flow.connector,)), open_flow.known_records.handles
    return (
        handles is not None
        and open_flow.settings.purpose is not Purpose.PORTABILITY
        and not all(map(handles.is_kept, openings))
    )


def drop_needless_notice(journal: Journal, open_flow: OpenFlow, notices: Sequence[Notice]) -> tuple[Notice, ...]:
    """Clear the notice of a flow all of whose references leave as before; return the others."""
    if not any(notice.code == HANDLES for notice in notices) or has_hidden_references(open_flow):
        return tuple(notices)
    journal.clear_notice(open_flow.flow, HANDLES)
    return tuple(notice for notice in notices if notice.code != HANDLES)
