"""What the files of a flow with one file name are called and hold, and which flows would write the same file."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from passerelle.edges.destinations.folder import FolderDestination
from passerelle.engine.clock import find_local_day
from passerelle.engine.settings.file_name_template import fill_template
from passerelle.engine.settings.file_twins import make_file_key
from passerelle.engine.settings.place_settings import FileDestinationSettings
from passerelle.engine.workspace.reconciling import RefKeyFinder
from passerelle.vocabulary.errors import FlowError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    import polars as pl

    from passerelle.engine.records.record_comparison import KnownRecords, Pseudonyms
    from passerelle.engine.settings.file_twins import FileKey
    from passerelle.engine.settings.workspace_settings import Flow
    from passerelle.extension.supplier import Connector
    from passerelle.stores.ref_index import RecalledRecords
    from passerelle.vocabulary.ports import Clock, Destination

_RECALLED = 65_536
"""Records whose state is asked of the journal at a time."""


def has_file_name(flow: Flow) -> bool:
    """Whether the files of a flow have one name."""
    return isinstance(flow.destination, FileDestinationSettings) and bool(flow.destination.file_name)


def name_files(destination: Destination, flow: Flow, known_records: KnownRecords, clock: Clock) -> Destination:
    """Return a destination that writes one file a run, where the settings name it; else the destination as it is."""
    entry = flow.destination
    if not isinstance(entry, FileDestinationSettings) or not entry.file_name:
        return destination
    if not isinstance(destination, FolderDestination):
        message = "what cannot have one file name is refused when it is opened"
        raise TypeError(message)
    # few flows do
    from passerelle.edges.destinations.named_file import FileNaming, NamedFileDestination  # noqa: PLC0415  see above

    template, holds_all = entry.file_name, entry.file_holds == "all"
    naming = FileNaming(
        flow=flow.name,
        make_name=lambda contract: fill_template(template, contract, find_local_day(clock.now(), flow.zone)),
        find_settled=partial(known_records.journal.find_settled_batches, flow.name),
        count_current=partial(count_current, known_records),
        when_there=entry.when_there or ("replace" if holds_all else "wait"),
        holds_all=holds_all,
    )
    return NamedFileDestination(destination, naming)


def count_current(known_records: KnownRecords, contract: str, refs: pl.Series, versions: pl.Series) -> tuple[int, int]:
    """Count, of records by their references outside, those that the journal knows in this version; and all it knows.

    All: those that were delivered and not deleted since.
    """
    journal, flow = known_records.journal, known_records.flow

    def recall(keys: Pseudonyms) -> Iterator[RecalledRecords]:
        for first in range(0, len(keys), _RECALLED):
            yield journal.recall(flow, contract, keys[first : first + _RECALLED].tobytes())

    known = np.frombuffer(journal.list_ref_keys(flow, contract), dtype=np.uint8).reshape(-1, 16)
    there = sum(int(some.there.sum()) for some in recall(np.unique(known, axis=0)))
    current, wanted = 0, versions.to_numpy()
    for some in recall(RefKeyFinder(known_records, contract).find(refs)):
        current += int((some.there & (some.versions == wanted[: len(some.there)])).sum())
        wanted = wanted[len(some.there) :]
    return current, there


def check_file_names(flow: Flow, flows: Iterable[Flow], find_connector: Callable[[str], Connector]) -> None:
    """Raise FlowError where two contracts of a flow, or another flow, would write the same file."""
    own = _list_files(flow, find_connector)
    if len(own) > len(set(own)):
        raise FlowError("settings.file_name.contracts", name=flow.name)
    for other in flows if own else ():
        if other.name != flow.name and not set(own).isdisjoint(_list_files(other, find_connector)):
            raise FlowError("settings.file_name.shared", name=flow.name, other=other.name)


def _list_files(flow: Flow, find_connector: Callable[[str], Connector]) -> list[FileKey]:
    """Return the files that a flow writes, one for each contract, as something that can be compared."""
    entry = flow.destination
    if not isinstance(entry, FileDestinationSettings) or not entry.file_name:
        return []
    contracts = dict.fromkeys(table.contract for table in find_connector(flow.connector).tables)
    return [make_file_key(entry, contract) for contract in contracts if contract not in flow.leave_out]
