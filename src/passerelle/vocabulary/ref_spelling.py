"""Spellings of a reference: the same letters composed or not, encoded or not, and what a supplier holds to be the same.

Suppliers write one id in several ways: `0042` and `42`, `AB7` and `ab7`. Only the connector knows whether these are one
person; whether the letters are composed (Unicode NFC) never tells two persons apart.
"""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote, unquote

from passerelle.vocabulary.composition import list_ref_forms
from passerelle.vocabulary.light_dataclass import dataclass

_TIE = "~"
"""Between the parts of a composite key."""
_KEPT = "!\"#$&'()*+,-./;<=>?@[\\]^_`{|}"
"""Printable ASCII that stands for itself in a local id, as the converter of references leaves it."""
_LEADING_ZEROS = re.compile(r"^0+(?=.)")


@dataclass(frozen=True, slots=True)
class SpellingRule:
    """What a supplier holds to be the same id, whatever its spelling."""

    ignores_case: bool = False
    ignores_zeros: bool = False
    """Leading zeros, of each part of a composite key."""

    def __or__(self, other: SpellingRule) -> SpellingRule:
        """Return the rule that ignores what either ignores: a refusal must not bind less for a second connector."""
        return SpellingRule(self.ignores_case or other.ignores_case, self.ignores_zeros or other.ignores_zeros)


EXACT = SpellingRule()
LOOSEST = SpellingRule(ignores_case=True, ignores_zeros=True)


def normalise_ref(ref: str, rule: SpellingRule = EXACT) -> str:
    """Return a reference with its letters composed and encoded as converters do, and folded as the rule says."""
    system, _colon, rest = ref.partition(":")
    entity, _colon, local = rest.partition(":")
    parts = (_fold(unquote(part, errors="replace"), rule) for part in local.split(_TIE))
    return f"{system}:{entity}:" + _TIE.join(quote(part, safe=_KEPT).replace(_TIE, "%7E") for part in parts)


def list_spellings(ref: str) -> tuple[str, ...]:
    """Return the spellings under which statements of this very reference may have been kept, that of today first."""
    # refs of plain ids, nearly all of them, have one spelling: nothing in them could be composed or encoded
    if "%" not in ref and ref.isascii() and " " not in ref:
        return (ref,)
    return tuple(dict.fromkeys((normalise_ref(ref), *list_ref_forms(ref))))


def _fold(text: str, rule: SpellingRule) -> str:
    text = unicodedata.normalize("NFC", text)
    if rule.ignores_case:
        # `casefold` may decompose: the letters are composed again
        text = unicodedata.normalize("NFC", text.casefold())
    return _LEADING_ZEROS.sub("", text) if rule.ignores_zeros else text
