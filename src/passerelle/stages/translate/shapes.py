"""Shapes of cells: one that holds several things («75007 PARIS») is cut in parts; parts are glued to one, and back.

A shape is written as the cell is, with names in braces where its parts stand: `{CP:5} {Ville}`. Behind a colon stands
what a part is made of: a number of characters (`5`; `05` when zeros before may be missing where parts are glued),
`digits`, `word` (no space), `capitals` (words in capitals), or the words it may be (`M.|Mme`, in capitals or not);
without one, the shortest text that fits, whatever is in it. A part with `?` behind its name may be missing, with what
stands between it and the next one. A space stands for any white space.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

import polars as pl

from passerelle.stages.translate.cells import SPACES
from passerelle.vocabulary.defects import DefectError
from passerelle.vocabulary.language import N_
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_SPACE = "[" + "".join(f"\\x{{{ord(char):x}}}" for char in SPACES) + "]"
_NO_SPACE = _SPACE.replace("[", "[^", 1)
_CAPITALS = "A-ZÀ-ÖØ-ÞŒŸ"
_CAPITAL_WORD = f"[{_CAPITALS}][{_CAPITALS}'’.-]*"
_KINDS = {
    "": rf"{_NO_SPACE}(?:.*?{_NO_SPACE})?",
    "digits": "[0-9]+",
    "word": f"{_NO_SPACE}+",
    "capitals": f"{_CAPITAL_WORD}(?:{_SPACE}+{_CAPITAL_WORD})*",
}
_TOKEN = re.compile(r"(?P<literal>[^{}]+)|\{(?P<name>[^{}:?]+)(?P<optional>\?)?(?::(?P<kind>[^{}]+))?\}")


@dataclass(frozen=True, slots=True)
class CellPart:
    """One part of a shape, with what stands behind it."""

    name: str
    kind: str = ""
    optional: bool = False
    literal: str = ""

    @property
    def width(self) -> int:
        """How many characters it has; 0 when that is open."""
        return int(self.kind) if self.kind.isascii() and self.kind.isdecimal() else 0

    @property
    def pattern(self) -> str:
        """What it is made of, for Rust's regular expressions."""
        if self.width:
            return f"{_NO_SPACE}{{{self.width}}}"
        # «MME» and «Mme» are one word: a file that holds both would else have a title in its names.
        words = "|".join(re.escape(word.strip()) for word in self.kind.split("|"))
        return _KINDS.get(self.kind) or f"(?i:{words})"

    def pad(self, text: str) -> str:
        """Return the part as it is glued: with zeros before it where some may be missing."""
        return text.zfill(self.width) if self.kind.startswith("0") else text


@dataclass(frozen=True, slots=True)
class CellShape:
    """How a cell is written, part by part."""

    text: str
    opening: str
    """What stands before the first part."""
    parts: tuple[CellPart, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the parts."""
        return tuple(part.name for part in self.parts)

    @property
    def pattern(self) -> str:
        """The pattern of the whole cell, its parts as groups `p0`, `p1` …, for Rust's regular expressions."""
        pieces, before = [_match_literal(self.opening)], ""
        for nth, part in enumerate(self.parts):
            # What stands before a last part that is missing is missing with it.
            is_left_open = nth == len(self.parts) - 2 and self.parts[-1].optional
            group = f"{before}(?P<p{nth}>{part.pattern}){'' if is_left_open else _match_literal(part.literal)}"
            before = _match_literal(part.literal) if is_left_open else ""
            pieces.append(f"(?:{group})?" if part.optional else group)
        return f"(?s)^{''.join(pieces)}$"

    def cut(self, text: str) -> dict[str, str | None] | None:
        """Return the parts of a text; None when it is not written this way."""
        matched = _compile(self.pattern).match(text)
        return {part.name: matched[f"p{nth}"] for nth, part in enumerate(self.parts)} if matched else None

    def cut_column(self, text: pl.Expr) -> dict[str, pl.Expr]:
        """Return the parts of texts, by name; null where a text is not written this way."""
        groups = text.str.extract_groups(self.pattern).struct
        return {part.name: groups.field(f"p{nth}") for nth, part in enumerate(self.parts)}

    def match(self, text: pl.Expr) -> pl.Expr:
        """Mark the texts that are written this way."""
        return text.str.contains(self.pattern)

    def glue(self, parts: Mapping[str, str | None]) -> str | None:
        """Return the cell that has these parts, such that cutting it gives them again; None when there is none."""
        pieces = [self.opening]
        for part in self.parts:
            text = parts.get(part.name)
            if text is not None:
                pieces += [part.pad(text), part.literal]
            elif not part.optional:
                return None
            elif part is self.parts[-1] and len(pieces) > 1:
                pieces.pop()
        glued = "".join(pieces)
        wanted = {part.name: text and part.pad(text) for part in self.parts for text in (parts.get(part.name),)}
        return glued if self.cut(glued) == wanted else None

    def glue_columns(self) -> pl.Expr:
        """Return the cells glued from columns named as the parts, null where one is missing or does not fit."""
        pieces: list[pl.Expr] = [pl.lit(self.opening)]
        fits = pl.lit(True)
        for part in self.parts:
            text = pl.col(part.name)
            padded = text.str.zfill(part.width) if part.kind.startswith("0") else text
            fits &= padded.str.contains(f"(?s)^(?:{part.pattern})$")
            pieces += [padded, pl.lit(part.literal)]
        return pl.when(fits).then(pl.concat_str(pieces))


def _match_literal(literal: str) -> str:
    pieces = re.split(r"( +)", literal)
    return "".join(f"{_SPACE}+" if piece.isspace() else re.escape(piece) for piece in pieces if piece)


@cache
def _compile(pattern: str) -> re.Pattern[str]:
    # Python writes code points in another way than Rust, and its `$` matches before a last line break.
    python = re.sub(r"\\x\{([0-9a-f]+)\}", lambda found: f"\\u{int(found[1], 16):04x}", pattern)
    return re.compile(python.removesuffix("$") + r"\Z")


@cache
def read_shape(text: str) -> CellShape:
    """Compile a shape. Raises DefectError: nothing in braces, a kind nobody knows, a name twice, parts that run on."""
    opening, at = "", 0
    parts: list[CellPart] = []
    for token in _TOKEN.finditer(text):
        if token.start() != at:
            break
        at = token.end()
        if token["name"]:
            parts.append(CellPart(token["name"].strip(), token["kind"] or "", optional=bool(token["optional"])))
        elif parts:
            last = parts[-1]
            parts[-1] = CellPart(last.name, last.kind, last.optional, token["literal"])
        else:
            opening = token["literal"]
    if at != len(text) or not parts:
        raise DefectError(
            N_("the shape «{shape}» is not written like «{example}»"), shape=text, example="{CP:5} {Ville}"
        )
    _check_parts(text, parts)
    return CellShape(text, opening, tuple(parts))


def _check_parts(text: str, parts: Sequence[CellPart]) -> None:
    if len({part.name for part in parts}) < len(parts):
        raise DefectError(N_("the shape «{shape}» names a part twice"), shape=text)
    for part in parts:
        if not part.width and part.kind not in _KINDS and "|" not in part.kind:
            raise DefectError(
                N_("the shape «{shape}»: «{kind}» is no kind of part; known: {known}"),
                shape=text,
                kind=part.kind,
                known="5, 05, digits, word, capitals, M.|Mme",
            )
    for part, following in pairwise(parts):
        if not (part.literal or part.width or following.width or "|" in part.kind):
            raise DefectError(N_("the shape «{shape}»: nothing says where «{part}» ends"), shape=text, part=part.name)
    if any(part.optional and not part.literal for part in parts[:-1]):
        raise DefectError(N_("the shape «{shape}»: behind a part that may be missing stands a space"), shape=text)


def read_shapes(shapes: str | Sequence[str]) -> tuple[CellShape, ...]:
    """Compile the shapes of one cell, in the order in which they are tried: all name the same parts, or fewer."""
    return tuple(read_shape(text) for text in ((shapes,) if isinstance(shapes, str) else shapes))


def describe_shapes(shapes: Sequence[CellShape]) -> dict[str, str]:
    """Return the detail `expected`: the shapes with the names of their parts alone."""
    texts = (shape.opening + "".join(part.name + part.literal for part in shape.parts) for shape in shapes)
    return {"expected": " / ".join(texts)}
