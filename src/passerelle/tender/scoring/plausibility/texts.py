"""Texts and numbers that no real person has: placeholders, one telephone for all, cut texts, short postcodes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from passerelle import contracts
from passerelle.contracts import field_types
from passerelle.contracts.types import FieldKind
from passerelle.tender.scoring.plausibility.doubt import ENOUGH, raise_doubt

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle.tender.scoring.plausibility.doubt import PlausibilityDoubt
    from passerelle.tender.scoring.plausibility.sample_frames import SampleFrames

_WORDS = (
    r"(?i)^\W*(test(s|er|ing)?\W*\d*|tests? ?test|essai\W*\d*|toto|x{3,}|z{3,}|a{3,}|tbd|todo|azerty|qwerty|dummy"
    r"|lorem ipsum.*|[àa] (compl[ée]ter|renseigner|d[ée]finir|saisir)|non renseign[ée]e?|inconnue?|unknown|undefined"
    r"|nom|pr[ée]nom|name)\W*$|^(\.{2,}|-{2,}|\?+)$"
)
"""Whole values that stand for none. Words that are somebody's name (Null, Na, Bar) are not among them."""
_BROKEN = (
    r"&(?:[a-z]{2,6}(?:acute|grave|circ|cedil|uml)|[aeiou](?:acute|grave|circ|uml)|ccedil|amp|nbsp|quot|lt|gt|#\d{2,4});"
    r"|</?(?:p|br|b|i|div|span|li|ul|strong)\s*/?>"
    r"|^\d[.,]\d+[eE]\+\d+$"
)
"""What no person types: marks of a page, numbers that a spreadsheet made powers. Reading refuses broken accents."""
_WIDTHS = (20, 24, 25, 30, 32, 35, 38, 40, 45, 48, 50, 60, 64, 80, 100, 120, 128, 150, 160, 200, 250, 254, 255, 256)
"""Lengths at which columns of databases and of fixed forms end."""
_SHARED = 0.3
_PERSONS = ("person", "related_contact")
"""A service may well give one telephone for all of its professionals."""
_OWN = ("birth_name", "last_name", "birth_date")


def find_placeholders(frames: SampleFrames) -> Iterator[PlausibilityDoubt]:
    """Yield texts that somebody typed in order to type something."""
    for contract, name, frame in _iter_texts(frames):
        yield from raise_doubt("tender.plausible.placeholder", contract, name, frame, pl.col(name).str.contains(_WORDS))


def find_broken_texts(frames: SampleFrames) -> Iterator[PlausibilityDoubt]:
    """Yield texts that a conversion spoilt."""
    for contract, name, frame in _iter_texts(frames):
        yield from raise_doubt(
            "tender.plausible.text_broken", contract, name, frame, pl.col(name).str.contains(_BROKEN)
        )


def find_same_names(frames: SampleFrames) -> Iterator[PlausibilityDoubt]:
    """Yield persons whose first name is their name: seldom true, and not for several."""
    for contract in frames.list_contracts("person"):
        frame = frames.get_frame(contract, "birth_name", "first_names")
        same = pl.col("birth_name").str.to_lowercase() == pl.col("first_names").str.to_lowercase()
        yield from raise_doubt(
            "tender.plausible.names_same", contract, "first_names", frame, same, least=3, share=0.02, is_sure=False
        )


def find_cut_texts(frames: SampleFrames) -> Iterator[PlausibilityDoubt]:
    """Yield texts that end at one length, in the middle of a word."""
    for contract, name, frame in _iter_texts(frames):
        size = pl.col(name).str.len_chars()
        longest = frame.select(size.max()).item() if frame.height >= ENOUGH else 0
        if longest not in _WIDTHS:
            continue
        # A sentence ends with a sign or a number of its own; what is cut ends in a letter, whatever the text.
        at_end = (size == longest) & pl.col(name).str.contains(r"[\p{L} ,'’-]$")
        among = frame.filter(at_end).get_column(name)
        if among.n_unique() >= 3 and among.str.slice(-4).n_unique() >= 3:
            yield from raise_doubt(
                "tender.plausible.text_cut",
                contract,
                name,
                frame,
                at_end,
                least=5,
                share=0.05,
                is_sure=False,
                length=str(longest),
            )


def find_shared_values(frames: SampleFrames) -> Iterator[PlausibilityDoubt]:
    """Yield what is one's own and many have: one telephone or e-mail for all, one name, one birth."""
    for contract in frames.list_contracts(*_PERSONS):
        whole = frames.get_frame(contract)
        if "telecoms" in whole.columns:
            first = pl.col("telecoms").list.first().struct.field("value")
            yield from _find_usual(whole.with_columns(first.alias("_own")), contract, "telecoms")
        for name in _OWN:
            if name in whole.columns:
                yield from _find_usual(whole.with_columns(pl.col(name).alias("_own")), contract, name)


def _find_usual(frame: pl.DataFrame, contract: str, name: str) -> Iterator[PlausibilityDoubt]:
    frame = frame.drop_nulls("_own")
    if frame.height >= ENOUGH:
        usual = frame.select(pl.col("_own").mode().sort().first()).item()
        mask = pl.col("_own") == usual
        yield from raise_doubt(
            "tender.plausible.value_shared", contract, name, frame, mask, share=_SHARED, is_sure=False
        )


def find_short_postcodes(frames: SampleFrames) -> Iterator[PlausibilityDoubt]:
    """Yield French postcodes of four digits: a spreadsheet took the zero away."""
    for contract in frames.list_contracts():
        whole = frames.get_frame(contract)
        if "addresses" in whole.columns:
            postcode = pl.element().struct.field("postcode").str.contains(r"^[1-9][0-9]{3}$")
            country = pl.element().struct.field("country")
            french = country.is_null() | country.is_in(("FR", "FRA"))
            frame = whole.filter(pl.col("addresses").list.len() > 0)
            short = pl.col("addresses").list.eval((postcode & french).fill_null(value=False)).list.any()
            yield from raise_doubt("tender.plausible.postcode_short", contract, "addresses", frame, short)


def _iter_texts(frames: SampleFrames) -> Iterator[tuple[str, str, pl.DataFrame]]:
    for contract in frames.list_contracts():
        whole = frames.get_frame(contract)
        for name, shape in field_types.list_shapes(contracts.get(contract)).items():
            if shape.kind is FieldKind.TEXT and name in whole.columns and whole.schema[name] == pl.String():
                frame = whole.drop_nulls(name)
                if frame.height:
                    yield contract, name, frame


RULES = (
    find_placeholders,
    find_broken_texts,
    find_same_names,
    find_cut_texts,
    find_shared_values,
    find_short_postcodes,
)
