"""The gate: only records that each person in them allows, and only fields that the flow's purpose needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

import polars as pl

from passerelle import contracts
from passerelle.contracts.canonical import is_absent
from passerelle.stages.gate.coarsening import coarsen
from passerelle.stages.gate.grouping import form_groups
from passerelle.stages.gate.minimising import list_required, minimise
from passerelle.stages.gate.subjects import find_subject_fields, list_subject_refs, mark_named, mark_others
from passerelle.stages.gate.supplier_words import drop_unknown_words
from passerelle.vocabulary.light_dataclass import dataclass
from passerelle.vocabulary.outcomes import Fate, SetAside
from passerelle.vocabulary.parcels import Records
from passerelle.vocabulary.place import ROW, Place

if TYPE_CHECKING:
    from collections.abc import Collection

    from passerelle.contracts.contract import Contract
    from passerelle.contracts.release_policy import ReleasePolicy
    from passerelle.stages.gate.subjects import SubjectFields
    from passerelle.vocabulary.parcels import TextTable

ConsentRule = Literal["opposition", "required"]
"""`opposition`: everybody takes part who has not refused. `required`: only those who accepted."""

Answers = Callable[[Sequence[str]], Mapping[str, bool]]
"""Looks up persons and professionals by `ref`: True accepted, False refused, absent when they have not answered."""


@dataclass(frozen=True, slots=True)
class GateResult:
    """Records that may go, with the fields that may go; aside holds what this stage withheld."""

    records: Records
    withheld: pl.DataFrame
    """Known values that may not go (in `extra`: cells), or that a professional objects to.

    A row for each of the records, a column for each field.
    """
    subjects: Sequence[str] = ()
    """Everybody whom the records name, also those that are withheld; each once."""

    @property
    def withheld_fields(self) -> Mapping[str, int]:
        """How many values of each field are withheld; fields without any are left out."""
        return {column.name: count for column in self.withheld if (count := int(column.sum()))}

    @property
    def withheld_values(self) -> int:
        """How many values are withheld."""
        return sum(self.withheld_fields.values())


@dataclass(frozen=True, slots=True)
class _SubjectAnswers:
    """What the persons and professionals of a batch answered."""

    refused: frozenset[str]
    accepted: frozenset[str]


def gate(  # noqa: PLR0913  a batch, and all that decides of it
    records: Records,
    *,
    table: TextTable,
    policy: ReleasePolicy,
    consent: ConsentRule,
    answers: Answers,
    may_object: bool = True,
    words: Mapping[str, Collection[str]] = MappingProxyType({}),
) -> GateResult:
    """Withhold records of persons who do not take part, then fields that may not go.

    These are the fields that the purpose does not need and, unless the law or the pay obliges (`may_object` is
    False), those that trace a professional who objects.
    """
    contract, frame = contracts.get(records.contract), records.frame
    fields = find_subject_fields(contract)
    subjects = list_subject_refs(frame, fields.all)
    # Everybody is looked up once, in a stable order, however many rows name them.
    said = _collect_answers(answers(subjects) if fields.all else {})
    withheld = _find_withheld(frame, fields, consent, said, may_object=may_object)
    rows = frame.get_column(ROW)
    aside = tuple(
        SetAside(
            Fate.WITHHELD,
            reason,
            Place(table.lines[rows[index]], member=table.member, field=field),
            rows[index],
            contract=records.contract,
        )
        for index, (field, reason) in sorted(withheld.items())
    )
    going = frame.filter(~pl.int_range(pl.len()).is_in(list(withheld))) if withheld else frame
    needed, counts = minimise(going, contract, policy)
    if may_object:
        needed, objected = _empty_traces(going, needed, fields, said.refused)
        counts = pl.DataFrame([*counts, *objected])
    if policy.is_figures:
        needed, counts, alone = _make_figures(needed, counts, contract, policy, _find_people(going, fields))
        aside += tuple(
            SetAside(
                Fate.WITHHELD,
                "gate.group.small",
                Place(table.lines[row], member=table.member),
                row,
                contract=records.contract,
                needs_quarantine=False,
            )
            for row in alone
        )
    elif not policy.takes_everything:
        needed, unknown = drop_unknown_words(needed, contract, words)
        counts = pl.DataFrame([*counts, *unknown])
    return GateResult(Records(records.contract, needed, aside), counts, subjects)


def find_refused(
    frame: pl.DataFrame, contract: type[Contract], *, consent: ConsentRule, answers: Answers, may_object: bool
) -> frozenset[int]:
    """Return the rows that somebody in them withholds, as `gate` does: indices in the frame."""
    fields = find_subject_fields(contract)
    said = _collect_answers(answers(list_subject_refs(frame, fields.all)) if fields.all else {})
    return frozenset(_find_withheld(frame, fields, consent, said, may_object=may_object))


def _find_people(frame: pl.DataFrame, fields: SubjectFields) -> pl.Series:
    """Return whose each record is: whom it names first, or the record itself, of which a batch may hold states."""
    # From the records before they lose what names: figures have neither persons nor professionals.
    first = next(iter(fields.all), "ref")
    return frame.select(pl.coalesce(first, "ref") if frame.schema.get(first) == pl.String else "ref").to_series()


def _make_figures(
    frame: pl.DataFrame, counts: pl.DataFrame, contract: type[Contract], policy: ReleasePolicy, people: pl.Series
) -> tuple[pl.DataFrame, pl.DataFrame, list[int]]:
    """Return records from which nobody can be told, with their counts, and the rows that stay: they stand alone."""
    releases = policy.find_releases(contract)
    least = {name: release.least for name, release in releases.items() if release.least}
    required = set(list_required(contract, policy))
    grouped, emptied, goes = form_groups(coarsen(frame, contract, releases), least, required, people)
    counts = pl.DataFrame([*counts, *emptied]).filter(goes) if counts.width or emptied else counts
    alone = frame.filter(~goes).get_column(ROW).to_list()
    # Exports are often sorted by worker: neighbours would be one person's rows. States of one record keep their order.
    order = grouped.select(pl.arg_sort_by(pl.col("ref").hash(0), maintain_order=True)).to_series()
    return grouped[order], counts[order] if counts.width else counts, alone


def _collect_answers(answer_of: Mapping[str, bool]) -> _SubjectAnswers:
    refused = frozenset(ref for ref, accepted in answer_of.items() if not accepted)
    return _SubjectAnswers(refused, frozenset(answer_of) - refused)


def _find_withheld(
    frame: pl.DataFrame, fields: SubjectFields, consent: ConsentRule, said: _SubjectAnswers, *, may_object: bool
) -> dict[int, tuple[str, str]]:
    """Return the rows that are withheld: index in the frame → the field that names who withholds it, reason."""
    needs_answer = consent == "required" and bool(fields.main)
    # Nobody is withheld, the usual case: no pass over the rows.
    if not said.refused and not needs_answer:
        return {}
    checks = [(name, "gate.consent.refused", mark_named(frame, name, said.refused)) for name in fields.persons]
    if needs_answer:
        # Where consent is required, a record that names nobody cannot have it.
        nobody = pl.col(fields.main).is_null() if fields.main in frame.columns else pl.lit(value=True)
        checks.append((fields.main, "gate.consent.nobody", nobody))
        checks += [(name, "gate.consent.missing", mark_others(frame, name, said.accepted)) for name in fields.persons]
    if fields.own_professional and may_object:
        own = fields.own_professional
        checks.append((own, "gate.objection.professional", mark_named(frame, own, said.refused)))
    return _find_first_marks(frame, checks)


def _find_first_marks(frame: pl.DataFrame, checks: Sequence[tuple[str, str, pl.Expr]]) -> dict[int, tuple[str, str]]:
    """Return, of each row that a check marks, the field and the reason of the first one."""
    found: dict[int, tuple[str, str]] = {}
    for name, reason, mark in checks:
        marked = frame.with_columns(mark.alias("marked")).get_column("marked")
        for index in marked.arg_true():
            found.setdefault(index, (name, reason))
    return found


def _empty_traces(
    going: pl.DataFrame, needed: pl.DataFrame, fields: SubjectFields, refused: frozenset[str]
) -> tuple[pl.DataFrame, list[pl.Series]]:
    """Empty the fields that trace a professional who objects; return for each how many values a record loses."""
    traces = [name for name in fields.surveillance if name in needed.columns]
    if not refused or not traces or not fields.professionals:
        return needed, []
    # `going`, not `needed`: the purpose may have taken the name of the professional away already
    named = pl.any_horizontal(mark_named(going, name, refused) for name in fields.professionals)
    objects = going.with_columns(named.alias("objects")).get_column("objects")
    if not objects.any():
        return needed, []
    schema = needed.schema
    known = [(objects & ~is_absent(pl.col(name), schema[name])).cast(pl.Int64).alias(name) for name in traces]
    emptied = [pl.when(~objects).then(pl.col(name)).alias(name) for name in traces]
    return needed.with_columns(emptied), needed.select(known).get_columns()
