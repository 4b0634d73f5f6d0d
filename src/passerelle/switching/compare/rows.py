"""Records of one side, ready to be matched: a text for each field, the keys that can identify them, their places."""

from __future__ import annotations

import json
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

import polars as pl

from passerelle import contracts
from passerelle.contracts.field_types import list_shapes
from passerelle.contracts.types import FieldKind as Shape
from passerelle.switching.difference_kinds import DifferenceKind
from passerelle.switching.difference_naming import name_differences
from passerelle.switching.record_texts import (
    BETWEEN,
    KEY,
    list_compared,
    list_open_references,
    map_references,
    to_texts,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from collections.abc import Set as AbstractSet

    from passerelle.switching.simulated_target import SimulatedTarget
    from passerelle.switching.snapshot import Snapshot

NATURAL, ALIKE, CONTENT = "_natural", "_alike", "_content"
TAKEN, LOST, WAS = "_taken", "_lost", "_was"
PLACES = ("_file", "_member", "_line")
_SEED = 7
SYSTEMS = ("ins", "nir", "france_travail", "siret", "finess", "rpps", "adeli")
"""Systems whose numbers name one somebody or something, the surest first. A CAF or MSA number is a household's."""
_IDENTIFIED = ("person", "organisation", "professional", "related_contact")
RECOGNISED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "organisation": ("name",),
        "related_contact": ("person_ref", "last_name", "first_name", "organisation_name"),
        "consent": ("person_ref", "decided_on", "purpose", "scope"),
        "stay": ("person_ref", "organisation_ref", "admitted_on", "entry_on"),
        "assessment": ("person_ref", "type", "assessed_on"),
        "goal": ("person_ref", "title", "start_on"),
        "appointment": ("person_ref", "professional_ref", "starts_at"),
        "aid_request": ("person_ref", "type", "opened_on"),
        "entitlement": ("person_ref", "type", "start_on"),
        "document": ("person_ref", "title", "file_name", "written_on"),
        "note": ("person_ref", "written_on", "written_at", "type"),
        "absence": ("person_ref", "professional_ref", "starts_on", "starts_at"),
        "professional": ("last_name", "first_name"),
        "case": ("person_ref", "opened_on"),
        "interaction": ("person_ref", "occurred_on", "occurred_at", "channel"),
        "need": ("person_ref", "identified_on", "theme"),
        "action": ("person_ref", "nature", "title", "start_on"),
        "visit": ("person_ref", "professional_ref", "planned_start", "stamped_start", "retained_start"),
        "planned_visit": ("person_ref", "professional_ref", "planned_start"),
        "funded_plan": ("person_ref", "service", "start_on"),
        "invoice": ("number", "issued_on"),
        "invoice_line": ("invoice_ref", "line_number", "start_on"),
    }
)
"""What people would recognise a record by, for each family. Persons are in none: they are proposed, never assumed."""
_OWN_NUMBERS = ("identifiers", "extra", "file_number")
"""Fields that a record entered twice would have different values in."""


@cache
def list_dates(contract: str) -> tuple[str, ...]:
    """List the days and moments of a contract, in its order: the first that is filled tells a record's month."""
    kinds = (Shape.DAY, Shape.INSTANT)
    return tuple(name for name, shape in list_shapes(contracts.get(contract)).items() if shape.kind in kinds)


@cache
def list_natural_key(contract: str) -> tuple[str, ...]:
    """List the fields of the natural key; none for persons."""
    family = contracts.get(contract).about.family
    if family == "person":
        return ()
    return RECOGNISED[family]


@cache
def list_alike(contract: str) -> tuple[str, ...]:
    """List the fields that two records have in common when nothing but numbers changed; none for persons.

    References to records that are matched no earlier than this one are left out: they still have the new numbers.
    """
    family = contracts.get(contract).about.family
    if family == "person":
        return ()
    unknown = {name for name, target in map_references(contract).items() if target == family}
    unknown.update(list_open_references(contract))
    return tuple(name for name in list_compared(contract) if name not in unknown)


def list_id_columns(contract: str) -> tuple[str, ...]:
    """List the columns of identifiers; none for records that only their own software numbers."""
    identified = contracts.get(contract).about.family in _IDENTIFIED
    return tuple(f"_id_{system}" for system in SYSTEMS) if identified else ()


def make_origin_rows(
    frame: pl.DataFrame,
    contract: str,
    simulated: SimulatedTarget,
    *,
    same_ids: bool = False,
    foreign: AbstractSet[str] = frozenset(),
) -> pl.DataFrame:
    """Return the old side's records as the new side is expected to hold them, with the losses on the way.

    `foreign` are suppliers whose own additions (`extra`) are not the old side's data.
    """
    image = simulated.simulate(frame, contract)
    was = to_texts(frame, contract, same_ids=same_ids)
    same = image.frame is frame
    frame_shown = frame if same else drop_foreign_extra(image.frame, foreign)
    shown = was if same else to_texts(frame_shown, contract, same_ids=same_ids).with_columns(was.get_column(KEY))
    lost = _list_losses(was, shown, contract)
    return _add_keys(shown, image.frame, contract).hstack(
        [*frame.select(PLACES).get_columns(), image.taken.alias(TAKEN), *lost.get_columns()]
    )


def make_target_rows(
    frame: pl.DataFrame,
    contract: str,
    translation: Mapping[str, str],
    *,
    same_ids: bool = False,
    foreign: AbstractSet[str] = frozenset(),
) -> pl.DataFrame:
    """Return the new side's records, their references in the words of the old side."""
    shown = to_texts(drop_foreign_extra(frame, foreign), contract, same_ids=same_ids)
    if translation:
        refs = [KEY, *map_references(contract), *list_open_references(contract)]
        old, new = list(translation), list(translation.values())
        shown = shown.with_columns(pl.col(name).replace(old, new) for name in refs)
    return _add_keys(shown, frame, contract).hstack(frame.select(PLACES).get_columns())


def drop_foreign_extra(frame: pl.DataFrame, foreign: AbstractSet[str]) -> pl.DataFrame:
    """Drop what these suppliers add under their own names."""
    if not foreign or not frame.get_column("extra").count():
        return frame
    texts: list[str | None] = []
    for text in frame.get_column("extra").to_list():
        groups = {name: cells for name, cells in json.loads(text or "{}").items() if name not in foreign}
        texts.append(json.dumps(groups, ensure_ascii=False, sort_keys=True, separators=(",", ":")) if groups else None)
    return frame.with_columns(pl.Series("extra", texts, pl.String))


def _add_keys(shown: pl.DataFrame, frame: pl.DataFrame, contract: str) -> pl.DataFrame:
    """Add the columns that a record can be matched by, and the digest of its content."""
    fields = list_natural_key(contract)
    # Left out: what differs although the same thing was typed twice, so that doubles have one digest.
    content = [name for name in list_compared(contract) if name not in _OWN_NUMBERS]
    natural = pl.lit(None, pl.String)
    if fields:
        # One field alone, where there are several, is shared by too many records to identify one.
        known = pl.sum_horizontal(pl.col(name).is_not_null().cast(pl.Int32) for name in fields)
        joined = pl.concat_str([pl.col(name).fill_null("") for name in fields], separator=BETWEEN)
        natural = pl.when(known >= min(2, len(fields))).then(joined)
    same = list_alike(contract)
    alike = pl.lit(None, pl.UInt64)
    if same:
        # A record that says nothing is like every other one that says nothing.
        alike = pl.when(pl.any_horizontal(pl.col(name).is_not_null() for name in same)).then(
            pl.struct(same).hash(_SEED)
        )
    made = [
        natural.alias(NATURAL),
        alike.alias(ALIKE),
        *(_select_identifier(name) for name in list_id_columns(contract)),
    ]
    keyed = shown.hstack(frame.select(pl.col("identifiers").alias("_ids"))).with_columns(made).drop("_ids")
    return keyed.with_columns(shown.select(content).hash_rows(seed=_SEED).alias(CONTENT))


def _select_identifier(column: str) -> pl.Expr:
    system = column.removeprefix("_id_")
    mine = pl.when(pl.element().struct.field("system") == system).then(pl.element().struct.field("value"))
    plain = pl.col("_ids").list.eval(mine).list.drop_nulls().list.first().str.replace_all(r"[\s.-]", "")
    return pl.when(plain != "").then(plain).alias(column)


def _list_losses(was: pl.DataFrame, shown: pl.DataFrame, contract: str) -> pl.DataFrame:
    """List for each row the fields that the new side will not hold as they are, with the kind and the value before."""
    found = []
    for name in list_compared(contract):
        rows = was.get_column(name).ne_missing(shown.get_column(name)).arg_true()
        if len(rows):
            before, after = was.get_column(name).gather(rows), shown.get_column(name).gather(rows)
            # By column and not by row: most records lose nothing, and most fields are lost in none.
            kinds = name_differences(contract, name, before.to_list(), after.to_list())
            said = pl.Series(LOST, [f"{name}{BETWEEN}{kind}" for kind in kinds], pl.String)
            found.append(pl.DataFrame([rows.cast(pl.UInt32).alias("row"), said, before.alias(WAS)]))
    every = pl.DataFrame([pl.int_range(was.height, dtype=pl.UInt32, eager=True).alias("row")])
    nothing = pl.DataFrame(schema={"row": pl.UInt32, LOST: pl.String, WAS: pl.String})
    grouped = pl.concat([nothing, *found]).group_by("row", maintain_order=True).agg(LOST, WAS)
    return every.join(grouped, on="row", how="left", maintain_order="left").select(LOST, WAS)


def iter_last_versions(snapshot: Snapshot, contract: str) -> Iterator[pl.DataFrame]:
    """Yield the old side's records in slices, of each reference only the last: what the new side received last."""
    # Of all references only hashes are in memory: eight bytes each, where the texts would take many times as much.
    refs = snapshot.scan(contract).select(pl.col("ref").hash(_SEED)).collect().to_series()
    last, start = refs.is_last_distinct(), 0
    for frame in snapshot.iter_slices(contract):
        yield frame.filter(last.slice(start, frame.height))
        start += frame.height


def count_losses(rows: pl.DataFrame) -> Iterator[tuple[str, DifferenceKind, int]]:
    """Yield each field and kind of predicted loss with its count."""
    losses = rows.get_column(LOST).drop_nulls().explode().drop_nulls()
    for text, count in losses.value_counts().iter_rows():
        name, _between, kind = text.partition(BETWEEN)
        yield name, DifferenceKind(kind), count
