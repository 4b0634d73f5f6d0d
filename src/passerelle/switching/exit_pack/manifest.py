"""The manifest of an exit pack, in the spirit of the French portability guide (PDLGC): what is in it."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

SCHEMA = "passerelle.pack/1"
MANIFEST = "manifest.json"
INDEX = "index.html"
PackType = Literal["UNITAIRE", "CIBLE", "MASSIF"]
"""One person; a part by period; everything (PDLGC, types of export)."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class PackPublisher(_Part):
    """The organisation that hands the pack over."""

    name: str = ""
    siret: str = ""
    contact: str = ""


class PackPeriod(_Part):
    """Days, the last one included; an open end is empty."""

    start: str = ""
    end: str = ""


class ReferenceCount(_Part):
    """The references of one field, and those of them that lead to no record of the pack."""

    field: str
    family: str
    filled: int
    unresolved: int


class ContractHolding(_Part):
    """The records of one contract."""

    contract: str
    version: str
    title: str
    records: int
    persons: int
    """Distinct persons that they are about."""
    first: str
    """Earliest and latest day that they speak of: the depth of history."""
    last: str
    replaced: int
    """Older states of the same records, that a later export replaced; they are in the files as received."""
    links: tuple[ReferenceCount, ...] = ()


class ConnectorReading(_Part):
    """A connector that brought records, and what became of the rows it read."""

    connector: str
    title: str
    supplier: str
    version: str
    received: int
    in_contract_form: int
    aside: dict[str, int]
    """By reason: rows that could not become records. They are in the files as received."""


class ReceivedFile(_Part):
    """One file or page as it came."""

    flow: str
    connector: str
    sha256: str
    size: int
    received_at: str
    name: str
    """The supplier's name of the file."""
    path: str
    """Where it is in the pack; empty when it is not."""
    trouble: str
    """Why nothing of it is in contract form, or why it is not in the pack: a reason code."""


class PackFile(_Part):
    """One file of the pack. The manifest itself is not listed: its own digest is `export_id`'s business."""

    path: str
    size: int
    sha256: str
    entity: str
    count: int


class PackManifest(_Part):
    """The whole manifest."""

    format: str = SCHEMA
    export_id: str
    """SHA-256 of the rest of the manifest: two packs of the same id have the same contents."""
    extracted_at: str
    type: PackType
    status: Literal["COMPLETE", "PARTIAL"]
    """PARTIAL when something that was received is no longer held, or cannot be read."""
    person: str
    period: PackPeriod
    publisher: PackPublisher
    software: dict[str, str]
    persons: int
    contracts: tuple[ContractHolding, ...]
    connectors: tuple[ConnectorReading, ...]
    received: tuple[ReceivedFile, ...]
    files: tuple[PackFile, ...]
    comments: tuple[str, ...] = ()
