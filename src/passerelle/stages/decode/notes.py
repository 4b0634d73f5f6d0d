"""Rows of a table that are no records (totals, the names again, notes of the software); names in other spellings."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from passerelle.stages.decode.header import fold_name
from passerelle.stages.decode.walk import FEW
from passerelle.vocabulary.outcomes import Fate, RowWarning, SetAside
from passerelle.vocabulary.place import Place

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from passerelle.vocabulary.parcels import TextTable

_TOTAL = (
    r"(?i)^(?:(?:sous[- ]?)?tota(?:l|ux)|somme|nombre|nb)\b"
    r"(?:[ .:]*(?:g[ée]n[ée]ral|global|de lignes|des? \w+|\d+))*[ .:]*$"
)
_NUMBERS = r"^[\s\d.,:/%€+\-\x{a0}\x{202f}]*\d[\s\d.,:/%€h+\-\x{a0}\x{202f}]*(?:€|EUR|h)?$"
_PHONE = r"^(?:(?:\+|00)33|0) ?[1-9](?:[ .-]?[0-9]{2}){4}$"
"""A sum of nothing: where one stands, the row is about somebody, who may be called Total or Somme."""
_FOOTER = (
    r"(?i)^(?:[-=*_#~.]{2,}.*|fin(?: de (?:la )?liste| du fichier| de l.(?:export|[ée]dition|extraction))?[ .!]*"
    r"|(?:nombre|nb|total) d(?:e |')(?:lignes?|enregistrements?|r[ée]sultats?|b[ée]n[ée]ficiaires?|personnes?)\b.*"
    r"|(?:[ée]dit[ée]|imprim[ée]|extrait|export[ée]|g[ée]n[ée]r[ée])e? (?:le|par|depuis)\b.*"
    r"|page \d+(?: ?(?:/|sur) ?\d+)?)$"
)
_REFERENCE = r"^[A-Za-z]{0,2}[0-9]"
"""How nearly every reference begins, and no sum, footer or name of most columns: told at a tenth of the cost."""
_SPACES = "\t\r\n \u00a0\u202f\u200b\ufeff"


def match_spellings(columns: Iterable[str], known: Iterable[str]) -> dict[str, str]:
    """Return columns that are written otherwise than a known one that is not there: found → known.

    Only where one column and one known name have the same letters: an exact name always wins.
    """
    there = set(columns)
    missing = [name for name in known if name not in there]
    if not missing:
        return {}
    strangers = there.difference(known)
    folded = Counter(map(fold_name, missing))
    found = Counter(map(fold_name, strangers))
    by_letters: Mapping[str, str] = {fold_name(name): name for name in missing}
    return {
        name: by_letters[letters]
        for name in sorted(strangers)
        if (letters := fold_name(name)) in by_letters and folded[letters] == found[letters] == 1
    }


def warn_spellings(renamed: Mapping[str, str], member: str) -> tuple[RowWarning, ...]:
    """Return a warning for each column that is read under a name in another spelling."""
    return tuple(
        RowWarning("decode.header.spelling", Place(1, member=member, column=found), {"expected": expected})
        for found, expected in renamed.items()
    )


def set_notes_aside(table: TextTable, notes: Mapping[int, str]) -> list[SetAside]:
    """Return the rows that are no records, as set aside: counted, and kept nowhere."""
    lines = table.lines.gather(list(notes)).to_list()
    places = (Place(line, member=table.member) for line in lines)
    return [_set_withheld(reason, place) for place, reason in zip(places, notes.values(), strict=True)]


def find_notes(frame: pl.DataFrame, ref_columns: Iterable[str]) -> dict[int, str]:
    """Return the rows that are no records, each with its reason: the names again, a total, a note of the software.

    A row is looked at only where a column of its reference is empty, holds its own name, or a word for a sum.
    """
    refs = [name for name in ref_columns if name in frame.columns]
    if not refs or not frame.height:
        return {}
    looked_at = _find_suspects(frame, refs)
    texts = {name: pl.col(name).fill_null("").str.strip_chars(_SPACES) for name in refs}
    is_candidate = pl.any_horizontal(
        [
            (texts[name] == "")
            | (texts[name].str.to_lowercase() == fold_name(name))
            | texts[name].str.contains(_TOTAL)
            | texts[name].str.contains(_FOOTER)
            for name in refs
        ]
    )
    suspects = frame[looked_at].select(refs)
    candidates = looked_at.filter(suspects.select(is_candidate.alias("candidate")).to_series())
    if not candidates.len():
        return {}
    rows = frame[candidates].select(pl.all().fill_null("").str.strip_chars(_SPACES))
    reasons = _judge_rows(rows, refs)
    return {row: reason for row, reason in zip(candidates.to_list(), reasons, strict=True) if reason}


def _find_suspects(frame: pl.DataFrame, refs: Sequence[str]) -> pl.Series:
    """Return the places of the rows that do not plainly begin with a reference in each of these columns."""
    plain = [
        pl.col(name).str.contains(_REFERENCE).fill_null(value=False)
        for name in refs
        if not re.match(_REFERENCE, fold_name(name))
    ]
    if len(plain) < len(refs):
        return pl.Series(range(frame.height), dtype=pl.UInt32)
    return (~frame.select(pl.all_horizontal(plain).alias("plain")).to_series()).arg_true()


def _judge_rows(rows: pl.DataFrame, refs: Collection[str]) -> list[str]:
    """Return the reason of each row, empty where it may be a record. Cells are stripped, and never null."""
    # All columns one below the other: an expression for each of thousands would cost more than their cells.
    # A cell that repeats the name of its column `Motif#2` is written `Motif`.
    names = pl.Series([fold_name(re.sub(r"#\d+$", "", name)) for name in rows.columns]).gather(
        np.repeat(np.arange(rows.width), rows.height)
    )
    cell, text = pl.col("cell"), pl.col("cell").str.to_lowercase().str.replace_all(r"[\s\x{a0}]+", " ")
    marks = pl.DataFrame({"cell": pl.concat([one.rename("cell") for one in rows]), "name": names}).select(
        is_filled=cell != "",
        is_name=text == pl.col("name"),
        is_total=cell.str.contains(_TOTAL),
        is_number=cell.str.contains(_NUMBERS) & ~cell.str.contains(_PHONE),
        is_footer=cell.str.contains(_FOOTER),
    )
    filled, named, total, number, footer = (one.to_numpy().reshape(rows.width, rows.height) for one in marks)
    # A reference that holds anything else than such a word is a record's.
    at_refs = np.isin(rows.columns, list(refs))
    is_nobody = (~filled | total | footer)[at_refs].all(axis=0)
    filled, named, total, number, footer = (one.sum(axis=0) for one in (filled, named, total, number, footer))
    reasons = np.select(
        [
            (named == filled) & (filled >= min(2, rows.width)),
            is_nobody & (filled == 1) & (footer == 1),
            is_nobody & (total >= 1) & (total + number == filled),
        ],
        ["decode.row.header_again", "decode.row.footer", "decode.row.total"],
        default="",
    )
    return [str(reason) for reason in reasons]


def judge_short(item: SetAside) -> SetAside:
    """Return a row with too few cells as a note of the software where it is one, else as it is."""
    if item.reason != FEW or item.raw is None:
        return item
    cells = [cell.strip(_SPACES + '"') for cell in re.split(r"[;,\t|]", item.raw)]
    filled = [cell for cell in cells if cell]
    if len(filled) == 1 and re.match(_FOOTER, filled[0]):
        return _set_withheld("decode.row.footer", item.place)
    if filled and re.match(_TOTAL, filled[0]) and all(map(_is_number, filled[1:])):
        return _set_withheld("decode.row.total", item.place)
    return item


def _is_number(cell: str) -> bool:
    return bool(re.match(_PLAIN_NUMBERS, cell)) and not re.match(_PHONE, cell)


_PLAIN_NUMBERS = _NUMBERS.replace(r"\x{a0}", "\u00a0").replace(r"\x{202f}", "\u202f")


def _set_withheld(reason: str, place: Place) -> SetAside:
    """Withhold a row that is no record: counted, and kept nowhere."""
    return SetAside(Fate.WITHHELD, reason, place, needs_quarantine=False)
