"""The plan of a change of supplier, in words: what stays behind, what arrives otherwise, what must be decided."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from passerelle.contracts.catalogue import get
from passerelle.documents.charts import ChartSeries, GroupedBars
from passerelle.documents.sections import Section
from passerelle.faces.report.left_behind import build_left_section
from passerelle.switching.difference_kinds import KIND_LABELS
from passerelle.switching.plan.planning import MoveVerdict
from passerelle.vocabulary.formatting import format_count, format_labelled, join_clauses
from passerelle.vocabulary.language import N_, _, get_current, translate_plural

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passerelle.switching.plan.planning import ContractPlan, MovePlan

VERDICTS: Mapping[MoveVerdict, str] = MappingProxyType(
    {
        MoveVerdict.CARRIED: N_("carried"),
        MoveVerdict.NARROWED: N_("narrowed"),
        MoveVerdict.LOST: N_("lost"),
        MoveVerdict.NEEDED: N_("asked for, and not there"),
        MoveVerdict.UNUSED: N_("only the new software has it"),
    },
)
WHY: Mapping[str, str] = MappingProxyType(
    {
        "not_taken": N_("the new software does not take what is referred to"),
        "not_there": N_("the exports do not hold what is referred to"),
    },
)


_COUNTED = (MoveVerdict.CARRIED, MoveVerdict.NARROWED, MoveVerdict.LOST)


def build_sections(plan: MovePlan) -> list[Section]:
    """Put a plan in words, the overview first."""
    sections = [_build_overview(plan)]
    sections += [_build_contract(entry, plan) for entry in plan.contracts if entry.taken]
    if plan.links:
        headers = (_("contract"), _("field"), _("refers to"), _("why it may lead nowhere"), _("distinct references"))
        rows = []
        for link in plan.links:
            weight = _format_weight(link.nowhere, plan)
            rows.append((_format_title(link.contract), link.field, link.family, _(WHY[link.why]), weight))
        sections.append(Section(_("Links at risk"), (), headers, tuple(rows), (4,)))
    sections += build_left_section(plan.left)
    if plan.unread and not plan.sampled:
        names = (_("connector"), _("what"), _("why it is not read"), _("values"))
        lines = [
            (entry.connector, entry.name, entry.reason, _format_weight(entry.values, plan)) for entry in plan.unread
        ]
        sections.append(Section(_("Left unread on purpose by the old side"), (), names, tuple(lines), (3,)))
    return sections


def _build_overview(plan: MovePlan) -> Section:
    basis = _("By the two descriptions alone: without an export, nobody knows how many records are concerned.")
    if plan.sampled:
        count = sum(entry.records for entry in plan.contracts)
        basis = translate_plural(
            "Weighed by {count} record of the exports.", "Weighed by {count} records of the exports.", count
        ).format(count=format_count(count))
    sentences = [basis]
    if homeless := [entry for entry in plan.contracts if not entry.taken]:
        names = ", ".join(_format_title(entry.contract) for entry in homeless)
        sentences.append(_("The new software has no place for: {names}.").format(names=names))
    headers = (_("contract"), _("records"), _("carried"), _("narrowed"), _("lost"), _("cannot be taken"))
    rows = []
    for entry in plan.contracts:
        counts = (sum(field.verdict is verdict for field in entry.fields) for verdict in _COUNTED)
        records, refused = entry.records, entry.refused if entry.taken else entry.records
        weights = (_format_weight(records, plan), *map(format_count, counts), _format_weight(refused, plan))
        rows.append((_format_title(entry.contract), *weights))
    picture = _draw_flows(plan) if plan.sampled else None
    return Section(_("What would become of it"), tuple(sentences), headers, tuple(rows), (1, 2, 3, 4, 5), picture)


def _draw_flows(plan: MovePlan) -> GroupedBars:
    """Draw how many records of each contract the sample holds, and how many the new software could take."""
    taken = (float(entry.records - entry.refused if entry.taken else 0) for entry in plan.contracts)
    series = (
        ChartSeries(_("in the exports"), tuple(float(entry.records) for entry in plan.contracts)),
        ChartSeries(_("the new software can take"), tuple(taken)),
    )
    titles = tuple(_format_title(entry.contract).partition(" (")[0] for entry in plan.contracts)
    return GroupedBars(_("Records, from the old software to the new one"), titles, series)


def _format_weight(count: int, plan: MovePlan) -> str:
    # a dash where no export was weighed: unknown is not nought
    return format_count(count) if plan.sampled else "–"


def _build_contract(entry: ContractPlan, plan: MovePlan) -> Section:
    headers = (_("field"), _("by the descriptions"), _("filled"), _("what will happen"), _("codes to decide on"))
    rows = []
    for field in entry.fields:
        # what is carried whole, or is new, needs nobody's attention
        if not field.concerned and field.verdict in (MoveVerdict.CARRIED, MoveVerdict.UNUSED):
            continue
        meta = get(entry.contract).describe_fields()[field.name]
        title = meta.fr_title if get_current() == "fr" else meta.en_title
        happens = (
            format_labelled(_(KIND_LABELS[kind]), format_count(count)) for kind, count in field.concerned.items()
        )
        codes = ", ".join(dict.fromkeys((*field.codes, *field.without_equivalent)))
        weight = _format_weight(field.filled, plan)
        rows.append((f"{title} ({field.name})", _(VERDICTS[field.verdict]), weight, join_clauses(happens), codes))
    sentences = () if rows else (_("Every field is carried as it is."),)
    return Section(_format_title(entry.contract), sentences, headers, tuple(rows), (2,))


def _format_title(contract: str) -> str:
    about = get(contract).about
    return f"{about.fr_title if get_current() == 'fr' else about.en_title} ({contract})"
