"""Do references lead somewhere? Watched over a whole parcel, because a record and what it refers to come in any order.

Only fields that refer to a contract of the same connector are watched: what another flow brings is not known here.
Memory holds each distinct reference once, as a digest.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from passerelle import contracts
from passerelle.engine.parcel_warnings import ParcelWarning, Spots

if TYPE_CHECKING:
    from passerelle.vocabulary.parcels import Records, TextTable

UNRESOLVED = "validate.reference.unresolved"
Naming = Callable[[list[str]], list[bytes]]
"""Gives each ref its digest; the same one as the journal's where there is a journal."""
Known = Callable[[str, list[bytes]], set[bytes]]
"""Says which of these digests the destination has of a contract, delivered now or earlier."""


def digests(refs: list[str]) -> list[bytes]:
    """Name refs where there is no journal to agree with."""
    return [hashlib.blake2b(ref.encode(), digest_size=16).digest() for ref in refs]


@dataclass(frozen=True, slots=True)
class _Link:
    """A field of a contract, and the contracts of the connector that it may refer to."""

    contract: str
    field: str
    targets: tuple[str, ...]


@dataclass(slots=True)
class ReferenceWatch:
    """Collects the references of one parcel. Without `known`, the records of the parcel itself are collected too."""

    links: Mapping[str, tuple[_Link, ...]]
    """By contract."""
    naming: Naming = digests
    known: Known | None = None
    wanted: dict[_Link, Spots] = field(default_factory=dict)
    brought: dict[str, set[bytes]] = field(default_factory=dict)

    @classmethod
    def of(cls, produced: Iterable[str], *, naming: Naming = digests, known: Known | None = None) -> ReferenceWatch:
        """Watch what a connector produces: ids of contracts."""
        return cls(_links(tuple(dict.fromkeys(produced))), naming, known)

    @property
    def is_needed(self) -> bool:
        """Say whether anything refers to anything here."""
        return bool(self.links)

    def observe(self, records: Records, table: TextTable) -> None:
        """Take in records that pass."""
        for link in self.links.get(records.contract, ()):
            if link.field in records.frame.columns:
                self.wanted.setdefault(link, Spots()).see(records.frame, link.field, table, self.naming)
        if self.known is None and records.contract in self._targets():
            refs = records.frame.get_column("ref").to_list()
            self.brought.setdefault(records.contract, set()).update(self.naming(refs))

    def list_warnings(self) -> list[ParcelWarning]:
        """Say, once the parcel is through, which references lead nowhere."""
        found = []
        for link, spots in self.wanted.items():
            lost = set(spots.lines)
            for target in link.targets:
                lost -= self._has(target, list(lost))
            found += spots.list_warnings(UNRESOLVED, link.contract, link.field, lost)
        return found

    def _targets(self) -> set[str]:
        return {target for links in self.links.values() for link in links for target in link.targets}

    def _has(self, contract: str, keys: list[bytes]) -> set[bytes]:
        if self.known is not None:
            return self.known(contract, keys)
        return self.brought.get(contract, set())


def _links(produced: tuple[str, ...]) -> dict[str, tuple[_Link, ...]]:
    families: dict[str, list[str]] = {}
    for contract_id in produced:
        families.setdefault(contracts.get(contract_id).about.family, []).append(contract_id)
    found = {
        contract_id: tuple(
            _Link(contract_id, name, tuple(families[fact.reference]))
            for name, fact in contracts.get(contract_id).describe_fields().items()
            if fact.reference in families
        )
        for contract_id in produced
    }
    return {contract_id: links for contract_id, links in found.items() if links}
