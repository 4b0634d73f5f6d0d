"""What comparing two softwares found, in words: expected losses apart from what nobody expected. Places, no values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.contracts.catalogue import get
from passerelle.documents.sections import Section
from passerelle.switching.compare.totals import UNIT, differing
from passerelle.switching.kinds import WORDS
from passerelle.vocabulary import labels
from passerelle.vocabulary.formatting import format_count, format_labelled, format_number
from passerelle.vocabulary.language import N_, _, get_current, translate_plural
from passerelle.vocabulary.outcomes import Balance, Fate

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from passerelle.switching.compare.comparison import Comparison
    from passerelle.switching.compare.findings import Finding, Group

_SHOWN = 5
"""Places of a group that people are shown; JSON and the file of findings have more."""
_MOST_SUMS = 40
MATCHED = {
    "reference": N_("by reference"),
    "identifier": N_("by identifier"),
    "natural_key": N_("by what they say"),
}


def parts(found: Comparison) -> list[Section]:
    """Put a comparison in words."""
    return [_verdict(found), _counts(found), _unexpected(found), _expected(found), *_sums(found), _files(found)]


def _verdict(found: Comparison) -> Section:
    number = sum(found.groups.values())
    said = [
        _("Nothing differs but what was expected.")
        if found.is_faithful
        else translate_plural(
            "{count} difference that nobody expected.", "{count} differences that nobody expected.", number
        ).format(count=format_count(number))
    ]
    if found.unaccepted:
        count = len(found.unaccepted)
        said.append(
            translate_plural(
                "{count} expected loss that nobody has accepted yet.",
                "{count} expected losses that nobody has accepted yet.",
                count,
            ).format(count=format_count(count))
        )
    if found.proposals:
        count = len(found.proposals)
        said.append(
            translate_plural(
                "{count} pair of persons may be the same: somebody must say so.",
                "{count} pairs of persons may be the same: somebody must say so.",
                count,
            ).format(count=format_count(count))
        )
    return Section(_("Result"), tuple(said))


def _counts(found: Comparison) -> Section:
    headers = (_("contract"), _("old software"), _("came again"), _("new software"), _("found again"), _("how"))
    rows = []
    for contract, tally in found.tallies.items():
        how = "; ".join(format_labelled(_(MATCHED[by]), format_count(count)) for by, count in tally.matched.items())
        pairs = sum(tally.matched.values())
        counts = map(format_count, (tally.origin, tally.repeated, tally.target, pairs))
        rows.append((_title(contract), *counts, how))
    return Section(_("Records"), (), headers, tuple(rows), (1, 2, 3, 4))


def _unexpected(found: Comparison) -> Section:
    headers = (_("number"), _("what happened"), _("contract"), _("fields"), _("where: old software → new software"))
    ordered = sorted(found.groups.items(), key=lambda entry: (-entry[1], entry[0]))
    rows = tuple(_group(group, count, found) for group, count in ordered)
    said = (_("A place is the number of the file, the table, the line; the files are listed below."),) if rows else ()
    return Section(_("What nobody expected"), said, headers, rows, (0,))


def _group(group: Group, count: int, found: Comparison) -> tuple[str, ...]:
    kind, contract, fields = group
    places = [_place(finding) for finding in found.first[group][:_SHOWN]]
    more = ["…"] if count > len(places) else []
    return (format_count(count), _(WORDS[kind]), contract, ", ".join(fields), "; ".join([*places, *more]))


def _place(finding: Finding) -> str:
    sides = [" + ".join(map(str, spots)) or "–" for spots in (finding.origin, finding.target)]
    return " → ".join(sides)


def _expected(found: Comparison) -> Section:
    headers = (_("contract"), _("field"), _("what happened"), _("predicted"), _("found"), _("accepted by"), _("why"))
    rows = tuple(
        (
            *(loss.contract, loss.field or "–", _(WORDS[loss.kind])),
            *(format_count(loss.predicted), format_count(loss.found), loss.accepted_by or "–", loss.why),
        )
        for loss in found.expected
    )
    return Section(_("Expected losses"), (), headers, rows, (3, 4))


def _sums(found: Comparison) -> Iterator[Section]:
    rows = [
        (contract, *(part or "–" for part in cell), _number(before), _number(after))
        for contract, sides in found.sums.items()
        for cell, before, after in differing(*sides)
    ]
    if rows:
        headers = (_("contract"), _("month"), _("organisation"), _("service"), _("sum of"), _("old"), _("new"))
        more = len(rows) - _MOST_SUMS
        said = (
            (
                translate_plural("{count} more is in the JSON.", "{count} more are in the JSON.", more).format(
                    count=format_count(more)
                ),
            )
            if more > 0
            else ()
        )
        yield Section(_("Sums that differ"), said, headers, tuple(rows[:_MOST_SUMS]), (5, 6))


def _number(thousandths: int) -> str:
    return format_number(thousandths / UNIT, 2)


def _files(found: Comparison) -> Section:
    headers = (_("side"), _("file"), _("read by"), _("digest"))
    rows = tuple(
        (manifest["side"], str(entry["number"]), entry["reader"], entry["sha256"][:16])
        for manifest in (found.origin, found.target)
        for entry in _listed(manifest)
    )
    books = tuple(
        format_labelled(manifest["side"], labels.sum_of(_balance(manifest["balance"])))
        for manifest in (found.origin, found.target)
    )
    return Section(_("Files that were read"), books, headers, rows)


def _balance(told: Mapping[str, int]) -> Balance:
    """Give the books of a side: a record set aside while reading is missing above, although it may be there."""
    return Balance(told["received"], {fate: told[fate.value] for fate in Fate if told[fate.value]})


def _listed(manifest: Mapping[str, Any]) -> list[dict[str, Any]]:
    files: list[dict[str, Any]] = manifest["files"]
    return files


def _title(contract: str) -> str:
    about = get(contract).about
    return f"{about.fr_title if get_current() == 'fr' else about.en_title} ({contract})"
