"""Generation of documents that a schema accepts: the material of counter-examples."""

from __future__ import annotations

import operator
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from passerelle.contracts.evolution.branches import Branch, Schema, SchemaDocument, is_same_value
from passerelle.contracts.evolution.patterns import Language, UndecidableError, find_outside

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

EMPTY_LANGUAGE = Language("^[^\\x00-\\U0010ffff]$")
"""A language without any text: what is outside it is everything."""
FORMATTED = {
    "date": ("2026-01-02", "1947-12-31"),
    "date-time": ("2026-01-02T10:00:00+01:00", "2026-07-02T10:00:00Z"),
    "time": ("10:00:00Z",),
    "email": ("a@b.fr",),
    "uuid": ("6f0c9a1e-7a3b-4c2d-9e8f-0a1b2c3d4e5f",),
    "uri": ("https://exemple.fr/",),
}
# Recursive schemas have no smallest document where every level is required: stop there.
DEPTH = 12
_HOLDS = {
    "minimum": operator.ge,
    "maximum": operator.le,
    "exclusiveMinimum": operator.gt,
    "exclusiveMaximum": operator.lt,
}


def iter_texts(branch: Branch) -> Iterator[str]:
    """Yield texts of a string branch, the shortest first."""
    keywords = branch.keywords
    yield from FORMATTED.get(keywords.get("format", ""), ())
    least, most = keywords.get("minLength", 0), keywords.get("maxLength")
    if "pattern" in keywords:
        try:
            found = find_outside(Language(keywords["pattern"], least, most), EMPTY_LANGUAGE)
        except UndecidableError:
            found = None
        if found is not None:
            yield found
        return
    for text in ("x", "hier", "X1", ""):
        if len(text) >= least and (most is None or len(text) <= most):
            yield text
    yield "x" * (least if most is None else most)


def iter_numbers(branch: Branch, target: Branch | None = None) -> Iterator[float | int]:
    """Yield numbers of a number branch: its bounds, those of the target, and values between."""
    # Through `str`: Fraction(0.1) is the binary float, not the decimal that the schema says.
    bounds = [
        Fraction(str(one.keywords[key]))
        for one in (branch, target)
        if one is not None
        for key in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
        if key in one.keywords
    ]
    step = Fraction(str(branch.keywords.get("multipleOf", 1 if branch.integer else "0.25")))
    around = sorted({Fraction(0), *bounds, *((one + other) / 2 for one in bounds for other in bounds)})
    places = [place + shift * step for place in around for shift in (0, 1, -1, 2, 3, 5, 7, -3)]
    free = "multipleOf" not in branch.keywords and not branch.integer
    places += [Fraction("0.1"), Fraction("1.5"), Fraction("12.34")] if free else []
    limits = [(_HOLDS[key], Fraction(str(branch.keywords[key]))) for key in _HOLDS if key in branch.keywords]
    for place in places:
        snapped = place if free else (place // step) * step
        is_fraction = branch.integer and snapped.denominator != 1
        if not is_fraction and all(is_within(snapped, limit) for is_within, limit in limits):
            yield int(snapped) if snapped.denominator == 1 else float(snapped)


@dataclass(slots=True)
class Sampler:
    """Generator of documents of one schema."""

    document: SchemaDocument
    depth: int = 0

    def make(self, schema: Schema) -> Any:
        """Return the plainest document of a schema. Raises UndecidableError when none is found."""
        if self.depth > DEPTH:
            raise UndecidableError
        self.depth += 1
        try:
            branches = sorted(
                self.document.list_branches(schema), key=lambda branch: branch.type in ("array", "object")
            )
            for branch in branches:
                return self.make_from_branch(branch)
        finally:
            self.depth -= 1
        raise UndecidableError

    def make_from_branch(self, branch: Branch) -> Any:
        """Return the plainest document of a branch."""
        if branch.type == "values":
            return branch.values[0]
        if branch.type == "array":
            return self.make_items(branch, branch.keywords.get("minItems", 0))
        if branch.type == "object":
            return self.make_object(branch, branch.keywords.get("required", ()))
        found = next(iter(iter_texts(branch) if branch.type == "string" else iter_numbers(branch)), None)
        if found is None:
            raise UndecidableError
        return found

    def make_object(self, branch: Branch, names: Iterable[str]) -> dict[str, Any]:
        """Return an object with these properties."""
        properties = branch.keywords.get("properties", {})
        return {name: self.make(properties.get(name, True)) for name in names}

    def make_object_without(self, branch: Branch, name: str) -> dict[str, Any]:
        """Return an object that lacks one property."""
        return self.make_object(branch, [other for other in branch.keywords.get("required", ()) if other != name])

    def make_items(self, branch: Branch, count: int) -> list[Any]:
        """Return a list of `count` items."""
        prefix, rest = branch.keywords.get("prefixItems", ()), branch.keywords.get("items", True)
        return [self.make(prefix[index] if index < len(prefix) else rest) for index in range(count)]

    def find_different(self, branch: Branch, values: tuple[Any, ...]) -> Any:
        """Return a document of a branch that is none of `values`; None when none is found."""
        for candidate in self.iter_variants(branch):
            if not any(is_same_value(candidate, value) for value in values):
                return candidate
        return None

    def iter_variants(self, branch: Branch) -> Iterator[Any]:
        """Yield several documents of a branch."""
        if branch.type == "string":
            yield from iter_texts(branch)
        elif branch.type == "number":
            yield from iter_numbers(branch)
        else:
            yield self.make_from_branch(branch)
        if branch.type == "object":
            yield self.make_object(branch, branch.keywords.get("properties", {}))

    @staticmethod
    def choose_new_name(names: Iterable[str]) -> str:
        """Return a property name that neither schema knows."""
        taken = set(names)
        return next(name for name in ("zz", "zzz", "zz_0", "zz_1", "zz_2") if name not in taken)
