"""Infer a proposal from a file: rank contracts, assign columns, make converters, fill gaps, collect questions."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import IO, TYPE_CHECKING

from passerelle.contracts.catalogue import catalogue
from passerelle.contracts.types import FieldKind
from passerelle.extension.inferring.column_matching import assign_columns, find_candidates
from passerelle.extension.inferring.contents import examine_cells
from passerelle.extension.inferring.contract_ranking import choose_contract, rank_contracts
from passerelle.extension.inferring.converter_specs import ConverterBuilder
from passerelle.extension.inferring.cutting import cut_columns
from passerelle.extension.inferring.file_naming import PLACE, PlaceNaming, guess_naming, list_about
from passerelle.extension.inferring.gap_filling import GapFiller
from passerelle.extension.inferring.match_reasons import ask_when_unsure, compute_confidence, explain_match
from passerelle.extension.inferring.missing_times import allow_missing_time
from passerelle.extension.inferring.name_likeness import compare_names
from passerelle.extension.inferring.nights import ask_about_nights
from passerelle.extension.inferring.proposal import CodeTable, FieldChoice, Proposal
from passerelle.extension.inferring.repeating import FoldedColumns, fold_columns, tell_records_apart
from passerelle.extension.inferring.sample_reading import read_sample
from passerelle.extension.inferring.slots import DAY, list_slots
from passerelle.vocabulary.language import _

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from passerelle.extension.inferring.column_matching import ColumnMatch
    from passerelle.extension.inferring.contents import Evidence
    from passerelle.extension.inferring.cutting import CutColumns
    from passerelle.extension.inferring.proposal import Spec

MOST_COLUMNS = 200
"""Columns for which a field is looked for; those behind are carried."""
_NULLS = 12
"""Words for «unknown» that a description takes over at most."""


def infer(stream: IO[bytes], *, contract: str = "", name: str = "") -> Proposal:
    """Propose a description of a file: for the contract asked for (`visit/1`), else for the likeliest one.

    `stream` is binary and seekable; `name` is the file's, whose words count a little. At most 5,000 rows are looked at.
    When no contract fits, the proposal has none, and no fields.
    Raises ParcelError when the file cannot be read at all, KeyError for a contract that does not exist.
    """
    sample = read_sample(stream)
    seen = {column: examine_cells(cells) for column, cells in sample.columns.items()}
    near = dict(islice(seen.items(), MOST_COLUMNS))
    folded = fold_columns(sample.columns, near)
    ranking = () if contract else rank_contracts(folded.seen, " ".join((name, *sample.sheets)))
    chosen = contract or choose_contract(ranking, folded.seen)
    if not chosen:
        return Proposal(sample=sample, evidence=seen, contract="", choices=(), carried=(), ranking=ranking)
    family = chosen.partition("/")[0]
    beside = ""
    if not _is_folded(folded, chosen):
        beside, folded = _find_beside(folded, chosen), FoldedColumns(sample.columns, near)
    cut = cut_columns(folded.cells, folded.seen, family)
    choices, tables = _make_choices(
        assign_columns(find_candidates(cut.seen, list_slots(chosen), family)), cut.seen, chosen
    )
    choices = [ask_about_nights(choice, choices, cut.cells) for choice in choices]
    choices = [allow_missing_time(choice, choices, cut.cells) for choice in choices]
    gaps = GapFiller(chosen, cut.seen, choices, cut.cells)
    choices = [ask_when_unsure(gaps.check_key(choice)) for choice in choices]
    choices = [_ask_about_cut(choice, cut) for choice in (*choices, *gaps.fill_gaps())]
    choices = [tell_records_apart(choice, folded) for choice in choices]
    order = catalogue()[chosen].list_fields()
    nulls = dict.fromkeys(word for evidence in seen.values() for word in evidence.nulls)
    named = {cut.parts.get(column, column) for choice in choices for column in choice.columns}
    used = {one for column in named for one in folded.templates.get(column, (column,))}
    return Proposal(
        sample=sample,
        evidence={**seen, **cut.seen},
        each=folded.words,
        beside=beside,
        templates=folded.templates,
        naming=_guess_place(name, family, choices),
        contract=chosen,
        choices=tuple(sorted(choices, key=lambda choice: order.index(choice.field))),
        carried=tuple(column for column in seen if column not in used),
        tables=tuple({table.file: table for table in tables}.values()),
        nulls=("", *list(nulls)[:_NULLS]),
        ranking=ranking,
        missing=gaps.missing,
        cuts={column: shape for column, shape in cut.cuts.items() if column in named},
        parts={part: column for part, column in cut.parts.items() if column in named},
    )


def _is_folded(folded: FoldedColumns, contract: str) -> bool:
    """Whether columns that repeat are records of the contract: what they say fills more than one of its fields."""
    if not folded.words:
        return False
    pairs = find_candidates(folded.seen, list_slots(contract), contract.partition("/")[0])
    return len({match.column for match in assign_columns(pairs)} & set(folded.templates)) > 1


def _find_beside(folded: FoldedColumns, contract: str) -> str:
    """Return the contract that columns which repeat are records of, when it is another than that of the rows."""
    own = {name: folded.seen[name] for name in (*list(folded.seen)[:1], *folded.templates)}
    found = choose_contract(rank_contracts(own, ""), own) if folded.words else ""
    return found if found != contract else ""


def _guess_place(name: str, family: str, choices: Sequence[FieldChoice]) -> PlaceNaming:
    """Guess whether the name of the file says of which place its rows are, where no column does and a field waits."""
    fields = catalogue()[f"{family}/1"].list_fields() if f"{family}/1" in catalogue() else ()
    if PLACE not in fields or family == "related_contact" or any(choice.field == PLACE for choice in choices):
        return PlaceNaming()
    return guess_naming(name, list_about(family))


def _ask_about_cut(choice: FieldChoice, cut: CutColumns) -> FieldChoice:
    """Ask about a field that is read from a part of a cell."""
    shapes = next((cut.cuts[cut.parts[column]] for column in choice.columns if column in cut.parts), "")
    shape = shapes if isinstance(shapes, str) else " / ".join(shapes)
    question = _("Its cells hold several things, cut as «{shape}»: are they all written so?").format(shape=shape)
    return replace(choice, questions=(*choice.questions, question)) if shape else choice


def _make_choices(
    matches: Sequence[ColumnMatch], seen: Mapping[str, Evidence], contract: str
) -> tuple[list[FieldChoice], list[CodeTable]]:
    """Make the converters of the matches; parts of one field become one choice."""
    made: dict[str, list[tuple[ColumnMatch, Spec, ConverterBuilder]]] = {}
    days = [match.column for match in matches if match.slot.field == DAY]
    tables: list[CodeTable] = []
    for match in matches:
        if match.slot.field == DAY:
            continue
        family = contract.partition("/")[0]
        builder = ConverterBuilder(match.slot, match.column, seen[match.column], family)
        if match.slot.kind is FieldKind.INSTANT and seen[match.column].clock:
            builder.day = _find_day(match.column, seen, days)
            builder.day_seen = seen[builder.day] if builder.day else None
        if spec := builder.make_spec():
            made.setdefault(match.slot.field, []).append((match, spec, builder))
            tables += builder.tables
    return [_make_choice(name, parts, seen) for name, parts in made.items()], tables


def _find_day(clock: str, seen: Mapping[str, Evidence], days: Sequence[str]) -> str:
    """Find the day of a time of day: the column taken for the day, else the likeliest, else the nearest on the left."""
    if days:
        return days[0]
    columns = list(seen)
    possible = [name for name in columns if seen[name].kind == "day"]
    before = [name for name in possible if columns.index(name) < columns.index(clock)]
    return max(possible, key=lambda name: (compare_names(name, clock), name in before[-1:]), default="")


def _make_choice(
    name: str, parts: Sequence[tuple[ColumnMatch, Spec, ConverterBuilder]], seen: Mapping[str, Evidence]
) -> FieldChoice:
    columns = dict.fromkeys(
        column for match, _spec, builder in parts for column in (builder.day, match.column) if column
    )
    specs = [spec for _match, spec, _builder in parts]
    if name == "addresses":
        lines = [match.column for match, _spec, _builder in parts if match.slot.part == "lines"]
        named = {match.slot.part: match.column for match, _spec, _builder in parts if match.slot.part != "lines"}
        # Without a line, the town is the line: an address has at least one.
        specs = [{"kind": "address", "lines": lines or [next(iter(named.values()))], **named}]
    reasons = dict.fromkeys(reason for match, _s, _m in parts for reason in explain_match(match, seen[match.column]))
    questions = dict.fromkeys(question for _match, _spec, builder in parts for question in builder.questions)
    return FieldChoice(
        name,
        tuple(specs),
        tuple(columns),
        min(compute_confidence(match) for match, _spec, _making in parts),
        tuple(reasons),
        tuple(questions),
    )
