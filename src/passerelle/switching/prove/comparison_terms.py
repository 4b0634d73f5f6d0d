"""Terms of the comparison of a dossier: all that somebody needs, with the exports, to compute it again.

Links between records of both sides (ids that the new software gave, persons that somebody confirmed) are digests of
references: whoever has the exports finds the references again, and nobody else learns any.
"""

from __future__ import annotations

import hashlib
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from passerelle.switching.compare.side_comparing import ComparisonTerms
from passerelle.switching.decisions import AcceptedLoss, CodeReplacement, Decisions
from passerelle.switching.difference_naming import Tolerance
from passerelle.switching.record_texts import list_open_references, map_references
from passerelle.switching.simulated_target import SimulatedTarget

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from passerelle.switching.side import Side
    from passerelle.switching.snapshot import Snapshot

_ROWS = 50_000


def describe_terms(
    decisions: Decisions, tolerances: Mapping[tuple[str, str], Tolerance], learned: Mapping[str, str], *, same_ids: bool
) -> dict[str, Any]:
    """Return the terms as JSON. What is accepted and filled in stands among the decisions of the dossier."""
    links = {**learned, **{match.target: match.origin for match in decisions.matches}}
    return {
        "same_ids": same_ids,
        "tolerances": [
            {
                "contract": contract,
                "field": name,
                "trimmed": one.trimmed,
                "rounding": None if one.rounding is None else str(one.rounding),
                "same_instant": one.same_instant,
            }
            for (contract, name), one in tolerances.items()
        ],
        "codes": [
            {"contract": contract, "field": name, "word": word, "code": new.code, "system": new.system}
            for (contract, name, word), new in decisions.codes.items()
        ],
        "links": sorted([_digest_ref(new), _digest_ref(old)] for new, old in links.items()),
    }


def rebuild_terms(content: Mapping[str, Any], target_side: Side, origin: Snapshot, target: Snapshot) -> ComparisonTerms:
    """Return the terms that a dossier states. Raises KeyError, TypeError or ValueError for what are no terms."""
    terms, stated = content["terms"], content["decisions"]
    decisions = Decisions(
        codes={
            (one["contract"], one["field"], one["word"]): CodeReplacement(one["code"], one["system"])
            for one in terms["codes"]
        },
        defaults={(one["contract"], one["field"]): one["value"] for one in stated["defaults"]},
        accepted=tuple(AcceptedLoss(**one) for one in stated["accepted"]),
    )
    tolerances = {
        (one["contract"], one["field"]): Tolerance(
            one["trimmed"], None if one["rounding"] is None else Decimal(one["rounding"]), one["same_instant"]
        )
        for one in terms["tolerances"]
    }
    links = dict(terms["links"])
    return ComparisonTerms(
        simulated=SimulatedTarget(target_side, decisions),
        tolerances=tolerances,
        same_ids=terms["same_ids"],
        translation=_find_refs(links, origin, target) if links else {},
    )


def _find_refs(links: Mapping[str, str], origin: Snapshot, target: Snapshot) -> dict[str, str]:
    """Return, for refs of the new side, those of the old side that the digests link them to."""
    old_refs = _map_digests(origin, set(links.values()))
    new_refs = _map_digests(target, links.keys())
    return {ref: old_refs[links[new]] for new, ref in new_refs.items() if links[new] in old_refs}


def _map_digests(snapshot: Snapshot, wanted: Iterable[str]) -> dict[str, str]:
    digests = frozenset(wanted)
    pairs = ((_digest_ref(ref), ref) for ref in _iter_refs(snapshot))
    return {digest: ref for digest, ref in pairs if digest in digests}


def _iter_refs(snapshot: Snapshot) -> Iterator[str]:
    """Yield the references of records, and those that records refer to: a target may be gone, and still be linked."""
    for contract in snapshot.contracts:
        for rows in snapshot.iter_columns(
            contract, ["ref", *map_references(contract), *list_open_references(contract)], _ROWS
        ):
            for column in rows.iter_columns():
                texts = column.explode() if column.dtype.is_nested() else column
                yield from texts.drop_nulls().unique().to_list()


def _digest_ref(ref: str) -> str:
    return hashlib.sha256(ref.encode()).hexdigest()
