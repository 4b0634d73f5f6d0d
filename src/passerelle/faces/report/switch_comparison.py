"""A comparison of two softwares in words: expected losses apart from what nobody expected. Places, no values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.contracts.catalogue import get
from passerelle.documents.charts import ChartSeries, GroupedBars
from passerelle.documents.sections import Section
from passerelle.faces.report.left_behind import build_left_section
from passerelle.switching.compare.totals import UNIT, iter_differing_cells
from passerelle.switching.difference_kinds import KIND_LABELS
from passerelle.vocabulary import labels
from passerelle.vocabulary.formatting import format_count, format_labelled, format_number, join_clauses
from passerelle.vocabulary.language import N_, _, get_current, translate_plural
from passerelle.vocabulary.outcomes import Balance, Fate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle.switching.compare.side_comparison import SideComparison

_SHOWN = 5
"""Places of a group that people are shown; JSON and the file of findings have more."""
_MOST_SUMS = 40
MATCHED = {
    "reference": N_("by reference"),
    "identifier": N_("by identifier"),
    "content": N_("by all that they say"),
    "natural_key": N_("by what they say"),
}


def build_sections(comparison: SideComparison) -> list[Section]:
    """Put a comparison in words, the result first."""
    return [
        _build_result(comparison),
        _build_counts(comparison),
        _build_unexpected(comparison),
        _build_expected(comparison),
        *build_left_section(comparison.left),
        *_build_sums(comparison),
        _build_files(comparison),
    ]


def _build_result(comparison: SideComparison) -> Section:
    number = sum(comparison.groups.values())
    sentences = [
        _("Nothing differs but what was expected.")
        if comparison.is_faithful
        else translate_plural(
            "{count} difference that nobody expected.", "{count} differences that nobody expected.", number
        ).format(count=format_count(number))
    ]
    if comparison.losses_to_accept:
        count = len(comparison.losses_to_accept)
        sentences.append(
            translate_plural(
                "{count} expected loss that nobody has accepted yet.",
                "{count} expected losses that nobody has accepted yet.",
                count,
            ).format(count=format_count(count))
        )
    if comparison.proposals:
        count = len(comparison.proposals)
        sentences.append(
            translate_plural(
                "{count} pair of persons may be the same: somebody must say so.",
                "{count} pairs of persons may be the same: somebody must say so.",
                count,
            ).format(count=format_count(count))
        )
    return Section(_("Result"), tuple(sentences))


def _build_counts(comparison: SideComparison) -> Section:
    headers = (_("contract"), _("old software"), _("came again"), _("new software"), _("found again"), _("how"))
    rows = []
    for contract, tally in comparison.tallies.items():
        how = join_clauses(format_labelled(_(MATCHED[by]), format_count(count)) for by, count in tally.matched.items())
        pairs = sum(tally.matched.values())
        counts = map(format_count, (tally.origin, tally.repeated, tally.target, pairs))
        rows.append((f"{_get_title(contract)} ({contract})", *counts, how))
    return Section(_("Records"), (), headers, tuple(rows), (1, 2, 3, 4), _draw_counts(comparison))


def _draw_counts(comparison: SideComparison) -> GroupedBars:
    """Draw how many records of each contract the old software had, the new one has, and were found again."""
    tallies = comparison.tallies
    titles = tuple(_get_title(contract) for contract in tallies)
    series = (
        ChartSeries(_("old software"), tuple(float(one.origin - one.repeated) for one in tallies.values())),
        ChartSeries(_("new software"), tuple(float(one.target) for one in tallies.values())),
        ChartSeries(_("found again"), tuple(float(sum(one.matched.values())) for one in tallies.values())),
    )
    return GroupedBars(_("Records, from the old software to the new one"), titles, series)


def _get_field_title(contract: str, name: str) -> str:
    """Return the title of a field, also of another contract (`visit/1.person_ref`); a dash for a whole record."""
    if not name:
        return "–"
    other, dot, inside = name.rpartition(".")
    if dot and "/" in other:
        return format_labelled(_get_title(other), _get_field_title(other, inside))
    meta = get(contract).describe_fields().get(name)
    if meta is None:
        return name
    return meta.fr_title if get_current() == "fr" else meta.en_title


def _get_title(contract: str) -> str:
    about = get(contract).about
    return about.fr_title if get_current() == "fr" else about.en_title


def _build_unexpected(comparison: SideComparison) -> Section:
    headers = (_("number"), _("what happened"), _("contract"), _("fields"), _("where: old software → new software"))
    rows = []
    for group, count in sorted(comparison.groups.items(), key=lambda entry: (-entry[1], entry[0])):
        kind, contract, fields = group
        places = []
        for finding in comparison.first[group][:_SHOWN]:
            sides = (" + ".join(map(str, spots)) or "–" for spots in (finding.origin, finding.target))
            places.append(" → ".join(sides))
        more = ["…"] if count > len(places) else []
        where = join_clauses([*places, *more])
        names = ", ".join(_get_field_title(contract, name) for name in fields)
        rows.append((format_count(count), _(KIND_LABELS[kind]), _get_title(contract), names, where))
    legend = _("A place is the number of the file, the table, the line; the files are listed below.")
    return Section(_("What nobody expected"), (legend,) if rows else (), headers, tuple(rows), (0,))


def _build_expected(comparison: SideComparison) -> Section:
    headers = (_("contract"), _("field"), _("what happened"), _("predicted"), _("found"), _("accepted by"), _("why"))
    rows = tuple(
        (
            *(_get_title(loss.contract), _get_field_title(loss.contract, loss.field), _(KIND_LABELS[loss.kind])),
            *(format_count(loss.predicted), format_count(loss.observed), loss.accepted_by or "–", loss.why),
        )
        for loss in comparison.expected
    )
    return Section(_("Expected losses"), (), headers, rows, (3, 4))


def _build_sums(comparison: SideComparison) -> Iterator[Section]:
    rows = [
        # sums are kept in thousandths, as whole numbers: the same figures on every machine
        (
            _get_title(contract),
            *_name_cell(contract, cell),
            format_number(before / UNIT, 2),
            format_number(after / UNIT, 2),
        )
        for contract, sides in comparison.sums.items()
        for cell, before, after in iter_differing_cells(*sides)
    ]
    if not rows:
        return
    headers = (_("contract"), _("month"), _("organisation"), _("service"), _("sum of"), _("old"), _("new"))
    sentences = []
    if (more := len(rows) - _MOST_SUMS) > 0:
        words = translate_plural("{count} more is in the JSON.", "{count} more are in the JSON.", more)
        sentences.append(words.format(count=format_count(more)))
    yield Section(_("Sums that differ"), tuple(sentences), headers, tuple(rows[:_MOST_SUMS]), (5, 6))


def _name_cell(contract: str, cell: tuple[str, ...]) -> tuple[str, ...]:
    """Return the parts of a sum in words: the measure is a field, or a period that two fields make."""
    *parts, measure = cell
    named = _("records") if measure == "count" else _get_field_title(contract, measure)
    return (*(part or "–" for part in parts), named)


def _build_files(comparison: SideComparison) -> Section:
    headers = (_("side"), _("file"), _("read by"), _("digest"))
    rows: list[tuple[str, ...]] = []
    balances = []
    for manifest in (comparison.origin, comparison.target):
        rows += [
            (manifest["side"], str(entry["number"]), entry["reader"], entry["sha256"][:16])
            for entry in manifest["files"]
        ]
        # a record that was set aside while a side was read is missing above, although that software may hold it
        counts = manifest["balance"]
        balance = Balance(counts["received"], {fate: counts[fate.value] for fate in Fate if counts[fate.value]})
        balances.append(format_labelled(manifest["side"], labels.format_balance(balance)))
    return Section(_("Files that were read"), tuple(balances), headers, tuple(rows))
