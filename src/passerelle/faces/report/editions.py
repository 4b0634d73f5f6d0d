"""A comparison of two editions of a contract, as people and programs read it: the counter-example first."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from passerelle.contracts.evolution.edition_comparison import Bump, CompatibilityQuestion, ShiftKind
from passerelle.contracts.evolution.lifecycle import BreachKind
from passerelle.contracts.evolution.schema_verdict import ProofState
from passerelle.vocabulary.formatting import format_labelled
from passerelle.vocabulary.language import N_, _

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from passerelle.contracts.evolution.edition_comparison import EditionComparison
    from passerelle.contracts.evolution.lifecycle import LifecycleBreach

SCHEMA = "passerelle.contracts.diff/1"

ASKED = {
    CompatibilityQuestion.C1: N_("What is emitted under {old} can be read under {new}."),
    CompatibilityQuestion.C2: N_("Who still reads under {old} can read what is emitted under {new}."),
    CompatibilityQuestion.C3: N_("A supplier that conforms to {old} conforms to {new}."),
    CompatibilityQuestion.C4: N_("The same data mean the same thing, and are as protected."),
}
ANSWERED = {ProofState.PROVED: N_("proved"), ProofState.BROKEN: N_("broken"), ProofState.UNDECIDED: N_("undecided")}
WITNESS = {
    CompatibilityQuestion.C1: N_("This record is accepted in {old} and cannot be read in {new}:"),
    CompatibilityQuestion.C2: N_("This record is accepted in {new} and cannot be read by who stayed in {old}:"),
    CompatibilityQuestion.C3: N_("This record is accepted in {old} and refused in {new}:"),
    CompatibilityQuestion.C4: N_("This field no longer means the same, or is no longer protected the same:"),
}
BUMPS = {
    Bump.NONE: N_("no change of number"),
    Bump.PATCH: N_("a patch (third number)"),
    Bump.MINOR: N_("a minor version (second number)"),
    Bump.MAJOR: N_("a major version (first number)"),
}
MEANINGS = {
    ShiftKind.UNIT: N_("the unit changed"),
    ShiftKind.KEY: N_("the key changed"),
    ShiftKind.REFERENCE: N_("it refers to another contract"),
    ShiftKind.CODES: N_("it uses another code list"),
    ShiftKind.CLOSED: N_("the code list was open and is now closed"),
    ShiftKind.SUBJECT: N_("it is about somebody else"),
    ShiftKind.LESS_PROTECTED: N_("it is less protected than before"),
    ShiftKind.MORE_PROTECTED: N_("it is more protected than before"),
    ShiftKind.PURPOSE_ADDED: N_("it now serves more purposes"),
    ShiftKind.PURPOSE_REMOVED: N_("it serves fewer purposes"),
    ShiftKind.SPECIAL_ADDED: N_("a field of a special category (RGPD article 9) was added"),
    ShiftKind.WORDING: N_("its description was reworded"),
}
OFFENCES = {
    BreachKind.NO_END: N_("it is deprecated without an end date"),
    BreachKind.NO_REPLACEMENT: N_("it is deprecated without a replacement"),
    BreachKind.SHORT_NOTICE: N_("its end is announced less than 12 months ahead"),
    BreachKind.BROUGHT_FORWARD: N_("its announced end was brought forward"),
    BreachKind.REMOVED_EARLY: N_("it is removed before its announced end"),
    BreachKind.REMOVED_UNANNOUNCED: N_("it is removed without having been announced"),
}


def as_json(comparison: EditionComparison, faults: Sequence[LifecycleBreach] = ()) -> dict[str, Any]:
    """Return the comparison as JSON content, `passerelle.contracts.diff/1`."""
    return {
        "schema": SCHEMA,
        "contract": comparison.new.name,
        "old": comparison.old.version,
        "new": comparison.new.version,
        "answers": {
            question.value: {"state": verdict.state.value, "witness": verdict.witness, "path": list(verdict.path)}
            for question, verdict in comparison.answers.items()
        },
        "shifts": [
            {"field": shift.field, "meaning": shift.meaning.value, "before": shift.before, "after": shift.after}
            for shift in comparison.shifts
        ],
        "faults": [{"field": fault.field, "offence": fault.kind.value, "until": fault.until} for fault in faults],
        "demanded": comparison.demanded.name.lower(),
        "declared": comparison.declared.name.lower(),
        "breaks_earlier": list(comparison.earlier),
        "honest": comparison.is_honest,
    }


@dataclass(frozen=True, slots=True)
class _Layout:
    """Format strings for the pieces of the report."""

    heading: str
    code: str
    item: str
    strong: str


_TEXT = _Layout(heading="{}", code="    {}", item="  - {}", strong="→ {}")
_MARKDOWN = _Layout(heading="## {}", code="```json\n{}\n```\n", item="- {}", strong="\n**{}**")


def as_text(comparison: EditionComparison, faults: Sequence[LifecycleBreach] = ()) -> str:
    """Write the comparison for a terminal."""
    return "\n".join(_iter_lines(comparison, faults, _TEXT)) + "\n"


def as_markdown(comparison: EditionComparison, faults: Sequence[LifecycleBreach] = ()) -> str:
    """Write the comparison as a page in Markdown."""
    return "\n".join(_iter_lines(comparison, faults, _MARKDOWN)) + "\n"


def _iter_lines(comparison: EditionComparison, faults: Sequence[LifecycleBreach], layout: _Layout) -> Iterator[str]:
    names = {"old": comparison.old.version, "new": comparison.new.version}
    contracts = " → ".join(dict.fromkeys((comparison.old.name, comparison.new.name)))
    yield layout.heading.format(format_labelled(contracts, f"{names['old']} → {names['new']}"))
    yield ""
    for question, verdict in comparison.answers.items():
        if verdict.state is ProofState.BROKEN:
            yield _(WITNESS[question]).format(**names)
            yield layout.code.format(json.dumps(_shorten(verdict.witness), ensure_ascii=False))
        yield f"{question.value} · {_(ASKED[question]).format(**names)}"
        yield layout.strong.format(_(ANSWERED[verdict.state]))
        yield ""
    for shift in comparison.shifts:
        change = f" ({shift.before} → {shift.after})" if shift.meaning is not ShiftKind.WORDING else ""
        yield layout.item.format(format_labelled(f"`{shift.field}`", f"{_(MEANINGS[shift.meaning])}{change}"))
    for fault in faults:
        end = f" ({fault.until})" if fault.until else ""
        yield layout.item.format(format_labelled(f"`{fault.field}`", f"{_(OFFENCES[fault.kind])}{end}"))
    if comparison.shifts or faults:
        yield ""
    yield _judge_number(comparison)
    if faults:
        yield _("Fields leave against the rules: announced with a replacement, 12 months ahead, never before the date.")


def _shorten(witness: Any) -> Any:
    """Return a counter-example with its long texts cut; what they show is their length."""
    if isinstance(witness, dict):
        return {name: _shorten(value) for name, value in witness.items()}
    if isinstance(witness, list):
        return [_shorten(value) for value in witness]
    if isinstance(witness, str) and len(witness) > 60:
        return _("{start}… ({count} characters)").format(start=witness[:20], count=len(witness))
    return witness


def _judge_number(comparison: EditionComparison) -> str:
    """Return the sentence on the version number: backwards, breaking its line, honest or not."""
    # a number that goes back cannot be honest, whatever the change demands: it is looked at first
    if comparison.is_backwards:
        return _("The new number is lower than the old one: that is refused.")
    demanded, declared = _(BUMPS[comparison.demanded]), _(BUMPS[comparison.declared])
    if comparison.earlier:
        broken = ", ".join(comparison.earlier)
        return _("The change breaks earlier versions of the same line ({broken}): it demands {demanded}.").format(
            broken=broken, demanded=demanded
        )
    if comparison.is_honest:
        return _("The version number is honest: the change demands {demanded}, the number declares {declared}.").format(
            demanded=demanded, declared=declared
        )
    return _("The version number is not honest: the change demands {demanded}, the number declares {declared}.").format(
        demanded=demanded, declared=declared
    )
