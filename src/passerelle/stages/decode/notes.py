"""Rows of a table that are no records (totals, the names again, notes of the software); names in other spellings."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

import polars as pl

from passerelle.stages.decode.header import fold_name
from passerelle.stages.decode.walk import FEW
from passerelle.vocabulary.outcomes import Fate, RowWarning, SetAside
from passerelle.vocabulary.place import Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from passerelle.vocabulary.parcels import TextTable

_TOTAL = (
    r"(?i)^(?:(?:sous[- ]?)?tota(?:l|ux)|somme|nombre|nb)\b"
    r"(?:[ .:]*(?:g[ée]n[ée]ral|global|de lignes|des? \w+|\d+))*[ .:]*$"
)
_NUMBERS = r"^[\s\d.,:/%€+\-\x{a0}\x{202f}]*\d[\s\d.,:/%€h+\-\x{a0}\x{202f}]*(?:€|EUR|h)?$"
_FOOTER = (
    r"(?i)^(?:[-=*_#~.]{2,}.*|fin(?: de (?:la )?liste| du fichier| de l.(?:export|[ée]dition|extraction))?[ .!]*"
    r"|(?:nombre|nb|total) d(?:e |')(?:lignes?|enregistrements?|r[ée]sultats?|b[ée]n[ée]ficiaires?|personnes?)\b.*"
    r"|(?:[ée]dit[ée]|imprim[ée]|extrait|export[ée]|g[ée]n[ée]r[ée])e? (?:le|par|depuis)\b.*"
    r"|page \d+(?: ?(?:/|sur) ?\d+)?)$"
)
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
    texts = {name: pl.col(name).fill_null("").str.strip_chars(_SPACES) for name in frame.columns}
    is_candidate = pl.any_horizontal(
        [
            (texts[name] == "")
            | (texts[name].str.to_lowercase() == fold_name(name))
            | texts[name].str.contains(_TOTAL)
            | texts[name].str.contains(_FOOTER)
            for name in refs
        ]
    )
    candidates = frame.select(is_candidate.alias("candidate")).to_series().arg_true()
    if not candidates.len():
        return {}
    rows = frame[candidates].select(text.alias(name) for name, text in texts.items())
    reasons = rows.select(_judge_rows(rows.columns, refs).alias("reason")).to_series().to_list()
    return {row: reason for row, reason in zip(candidates.to_list(), reasons, strict=True) if reason}


def _judge_rows(columns: list[str], refs: list[str]) -> pl.Expr:
    """Return the reason of each row, or null where it may be a record. Cells are stripped, and never null."""
    filled = pl.sum_horizontal([pl.col(name) != "" for name in columns])
    names = pl.sum_horizontal([_is_own_name(name) for name in columns])
    totals = pl.sum_horizontal([pl.col(name).str.contains(_TOTAL) for name in columns])
    numbers = pl.sum_horizontal([pl.col(name).str.contains(_NUMBERS) for name in columns])
    footers = pl.sum_horizontal([pl.col(name).str.contains(_FOOTER) for name in columns])
    # A reference that holds anything else than such a word is a record's.
    is_nobody = pl.all_horizontal(
        [(pl.col(name) == "") | pl.col(name).str.contains(_TOTAL) | pl.col(name).str.contains(_FOOTER) for name in refs]
    )
    return (
        pl.when((names == filled) & (filled >= min(2, len(columns))))
        .then(pl.lit("decode.row.header_again"))
        .when(is_nobody & (filled == 1) & (footers == 1))
        .then(pl.lit("decode.row.footer"))
        .when(is_nobody & (totals >= 1) & (totals + numbers == filled))
        .then(pl.lit("decode.row.total"))
    )


def _is_own_name(name: str) -> pl.Expr:
    """Whether a cell holds the name of its column, whatever its capitals and spaces; `Motif#2` is written `Motif`."""
    own = fold_name(re.sub(r"#\d+$", "", name))
    return pl.col(name).str.to_lowercase().str.replace_all(r"[\s\x{a0}]+", " ") == own


def judge_short(item: SetAside) -> SetAside:
    """Return a row with too few cells as a note of the software where it is one, else as it is."""
    if item.reason != FEW or item.raw is None:
        return item
    cells = [cell.strip(_SPACES + '"') for cell in re.split(r"[;,\t|]", item.raw)]
    filled = [cell for cell in cells if cell]
    if len(filled) == 1 and re.match(_FOOTER, filled[0]):
        return _set_withheld("decode.row.footer", item.place)
    if filled and re.match(_TOTAL, filled[0]) and all(re.match(_PLAIN_NUMBERS, cell) for cell in filled[1:]):
        return _set_withheld("decode.row.total", item.place)
    return item


_PLAIN_NUMBERS = _NUMBERS.replace(r"\x{a0}", "\u00a0").replace(r"\x{202f}", "\u202f")


def _set_withheld(reason: str, place: Place) -> SetAside:
    """Withhold a row that is no record: counted, and kept nowhere."""
    return SetAside(Fate.WITHHELD, reason, place, needs_quarantine=False)
