"""Each requirement against what was gathered: how many were looked at, how many held, and what was wrong where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from passerelle import contracts
from passerelle.contracts import field_types
from passerelle.contracts.types import FieldKind
from passerelle.engine.invoice_watch import DIFFER
from passerelle.engine.reference_watch import UNRESOLVED
from passerelle.tender.requirement import Measure
from passerelle.tender.scoring.gathering import EMPTY, OUTSIDE, REPEATED, UNLISTED, UNWANTED
from passerelle.vocabulary.language import _

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from passerelle.tender.requirement import Requirement
    from passerelle.tender.scoring.gathering import Gatherer
    from passerelle.tender.scoring.returning import Returned
    from passerelle.tender.scoring.tallies import FieldTally, Tally
    from passerelle.tender.scoring.trail import Blame

MISSING = "validate.field.missing"
CODES = ("translate.code.unknown", "translate.word.unknown", "validate.code.unknown", "validate.word.unknown")
_OURS = (EMPTY, UNLISTED, REPEATED, UNWANTED, OUTSIDE, UNRESOLVED, DIFFER)
LEAST = 5
"""Fewer values without an anomaly show nothing: the true rate could be 45 % or more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What the sample shows of one requirement. Shares are of `checked`; without any, `why` says why."""

    checked: int = 0
    held: int = 0
    unit: str = ""
    why: str = ""
    absent: bool = False
    """The sample shows that it cannot be met, although nothing was counted."""
    void: bool = False
    """There is nothing to ask."""
    whole: bool = False
    """One is enough: it is a matter of yes or no, not of a rate."""
    blames: tuple[Blame, ...] = ()


def measured(requirement: Requirement, gathered: Gatherer, returned: Mapping[str, Returned]) -> Found:
    """Measure one requirement."""
    if requirement.measure is Measure.ANSWER:
        return Found()
    if requirement.measure is Measure.RETURN:
        return _return(requirement, gathered, returned)
    if requirement.measure is Measure.MINIMAL and not requirement.field:
        return _minimal(requirement, gathered)
    tally = gathered.tallies.get(requirement.contract)
    if tally is None or not tally.taken + tally.rejected:
        return Found(why=_("The sample holds no record of this kind."))
    return _MEASURES[requirement.measure](requirement, gathered, tally)


def _blames(
    gathered: Gatherer, contract: str, name: str | None, *codes: str, without: Iterable[str] = ()
) -> dict[Blame, int]:
    left_out = set(without)
    return {
        blame: blamed.count
        for blame, blamed in gathered.trail.blames.items()
        if blame.contract == contract
        and (name is None or blame.field == name)
        and (not codes or blame.code in codes)
        and blame.code not in left_out
    }


def _refused(blames: Mapping[Blame, int]) -> int:
    return sum(count for blame, count in blames.items() if blame.refuses)


def _rule_codes(contract: str) -> set[str]:
    return {rule.code for rule in contracts.get(contract).rules}


def _field(requirement: Requirement, tally: Tally) -> FieldTally | None:
    return tally.fields.get(requirement.field)


def _present(requirement: Requirement, _gathered: Gatherer, tally: Tally) -> Found:
    if not requirement.field:
        return Found(checked=tally.taken + tally.rejected, held=tally.taken, unit="records", whole=True)
    found = _field(requirement, tally)
    if found is None:
        return Found(absent=True, why=_("The sample has no column for it."))
    if not found.filled:
        return Found(why=_("The column is there, and it is always empty."))
    return Found(checked=tally.taken, held=found.filled, unit="records", whole=True)


def _filled(requirement: Requirement, gathered: Gatherer, tally: Tally) -> Found:
    name, found = requirement.field, _field(requirement, tally)
    missing = _blames(gathered, requirement.contract, name, MISSING)
    other = _blames(gathered, requirement.contract, name, without=(MISSING, *_OURS, *_rule_codes(requirement.contract)))
    if found is None and not missing and not other:
        return Found(absent=True, why=_("The sample has no column for it."))
    filled = (found.filled if found else 0) + _refused(other)
    if not filled and not contracts.get(requirement.contract).model_fields[name].is_required():
        return Found(why=_("The column is there, and it is always empty."))
    empty = _blames(gathered, requirement.contract, name, EMPTY)
    checked = tally.taken + _refused(missing) + _refused(other)
    return Found(checked=checked, held=min(filled, checked), unit="records", blames=(*missing, *empty))


def _form(requirement: Requirement, gathered: Gatherer, tally: Tally) -> Found:
    name = requirement.field
    if not name:
        spoiling = [blame for blame in gathered.trail.blames if _spoils(blame, requirement.contract)]
        checked = tally.taken + tally.rejected + gathered.unread
        return Found(checked=checked, held=tally.taken, unit="records", blames=tuple(spoiling))
    spared = (MISSING, *CODES, *_OURS, *_rule_codes(requirement.contract))
    wrong = _blames(gathered, requirement.contract, name, without=spared)
    filled = found.filled if (found := _field(requirement, tally)) else 0
    checked = filled + _refused(wrong)
    if not checked:
        return _nothing(found)
    return Found(checked=checked, held=max(checked - sum(wrong.values()), 0), unit="values", blames=tuple(wrong))


def _spoils(blame: Blame, contract: str) -> bool:
    """Say whether a cause cost records of a contract; a row that is of no contract counts against each."""
    return blame.refuses and blame.contract in ("", contract)


def _codes(requirement: Requirement, gathered: Gatherer, tally: Tally) -> Found:
    contract, name = contracts.get(requirement.contract), requirement.field
    is_word = field_types.list_shapes(contract)[name].kind is FieldKind.WORD
    if not is_word and not contract.describe_fields()[name].codes:
        return Found(void=True, why=_("This field has no list of codes."))
    wrong = _blames(gathered, requirement.contract, name, *CODES, UNLISTED)
    found = _field(requirement, tally)
    refused = _refused(wrong)
    checked = (found.filled if found else 0) + refused
    if not checked:
        return _nothing(found)
    told = {blame: count for blame, count in wrong.items() if blame.refuses or blame.code == UNLISTED or is_word}
    bad = sum(told.values())
    return Found(checked=checked, held=max(checked - bad, 0), unit="values", blames=tuple(told))


def _nothing(found: FieldTally | None) -> Found:
    if found is None:
        return Found(why=_("The sample has no column for it: there is nothing to judge."))
    return Found(why=_("The column is there, and it is always empty."))


def _key(requirement: Requirement, gathered: Gatherer, tally: Tally) -> Found:
    found = _field(requirement, tally)
    if found is None or not found.filled:
        return _nothing(found)
    wrong = _blames(gathered, requirement.contract, requirement.field, REPEATED)
    return Found(checked=found.filled, held=found.filled - sum(wrong.values()), unit="records", blames=tuple(wrong))


def _link(requirement: Requirement, gathered: Gatherer, tally: Tally) -> Found:
    family = contracts.get(requirement.contract).describe_fields()[requirement.field].reference
    targets = {contract for contract in gathered.tallies if contracts.get(contract).about.family == family}
    if not targets:
        return Found(why=_("The sample does not hold the records that it refers to."))
    checked = gathered.linked(requirement.contract, requirement.field)
    if not checked:
        return _nothing(_field(requirement, tally))
    wrong = _blames(gathered, requirement.contract, requirement.field, UNRESOLVED)
    return Found(checked=checked, held=checked - sum(wrong.values()), unit="references", blames=tuple(wrong))


def _rule(requirement: Requirement, gathered: Gatherer, tally: Tally) -> Found:
    wrong = _blames(gathered, requirement.contract, None, requirement.rule)
    checked = len(gathered.invoices.totals) if requirement.rule == DIFFER else tally.applicable.get(requirement.rule, 0)
    checked = max(checked + _refused(wrong), sum(wrong.values()))
    if not checked:
        return Found(why=_("No record of the sample fills the fields that the rule compares."))
    return Found(checked=checked, held=checked - sum(wrong.values()), unit="records", blames=tuple(wrong))


def _period(requirement: Requirement, _gathered: Gatherer, tally: Tally) -> Found:
    found = _field(requirement, tally)
    if found is None or not found.first_day:
        return _nothing(found)
    return Found(checked=requirement.figure, held=min(found.days, requirement.figure), unit="days", whole=True)


def _volume(requirement: Requirement, _gathered: Gatherer, tally: Tally) -> Found:
    held = min(tally.taken, requirement.figure)
    return Found(checked=requirement.figure, held=held, unit="asked", whole=True)


def _unwanted(requirement: Requirement, gathered: Gatherer, tally: Tally) -> Found:
    wrong = _blames(gathered, requirement.contract, requirement.field, UNWANTED)
    return Found(checked=tally.taken, held=tally.taken - sum(wrong.values()), unit="records", blames=tuple(wrong))


def _minimal(requirement: Requirement, gathered: Gatherer) -> Found:
    about = [requirement.contract] if requirement.contract else list(gathered.tallies)
    inside = {name for columns in gathered.columns for one in about for name in columns.held.get(one, ())}
    wrong = [blame for blame in gathered.trail.blames if blame.code == OUTSIDE and blame.contract in about]
    if not inside:
        return Found(why=_("The sample holds no record of this kind."))
    bad = {blame.column for blame in wrong}
    return Found(checked=len(inside) + len(bad), held=len(inside), unit="columns", blames=tuple(wrong))


def _return(requirement: Requirement, gathered: Gatherer, returned: Mapping[str, Returned]) -> Found:
    taken = [tally.taken for contract, tally in gathered.tallies.items() if requirement.contract in ("", contract)]
    if not any(taken):
        return Found(why=_("The sample holds no record of this kind."))
    tried = [one for contract, one in returned.items() if requirement.contract in ("", contract)]
    if not any(one.tried for one in tried):
        return Found(
            why=_(
                "The sample came in contract form: taking data back is shown with the software itself, at acceptance."
            )
        )
    return Found(
        checked=sum(one.tried for one in tried),
        held=sum(one.equal for one in tried),
        unit="records",
        blames=tuple(blame for one in tried for blame in one.blames),
    )


_MEASURES: Mapping[Measure, Callable[[Requirement, Gatherer, Tally], Found]] = {
    Measure.PRESENT: _present,
    Measure.FILLED: _filled,
    Measure.FORM: _form,
    Measure.CODES: _codes,
    Measure.KEY: _key,
    Measure.LINK: _link,
    Measure.RULE: _rule,
    Measure.PERIOD: _period,
    Measure.VOLUME: _volume,
    Measure.MINIMAL: _unwanted,
}
