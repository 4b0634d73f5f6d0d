"""Making records fit the new software: what was decided is applied, references get the ids that it gave."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from passerelle import contracts
from passerelle.stages.translate import Ref
from passerelle.stages.translate.sharing import list_converters
from passerelle.stages.validate.validation import validate
from passerelle.switching.decisions import Decisions
from passerelle.switching.kinds import Kind
from passerelle.switching.values import references
from passerelle.vocabulary.outcomes import Fate, SetAside
from passerelle.vocabulary.parcels import Records
from passerelle.vocabulary.place import ROW, Place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passerelle.engine.assembly import Workspace
    from passerelle.switching.run.sub_flows import Move
    from passerelle.switching.snapshot import Snapshot
    from passerelle.vocabulary.parcels import TextTable

WAITING = "deliver.reference.waiting"
MATCHED = "deliver.record.matched"


@dataclass(frozen=True, slots=True)
class Translator:
    """Knows what the new software has, and under which ids, from what its answers said when records were delivered."""

    house: Workspace
    move: Move
    decisions: Decisions = field(default_factory=Decisions)

    def known(self, family: str, refs: Sequence[str]) -> dict[str, str]:
        """Give each ref that the new software has as it is to be written there; those that it has not are left out.

        Where it gave no id of its own it keeps ours, and the ref stays.
        """
        matched = self.matched(family)
        found = {ref: matched[ref] for ref in refs if ref in matched} if matched else {}
        keys = self.house.seal.pseudonymise_each("ref", refs)
        for sub_flow in self.move.of(family):
            given = self.house.journal.find_remote_ids(sub_flow.flow, sub_flow.contract, keys)
            for ref, remote in zip(refs, given, strict=True):
                if remote is not None:
                    found[ref] = (self._written(family, remote) if remote else "") or ref
        return found

    def matched(self, family: str) -> dict[str, str]:
        """Give the records that somebody confirmed to be there before the move, under the refs of the new software."""
        return {
            match.origin: match.target
            for match in self.decisions.matches
            if contracts.get(match.contract).about.family == family
        }

    def moves(self, family: str) -> bool:
        """Say whether records of a family are moved at all: other references are none of ours."""
        return bool(self.move.of(family))

    def awaits(self, family: str, refs: Sequence[str]) -> set[str]:
        """Give those refs under which a record may still come. Of another software's ids, none ever will."""
        systems: set[str] = set()
        for sub_flow in self.move.of(family):
            for table in self.house.plugins.find_connector(sub_flow.settings.connector)[1].tables:
                own = list_converters(table.fields.get("ref", ())) if table.contract == sub_flow.contract else ()
                if not all(isinstance(one, Ref) for one in own):
                    return set(refs)
                systems |= {one.system for one in own if isinstance(one, Ref)}
        return {ref for ref in refs if ref.partition(":")[0] in systems}

    def _written(self, family: str, remote: str) -> str:
        if not remote:
            return ""
        made = Ref("id", system=self.move.system, entity=family).parse({"id": remote})
        return made if isinstance(made, str) else ""


def relink_records(records: Records, table: TextTable, translator: Translator) -> Records:
    """Apply decisions, judge what came of them, translate references; records whose target is not there yet wait."""
    contract = records.contract
    judged = _decided(records, table, translator.decisions)
    waiting: dict[int, str] = {}
    frame, there = _without_matched(judged.frame, translator.matched(contracts.get(contract).about.family))
    for name, family in references(contract).items():
        if name in frame.columns and translator.moves(family):
            optional = _may_stay_empty(contract, name, translator.decisions)
            frame, lost = _translated(frame, name, translator, family, foreign_goes=not optional)
            if optional:
                continue
            waiting.update((row, name) for row in reversed(lost))
    aside = [
        SetAside(
            Fate.WITHHELD,
            MATCHED,
            Place(table.lines[row], member=table.member),
            row,
            contract=contract,
            needs_quarantine=False,
        )
        for row in there
    ]
    aside += [
        SetAside(
            Fate.WITHHELD, WAITING, Place(table.lines[row], member=table.member, field=name), row, contract=contract
        )
        for row, name in sorted(waiting.items())
    ]
    going = frame.filter(~pl.col(ROW).is_in(list(waiting))) if waiting else frame
    return Records(contract, going, (*judged.aside, *aside))


def _decided(records: Records, table: TextTable, decisions: Decisions) -> Records:
    """Apply what was decided. What comes of it is judged again: people decide, contracts do not bend."""
    contract = records.contract
    if contract not in {key[0] for key in (*decisions.codes, *decisions.defaults)}:
        return records
    return validate(Records(contract, decisions.apply(records.frame, contract)), table=table).records


def _without_matched(frame: pl.DataFrame, matched: dict[str, str]) -> tuple[pl.DataFrame, list[int]]:
    """Leave out records that the new software has already: sent again they would be there twice."""
    if not matched:
        return frame, []
    there = pl.col("ref").is_in(list(matched))
    return frame.filter(~there), frame.filter(there).get_column(ROW).to_list()


def _translated(
    frame: pl.DataFrame, field: str, translator: Translator, family: str, *, foreign_goes: bool
) -> tuple[pl.DataFrame, list[int]]:
    """Give the frame with the field's references as the new software knows them, and the rows of those it has not.

    A reference to what no export of the old side brings under such ids has nothing to wait for: with `foreign_goes` it
    goes as it is.
    """
    refs = frame.get_column(field)
    wanted = refs.drop_nulls().unique(maintain_order=True).to_list()
    known = translator.known(family, wanted)
    missing = [ref for ref in wanted if ref not in known]
    if not missing and refs.dtype == pl.String and all(new is old for old, new in known.items()):
        return frame, []  # where the destination keeps our refs there is nothing to write
    if missing and foreign_goes:
        awaited = translator.awaits(family, missing)
        known |= {ref: ref for ref in missing if ref not in awaited}
    translated = (
        refs.replace_strict(known, default=None, return_dtype=pl.String)
        if known
        else pl.Series(field, [None] * len(refs), pl.String)
    )
    lost = frame.get_column(ROW).filter(refs.is_not_null() & translated.is_null())
    return frame.with_columns(translated.alias(field)), lost.to_list()


def _may_stay_empty(contract: str, field: str, decisions: Decisions) -> bool:
    """Say whether somebody accepted that this reference is lost. A required one cannot be."""
    required = contracts.get(contract).model_fields[field].is_required()
    return not required and decisions.accepts(contract, field, Kind.BROKEN) is not None


def learned(translator: Translator, origin: Snapshot) -> dict[str, str]:
    """Give the old software's ref for each that the new one names by an id of its own, for whoever compares both."""
    found: dict[str, str] = {}
    for contract in origin.contracts:
        family = contracts.get(contract).about.family
        for frame in origin.slices(contract):
            known = translator.known(family, frame.get_column("ref").to_list())
            found |= {new: old for old, new in known.items() if new != old}
    return found
