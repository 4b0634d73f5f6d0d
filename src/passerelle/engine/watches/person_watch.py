"""Checks over a whole parcel that one reference is one person, and that one NIR is one reference.

Memory holds, for each row of a person, numbers that are made from its ref, NIR, names and birth date, never these.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

import polars as pl

from passerelle import contracts
from passerelle.contracts.field_types import list_columns
from passerelle.engine.watches.parcel_warnings import ParcelWarning
from passerelle.stages.validate.nir_coherence import SYSTEMS, is_about_a_person
from passerelle.stores.settlement import WARNING, ReasonKey
from passerelle.vocabulary.light_dataclass import dataclass
from passerelle.vocabulary.place import ROW

if TYPE_CHECKING:
    from collections.abc import Iterable

    from passerelle.vocabulary.parcels import Records, TextTable

SHARED_REF, SHARED_NIR = "validate.ref.shared", "validate.nir.shared"
_NAMES = ("birth_name", "usual_name")
_NIR_LENGTH = 13
"""Without the key, which not every supplier exports."""
_TRAITS = ("birth_name", "usual_name", "born", "birth_year")
"""What tells two persons apart; a birth date counts whole, and by its year where no more is known."""


@dataclass(slots=True)
class PersonWatch:
    """Collects the persons of one parcel: 64-bit digests alone, some tens of bytes a row."""

    produced: frozenset[str] = frozenset()
    """Contracts of persons that the connector produces."""
    rows: dict[str, list[pl.DataFrame]] = field(default_factory=dict)
    """By contract: digests of refs and traits, with the member and the line of each row."""
    numbers: dict[str, list[pl.DataFrame]] = field(default_factory=dict)
    """By contract: digests of refs and NIR."""

    @classmethod
    def of(cls, produced: Iterable[str]) -> PersonWatch:
        """Return a watch over the contracts, by id, that a connector produces."""
        return cls(frozenset(name for name in produced if is_about_a_person(contracts.get(name))))

    @property
    def is_needed(self) -> bool:
        """Whether the connector produces persons."""
        return bool(self.produced)

    def observe(self, records: Records, table: TextTable) -> None:
        """Add records that may be delivered."""
        if records.contract not in self.produced:
            return
        expected = list_columns(contracts.get(records.contract))
        frame = records.frame.with_columns(
            table.lines.gather(records.frame.get_column(ROW)).alias("line"), pl.lit(table.member).alias("member")
        )
        there = {name for name, dtype in frame.schema.items() if dtype == expected.get(name)}
        columns = [trait.hash().alias(name) for name, trait in _describe_traits(there).items()]
        digests = frame.select(pl.col("ref").hash(), "member", "line", *columns)
        # `hash` makes a number of a null too: what is unknown contradicts nothing.
        known = frame.select(trait.is_not_null().alias(name) for name, trait in _describe_traits(there).items())
        digests = digests.with_columns(pl.when(known.get_column(name)).then(pl.col(name)) for name in known.columns)
        # An export of visits tells of a person at each of them: only what differs is kept.
        distinct = digests.unique(["ref", *known.columns], keep="first", maintain_order=True)
        self.rows.setdefault(records.contract, []).append(distinct)
        if "identifiers" in there:
            self.numbers.setdefault(records.contract, []).append(_digest_numbers(frame))

    def list_warnings(self) -> list[ParcelWarning]:
        """Return, at the end of the parcel, which refs are of several persons, and which NIR of several refs."""
        warnings = []
        for contract, frames in self.rows.items():
            rows = pl.concat(frames, how="diagonal")
            traits = [name for name in _TRAITS if name in rows.columns]
            differ = [pl.col(name).drop_nulls().n_unique() > 1 for name in traits]
            shared = rows.group_by("ref").agg(pl.any_horizontal(pl.lit(value=False), *differ).alias("differ"))
            wrong = rows.join(shared.filter("differ"), on="ref", how="semi", maintain_order="left")
            # The first row of a ref is right, for all that is known: each further person is told once.
            later = wrong.unique(["ref", *traits], keep="first", maintain_order=True).filter(
                ~pl.col("ref").is_first_distinct()
            )
            warnings += _make_warnings(SHARED_REF, contract, "ref", later)
        for contract, frames in self.numbers.items():
            rows = pl.concat(frames).unique(["nir", "ref"], keep="first", maintain_order=True)
            warnings += _make_warnings(
                SHARED_NIR, contract, "identifiers", rows.filter(~pl.col("nir").is_first_distinct())
            )
        return warnings


def _describe_traits(there: set[str]) -> dict[str, pl.Expr]:
    """Return the traits of a person that a frame has, as texts in which spelling makes no difference."""
    traits = {name: _fold(pl.col(name)) for name in _NAMES if name in there}
    if "birth_date" in there:
        born = pl.col("birth_date")
        traits |= {
            "born": pl.when(born.str.len_bytes() == len("1947-04-03")).then(born),
            "birth_year": born.str.head(4),
        }
    return traits


def _fold(name: pl.Expr) -> pl.Expr:
    """Return a name without accents, case and signs; null when no letter is left."""
    letters = name.str.normalize("NFKD").str.to_lowercase().str.replace_all(r"[^\p{L}]", "")
    return pl.when(letters != "").then(letters)


def _digest_numbers(frame: pl.DataFrame) -> pl.DataFrame:
    items = frame.select("ref", "member", "line", "identifiers").explode("identifiers")
    system, value = (pl.col("identifiers").struct.field(part) for part in ("system", "value"))
    digits = value.str.replace_all(r"[\s.\-/]", "").str.to_uppercase().str.head(_NIR_LENGTH)
    return (
        items.filter(system.str.to_lowercase().is_in(SYSTEMS) & (digits.str.len_bytes() == _NIR_LENGTH))
        .select(pl.col("ref").hash(), "member", "line", digits.hash().alias("nir"))
        .unique(["nir", "ref"], keep="first", maintain_order=True)
    )


def _make_warnings(code: str, contract: str, name: str, rows: pl.DataFrame) -> list[ParcelWarning]:
    return [
        ParcelWarning(ReasonKey(contract, str(member), code, "", name, WARNING), tuple(sorted(lines)))
        for member, lines in rows.group_by("member", maintain_order=True).agg("line").rows()
    ]
