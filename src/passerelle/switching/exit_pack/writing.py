"""The records of one contract in a pack: canonical JSON, its CSV twin, and what one needs to read them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from passerelle.contracts import publishing
from passerelle.edges.destinations.flat import flatten
from passerelle.switching.exit_pack.manifest import Holding, Link
from passerelle.switching.exit_pack.selection import Role
from passerelle.switching.exit_pack.spool import depth, name_of, reference_fields

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from passerelle.contracts.contract import Contract
    from passerelle.switching.exit_pack.archive import Archive
    from passerelle.switching.exit_pack.spool import Name, Spool, SpoolFile

BESIDE: Mapping[str, str] = {
    "schema.json": "schema.json",
    "dictionnaire.md": "dictionnaire.md",
    "exemples-acceptes.jsonl": "accepted.jsonl",
}
"""What stands beside the records, and under which name it is published."""
JSON, CSV = "donnees.jsonl", "donnees.csv"


@dataclass(slots=True)
class Written:
    """What a contract's files hold."""

    holding: Holding
    persons: set[str] = field(repr=False)


def folder_of(contract_id: str) -> str:
    """Name the folder of a contract."""
    return f"contrats/{contract_id.replace('/', '-')}"


def write(archive: Archive, spool_file: SpoolFile, present: Mapping[str, set[Name]]) -> Written:
    """Write the folder of a contract, and sum it up. `present` names, by family, every record of the pack."""
    contract_id = spool_file.contract.about.id
    folder = folder_of(contract_id)
    for name, published in BESIDE.items():
        archive.put(f"{folder}/{name}", publishing.FILES[published](spool_file.contract))
    with archive.file(f"{folder}/{JSON}", entity=contract_id) as target:
        for line in spool_file.lines():
            target.write(line + b"\n")
            target.count += 1
    return _write_twin(archive, spool_file, Tally(spool_file.contract, present), f"{folder}/{CSV}")


def _write_twin(archive: Archive, spool_file: SpoolFile, tally: Tally, path: str) -> Written:
    contract, columns = spool_file.contract, _ordered(spool_file.columns, spool_file.contract)
    with archive.file(path, entity=contract.about.id) as target:
        target.write(b"\xef\xbb\xbf" + _csv(pl.DataFrame([[*columns, "confirmed_none"]], orient="row")))
        for frame in spool_file.frames():
            tally.add(frame)
            target.write(_csv(_flat(frame, columns)))
            target.count += frame.height
    return Written(tally.holding(replaced=spool_file.replaced), tally.persons)


def _flat(frame: pl.DataFrame, columns: list[str]) -> pl.DataFrame:
    """Flatten records into these columns. Unknown is an empty cell; what is confirmed as none is named in the last."""
    flat = flatten(frame.drop("confirmed_none"))
    absent = [pl.lit(None, pl.String).alias(name) for name in columns if name not in flat.columns]
    none = frame.get_column("confirmed_none").list.join(" ")
    return flat.with_columns(absent).select(columns).with_columns(none.alias("confirmed_none"))


def _csv(table: pl.DataFrame) -> bytes:
    return table.write_csv(include_header=False, separator=";", line_terminator="\r\n").encode()


def _ordered(columns: Iterable[str], contract: type[Contract]) -> list[str]:
    """Put flat columns in the contract's order, items of a list by their number."""
    places = {name: place for place, name in enumerate(contract.list_fields())}
    seen: dict[tuple[str, str], int] = {}

    def key(column: str) -> tuple[int, ...]:
        head, *rest = column.split(".")
        inside = (int(part) if part.isdecimal() else seen.setdefault((head, part), len(seen)) for part in rest)
        return (places.get(head, len(places)), *inside)

    return sorted(columns, key=key)


@dataclass(slots=True)
class Tally:
    """Sums up records as they pass: how many, about whom, since when, and which references lead nowhere."""

    contract: type[Contract]
    known: Mapping[str, set[Name]] = field(repr=False)
    """By family, every record of the pack."""
    records: int = 0
    persons: set[str] = field(default_factory=set, repr=False)
    first: str = ""
    last: str = ""
    links: dict[str, tuple[int, int]] = field(default_factory=dict)

    def add(self, frame: pl.DataFrame) -> None:
        """Take in records with every field of the contract."""
        self.records += frame.height
        if person := self.contract.about.person:
            self.persons.update(frame.get_column(person).drop_nulls())
        first, last = depth(frame, self.contract)
        self.first = min(filter(None, (self.first, first)), default="")
        self.last = max(self.last, last)
        for name, family in reference_fields(self.contract).items():
            filled, lost = self.links.get(name, (0, 0))
            refs = frame.get_column(name).drop_nulls()
            known = self.known.get(family, set())
            self.links[name] = (filled + len(refs), lost + sum(name_of(ref) not in known for ref in refs))

    def holding(self, *, replaced: int) -> Holding:
        """Give the sum."""
        about = self.contract.about
        families = reference_fields(self.contract)
        return Holding(
            contract=about.id,
            version=about.version,
            title=about.fr_title,
            records=self.records,
            persons=len(self.persons),
            first=self.first,
            last=self.last,
            replaced=replaced,
            links=tuple(
                Link(field=name, family=families[name], filled=filled, unresolved=lost)
                for name, (filled, lost) in self.links.items()
                if filled
            ),
        )


def present(spool: Spool) -> dict[str, set[Name]]:
    """Name every record that goes, by family."""
    found: dict[str, set[Name]] = {}
    for spool_file in spool.files.values():
        going = (ref for ref, state in zip(spool_file.refs, spool_file.states, strict=True) if state == Role.GOES)
        found.setdefault(spool_file.contract.about.family, set()).update(going)
    return found
