"""Replay: rows that were set aside, written and read back as lines of JSON."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from itertools import groupby, islice
from operator import itemgetter
from typing import IO, TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from passerelle.stages.decode.composing import compose_batch
from passerelle.stages.decode.numbering import Numbering
from passerelle.stages.decode.tables import DecodedRecord, make_batch
from passerelle.vocabulary.errors import ParcelError

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping

    from passerelle.vocabulary.parcels import DecodedBatch

_NONE: frozenset[int] = frozenset()


class _ReplayLine(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)

    item: int = Field(ge=0)
    member: str
    line: int = Field(ge=0, le=0xFFFFFFFF)
    cells: dict[str, str | None]


def write_replay_line(item: int, member: str, line: int, cells: Mapping[str, str | None]) -> bytes:
    """Return the line of one row to replay: its quarantine item, where it stood, its cells (None: no such cell)."""
    word = {"item": item, "member": member, "line": line, "cells": dict(cells)}
    return json.dumps(word, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def decode_replay(stream: IO[bytes], *, block_rows: int, skip: Container[int] = _NONE) -> Iterator[DecodedBatch]:
    """Decode rows to replay, at most `block_rows` of one member a batch; `items` holds their quarantine items.

    Raises ParcelError for anything but lines of `replay_line`.
    """
    numbering = Numbering(skip)
    stream.seek(0)
    for member, rows in groupby(_iter_rows(stream), key=itemgetter(0)):
        waiting = (record for _member, record in rows)
        while pile := list(islice(waiting, block_rows)):
            number = numbering.take()
            if number is not None:
                yield replace(compose_batch(make_batch(number, member, pile)), consumed=stream.tell())


def _iter_rows(stream: IO[bytes]) -> Iterator[tuple[str, DecodedRecord]]:
    for number, text in enumerate(iter(stream.readline, b""), start=1):
        row = None
        with suppress(ValidationError):
            row = _ReplayLine.model_validate_json(text)
        if row is None:  # raised here, so that the foreign error, which holds the cells, hangs on nothing
            raise ParcelError("decode.parcel.malformed", declared="replay", line=str(number))
        yield row.member, DecodedRecord(row.line, row.cells, item=row.item)
