"""Checks references over a whole parcel, because a record and what it refers to come in any order.

Only fields that refer to a contract of the same connector are watched: what another flow brings is not known here.
Memory holds each distinct reference once, as a digest.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import field
from typing import TYPE_CHECKING

from passerelle import contracts
from passerelle.engine.watches.parcel_warnings import FirstPlaces, ParcelWarning
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from passerelle.vocabulary.parcels import Records, TextTable

UNRESOLVED = "validate.reference.unresolved"
DigestRefs = Callable[[list[str]], list[bytes]]
"""Returns the digest of each ref; the one that the journal uses where there is a journal."""
FindDelivered = Callable[[str, list[bytes]], set[bytes]]
"""Returns which of these digests of a contract the destination has, delivered now or earlier."""


def digest_refs(refs: list[str]) -> list[bytes]:
    """Return a plain digest of each ref, for where there is no journal."""
    return [hashlib.blake2b(ref.encode(), digest_size=16).digest() for ref in refs]


@dataclass(frozen=True, slots=True)
class _Link:
    """A field of a contract, and the contracts of the connector that it may refer to."""

    contract: str
    field: str
    targets: tuple[str, ...]


@dataclass(slots=True)
class ReferenceWatch:
    """Collects the references of one parcel; without `find_delivered`, the records of the parcel itself too."""

    links: Mapping[str, tuple[_Link, ...]]
    """By contract."""
    digest_refs: DigestRefs = digest_refs
    find_delivered: FindDelivered | None = None
    wanted: dict[_Link, FirstPlaces] = field(default_factory=dict)
    brought: dict[str, set[bytes]] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        produced: Iterable[str],
        *,
        digest_refs: DigestRefs = digest_refs,
        find_delivered: FindDelivered | None = None,
    ) -> ReferenceWatch:
        """Return a watch over the contracts, by id, that a connector produces."""
        return cls(_find_links(tuple(dict.fromkeys(produced))), digest_refs, find_delivered)

    @property
    def is_needed(self) -> bool:
        """Whether any contract here refers to another."""
        return bool(self.links)

    def observe(self, records: Records, table: TextTable) -> None:
        """Add records that may be delivered."""
        for link in self.links.get(records.contract, ()):
            if link.field in records.frame.columns:
                self.wanted.setdefault(link, FirstPlaces()).add(records.frame, link.field, table, self.digest_refs)
        targets = {target for links in self.links.values() for link in links for target in link.targets}
        if self.find_delivered is None and records.contract in targets:
            refs = records.frame.get_column("ref").to_list()
            self.brought.setdefault(records.contract, set()).update(self.digest_refs(refs))

    def list_warnings(self) -> list[ParcelWarning]:
        """Return, at the end of the parcel, which references lead nowhere."""
        warnings = []
        for link, places in self.wanted.items():
            unresolved = set(places.lines)
            for target in link.targets:
                if self.find_delivered is None:
                    unresolved -= self.brought.get(target, set())
                else:
                    unresolved -= self.find_delivered(target, list(unresolved))
            warnings += places.list_warnings(UNRESOLVED, link.contract, link.field, unresolved)
        return warnings


def _find_links(produced: tuple[str, ...]) -> dict[str, tuple[_Link, ...]]:
    """Return, by contract, the fields that refer to a contract of the same connector, whatever its version."""
    families: dict[str, list[str]] = {}
    for contract_id in produced:
        families.setdefault(contracts.get(contract_id).about.family, []).append(contract_id)
    links_of = {
        contract_id: tuple(
            _Link(contract_id, name, tuple(families[meta.reference]))
            for name, meta in contracts.get(contract_id).describe_fields().items()
            if meta.reference in families
        )
        for contract_id in produced
    }
    return {contract_id: links for contract_id, links in links_of.items() if links}
