"""Adapts records to the new software: applies decisions, replaces references by the ids that it assigned."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from passerelle import contracts
from passerelle.stages.translate import Ref
from passerelle.stages.translate.sharing import list_converters
from passerelle.stages.validate.validation import validate
from passerelle.switching.decisions import Decisions
from passerelle.switching.difference_kinds import DifferenceKind
from passerelle.switching.record_texts import list_open_references, map_references
from passerelle.switching.run.held_rows import RelinkedPile, hold_rows
from passerelle.vocabulary.bodies import concatenate_bytes
from passerelle.vocabulary.outcomes import Fate, SetAside
from passerelle.vocabulary.parcels import Records
from passerelle.vocabulary.place import ROW, Place

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Sequence

    from passerelle.engine.workspace.assembly import Workspace
    from passerelle.extension.writing import WholeRow
    from passerelle.switching.run.sub_flows import Move
    from passerelle.switching.snapshot import Snapshot
    from passerelle.vocabulary.parcels import TextTable

MATCHED = "deliver.record.matched"


@dataclass(frozen=True, slots=True)
class RefTranslator:
    """Translates references to what the new software answered when the records were delivered."""

    workspace: Workspace
    move: Move
    decisions: Decisions = field(default_factory=Decisions)

    def translate_refs(self, family: str, refs: Sequence[str]) -> dict[str, str]:
        """Return the new reference of each ref that the new software has; those that it has not are left out.

        Where it assigned no id of its own it keeps ours, and the ref stays.
        """
        confirmed = self.map_confirmed(family)
        translated = {ref: confirmed[ref] for ref in refs if ref in confirmed} if confirmed else {}
        keys = self.workspace.seal.pseudonymise_each("ref", refs)
        for sub_flow in self.move.list_sub_flows(family):
            contract = sub_flow.find_contract(family)
            remote_ids = self.workspace.journal.find_remote_ids(sub_flow.flow, contract, keys)
            for ref, remote_id in zip(refs, remote_ids, strict=True):
                if remote_id is None:
                    continue
                new = Ref("id", system=self.move.system, entity=family).parse({"id": remote_id}) if remote_id else ""
                translated[ref] = new if isinstance(new, str) and new else ref
        return translated

    def has_same_refs(self, family: str, refs: pl.Series) -> bool:
        """Whether the new software surely has all of these refs under the same names: then none is translated."""
        sub_flows = self.move.list_sub_flows(family)
        # Several exports may each bring a part: then every ref is looked up by itself.
        if len(sub_flows) != 1 or self.map_confirmed(family):
            return False
        sizes = refs.str.len_bytes().cast(pl.Int64).to_numpy()
        keys = self.workspace.seal.pseudonymise_rows("ref", concatenate_bytes(refs).tobytes(), sizes)
        contract = sub_flows[0].find_contract(family)
        return self.workspace.journal.has_same_refs(sub_flows[0].flow, contract, keys.tobytes())

    def map_confirmed(self, family: str) -> dict[str, str]:
        """Return the new software's refs by the old one's, for records confirmed to exist on both sides."""
        return {
            match.origin: match.target
            for match in self.decisions.matches
            if contracts.get(match.contract).about.family == family
        }

    def is_moved(self, family: str) -> bool:
        """Whether records of a family are moved at all: other references stay as they are."""
        return bool(self.move.list_sub_flows(family))

    def find_awaited(self, family: str, refs: Sequence[str]) -> set[str]:
        """Return those refs under which a record may still come: none with another software's ids ever will."""
        systems: set[str] = set()
        for sub_flow in self.move.list_sub_flows(family):
            for table in self.workspace.plugins.find_connector(sub_flow.settings.connector)[1].tables:
                is_it = table.contract == sub_flow.find_contract(family)
                converters = list_converters(table.fields.get("ref", ())) if is_it else ()
                # A ref that is computed in another way can be of any system: then any of them may still come.
                if not all(isinstance(converter, Ref) for converter in converters):
                    return set(refs)
                systems |= {converter.system for converter in converters if isinstance(converter, Ref)}
        return {ref for ref in refs if ref.partition(":")[0] in systems}


def relink_records(
    piles: Sequence[Records],
    table: TextTable,
    translator: RefTranslator,
    row: WholeRow | None = None,
    held: Sequence[str] = (),
) -> list[Records]:
    """Apply decisions, validate their results, translate references; records whose target is absent wait.

    Records that somebody confirmed to exist in the new software are withheld. What stands in one `row` of the new
    software goes together or waits together; what refers to a record of the contracts `held` in such rows is not
    looked up: nothing of the row is there yet.
    """
    together = {contracts.get(name).about.family for name in held} if row else set[str]()
    relinked = [_relink_pile(records, table, translator, together) for records in piles]
    if row:
        hold_rows(relinked, row)
    told: set[int] = set()
    return [one.settle(table, told) for one in relinked]


def _relink_pile(
    records: Records, table: TextTable, translator: RefTranslator, together: Container[str]
) -> RelinkedPile:
    contract, decisions = records.contract, translator.decisions
    if contract in {key[0] for key in (*decisions.codes, *decisions.defaults)}:
        # Validated again: people decide, contracts do not bend.
        records = validate(Records(contract, decisions.apply(records.frame, contract)), table=table).records
    frame, present = records.frame, []
    if confirmed := translator.map_confirmed(contracts.get(contract).about.family):
        is_present = pl.col("ref").is_in(list(confirmed))
        present = frame.filter(is_present).get_column(ROW).to_list()
        frame = frame.filter(~is_present)  # sent again they would be there twice
    waiting: dict[int, str] = {}
    # A document goes with a record of any family: which one, each reference says by itself.
    families: dict[str, str] = {**map_references(contract), **dict.fromkeys(list_open_references(contract), "")}
    for name, family in families.items():
        if name in frame.columns and (not family or translator.is_moved(family)) and family not in together:
            required = contracts.get(contract).model_fields[name].is_required()
            optional = not required and decisions.find_acceptance(contract, name, DifferenceKind.BROKEN) is not None
            frame, lost = _translate_field(frame, name, translator, family, foreign_goes=not optional)
            if not optional:
                waiting.update((nth, name) for nth in lost)
    aside = [
        SetAside(
            Fate.WITHHELD,
            MATCHED,
            Place(table.lines[row], member=table.member),
            row,
            contract=contract,
            needs_quarantine=False,
        )
        for row in present
    ]
    return RelinkedPile(Records(contract, frame, (*records.aside, *aside)), waiting)


def _translate_field(
    frame: pl.DataFrame, field: str, translator: RefTranslator, family: str, *, foreign_goes: bool
) -> tuple[pl.DataFrame, list[int]]:
    """Return the frame with the field's references in the new software's ids, and the places of those it lacks.

    Without a `family` each reference is of the family that it names. A reference to what no export of the old side
    brings under such ids has nothing to wait for: with `foreign_goes` it goes as it is.
    """
    refs = frame.get_column(field)
    distinct = refs.drop_nulls().unique(maintain_order=True)
    asked = {family: distinct} if family else dict(_iter_moved(distinct, translator))
    new_refs: dict[str, str | None] = {}
    for one, wanted in asked.items():
        if refs.dtype != pl.String or not translator.has_same_refs(one, wanted):
            new_refs |= _find_new_refs(wanted.to_list(), translator, one, foreign_goes=foreign_goes)
    if all(new is old for old, new in new_refs.items()):
        return frame, []  # where the destination keeps our refs there is nothing to write
    translated = refs.replace_strict(new_refs, default=refs, return_dtype=pl.String)
    lost = (refs.is_not_null() & translated.is_null()).arg_true()
    return frame.with_columns(translated.alias(field)), lost.to_list()


def _iter_moved(refs: pl.Series, translator: RefTranslator) -> Iterator[tuple[str, pl.Series]]:
    """Yield each family of these references that moves, with those that are of it."""
    named = refs.str.extract(r"^[^:]*:([^:]*):", 1)
    for family in named.drop_nulls().unique(maintain_order=True):
        if translator.is_moved(family):
            yield family, refs.filter(named == family)


def _find_new_refs(
    wanted: Sequence[str], translator: RefTranslator, family: str, *, foreign_goes: bool
) -> dict[str, str | None]:
    """Return the new reference of each of these refs; None for those that the new software lacks."""
    new_refs: dict[str, str | None] = {**translator.translate_refs(family, wanted)}
    if missing := [ref for ref in wanted if ref not in new_refs]:
        awaited = translator.find_awaited(family, missing) if foreign_goes else set(missing)
        new_refs |= {ref: None if ref in awaited else ref for ref in missing}
    return new_refs


def learn_refs(translator: RefTranslator, origin: Snapshot) -> dict[str, str]:
    """Return the old software's ref for each that the new one names by an id of its own, to compare both sides."""
    old_refs: dict[str, str] = {}
    for contract in origin.contracts:
        family = contracts.get(contract).about.family
        for frame in origin.iter_slices(contract):
            new_refs = translator.translate_refs(family, frame.get_column("ref").to_list())
            old_refs |= {new: old for old, new in new_refs.items() if new != old}
    return old_refs
