"""The Python interface of validation: `passerelle.validate(record, "visit/1")` explains what is wrong with a record."""

from __future__ import annotations

from contextvars import copy_context
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from passerelle import contracts
from passerelle.stages.validate.model_path import judge
from passerelle.vocabulary.language import LANGUAGES, set_language
from passerelle.vocabulary.reasons import Concerns, explain, find_reason

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passerelle.contracts.contract import Contract
    from passerelle.stages.validate.findings import ValidationFinding


@dataclass(frozen=True, slots=True)
class Explanation:
    """One thing that is wrong, or doubtful. No value of the record is in it, only shapes."""

    reason: str
    """The code, stable: `validate.day.malformed`."""
    path: str
    """Where: `telecoms[1].value`; for a rule between fields, their names."""
    says: str
    advice: str
    warns: bool
    """True when the record is accepted all the same."""
    concerns: Concerns
    found: str = ""
    """The shape that was found: «99/99/9999», «12 digits»."""
    expected: str = ""
    example: str = ""
    """An invented value that would do."""


def validate(
    record: Mapping[str, Any], contract: str | type[Contract], *, language: str = ""
) -> tuple[Explanation, ...]:
    """Judge one record in JSON form; nothing comes back when nothing is wrong or doubtful.

    Words are in the reader's language unless `language` is `fr` or `en`. Raises KeyError for an unknown contract,
    ValueError for another language; never for a record, whatever is in it.
    """
    if language and language not in LANGUAGES:
        message = f"a language is one of {', '.join(LANGUAGES)}"
        raise ValueError(message)
    kind = contracts.get(contract) if isinstance(contract, str) else contract

    def explain_findings() -> tuple[Explanation, ...]:
        if language:
            set_language(language)
        return tuple(_make_explanation(finding) for finding in judge(record, kind))

    return copy_context().run(explain_findings)


def _make_explanation(finding: ValidationFinding) -> Explanation:
    says, advice = explain(finding.reason, finding.details)
    return Explanation(
        reason=finding.reason,
        path=finding.details.get("path", finding.field),
        says=says,
        advice=advice,
        warns=finding.warns,
        concerns=find_reason(finding.reason).concerns,
        found=finding.details.get("found", ""),
        expected=finding.details.get("expected", ""),
        example=finding.details.get("example", ""),
    )
