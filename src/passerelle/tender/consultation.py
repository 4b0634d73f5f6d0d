"""A tender as it was frozen: what is asked, at which weights, against which exact contracts (`exigences.json`)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping  # noqa: TC003  pydantic reads the annotations
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path  # noqa: TC003  the same
from typing import TYPE_CHECKING, Any, Literal

from pydantic import ConfigDict, TypeAdapter, ValidationError, with_config

from passerelle.contracts.catalogue import get
from passerelle.contracts.field_meta import Purpose  # noqa: TC001  pydantic reads the annotations
from passerelle.contracts.publishing.json_schema import Profile, write_schema
from passerelle.tender.requirement import Level, Measure, Requirement
from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.language import _

if TYPE_CHECKING:
    from collections.abc import Iterable

    from passerelle.contracts.contract import Contract

SCHEMA = "passerelle.tender/1"
FILE = "exigences.json"
METHOD = "2"
"""Edition of the way notes are computed; part of the digest of the rules."""
_EARLIER_METHODS = ("1",)
"""Editions that this installation no longer computes notes by."""
WEIGHTS: Mapping[str, int] = {Level.P.value: 5, Level.I.value: 3, Level.S.value: 1}
_CLOSED = ConfigDict(extra="forbid")


@with_config(_CLOSED)
@dataclass(frozen=True, slots=True)
class PinnedContract:
    """A contract at the exact version that the tender asks for."""

    id: str
    version: str
    digest: str
    """SHA-256 of its emission schema, as `contracts/editions/DIGESTS` lists it."""


@with_config(_CLOSED)
@dataclass(frozen=True, slots=True, kw_only=True)
class WiredSystem:
    """A system that must be wired to the one that is bought."""

    name: str
    direction: Literal["from", "to", "both"]
    """`from`: the bought software reads it; `to`: the bought software feeds it."""
    contracts: tuple[str, ...]
    purpose: Purpose
    means: Literal["file", "api", "either"] = "either"
    rhythm: str = ""
    """In the buyer's words: `chaque nuit`."""


@with_config(_CLOSED)
@dataclass(frozen=True, slots=True)
class TenderVolume:
    """How much there is of something: `visits_per_month`, 18000."""

    what: str
    count: int


@with_config(_CLOSED)
@dataclass(frozen=True, slots=True, kw_only=True)
class Consultation:
    """What bidders answer to and samples are scored against."""

    id: str
    """The buyer's own reference."""
    title: str
    buyer: str
    date: str
    """`2026-11-21`: the day on which the tender is frozen."""
    language: Literal["fr", "en"]
    trade: str
    contracts: tuple[PinnedContract, ...]
    purposes: tuple[Purpose, ...]
    systems: tuple[WiredSystem, ...] = ()
    volumes: tuple[TenderVolume, ...] = ()
    weights: Mapping[str, int]
    """By level."""
    requirements: tuple[Requirement, ...]
    plausibility: Mapping[str, str] = field(default_factory=dict)
    """Levels of plausibility rules, by name, where the buyer sets them; `-`: not told. None counts in a note."""
    member: str = ""
    """Of a federation's tender: the member whose needs these are; empty for the core, or a tender alone."""
    core: str = ""
    """Digest of the rules of the core that a member's tender stands on."""
    four_eyes: bool = False
    """Whether a finding of the buyer counts only when two persons noted it."""
    price_years: int = 0
    """Over how many years prices are compared; 0: to be completed."""
    price_options: tuple[str, ...] = ()
    """What every offer prices besides its base, in the buyer's words."""

    @property
    def rules_digest(self) -> str:
        """SHA-256 of everything that decides a note: contracts, measures, thresholds, weights, method."""
        return self.compute_rules_digest(METHOD)

    def compute_rules_digest(self, method: str) -> str:
        """Return the digest that the rules have under an edition of the method."""
        # Titles and texts stay out: a corrected word must not make earlier scores incomparable.
        requirements = sorted(
            [
                *(one.id, one.level, one.domain, one.measure, one.contract, one.field, one.rule),
                *(one.figure, one.green, one.red, one.weight),
            ]
            for one in self.requirements
        )
        deciding: dict[str, Any] = {
            "method": method,
            "contracts": [[one.id, one.version, one.digest] for one in self.contracts],
            "purposes": sorted(self.purposes),
            "weights": dict(self.weights),
            "requirements": requirements,
        }
        if self.four_eyes:  # left out where it is not asked for: earlier tenders keep their digest
            deciding["four_eyes"] = True
        return compute_digest(deciding)

    def find_requirement(self, identifier: str) -> Requirement:
        """Return a requirement by its id. Raises KeyError."""
        return {one.id: one for one in self.requirements}[identifier]

    def list_code_lists(self) -> tuple[str, ...]:
        """Return the names of the code lists that the contracts use, in alphabetical order."""
        facts = (entry for one in self.contracts for entry in get(one.id).describe_fields().values())
        return tuple(sorted({entry.codes for entry in facts if entry.codes}))

    def list_requirements_of(self, contract: str) -> tuple[Requirement, ...]:
        """Return the requirements about a contract, in the order of the grid."""
        return tuple(one for one in self.requirements if one.contract == contract)

    def list_asked_fields(self, contract: str) -> tuple[str, ...]:
        """Return the fields of a contract that are asked for, in the order of the grid."""
        asking = (Measure.PRESENT, Measure.FILLED, Measure.KEY)
        return tuple(
            dict.fromkeys(
                one.field for one in self.list_requirements_of(contract) if one.measure in asking and one.field
            )
        )


def compute_digest(content: Any) -> str:
    """Return the SHA-256 of JSON content in its shortest form with sorted keys, ended by a line feed."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), sort_keys=True) + "\n"
    return hashlib.sha256(text.encode()).hexdigest()


@cache
def pin(contract_id: str) -> PinnedContract:
    """Return a contract at the version that this installation has. Raises KeyError when it has none of that id."""
    contract: type[Contract] = get(contract_id)
    return PinnedContract(contract_id, contract.about.version, compute_digest(write_schema(contract, Profile.EMISSION)))


def list_changed_contracts(pinned: Iterable[PinnedContract]) -> list[str]:
    """Return the ids of contracts that this installation does not have at exactly these versions."""
    return [one.id for one in pinned if not _is_installed(one)]


def _is_installed(one: PinnedContract) -> bool:
    try:
        return pin(one.id) == one
    except KeyError:
        return False


@cache
def _get_adapter() -> TypeAdapter[Consultation]:
    return TypeAdapter(Consultation)


def make_json_schema() -> dict[str, Any]:
    """Return the JSON Schema of `exigences.json`."""
    written = _get_adapter().json_schema()
    extra = {"schema": {"const": SCHEMA}, "rules_digest": {"type": "string", "pattern": "^[0-9a-f]{64}$"}}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:passerelle:tender:1",
        **written,
        "properties": {**extra, **written["properties"]},
        "required": [*extra, *written["required"]],
    }


def to_content(consultation: Consultation) -> dict[str, Any]:
    """Return the content of `exigences.json`."""
    return {"schema": SCHEMA, "rules_digest": consultation.rules_digest, **asdict(consultation)}


def write(consultation: Consultation) -> bytes:
    """Write `exigences.json`. The same consultation always gives the same bytes."""
    return (json.dumps(to_content(consultation), ensure_ascii=False, indent=2) + "\n").encode()


def read(folder: Path) -> Consultation:
    """Read the tender of a folder (or its `exigences.json`).

    Raises UsageError when it is not there, is not one, or does not have the digest of rules that it says.
    """
    path = folder / FILE if folder.is_dir() else folder
    try:
        # Parsed twice: the digest must be taken off before the closed model sees the rest.
        raw = json.loads(path.read_bytes())
    except FileNotFoundError:
        raise UsageError("usage.tender.missing", folder=folder.name, file=FILE) from None
    except (OSError, ValueError):
        raise _make_unreadable(path, _("it is not JSON")) from None
    if not isinstance(raw, dict) or raw.pop("schema", None) != SCHEMA:
        raise _make_unreadable(path, _("it is not a tender of the form {schema}").format(schema=SCHEMA))
    claimed = raw.pop("rules_digest", None)
    try:
        consultation = _get_adapter().validate_json(json.dumps(raw))
    except ValidationError as error:
        place = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise _make_unreadable(path, _("«{key}» is not what it must be").format(key=place)) from None
    if claimed in map(consultation.compute_rules_digest, _EARLIER_METHODS):
        raise _make_unreadable(path, _("it was frozen for an earlier way of computing notes: build it again"))
    if consultation.rules_digest != claimed:
        raise _make_unreadable(path, _("its rules were changed after it was frozen"))
    return consultation


def _make_unreadable(path: Path, defect: str) -> UsageError:
    return UsageError("usage.tender.unreadable", file=path.name, defect=defect)
