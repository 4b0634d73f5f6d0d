"""A change of supplier that somebody asks for: by its name in `switch.toml`, or by its two sides."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from passerelle.switching import decision_worksheet, person_worksheet
from passerelle.switching.decisions import AcceptedLoss, Decisions
from passerelle.switching.difference_kinds import DifferenceKind
from passerelle.switching.difference_naming import Tolerance
from passerelle.switching.side import Side, make_described_side, make_side
from passerelle.switching.switch_settings import FILE, SwitchDocument, load_switch_file
from passerelle.vocabulary.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from passerelle.engine.settings.workspace_settings import Settings
    from passerelle.extension.plugins import Plugins
    from passerelle.switching.switch_settings import SwitchSettings


@dataclass(frozen=True, slots=True)
class SupplierChange:
    """One change of supplier: from a side to a side, with what people decided about it."""

    origin: Side
    target: Side
    decisions: Decisions
    tolerances: Mapping[tuple[str, str], Tolerance]
    """By contract and field."""
    same_ids: bool = False
    has_files: bool = False
    """Whether the old side names files that it holds; else it is a supplier's description only."""
    moved: SwitchDocument | None = None
    """What `switch.toml` holds, when it says where records go: `switch run` may have learned ids there."""


@dataclass(frozen=True, slots=True)
class WorkspaceReaders:
    """How settings and plugins are read, if at all: sides that are files alone need no settings."""

    folder: Path
    """Where `switch.toml` stands."""
    plugins: Callable[[], Plugins]
    settings: Callable[[], Settings]


def find_change(
    readers: WorkspaceReaders,
    name: str | None,
    origin: str | None,
    target: str | None,
    decisions: Path | None,
    *,
    is_undecided: bool = False,
) -> SupplierChange:
    """Return the change of this name, with other sides or another worksheet of decisions where they are given.

    `is_undecided`: the worksheet that `switch.toml` names may not be there yet: the first plan writes it.
    Raises UsageError when a side is not said, SettingsError for a `switch.toml` that is wrong.
    """
    path = readers.folder / FILE
    document = load_switch_file(path) if name or path.exists() else SwitchDocument()
    entry = document.get_switch(name) if name else None
    wanted = (origin or (entry.origin if entry else None), target or (entry.target if entry else None))
    if wanted[0] is None or wanted[1] is None:
        raise UsageError("usage.side.unnamed")
    tolerances = {
        (item.contract, item.field): Tolerance(
            trimmed=item.trimmed,
            rounding=None if item.rounding is None else Decimal(str(item.rounding)),
            same_instant=item.same_instant,
        )
        for item in (entry.tolerances if entry else ())
    }
    return SupplierChange(
        _find_side(wanted[0], document, readers),
        _find_side(wanted[1], document, readers),
        _read_decisions(entry, decisions, is_undecided=is_undecided),
        tolerances,
        entry.same_ids if entry else False,
        wanted[0] in document.side,
        document if entry and entry.deliver else None,
    )


def _find_side(name: str, document: SwitchDocument, readers: WorkspaceReaders) -> Side:
    plugins = readers.plugins()
    if name in document.side:
        about = document.get_side(name)
        needs_settings = any(export.flow for export in about.exports)
        return make_side(name, about, plugins, readers.settings() if needs_settings else None)
    return make_described_side(name, plugins)


def _read_decisions(entry: SwitchSettings | None, worksheet_path: Path | None, *, is_undecided: bool) -> Decisions:
    named = Path(entry.decisions) if entry and entry.decisions else None
    path = worksheet_path or (None if named and is_undecided and not named.exists() else named)
    decisions = decision_worksheet.read_worksheet(path) if path else Decisions()
    if entry and entry.persons:
        decisions = replace(decisions, matches=person_worksheet.read_worksheet(Path(entry.persons)))
    if entry and entry.accepted:
        # After those of the worksheet: `Decisions.accepts` takes the first that fits.
        accepted = (
            AcceptedLoss(loss.connector or "", loss.column, DifferenceKind.COLUMN, loss.who, loss.why, loss.most)
            if loss.column
            else AcceptedLoss(loss.contract or "", "", DifferenceKind.REFUSED, loss.who, loss.why, loss.most)
            for loss in entry.accepted
        )
        decisions = replace(decisions, accepted=(*decisions.accepted, *accepted))
    return decisions
