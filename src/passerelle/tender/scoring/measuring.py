"""Measures each requirement on what was gathered: how many checked, how many correct, which anomalies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from passerelle import contracts
from passerelle.contracts import field_types
from passerelle.contracts.types import FieldKind
from passerelle.engine.watches.invoice_watch import DIFFER
from passerelle.engine.watches.reference_watch import UNRESOLVED
from passerelle.tender.requirement import Measure
from passerelle.tender.scoring.gathering import EMPTY, OUTSIDE, REPEATED, UNLISTED, UNWANTED
from passerelle.tender.scoring.tallies import count_days
from passerelle.vocabulary.language import _

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from passerelle.tender.requirement import Requirement
    from passerelle.tender.scoring.gathering import Gatherer
    from passerelle.tender.scoring.round_trip import RoundTripTally
    from passerelle.tender.scoring.tallies import ContractTally, FieldTally
    from passerelle.tender.scoring.trail import AnomalyGroup

MISSING = "validate.field.missing"
CODES = ("translate.code.unknown", "translate.word.unknown", "validate.code.unknown", "validate.word.unknown")
_OURS = (EMPTY, UNLISTED, REPEATED, UNWANTED, OUTSIDE, UNRESOLVED, DIFFER)
LEAST = 5
"""Fewer values without an anomaly show nothing: the true rate could be 45 % or more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleFinding:
    """Measure of one requirement on the samples. Shares are of `checked`; when it is 0, `why` holds the reason."""

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
    groups: tuple[AnomalyGroup, ...] = ()


def measure_requirement(
    requirement: Requirement, gathered: Gatherer, round_trips: Mapping[str, RoundTripTally]
) -> SampleFinding:
    """Return the finding for one requirement."""
    if requirement.measure is Measure.ANSWER:
        return SampleFinding()
    if requirement.measure is Measure.RETURN:
        return _measure_return(requirement, gathered, round_trips)
    if requirement.measure is Measure.MINIMAL and not requirement.field:
        return _measure_minimal(requirement, gathered)
    tally = gathered.tallies.get(requirement.contract)
    if tally is None or not tally.taken + tally.rejected:
        return SampleFinding(why=_("The sample holds no record of this kind."))
    return _MEASURES[requirement.measure](requirement, gathered, tally)


def _select_anomalies(
    gathered: Gatherer, contract: str, name: str | None, *codes: str, without: Iterable[str] = ()
) -> dict[AnomalyGroup, int]:
    left_out = set(without)
    return {
        group: counted.count
        for group, counted in gathered.trail.groups.items()
        if group.contract == contract
        and (name is None or group.field == name)
        and (not codes or group.code in codes)
        and group.code not in left_out
    }


def _count_refused(groups: Mapping[AnomalyGroup, int]) -> int:
    return sum(count for group, count in groups.items() if group.refuses)


def _list_rule_codes(contract: str) -> set[str]:
    return {rule.code for rule in contracts.get(contract).rules}


def _find_tally(requirement: Requirement, tally: ContractTally) -> FieldTally | None:
    return tally.fields.get(requirement.field)


def _measure_present(requirement: Requirement, _gathered: Gatherer, tally: ContractTally) -> SampleFinding:
    if not requirement.field:
        return SampleFinding(checked=tally.taken + tally.rejected, held=tally.taken, unit="records", whole=True)
    found = _find_tally(requirement, tally)
    if found is None:
        return SampleFinding(absent=True, why=_("No column that is read fills it: ask whether another one does."))
    if not found.filled:
        return SampleFinding(why=_("The column is there, and it is always empty."))
    concerned, given = tally.concerned.get(requirement.field, (0, 0))
    if concerned:
        return SampleFinding(checked=concerned, held=given, unit="records")
    return SampleFinding(checked=tally.taken, held=found.filled, unit="records")


def _measure_filled(requirement: Requirement, gathered: Gatherer, tally: ContractTally) -> SampleFinding:
    name, found = requirement.field, _find_tally(requirement, tally)
    missing = _select_anomalies(gathered, requirement.contract, name, MISSING)
    other = _select_anomalies(
        gathered, requirement.contract, name, without=(MISSING, *_OURS, *_list_rule_codes(requirement.contract))
    )
    if found is None and not missing and not other:
        return SampleFinding(absent=True, why=_("No column that is read fills it: ask whether another one does."))
    filled = (found.filled if found else 0) + _count_refused(other)
    # An optional column that is always empty shows nothing; a required one fails.
    if not filled and not contracts.get(requirement.contract).model_fields[name].is_required():
        return SampleFinding(why=_("The column is there, and it is always empty."))
    empty = _select_anomalies(gathered, requirement.contract, name, EMPTY)
    checked = tally.taken + _count_refused(missing) + _count_refused(other)
    return SampleFinding(checked=checked, held=min(filled, checked), unit="records", groups=(*missing, *empty))


def _measure_form(requirement: Requirement, gathered: Gatherer, tally: ContractTally) -> SampleFinding:
    name = requirement.field
    if not name:
        # A row that could not be read as a record of any contract counts against each that it would have become.
        spoiling = [group for group in gathered.trail.groups if gathered.is_spoiling(group, requirement.contract)]
        checked = tally.taken + tally.rejected + gathered.count_unread(requirement.contract)
        return SampleFinding(checked=checked, held=tally.taken, unit="records", groups=tuple(spoiling))
    spared = (MISSING, *CODES, *_OURS, *_list_rule_codes(requirement.contract))
    wrong = _select_anomalies(gathered, requirement.contract, name, without=spared)
    filled = found.filled if (found := _find_tally(requirement, tally)) else 0
    checked = filled + _count_refused(wrong)
    if not checked:
        return _explain_nothing(found)
    return SampleFinding(
        checked=checked, held=max(checked - sum(wrong.values()), 0), unit="values", groups=tuple(wrong)
    )


def _measure_codes(requirement: Requirement, gathered: Gatherer, tally: ContractTally) -> SampleFinding:
    contract, name = contracts.get(requirement.contract), requirement.field
    # Words are closed by the contract itself; codes by a list that may grow.
    is_word = field_types.list_shapes(contract)[name].kind is FieldKind.WORD
    if not is_word and not contract.describe_fields()[name].codes:
        return SampleFinding(void=True, why=_("This field has no list of codes."))
    wrong = _select_anomalies(gathered, requirement.contract, name, *CODES, UNLISTED)
    found = _find_tally(requirement, tally)
    refused = _count_refused(wrong)
    checked = (found.filled if found else 0) + refused
    if not checked:
        return _explain_nothing(found)
    counted = {group: count for group, count in wrong.items() if group.refuses or group.code == UNLISTED or is_word}
    bad = sum(counted.values())
    return SampleFinding(checked=checked, held=max(checked - bad, 0), unit="values", groups=tuple(counted))


def _explain_nothing(found: FieldTally | None) -> SampleFinding:
    if found is None:
        return SampleFinding(why=_("No column that is read fills it: there is nothing to judge."))
    return SampleFinding(why=_("The column is there, and it is always empty."))


def _measure_key(requirement: Requirement, gathered: Gatherer, tally: ContractTally) -> SampleFinding:
    found = _find_tally(requirement, tally)
    if found is None or not found.filled:
        return _explain_nothing(found)
    wrong = _select_anomalies(gathered, requirement.contract, requirement.field, REPEATED)
    return SampleFinding(
        checked=found.filled, held=found.filled - sum(wrong.values()), unit="records", groups=tuple(wrong)
    )


def _measure_link(requirement: Requirement, gathered: Gatherer, tally: ContractTally) -> SampleFinding:
    family = contracts.get(requirement.contract).describe_fields()[requirement.field].reference
    targets = {contract for contract in gathered.tallies if contracts.get(contract).about.family == family}
    if not targets:
        return SampleFinding(why=_("The sample does not hold the records that it refers to."))
    checked = gathered.count_references(requirement.contract, requirement.field)
    if not checked:
        return _explain_nothing(_find_tally(requirement, tally))
    wrong = _select_anomalies(gathered, requirement.contract, requirement.field, UNRESOLVED)
    return SampleFinding(checked=checked, held=checked - sum(wrong.values()), unit="records", groups=tuple(wrong))


def _measure_rule(requirement: Requirement, gathered: Gatherer, tally: ContractTally) -> SampleFinding:
    wrong = _select_anomalies(gathered, requirement.contract, None, requirement.rule)
    if requirement.rule == DIFFER:
        return _measure_sums(gathered, wrong)
    checked = tally.applicable.get(requirement.rule, 0)
    checked = max(checked + _count_refused(wrong), sum(wrong.values()))
    if not checked:
        return SampleFinding(why=_("No record of the sample fills the fields that the rule compares."))
    return SampleFinding(checked=checked, held=checked - sum(wrong.values()), unit="records", groups=tuple(wrong))


def _measure_sums(gathered: Gatherer, wrong: Mapping[AnomalyGroup, int]) -> SampleFinding:
    # By invoice: one whose three totals are wrong is one invoice that does not add up.
    judged, differing = gathered.invoices.count_judged()
    if not judged:
        return SampleFinding(why=_("No invoice of the sample states a total together with all of its lines."))
    return SampleFinding(checked=judged, held=judged - differing, unit="records", groups=tuple(wrong))


def _measure_period(requirement: Requirement, _gathered: Gatherer, tally: ContractTally) -> SampleFinding:
    name = requirement.field
    # Whoever bills once a month issues all invoices on one day: what is covered is the period that they bill.
    period, issued = ("period_start", "period_end"), ("issued_on", "issued_on")
    ranges = (period, issued) if name == period[0] else ((name, name),)
    days = [count_days(tally.fields.get(first), tally.fields.get(last)) for first, last in ranges]
    shown = max(days)
    if not days[0] and shown < requirement.figure:
        return _explain_nothing(_find_tally(requirement, tally))
    return SampleFinding(checked=requirement.figure, held=min(shown, requirement.figure), unit="days", whole=True)


def _measure_unwanted(requirement: Requirement, gathered: Gatherer, tally: ContractTally) -> SampleFinding:
    wrong = _select_anomalies(gathered, requirement.contract, requirement.field, UNWANTED)
    return SampleFinding(
        checked=tally.taken, held=tally.taken - sum(wrong.values()), unit="records", groups=tuple(wrong)
    )


def _measure_minimal(requirement: Requirement, gathered: Gatherer) -> SampleFinding:
    about = [requirement.contract] if requirement.contract else list(gathered.tallies)
    inside = {name for columns in gathered.columns for one in about for name in columns.held.get(one, ())}
    wrong = [group for group in gathered.trail.groups if group.code == OUTSIDE and group.contract in about]
    if not inside:
        return SampleFinding(why=_("The sample holds no record of this kind."))
    bad = {group.column for group in wrong}
    return SampleFinding(checked=len(inside) + len(bad), held=len(inside), unit="columns", groups=tuple(wrong))


def _measure_return(
    requirement: Requirement, gathered: Gatherer, round_trips: Mapping[str, RoundTripTally]
) -> SampleFinding:
    taken = [tally.taken for contract, tally in gathered.tallies.items() if requirement.contract in ("", contract)]
    if not any(taken):
        return SampleFinding(why=_("The sample holds no record of this kind."))
    tried = [one for contract, one in round_trips.items() if requirement.contract in ("", contract)]
    if not any(one.tried for one in tried):
        return SampleFinding(
            why=_(
                "The sample came in contract form: taking data back is shown with the software itself, at acceptance."
            )
        )
    return SampleFinding(
        checked=sum(one.tried for one in tried),
        held=sum(one.equal for one in tried),
        unit="records",
        groups=tuple(group for one in tried for group in one.groups),
    )


_MEASURES: Mapping[Measure, Callable[[Requirement, Gatherer, ContractTally], SampleFinding]] = {
    Measure.PRESENT: _measure_present,
    Measure.FILLED: _measure_filled,
    Measure.FORM: _measure_form,
    Measure.CODES: _measure_codes,
    Measure.KEY: _measure_key,
    Measure.LINK: _measure_link,
    Measure.RULE: _measure_rule,
    Measure.PERIOD: _measure_period,
    Measure.VOLUME: lambda requirement, _gathered, tally: SampleFinding(
        checked=requirement.figure, held=min(tally.taken, requirement.figure), unit="asked", whole=True
    ),
    Measure.MINIMAL: _measure_unwanted,
}
