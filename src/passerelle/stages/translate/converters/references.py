"""The converter of references: permanent names of records, made from the supplier's own ids."""

from __future__ import annotations

import re
from dataclasses import KW_ONLY  # noqa: TC003  looked up by its name where the class is made
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

import polars as pl

from passerelle.contracts.types import URN, FieldKind
from passerelle.stages.translate.converter import ColumnarTranslation, Fault, read_cell
from passerelle.stages.translate.excel_marks import REASON, is_rewritten, mark_rewritten
from passerelle.vocabulary.defects import DefectError
from passerelle.vocabulary.guarantees import Guarantee
from passerelle.vocabulary.handle_texts import is_handle_text
from passerelle.vocabulary.language import N_
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passerelle.stages.translate.converter import Row

_GUARANTEE = Guarantee(FieldKind.URN)
_TIE = "~"
_LIMIT = 160
_SAFE = "!\"#$&'()*+,-./;<=>?@[\\]^_`{|}"
"""Printable ASCII that stands for itself: all but space, `%`, `:` and the tie."""
_ANY = "[!-$&-9;-}]*"
"""The same inside a polars pattern."""
_PLAIN = rf"^(?:[!-$&-/;-}}]{_ANY}|[0-9]{{1,3}}(?:[!-$&-+\-/;-DF-df-}}]{_ANY})?|[0-9]{{4}}{_ANY})?$"
"""Texts in which there is nothing to encode, but for those that begin as a number in scientific notation does."""
_PLAIN_COMPOSITE = r"^[ -$&-}]*$"
"""With spaces and colons too, which composite keys hold when a date is part of them."""


@dataclass(frozen=True, slots=True)
class Ref:
    """`system:entity:local id`, from one column or several (a composite key, tied with `~`).

    What is not printable ASCII, and `%`, `:`, `~`, space, is percent-encoded. A part that a spreadsheet has rewritten
    (`1,85E+14`) is a Fault: several records would share it. Unknown when every column is empty, or,
    for a key that means nothing without all its parts (`whole`), when one is.

    `opaque` declares that the supplier's id is a number or token that says nothing about anybody: such references leave
    as they are. All others leave as handles. Not for what is made of a name, a date, an address or a public number of a
    person; certification looks for these in the samples.
    """

    column: str | Sequence[str]
    _: KW_ONLY
    system: str = ""
    """The supplier's id when it is not said: filled in where the supplier is described."""
    entity: str
    whole: bool = False
    opaque: bool = False

    def __post_init__(self) -> None:
        opening = self.opening if self.system else f"x{self.opening}"
        if not re.fullmatch(URN.removesuffix("$"), f"{opening}x"):
            raise DefectError(
                N_("«{opening}» cannot open a reference: lower-case letters, digits and dashes only"),
                opening=self.opening,
            )

    @property
    def columns(self) -> tuple[str, ...]:
        """The column or columns that are read."""
        return (self.column,) if isinstance(self.column, str) else tuple(self.column)

    def parse(self, row: Row) -> str | Fault | None:
        """Return the reference made of the ids; None when they are empty."""
        parts = [read_cell(row, name) or "" for name in self.columns]
        if not (all(parts) if self.whole else any(parts)):
            return None
        if rewritten := [name for name, part in zip(self.columns, parts, strict=True) if is_rewritten(part)]:
            return Fault(REASON, rewritten[0])
        local = _TIE.join(quote(part, safe=_SAFE, errors="replace").replace(_TIE, "%7E") for part in parts)
        if len(local) > _LIMIT:
            return Fault("translate.ref.too_long", self.columns[0], {"limit": str(_LIMIT)})
        return f"{self.opening}{local}"

    def parse_columns(self) -> ColumnarTranslation:
        """Return references of printable ASCII ids; the others are translated row-wise."""
        cells = [pl.col(name) for name in self.columns]
        if len(cells) == 1:
            plain = cells[0].str.contains(_PLAIN) & (cells[0].str.len_bytes() <= _LIMIT)
            return ColumnarTranslation(
                pl.lit(self.opening) + cells[0], cells[0].is_null() | plain, guarantee=_GUARANTEE
            )
        holes = [text.is_null() for text in cells]
        empty = pl.any_horizontal(holes) if self.whole else pl.all_horizontal(holes)
        full = [text.fill_null("") for text in cells]
        # A date in a composite key holds spaces and colons: encoded here, such keys need not go row-wise.
        encoded = [
            text.str.replace_all(" ", "%20", literal=True).str.replace_all(":", "%3A", literal=True) for text in full
        ]
        local = pl.concat_str(encoded, separator=_TIE)
        plain = pl.concat_str(full).str.contains(_PLAIN_COMPOSITE) & (local.str.len_bytes() <= _LIMIT)
        plain &= ~mark_rewritten(local, _TIE)
        return ColumnarTranslation(
            pl.when(~empty).then(pl.lit(self.opening) + local), empty | plain, guarantee=_GUARANTEE
        )

    def render(self, value: Any) -> dict[str, str]:
        """Write the ids. A reference of another system is written whole: its local id means nothing here."""
        local = value.removeprefix(self.opening) if value else ""
        # The columns of a composite key are those of other fields, too: a handle has no place among them.
        if not local or (len(self.columns) > 1 and is_handle_text(local)):
            return dict.fromkeys(self.columns, "")
        parts = [unquote(part) for part in local.split(_TIE)]
        if local == value or len(parts) != len(self.columns):
            parts = [value]
        return dict.fromkeys(self.columns, "") | dict(zip(self.columns, parts, strict=False))

    @property
    def is_faithful(self) -> bool:
        """True: render then parse gives the same value."""
        return True

    @property
    def opening(self) -> str:
        """How its references begin: `compani:person:`."""
        return f"{self.system}:{self.entity}:"
