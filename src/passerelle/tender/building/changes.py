"""Changes of a rebuild: requirements that are new, retired or worded differently (`CHANGEMENTS.md`)."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from passerelle.tender import bilingual_texts
from passerelle.tender.requirement import Requirement
from passerelle.vocabulary.formatting import format_day

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle.tender.consultation import Consultation

FILE = "CHANGEMENTS.md"
_DECIDING = ("level", "measure", "rule", "figure", "green", "red", "weight")
_TOLD = tuple(one.name for one in fields(Requirement) if one.name not in ("id", "key", *_DECIDING))


@dataclass(frozen=True, slots=True)
class TenderChanges:
    """The differences between two states of a tender."""

    added: tuple[Requirement, ...] = ()
    retired: tuple[Requirement, ...] = ()
    changed: tuple[tuple[Requirement, Requirement], ...] = ()
    """Before and after: what decides a note changed."""
    reworded: tuple[Requirement, ...] = ()
    """Only words changed."""
    contracts: tuple[tuple[str, str, str], ...] = ()
    """Contract, version before (empty: it is new), version after (empty: it is no longer asked for)."""
    weights: bool = False

    def __bool__(self) -> bool:
        """Whether anything changed."""
        return any((self.added, self.retired, self.changed, self.reworded, self.contracts, self.weights))


def compare_states(old: Consultation, new: Consultation) -> TenderChanges:
    """Return the differences between two states of a tender."""
    before = {one.id: one for one in old.requirements}
    after = {one.id: one for one in new.requirements}
    kept = [(before[name], after[name]) for name in after if name in before]
    versions = [{one.id: (one.version, one.digest) for one in state.contracts} for state in (old, new)]
    # The digest too: before a release, a contract can change under the same version.
    contracts = tuple(
        (name, versions[0].get(name, ("", ""))[0], versions[1].get(name, ("", ""))[0])
        for name in dict.fromkeys((*versions[0], *versions[1]))
        if versions[0].get(name) != versions[1].get(name)
    )
    return TenderChanges(
        added=tuple(after[name] for name in after if name not in before),
        retired=tuple(before[name] for name in before if name not in after),
        changed=tuple(pair for pair in kept if _has_changed(*pair, _DECIDING)),
        reworded=tuple(
            two for one, two in kept if not _has_changed(one, two, _DECIDING) and _has_changed(one, two, _TOLD)
        ),
        contracts=contracts,
        weights=dict(old.weights) != dict(new.weights),
    )


def _has_changed(one: Requirement, other: Requirement, names: tuple[str, ...]) -> bool:
    return any(getattr(one, name) != getattr(other, name) for name in names)


def write_log(earlier: str, old: Consultation | None, new: Consultation, language: str) -> str:
    """Return the log of changes with the newest entry first; as it was when nothing changed.

    `old` is None when there is no earlier state that can be read.
    """
    words = bilingual_texts.load_texts("changes")[language]
    entries = earlier.partition("\n")[2].strip("\n")
    if old is None:
        lines = [words["again" if entries else "first"].format(count=len(new.requirements))]
    else:
        lines = list(_iter_lines(compare_states(old, new), words, language))
        if not lines:
            return earlier
    blocks = [
        f"# {words['head']}",
        f"## {format_day(new.date, language)} ({new.rules_digest[:12]})",
        "\n".join(lines),
        *filter(None, [entries]),
    ]
    return "\n\n".join(blocks) + "\n"


def _iter_lines(changes: TenderChanges, words: dict[str, str], language: str) -> Iterator[str]:
    for contract, before, after in changes.contracts:
        yield f"- {words['contract'].format(contract=contract, before=before or '–', after=after or '–')}"
    if changes.weights:
        yield f"- {words['weights']}"
    for name, listed in (("added", changes.added), ("retired", changes.retired), ("reworded", changes.reworded)):
        for one in listed:
            yield f"- {words[name]} `{one.id}` {one.title.of(language)}"
    for before_it, after_it in changes.changed:
        parts = [
            f"{words[part]} {getattr(before_it, part) or '–'} → {getattr(after_it, part) or '–'}"
            for part in _DECIDING
            if getattr(before_it, part) != getattr(after_it, part)
        ]
        yield f"- {words['changed']} `{after_it.id}` {after_it.title.of(language)} ({', '.join(parts)})"
