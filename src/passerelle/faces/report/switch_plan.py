"""The plan of a change of supplier, in words: what stays behind, what arrives otherwise, what must be decided."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from passerelle.contracts.catalogue import get
from passerelle.documents.sections import Section
from passerelle.switching.kinds import WORDS
from passerelle.switching.plan.planning import Verdict
from passerelle.vocabulary.formatting import format_count, format_labelled
from passerelle.vocabulary.language import N_, _, get_current, translate_plural

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from passerelle.switching.plan.planning import ContractPlan, FieldPlan, Plan

VERDICTS: Mapping[Verdict, str] = MappingProxyType(
    {
        Verdict.CARRIED: N_("carried"),
        Verdict.NARROWED: N_("narrowed"),
        Verdict.LOST: N_("lost"),
        Verdict.NEEDED: N_("asked for, and not there"),
        Verdict.UNUSED: N_("only the new software has it"),
    },
)
WHY: Mapping[str, str] = MappingProxyType(
    {
        "not_taken": N_("the new software does not take what is referred to"),
        "not_there": N_("the exports do not hold what is referred to"),
    },
)


def parts(plan: Plan) -> list[Section]:
    """Put a plan in words."""
    return [_overview(plan), *(_contract(entry, plan) for entry in plan.contracts if entry.taken), *_links(plan)]


def _overview(plan: Plan) -> Section:
    said = [_weight(plan)]
    gone = [entry for entry in plan.contracts if not entry.taken]
    if gone:
        names = ", ".join(_title(entry.contract) for entry in gone)
        said.append(_("The new software has no place for: {names}.").format(names=names))
    headers = (_("contract"), _("records"), _("carried"), _("narrowed"), _("lost"), _("cannot be taken"))
    rows = tuple(_row(entry, plan) for entry in plan.contracts)
    return Section(_("What would become of it"), tuple(said), headers, rows, (1, 2, 3, 4, 5))


def _weight(plan: Plan) -> str:
    if not plan.sampled:
        return _("By the two descriptions alone: without an export, nobody knows how many records are concerned.")
    count = sum(entry.records for entry in plan.contracts)
    return translate_plural(
        "Weighed by {count} record of the exports.", "Weighed by {count} records of the exports.", count
    ).format(count=format_count(count))


def _row(entry: ContractPlan, plan: Plan) -> tuple[str, ...]:
    counts = [sum(one.verdict is wanted for one in entry.fields) for wanted in _COUNTED]
    gone = entry.refused if entry.taken else entry.records
    return (_title(entry.contract), _weighed(entry.records, plan), *map(format_count, counts), _weighed(gone, plan))


def _weighed(count: int, plan: Plan) -> str:
    """Write a number of records; a dash where no export was weighed, because unknown is not nought."""
    return format_count(count) if plan.sampled else "–"


_COUNTED = (Verdict.CARRIED, Verdict.NARROWED, Verdict.LOST)


def _contract(entry: ContractPlan, plan: Plan) -> Section:
    """List the fields of which people should know."""
    told = [one for one in entry.fields if one.concerned or one.verdict not in (Verdict.CARRIED, Verdict.UNUSED)]
    headers = (_("field"), _("by the descriptions"), _("filled"), _("what will happen"), _("codes to decide on"))
    rows = tuple(_field(entry.contract, one, plan) for one in told)
    said = () if rows else (_("Every field is carried as it is."),)
    return Section(_title(entry.contract), said, headers, rows, (2,))


def _field(contract: str, one: FieldPlan, plan: Plan) -> tuple[str, ...]:
    fact = get(contract).describe_fields()[one.name]
    title = fact.fr_title if get_current() == "fr" else fact.en_title
    happens = (format_labelled(_(WORDS[kind]), format_count(count)) for kind, count in one.concerned.items())
    codes = ", ".join(dict.fromkeys((*one.codes, *one.without_equivalent)))
    return (f"{title} ({one.name})", _(VERDICTS[one.verdict]), _weighed(one.filled, plan), "; ".join(happens), codes)


def _links(plan: Plan) -> Iterator[Section]:
    if plan.links:
        headers = (_("contract"), _("field"), _("refers to"), _("why it may lead nowhere"), _("distinct references"))
        rows = tuple(
            (_title(link.contract), link.field, link.family, _(WHY[link.why]), _weighed(link.nowhere, plan))
            for link in plan.links
        )
        yield Section(_("Links at risk"), (), headers, rows, (4,))


def _title(contract: str) -> str:
    about = get(contract).about
    return f"{about.fr_title if get_current() == 'fr' else about.en_title} ({contract})"
