"""Does every document of one schema satisfy another? Proved, broken with a counter-example, or undecided.

Static proof of inclusion first; where it fails, the comparison itself says which document to try, and the official
validator (`jsonschema`, Draft 2020-12) must accept it under the first schema and refuse it under the second before
anything is called broken. So «broken» is never wrong, and «proved» rests on rules that are tested on every pair.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry
from referencing.exceptions import Unresolvable

from passerelle.contracts.evolution.branches import Branch, Document, Schema, equal_values
from passerelle.contracts.evolution.patterns import UndecidableError
from passerelle.contracts.evolution.samples import Sampler, numbers, texts
from passerelle.contracts.evolution.strings import string_verdict
from passerelle.contracts.evolution.verdicts import PROVED, UNDECIDED, State, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

FORMATS = FormatChecker(formats=())


@FORMATS.checks("date", raises=ValueError)  # type: ignore[untyped-decorator]
def _is_date(value: object) -> bool:
    return not isinstance(value, str) or (len(value) == 10 and bool(date.fromisoformat(value)))


@FORMATS.checks("date-time", raises=ValueError)  # type: ignore[untyped-decorator]
def _is_instant(value: object) -> bool:
    if not isinstance(value, str):
        return True
    return "T" in value.upper() and datetime.fromisoformat(value).tzinfo is not None


def validator(schema: Schema) -> Draft202012Validator:
    """Build the official validator, formats checked. It fetches nothing: a schema may come from anybody."""
    return Draft202012Validator(schema, format_checker=FORMATS, registry=Registry())


def included(inner: Mapping[str, Any], outer: Mapping[str, Any]) -> Verdict:
    """Answer whether every document that `inner` accepts is accepted by `outer`."""
    return _Comparison(inner, outer).answer()


@dataclass(slots=True)
class _Comparison:
    inner: Mapping[str, Any]
    outer: Mapping[str, Any]
    one: Document = field(init=False)
    other: Document = field(init=False)
    sampler: Sampler = field(init=False)
    assumed: set[tuple[int, int]] = field(default_factory=set)
    """Pairs under comparison: a recursive schema is included if nothing on the way says otherwise."""

    def __post_init__(self) -> None:
        self.one, self.other = Document(self.inner), Document(self.outer)
        self.sampler = Sampler(self.one)

    def answer(self) -> Verdict:
        try:
            verdict = self.schemas(self.inner, self.outer)
        except UndecidableError:
            verdict = UNDECIDED
        if verdict.state is State.BROKEN and not self.confirmed(self.inner, self.outer, verdict.witness):
            return UNDECIDED
        return verdict

    def confirmed(self, inner: Schema, outer: Schema, witness: Any) -> bool:
        try:
            accepts = validator(self._whole(inner, self.inner)).is_valid(witness)
            return accepts and not validator(self._whole(outer, self.outer)).is_valid(witness)
        except Unresolvable:
            return False

    @staticmethod
    def _whole(schema: Schema, root: Mapping[str, Any]) -> Schema:
        """Give a part of a schema the definitions that its references need."""
        if isinstance(schema, bool) or schema is root:
            return schema
        return {**schema, **{key: root[key] for key in ("$defs", "definitions") if key in root}}

    def schemas(self, inner: Schema, outer: Schema) -> Verdict:
        """Compare two (sub)schemas: each branch of the first must fit in a branch of the second."""
        pair = (id(inner), id(outer))
        if pair in self.assumed:
            return PROVED
        self.assumed.add(pair)
        try:
            targets = self.other.branches(outer)
            verdicts = [self.branch(branch, targets, inner, outer) for branch in self.one.branches(inner)]
        finally:
            self.assumed.discard(pair)
        return worst(verdicts)

    def branch(self, branch: Branch, targets: list[Branch], inner: Schema, outer: Schema) -> Verdict:
        if branch.type == "values":
            return self.values(branch, inner, outer)
        found: list[Verdict] = []
        for target in targets:
            verdict = self.pair(branch, target)
            if verdict.state is State.PROVED:
                return PROVED
            found.append(verdict)
        for candidate in self._candidates(branch, found):
            if self.confirmed(inner, outer, candidate.witness):
                return candidate
        return UNDECIDED

    def _candidates(self, branch: Branch, found: list[Verdict]) -> Iterator[Verdict]:
        yield from (verdict for verdict in found if verdict.state is State.BROKEN)
        for document in self.sampler.variants(branch):
            yield Verdict(State.BROKEN, document)

    def values(self, branch: Branch, inner: Schema, outer: Schema) -> Verdict:
        for value in branch.values:
            if self.confirmed(inner, outer, value):
                return Verdict(State.BROKEN, value)
        return PROVED

    def pair(self, branch: Branch, target: Branch) -> Verdict:
        """Compare two branches; a broken verdict is only a proposal until the validator confirms it."""
        if target.type == "values":
            candidate = self.sampler.different(branch, target.values)
            return UNDECIDED if candidate is None else Verdict(State.BROKEN, candidate)
        if branch.type != target.type:
            return Verdict(State.BROKEN, self.sampler.sample(branch))
        compare = {
            "number": self.number,
            "string": self.string,
            "array": self.array,
            "object": self.object,
        }[branch.type]
        return compare(branch, target)

    def number(self, branch: Branch, target: Branch) -> Verdict:
        if _within(branch, target) and _steps(branch, target):
            return PROVED
        for candidate in numbers(branch, target):
            if not validator({"type": "number", **target.keywords}).is_valid(candidate) or (
                target.integer and candidate != int(candidate)
            ):
                return Verdict(State.BROKEN, candidate)
        return UNDECIDED

    def string(self, branch: Branch, target: Branch) -> Verdict:
        verdict = string_verdict(branch.keywords, target.keywords)
        if verdict.state is not State.UNDECIDED:
            return verdict
        whole = validator({"type": "string", **target.keywords})
        for candidate in texts(branch):
            if not whole.is_valid(candidate):
                return Verdict(State.BROKEN, candidate)
        return UNDECIDED

    def array(self, branch: Branch, target: Branch) -> Verdict:
        mine, theirs = branch.keywords, target.keywords
        least, most = mine.get("minItems", 0), mine.get("maxItems")
        if least < theirs.get("minItems", 0):
            return Verdict(State.BROKEN, self.sampler.items(branch, least))
        ceiling = theirs.get("maxItems")
        if ceiling is not None and (most is None or most > ceiling):
            return Verdict(State.BROKEN, self.sampler.items(branch, ceiling + 1))
        if theirs.get("uniqueItems") and not mine.get("uniqueItems") and (most is None or most > 1):
            first = self.sampler.items(branch, 1)
            return Verdict(State.BROKEN, [*first, *first])
        return worst([self._item(branch, target, index) for index in self._positions(branch, target)])

    @staticmethod
    def _positions(branch: Branch, target: Branch) -> list[int]:
        fixed = max(len(branch.keywords.get("prefixItems", ())), len(target.keywords.get("prefixItems", ())))
        most = branch.keywords.get("maxItems")
        return [index for index in range(fixed + 1) if most is None or index < most]

    def _item(self, branch: Branch, target: Branch, index: int) -> Verdict:
        mine, theirs = _item_schema(branch, index), _item_schema(target, index)
        if mine is False:
            return PROVED
        verdict = self.schemas(mine, theirs)
        if verdict.state is not State.BROKEN:
            return verdict
        before = self.sampler.items(branch, max(index + 1, branch.keywords.get("minItems", 0)))
        before[index] = verdict.witness
        return Verdict(State.BROKEN, before, ("[]", *verdict.path))

    def object(self, branch: Branch, target: Branch) -> Verdict:
        mine, theirs = branch.keywords, target.keywords
        for name in theirs.get("required", ()):
            if name not in mine.get("required", ()):
                return Verdict(State.BROKEN, self.sampler.without(branch, name), (name,))
        names = dict.fromkeys([*mine.get("properties", {}), *theirs.get("properties", {})])
        names[self.sampler.new_name(names)] = None
        return worst([self._property(branch, target, name) for name in names])

    def _property(self, branch: Branch, target: Branch, name: str) -> Verdict:
        mine, theirs = _property_schema(branch, name), _property_schema(target, name)
        if mine is False:
            return PROVED
        verdict = self.schemas(mine, theirs)
        if verdict.state is not State.BROKEN:
            return verdict
        document = {**self.sampler.sample(branch), name: verdict.witness}
        return Verdict(State.BROKEN, document, (name, *verdict.path))


def worst(verdicts: list[Verdict]) -> Verdict:
    """Join answers: one broken breaks all, one undecided leaves all undecided."""
    for state in (State.BROKEN, State.UNDECIDED):
        for verdict in verdicts:
            if verdict.state is state:
                return verdict
    return PROVED


def _property_schema(branch: Branch, name: str) -> Schema:
    properties = branch.keywords.get("properties", {})
    found: Schema = properties[name] if name in properties else branch.keywords.get("additionalProperties", True)
    return found


def _item_schema(branch: Branch, index: int) -> Schema:
    prefix = branch.keywords.get("prefixItems", ())
    found: Schema = prefix[index] if index < len(prefix) else branch.keywords.get("items", True)
    return found


def _bounds(branch: Branch) -> tuple[tuple[Fraction, int] | None, tuple[Fraction, int] | None]:
    """Give the lowest and highest value, each with 1 when the bound itself is excluded."""
    lows = [(Fraction(str(branch.keywords[key])), excluded) for key, excluded in _LOWS if key in branch.keywords]
    highs = [(Fraction(str(branch.keywords[key])), -excluded) for key, excluded in _HIGHS if key in branch.keywords]
    return max(lows, default=None), min(highs, default=None)


_LOWS = (("minimum", 0), ("exclusiveMinimum", 1))
_HIGHS = (("maximum", 0), ("exclusiveMaximum", 1))


def _within(branch: Branch, target: Branch) -> bool:
    (low, high), (least, most) = _bounds(branch), _bounds(target)
    from_below = least is None or (low is not None and low >= least)
    from_above = most is None or (high is not None and high <= most)
    return from_below and from_above


def _steps(branch: Branch, target: Branch) -> bool:
    """Say whether every step of `branch` is a step of `target`."""
    wanted = [Fraction(str(target.keywords["multipleOf"]))] if "multipleOf" in target.keywords else []
    wanted += [Fraction(1)] if target.integer else []
    have = [Fraction(str(branch.keywords["multipleOf"]))] if "multipleOf" in branch.keywords else []
    have += [Fraction(1)] if branch.integer else []
    return all(any((mine / step).denominator == 1 for mine in have) for step in wanted)


__all__ = ["equal_values", "included", "validator"]
