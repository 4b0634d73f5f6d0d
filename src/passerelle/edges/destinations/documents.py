"""A folder that takes documents: one or several files for each contract and batch, each there whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from passerelle.edges.destinations.folder import list_parcel_names, make_file_name
from passerelle.edges.destinations.own_answers import FindUnmapped, answer_records, find_nothing_unmapped
from passerelle.edges.places.file_place import as_place
from passerelle.vocabulary.safe_files import OWNER

if TYPE_CHECKING:
    from pathlib import Path

    from passerelle.edges.places.file_place import FilePlace
    from passerelle.vocabulary.outcomes import Answer
    from passerelle.vocabulary.parcels import Delivery


@dataclass(frozen=True, slots=True)
class RenderedDocument:
    """One file on its way. `part` tells it from the others of its batch, in our own words and digits."""

    part: str
    content: Iterable[bytes] = field(repr=False)
    """Piece by piece."""
    rows: tuple[int, ...] = ()
    """The records of the batch that it holds, by their index, in the order in which they were laid out."""


@dataclass(frozen=True, slots=True)
class RenderedDocuments:
    """A batch, rendered: its documents in a stable order, and the records that have no place in any."""

    documents: Iterable[RenderedDocument]
    refused: Mapping[int, Answer] = field(default_factory=dict)
    unmapped: FindUnmapped = find_nothing_unmapped
    """Finds the values of the other records that have no place in their document."""


Write = Callable[["Delivery"], RenderedDocuments]
"""Makes the documents of a batch: the same batch always gives the same bytes."""


@dataclass(frozen=True, slots=True)
class DocumentDestination:
    """Writes `<flow>-<contract>-<parcel>-<batch>[-<part>].<extension>`; the same batch again gives the same files."""

    path: Path | FilePlace
    """A folder of this machine, or of another one."""
    extension: str
    write: Write
    rights: int = field(default=OWNER, kw_only=True)
    """Of the files: for their owner, or for the group as well."""

    def deliver(self, delivery: Delivery) -> list[Answer]:
        """Write the batch's documents. Raises FlowError for missing rights, FatalError when there is no room."""
        if not len(delivery):
            return []
        made = self.write(delivery)
        for document in made.documents:
            name = make_file_name(delivery, self.extension, part=document.part)
            as_place(self.path).write(name, document.content, self.rights)
        return answer_records(len(delivery), made.refused, made.unmapped())

    def list_parcel_names(self, flow: str) -> frozenset[str]:
        """Return the short names of parcels of a flow that have a file here. Raises as `deliver`."""
        return list_parcel_names(self.path, flow)

    def close(self) -> None:
        """Release the connection, where there is one: no file stays open."""
        as_place(self.path).close()
