"""Composes the letters of decoded tables, names of columns and cells, before anything is compared with them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from passerelle.stages.decode.cell_search import find_beyond_ascii, find_columns
from passerelle.stages.decode.header import make_free_name
from passerelle.vocabulary.composition import compose

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from passerelle.vocabulary.parcels import DecodedBatch

_MARKS = "[\u0300-\u036f\u1100-\u11ff\u212a\u212b]"
"""Accents that stand behind their letter, Korean letters apart, and the signs of kelvin and ångström, which NFC
replaces: what the languages written around here may hold uncomposed."""

_LEADS = {
    b"\xcc": (b"\xcc",),
    b"\xcd": (b"\xcd",),
    b"\xe1": (b"\xe1\x84", b"\xe1\x85", b"\xe1\x86", b"\xe1\x87"),
    b"\xe2": (b"\xe2\x84",),
}
"""How the UTF-8 of these characters begins, by its first byte: one byte is found ten times as fast as two."""


def can_be_uncomposed(data: bytes) -> bool:
    """Whether UTF-8 may hold letters that are to be composed: a search of the bytes, for texts without any."""
    return any(first in data and any(lead in data for lead in leads) for first, leads in _LEADS.items())


def compose_names(names: Iterable[str]) -> tuple[str, ...]:
    """Return composed names of columns; two that become the same stay apart, as repeated names do, and patterns too."""
    composed: dict[str, None] = {}
    for name in names:
        composed[make_free_name(compose(name), composed)] = None
    return tuple(composed)


def compose_batches(batches: Iterable[DecodedBatch]) -> Iterator[DecodedBatch]:
    """Yield batches with composed letters."""
    return map(compose_batch, batches)


def compose_batch(decoded: DecodedBatch) -> DecodedBatch:
    """Return a batch with composed letters; nearly always the very same."""
    frame = decoded.table.frame
    names = list(compose_names(frame.columns))
    is_named = names == frame.columns
    if not is_named:
        frame = frame.clone()
        frame.columns = names
    # Looked for first: normalising every cell costs twenty times as much.
    marked = find_columns(frame, find_beyond_ascii(frame), _MARKS) if decoded.table.uncomposed else []
    if is_named and not marked:
        return decoded
    composed = frame.with_columns(pl.col(name).str.normalize("NFC") for name in marked)
    return replace(decoded, table=replace(decoded.table, frame=composed))
