"""Writes the records of one contract in a pack: canonical JSON, its CSV twin, and the files that explain them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from passerelle.contracts import publishing
from passerelle.edges.destinations.flat import flatten
from passerelle.switching.exit_pack.manifest import ContractHolding, ReferenceCount
from passerelle.switching.exit_pack.pack_selection import SelectionRole
from passerelle.switching.exit_pack.record_spool import compute_depth, digest_ref, map_references
from passerelle.vocabulary.spreadsheet_cells import quote_formulas

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from passerelle.contracts.contract import Contract
    from passerelle.switching.exit_pack.archive import Archive
    from passerelle.switching.exit_pack.record_spool import RefDigest, Spool, SpoolFile

BESIDE: Mapping[str, str] = {
    "schema.json": "schema.json",
    "dictionnaire.md": "dictionnaire.md",
    "exemples-acceptes.jsonl": "accepted.jsonl",
}
"""The files beside the records, by name, with the name under which each is published."""
JSON, CSV = "donnees.jsonl", "donnees.csv"


@dataclass(slots=True)
class WrittenContract:
    """The contents of a contract's files."""

    holding: ContractHolding
    persons: set[str] = field(repr=False)


def get_folder(contract_id: str) -> str:
    """Return the folder of a contract."""
    return f"contrats/{contract_id.replace('/', '-')}"


def write_contract(archive: Archive, spool_file: SpoolFile, present: Mapping[str, set[RefDigest]]) -> WrittenContract:
    """Write the folder of a contract, and sum it up. `present` holds, by family, every record of the pack."""
    contract = spool_file.contract
    folder = get_folder(contract.about.id)
    for name, published in BESIDE.items():
        archive.put(f"{folder}/{name}", publishing.FILES[published](contract))
    with archive.open_file(f"{folder}/{JSON}", entity=contract.about.id) as target:
        for line in spool_file.iter_lines():
            target.write(line + b"\n")
            target.count += 1
    tally, columns = HoldingTally(contract, present), _sort_columns(spool_file.columns, contract)
    with archive.open_file(f"{folder}/{CSV}", entity=contract.about.id) as target:
        # With a byte order mark: without it spreadsheets read accents in the encoding of the system.
        header = pl.DataFrame([[*columns, "confirmed_none"]], orient="row")
        target.write(b"\xef\xbb\xbf" + _encode_csv(header))
        for frame in spool_file.iter_frames():
            tally.add(frame)
            flat = flatten(frame.drop("confirmed_none"))
            # Unknown is an empty cell; what is confirmed as none is named in the last.
            absent = [pl.lit(None, pl.String).alias(name) for name in columns if name not in flat.columns]
            none = frame.get_column("confirmed_none").list.join(" ").alias("confirmed_none")
            target.write(_encode_csv(flat.with_columns(absent).select(columns).with_columns(none)))
            target.count += frame.height
    return WrittenContract(tally.to_holding(replaced=spool_file.replaced), tally.persons)


def _encode_csv(table: pl.DataFrame) -> bytes:
    # for people, who open it with a spreadsheet; machines take the JSON beside it
    return quote_formulas(table).write_csv(include_header=False, separator=";", line_terminator="\r\n").encode()


def _sort_columns(columns: Iterable[str], contract: type[Contract]) -> list[str]:
    """Sort flat columns in the contract's order, items of a list by their number."""
    places = {name: place for place, name in enumerate(contract.list_fields())}
    seen: dict[tuple[str, str], int] = {}

    def make_key(column: str) -> tuple[int, ...]:
        head, *rest = column.split(".")
        inside = (int(part) if part.isdecimal() else seen.setdefault((head, part), len(seen)) for part in rest)
        return (places.get(head, len(places)), *inside)

    return sorted(columns, key=make_key)


@dataclass(slots=True)
class HoldingTally:
    """Sums up records as they pass: how many, about whom, since when, and which references lead nowhere."""

    contract: type[Contract]
    known: Mapping[str, set[RefDigest]] = field(repr=False)
    """By family, every record of the pack."""
    records: int = 0
    persons: set[str] = field(default_factory=set, repr=False)
    first: str = ""
    last: str = ""
    links: dict[str, tuple[int, int]] = field(default_factory=dict)

    def add(self, frame: pl.DataFrame) -> None:
        """Add records with every field of the contract."""
        self.records += frame.height
        if person := self.contract.about.person:
            self.persons.update(frame.get_column(person).drop_nulls())
        first, last = compute_depth(frame, self.contract)
        self.first = min(filter(None, (self.first, first)), default="")
        self.last = max(self.last, last)
        for name, family in map_references(self.contract).items():
            filled, lost = self.links.get(name, (0, 0))
            refs = frame.get_column(name).drop_nulls()
            known = self.known.get(family, set())
            self.links[name] = (filled + len(refs), lost + sum(digest_ref(ref) not in known for ref in refs))

    def to_holding(self, *, replaced: int) -> ContractHolding:
        """Return the sum."""
        about = self.contract.about
        families = map_references(self.contract)
        return ContractHolding(
            contract=about.id,
            version=about.version,
            title=about.fr_title,
            records=self.records,
            persons=len(self.persons),
            first=self.first,
            last=self.last,
            replaced=replaced,
            links=tuple(
                ReferenceCount(field=name, family=families[name], filled=filled, unresolved=lost)
                for name, (filled, lost) in self.links.items()
                if filled
            ),
        )


def collect_refs(spool: Spool) -> dict[str, set[RefDigest]]:
    """Collect the digests of every record that goes, by family."""
    found: dict[str, set[RefDigest]] = {}
    for spool_file in spool.files.values():
        going = (
            ref for ref, state in zip(spool_file.refs, spool_file.states, strict=True) if state == SelectionRole.GOES
        )
        found.setdefault(spool_file.contract.about.family, set()).update(going)
    return found
