"""Samples padded with copies: the same records under other references."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from passerelle import contracts
from passerelle.contracts import field_types
from passerelle.tender.scoring.plausibility.doubt import raise_doubt
from passerelle.tender.scoring.plausibility.sample_frames import read_local

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle.tender.scoring.plausibility.doubt import PlausibilityDoubt
    from passerelle.tender.scoring.plausibility.sample_frames import SampleFrames

_FAMILIES = ("person", "professional", "visit", "planned_visit", "funded_plan", "invoice", "absence")
_NUMBERS = ("ref", "identifiers", "number", "plan_number", "file_number", "extra")
"""What whoever copies a record changes."""
_SEED = 17


def find_copies(frames: SampleFrames) -> Iterator[PlausibilityDoubt]:
    """Yield records whose content came before, and visits stamped at the same seconds for the same persons."""
    for contract in frames.list_contracts(*_FAMILIES):
        frame = frames.get_frame(contract)
        content = [name for name in field_types.list_columns(contracts.get(contract)) if name not in _NUMBERS]
        # Lists stay out: there is no hash of them, and telephones and addresses make no record another.
        plain = [name for name in content if not isinstance(frame.schema[name], pl.List)]
        filled = [name for name in plain if frame.get_column(name).null_count() < frame.height]
        # With fewer fields two records may well be equal: a name alone, a day alone.
        if len(filled) >= 4:
            yield from _find_repeated("tender.plausible.copies", contract, frame, filled, share=0.01)
    for contract in frames.list_contracts("visit"):
        frame = frames.get_frame(contract, "stamped_start", "stamped_end")
        clock = [read_local(name).dt.time().alias(f"_{name}") for name in ("stamped_start", "stamped_end")]
        seconds = (read_local("stamped_start").dt.second() + read_local("stamped_end").dt.second()) > 0
        # Two stamps to the second twice for one person: one chance in thousands, for software that stamps seconds.
        frame = frame.with_columns(clock).filter(seconds)
        keys = ["person_ref", "_stamped_start", "_stamped_end"]
        yield from _find_repeated("tender.plausible.stamps_repeated", contract, frame, keys, share=0.05)


def _find_repeated(
    code: str, contract: str, frame: pl.DataFrame, keys: list[str], *, share: float
) -> Iterator[PlausibilityDoubt]:
    coded = [pl.col(name).struct.json_encode() for name in keys if isinstance(frame.schema[name], pl.Struct)]
    digests = frame.select(keys).with_columns(coded).hash_rows(seed=_SEED)
    again = frame.with_columns((digests.is_duplicated() & ~digests.is_first_distinct()).alias("_again"))
    yield from raise_doubt(code, contract, "", again, pl.col("_again"), least=3, share=share)


RULES = (find_copies,)
