"""Which persons and professionals the journal knows, as keyed pseudonyms, flow by flow.

Records of a contract are known once they are delivered; somebody may be named in records of others alone, or in
records that were withheld. So each reference that passes the gate is remembered once a flow, with a second pseudonym
of its loosest spelling: it tells a person who types a reference that nearly the same one is known.
"""

from __future__ import annotations

from itertools import chain, compress
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from passerelle.stores.known import FORGOTTEN
from passerelle.stores.settlement import DeliveredRecords
from passerelle.vocabulary.ref_spelling import LOOSEST, normalise_ref

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from passerelle.engine.records.record_comparison import KnownRecords

SUBJECT, LIKENESS = "subject", "subject/likeness"
"""Names in place of a contract, under which references are remembered."""
_MOST_MET = 100_000
"""Names that are kept in memory while a flow is open, some megabytes: the same people come in every batch."""
_PLAIN = r"^[^:%\s]+:[^:%\s]+:[!-$&-9;-~]+$"
"""References in which nothing is encoded: they can be folded as a column."""


def make_known_subjects(piles: Iterable[Sequence[str]], known_records: KnownRecords) -> list[DeliveredRecords]:
    """Return what the journal has to remember of everybody in a batch whom it does not know yet."""
    met = known_records.met
    names = list(dict.fromkeys(name for name in chain.from_iterable(piles) if name not in met))
    if not names:
        return []
    refs = pl.Series("ref", names, pl.String)
    keys = known_records.pseudonymise_refs(refs)
    recalled = known_records.journal.recall(known_records.flow, SUBJECT, keys.tobytes())
    is_known = recalled.versions > 0
    # Those that the journal has, and not those that are about to be settled: that may fail.
    if len(met) < _MOST_MET:
        met.update(compress(names, is_known))
    fresh = np.flatnonzero(~is_known)
    if not len(fresh):
        return []
    folded = _fold_loosely(refs.gather(fresh))
    likenesses = b"".join(known_records.seal.pseudonymise_each("likeness", folded))
    contents, versions = FORGOTTEN * len(fresh), [1] * len(fresh)
    return [
        DeliveredRecords(SUBJECT, keys[fresh].tobytes(), contents, versions),
        DeliveredRecords(LIKENESS, likenesses, contents, versions),
    ]


def _fold_loosely(refs: pl.Series) -> list[str]:
    """Return the loosest spelling of each reference."""
    plain = refs.str.contains(_PLAIN)
    if plain.all():
        folded = refs.str.to_lowercase().str.replace(r"^([^:]*:[^:]*:)0+([^~])", "${1}${2}")
        texts: list[str] = folded.str.replace_all(r"~0+([^~])", "~${1}").to_list()
        return texts
    return [normalise_ref(ref, LOOSEST) for ref in refs.to_list()]
