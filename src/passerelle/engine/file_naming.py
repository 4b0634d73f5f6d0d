"""What the files of a flow with one file name are called and hold, and which flows would write the same file."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from passerelle.edges.destinations.folder import FolderDestination
from passerelle.engine.clock import find_local_day
from passerelle.engine.file_name_template import fill_template
from passerelle.engine.file_twins import make_file_key
from passerelle.engine.place_settings import FileDestinationSettings
from passerelle.vocabulary.errors import FlowError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from passerelle.engine.file_twins import FileKey
    from passerelle.engine.record_comparison import KnownRecords
    from passerelle.engine.settings import Flow
    from passerelle.extension.supplier import Connector
    from passerelle.vocabulary.ports import Clock, Destination

_RECALLED = 65_536
"""Records whose state is asked of the journal at a time."""


def name_files(destination: Destination, flow: Flow, known_records: KnownRecords, clock: Clock) -> Destination:
    """Return a destination that writes one file a run, where the settings name it; else the destination as it is."""
    entry = flow.destination
    if not isinstance(entry, FileDestinationSettings) or not entry.file_name:
        return destination
    if not isinstance(destination, FolderDestination):
        message = "what cannot have one file name is refused when it is opened"
        raise TypeError(message)
    from passerelle.edges.destinations.named_file import FileNaming, NamedFileDestination  # noqa: PLC0415  few have one

    template, holds_all = entry.file_name, entry.file_holds == "all"
    naming = FileNaming(
        flow=flow.name,
        make_name=lambda contract: fill_template(template, contract, find_local_day(clock.now(), flow.zone)),
        find_settled=partial(known_records.journal.find_settled_batches, flow.name),
        count_there=partial(count_there, known_records),
        when_there=entry.when_there or ("replace" if holds_all else "wait"),
        holds_all=holds_all,
    )
    return NamedFileDestination(destination, naming)


def count_there(known_records: KnownRecords, contract: str) -> int:
    """Return how many records of a contract the destination has: delivered, and not deleted since."""
    journal, flow = known_records.journal, known_records.flow
    keys = np.unique(np.frombuffer(journal.list_ref_keys(flow, contract), dtype=np.uint8).reshape(-1, 16), axis=0)
    slices = (keys[first : first + _RECALLED] for first in range(0, len(keys), _RECALLED))
    return sum(int(journal.recall(flow, contract, some.tobytes()).there.sum()) for some in slices)


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
