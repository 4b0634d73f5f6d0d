"""The dossier as a document: identities, digests, counts and decisions; no value of any record."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime  # noqa: TC003  a field that dataclasses look at
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from passerelle.switching.decisions import Decisions
from passerelle.switching.prove import fingerprints, sample
from passerelle.switching.prove.comparison_terms import describe_terms
from passerelle.switching.prove.recomparing import LEFT_OUT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from passerelle.switching.difference_naming import Tolerance
    from passerelle.switching.snapshot import Snapshot

FORMAT = "passerelle.dossier/3"
READABLE = (FORMAT, "passerelle.dossier/2", "passerelle.dossier/1")
"""Formats that can be checked. The first edition does not say on which terms its sides were compared; the second
compared by other rules, and does not tell what stayed behind."""
SOFTWARE = "passerelle-social"


@dataclass(frozen=True, slots=True, kw_only=True)
class DossierInput:
    """The input of a dossier."""

    name: str
    """The change of supplier, as `switch.toml` calls it."""
    origin: Snapshot
    target: Snapshot
    comparison: Mapping[str, Any]
    """The result of `switch compare --format json`."""
    at: datetime
    seed: str
    """Public, and chosen by nobody who moved the data: the date of a draw, a number out of a newspaper."""
    size: int = 10
    """Records of each contract that people look at."""
    decisions: Decisions = field(default_factory=Decisions)
    tolerances: Mapping[tuple[str, str], Tolerance] = field(default_factory=dict)
    same_ids: bool = False
    learned_refs: Mapping[str, str] = field(default_factory=dict)
    """The old side's ref for refs of the new side, where moving learned them."""
    journal: Sequence[Mapping[str, Any]] = ()
    """The balance of each flow of the move."""
    audit_head: str = ""
    descriptions: Sequence[Mapping[str, Any]] = ()
    """What `pack_descriptions` returns: whoever verifies may lack them."""
    titles: Mapping[str, str] = field(default_factory=dict)
    """What people call each side."""


def build_document(case: DossierInput) -> dict[str, Any]:
    """Build the document. The same input gives the same document."""
    origin, target = fingerprints.fingerprint_origin(case.origin), fingerprints.fingerprint_target(case.target)
    comparison = {name: value for name, value in case.comparison.items() if name not in LEFT_OUT}
    return {
        "format": FORMAT,
        "switch": case.name,
        "made_at": case.at.isoformat(timespec="seconds"),
        "software": {"name": SOFTWARE, "version": version(SOFTWARE)},
        "sides": {
            "origin": _side_to_json(case.origin, case.titles.get(case.origin.side, "")),
            "target": _side_to_json(case.target, case.titles.get(case.target.side, "")),
        },
        "contracts": [
            _contract_to_json(name, origin.get(name), target.get(name)) for name in dict.fromkeys((*origin, *target))
        ],
        "comparison": comparison,
        "decisions": _decisions_to_json(case.decisions),
        "terms": describe_terms(case.decisions, case.tolerances, case.learned_refs, same_ids=case.same_ids),
        "descriptions": [dict(about) for about in case.descriptions],
        "journal": {"flows": [dict(flow) for flow in case.journal], "audit_head": case.audit_head},
        "sample": {
            "seed": case.seed,
            "size": case.size,
            "drawn": sample.draw_sample(case.origin, case.seed, case.size),
        },
    }


def as_bytes(content: Mapping[str, Any]) -> bytes:
    """Return canonical JSON: keys in order, no space, UTF-8, one line."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.encode() + b"\n"


def _side_to_json(snapshot: Snapshot, title: str) -> dict[str, Any]:
    """Describe a side. Names of files, which may name persons, stay out: their digests stand for them."""
    files = [{name: value for name, value in entry.items() if name != "name"} for entry in snapshot.manifest["files"]]
    return {
        "name": snapshot.side,
        "title": title,
        "files": files,
        "balance": snapshot.manifest["balance"],
        "causes": snapshot.manifest.get("causes", []),
        "unread": snapshot.manifest.get("unread", []),
    }


def _contract_to_json(name: str, origin: Mapping[str, Any] | None, target: Mapping[str, Any] | None) -> dict[str, Any]:
    sides = {"origin": origin or {}, "target": target or {}}
    fields = dict.fromkeys(field for about in sides.values() for field in about.get("fields", {}))
    nothing = {"known": 0, "digest": None}
    return {
        "contract": name,
        "version": (origin or target or {})["version"],
        **{side: {"count": about.get("count", 0), "digest": about.get("digest")} for side, about in sides.items()},
        "fields": [
            {"field": field, **{side: about.get("fields", {}).get(field, nothing) for side, about in sides.items()}}
            for field in fields
        ],
    }


def _decisions_to_json(decisions: Decisions) -> dict[str, Any]:
    return {
        "accepted": [
            {
                "contract": loss.contract,
                "field": loss.field,
                "kind": str(loss.kind),
                "who": loss.who,
                "why": loss.why,
                "most": loss.most,
            }
            for loss in decisions.accepted
        ],
        "codes": len(decisions.codes),
        "defaults": [
            {"contract": contract, "field": name, "value": value}
            for (contract, name), value in decisions.defaults.items()
        ],
        "confirmed_matches": len(decisions.matches),
    }
