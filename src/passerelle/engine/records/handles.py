"""Handles: what stands outside for a reference, which may hold a name, a number or a date, and stays inside.

A reference splits in two. The key is what a connector makes of the supplier's own ids: everything inside goes by it
(known records, remote ids, quarantine, consents). The handle is a pseudonym of the key under the recipient's name and
the purpose (EDPB, guidelines 01/2025): the same within one, unlinkable between two.
"""

from __future__ import annotations

import unicodedata
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

import numpy as np
import polars as pl

from passerelle import contracts
from passerelle.contracts.field_meta import FIGURES, Purpose
from passerelle.contracts.field_types import list_shapes
from passerelle.contracts.types import FieldKind
from passerelle.vocabulary.bodies import concatenate_bytes
from passerelle.vocabulary.handle_texts import is_handle_text, read_handle_text, write_handle_texts
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from numpy.typing import NDArray

    from passerelle.stores.seal import Seal

    Pseudonyms = NDArray[np.uint8]

_OPENING = r"^([^:]*:[^:]*:)"
"""System and entity of a reference."""
_UNCOMPOSED = r"%(?:C[C-F]|[D-F][0-9A-F])|[^\x00-\x{2FF}]"
"""Letters from U+0300 on, percent-encoded or not: below it, every letter is composed already (UAX 15)."""
_SAFE = "".join(letter for letter in map(chr, range(0x21, 0x7F)) if letter not in "%:~")
"""What `convert.Ref` does not percent-encode."""


@dataclass(frozen=True, kw_only=True)
class Handles:
    """Makes the handles of one recipient and purpose."""

    seal: Seal
    recipient: str
    purpose: Purpose
    list_kept: Callable[[str], frozenset[str]] = lambda _system: frozenset()
    """Lists, for a system (`compani`), beginnings of references that leave as they are: those that say nothing of
    anybody (`compani:person:`), or that whoever receives them made (`grc:`); figures keep none of them. Called once a
    system, and only when there is something to deliver."""

    def replace_in_frame(self, frame: pl.DataFrame, contract: str, ref_keys: Pseudonyms | None = None) -> pl.DataFrame:
        """Return records with handles in all reference fields; the frame itself when there is nothing to replace.

        `ref_keys`: the pseudonyms of the records' own references, for whoever has them.
        """
        changed = []
        for name in list_reference_fields(contract):
            # a column without any value has no type
            if name in frame.columns and (old := frame.get_column(name)).dtype == _TEXT:
                new = self._replace_own_refs(old, ref_keys) if name == "ref" else self.replace_refs(old)
                changed += [new] if new is not old else []
        return frame.with_columns(changed) if changed else frame

    def replace_in_record(self, record: Mapping[str, Any], contract: str) -> Mapping[str, Any]:
        """Return a record that another flow wrote with handles in its reference fields; those it holds are kept."""
        names = [
            name
            for name in list_reference_fields(contract)
            if isinstance(ref := record.get(name), str) and not is_handle_text(ref.rpartition(":")[2])
        ]
        if self.purpose is Purpose.PORTABILITY or not names:
            return record
        refs = pl.Series([record[name] for name in names], dtype=_TEXT)
        return {**record, **dict(zip(names, self.replace_refs(refs).to_list(), strict=True))}

    def replace_refs(self, refs: pl.Series) -> pl.Series:
        """Return references with a handle for each that may not leave; the series itself when all may."""
        hidden = self._find_hidden(refs)
        if not hidden.any():
            return refs
        # A person or a worker stands in many rows of a batch: each key is enciphered once.
        distinct = refs.filter(hidden).unique()
        handles = self.make_handles(distinct)
        return refs.replace(distinct, handles)

    def make_handles(self, keys: pl.Series, ref_keys: Pseudonyms | None = None) -> pl.Series:
        """Return the handle of each key, whatever may leave. Keys that differ in composition (NFC) alone share one."""
        composed = _compose(keys)
        if ref_keys is None or composed is not keys:
            ref_keys = pseudonymise_refs(self.seal, composed)
        texts = write_handle_texts(self.make_tags(ref_keys))
        opening = _find_common_opening(keys) if len(keys) else None
        openings = keys.str.extract(_OPENING).fill_null("") if opening is None else opening
        return (openings + texts).alias(keys.name)

    def _replace_own_refs(self, refs: pl.Series, ref_keys: Pseudonyms | None) -> pl.Series:
        """Return the references of the records themselves; nearly all differ, so that each is looked at once."""
        hidden = self._find_hidden(refs)
        if not hidden.all():
            return self.replace_refs(refs)
        return self.make_handles(refs, ref_keys) if len(refs) else refs

    def make_tags(self, ref_keys: Pseudonyms) -> Pseudonyms:
        """Return the pseudonyms that handles are written from, by those that the journal knows its records by."""
        # Made from the journal's pseudonyms and not from the texts, which the journal does not have: what a destination
        # names by handles can so be told from what is known.
        sizes = np.full(len(ref_keys), ref_keys.shape[1], dtype=np.int64)
        return self.seal.pseudonymise_rows(self._label, ref_keys.tobytes(), sizes)

    def find_ref_key(self, outside: str) -> bytes | None:
        """Return the journal's pseudonym of what is called so outside; None for what nothing is called.

        A handle opens with the key alone, without a look at anything: what it opens as need not exist.
        """
        # the opening of a reference, and of a handle, is that of the key
        opening = outside[: len(outside) - len(outside.split(":", 2)[-1])]
        if self.purpose is Purpose.PORTABILITY or self.is_kept(opening):
            return self.seal.pseudonymise("ref", outside)
        local = outside.removeprefix(opening)
        return self.seal.open_pseudonym(self._label, read_handle_text(local)) if is_handle_text(local) else None

    @property
    def _label(self) -> str:
        # The purpose goes first: a purpose holds no `/`, so that no two pairs have one label.
        return f"handle/{self.purpose}/{self.recipient}"

    def _find_hidden(self, refs: pl.Series) -> pl.Series:
        """Mark the references that may not leave as they are."""
        there = refs.is_not_null()
        first = there.arg_max()
        if self.purpose is Purpose.PORTABILITY or first is None or refs[first] is None:
            return there & False
        opening = _find_common_opening(refs, first)
        if opening is not None:
            return there & False if self.is_kept(opening) else there
        openings = refs.str.extract(_OPENING)
        kept = [opening for opening in openings.unique().drop_nulls() if self.is_kept(opening)]
        return there & ~openings.is_in(kept).fill_null(value=False)

    def is_kept(self, opening: str) -> bool:
        """Whether references that begin so leave as they are: `compani:person:`."""
        if self.purpose in FIGURES:
            # A number that says nothing by itself leads to somebody for whoever has the software; a row of figures must
            # lead to nobody.
            return False
        system, _colon, _rest = opening.partition(":")
        if system not in self._kept:
            self._kept[system] = self.list_kept(system)
        return bool(self._kept[system] & {opening, f"{system}:"})

    @cached_property
    def _kept(self) -> dict[str, frozenset[str]]:
        """By system, what was listed."""
        return {}


_TEXT = pl.String()


def _find_common_opening(refs: pl.Series, first: int = 0) -> str | None:
    """Return how all references begin, if they begin alike: most columns name one kind of record of one system.

    `first` is the place of one that is there.
    """
    opening = ":".join([*refs[first].split(":", 2)[:2], ""])
    return opening if refs.str.starts_with(opening).all() else None


def pseudonymise_refs(seal: Seal, refs: pl.Series) -> Pseudonyms:
    """Return the keyed pseudonym of each reference, by which the journal knows it: 16 bytes a reference."""
    sizes = refs.str.len_bytes().cast(pl.Int64).to_numpy()
    return seal.pseudonymise_rows("ref", concatenate_bytes(refs).tobytes(), sizes)


@cache
def list_reference_fields(contract: str) -> tuple[str, ...]:
    """Return the fields of a contract that hold references, its own `ref` first."""
    shapes = list_shapes(contracts.get(contract))
    return tuple(name for name, shape in shapes.items() if shape.kind is FieldKind.URN)


def _compose(keys: pl.Series) -> pl.Series:
    """Return keys whose letters are composed (NFC), whichever way the supplier wrote them."""
    doubtful = keys.filter(keys.str.contains(_UNCOMPOSED))
    if doubtful.is_empty():
        return keys
    # Rare, and once a key: polars knows no percent-encoding.
    return keys.replace(doubtful, pl.Series(_compose_each(doubtful.to_list()), dtype=_TEXT))


def _compose_each(keys: Iterable[str]) -> list[str]:
    composed = []
    for key in keys:
        system, entity, local = key.split(":", 2)
        parts = (unicodedata.normalize("NFC", unquote(part, errors="surrogateescape")) for part in local.split("~"))
        encoded = (quote(part, safe=_SAFE, errors="surrogateescape").replace("~", "%7E") for part in parts)
        composed.append(f"{system}:{entity}:{'~'.join(encoded)}")
    return composed
