"""The two sides that commands about a change of supplier speak of, and how they were asked for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from passerelle.faces.cli import translated
from passerelle.switching import confirming, worksheet
from passerelle.switching.decisions import AcceptedLoss, Decisions
from passerelle.switching.kinds import Kind
from passerelle.switching.naming import Tolerance
from passerelle.switching.settings import FILE, SwitchDocument, load
from passerelle.switching.side import Side, described_side, side_of
from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.language import N_

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from passerelle.faces.cli.invocation import Invocation
    from passerelle.switching.settings import SwitchSettings


@dataclass(frozen=True, slots=True)
class Change:
    """One change of supplier: from a side to a side, as decided."""

    origin: Side
    target: Side
    decisions: Decisions
    tolerances: Mapping[tuple[str, str], Tolerance]
    same_ids: bool = False
    has_files: bool = False
    """The old side says which files it holds; else it is a supplier's description only."""
    moved: SwitchDocument | None = None
    """What `switch.toml` says, when it says where records go: `switch run` may have learned ids there."""


def change(
    invocation: Invocation, name: str | None, origin: str | None, target: str | None, decided: Path | None
) -> Change:
    """Find the change of supplier that was asked for: by its name, or by both sides. Raises UsageError."""
    path = invocation.path.parent / FILE
    document = load(path) if name or path.exists() else SwitchDocument()
    entry = document.named_switch(name) if name else None
    wanted = (origin or (entry.origin if entry else None), target or (entry.target if entry else None))
    if wanted[0] is None or wanted[1] is None:
        raise UsageError("usage.side.unnamed")
    return Change(
        _side(wanted[0], document, invocation),
        _side(wanted[1], document, invocation),
        _decisions(entry, decided),
        _tolerances(entry),
        entry.same_ids if entry else False,
        wanted[0] in document.side,
        document if entry and entry.deliver else None,
    )


def _side(name: str, document: SwitchDocument, invocation: Invocation) -> Side:
    plugins = invocation.plugins()
    if name in document.side:
        about = document.named_side(name)
        needed = any(export.flow for export in about.exports)
        return side_of(name, about, plugins, invocation.settings() if needed else None)
    return described_side(name, plugins)


def _decisions(entry: SwitchSettings | None, decided: Path | None) -> Decisions:
    path = decided or (Path(entry.decisions) if entry and entry.decisions else None)
    found = worksheet.read(path) if path else Decisions()
    if entry and entry.persons:
        found = replace(found, matches=confirming.read(Path(entry.persons)))
    if entry and entry.accepted:
        behind = (AcceptedLoss(one.contract, "", Kind.REFUSED, one.who, one.why, one.most) for one in entry.accepted)
        found = replace(found, accepted=(*found.accepted, *behind))
    return found


def _tolerances(entry: SwitchSettings | None) -> dict[tuple[str, str], Tolerance]:
    return {
        (one.contract, one.field): Tolerance(
            trimmed=one.trimmed,
            rounding=None if one.rounding is None else Decimal(str(one.rounding)),
            same_instant=one.same_instant,
        )
        for one in (entry.tolerances if entry else ())
    }


def sides(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the words that name a change of supplier."""
    for option in reversed(
        (
            translated.argument(
                "name", required=False, metavar=N_("[NAME]"), help=N_("A [switch.NAME] of switch.toml.")
            ),
            translated.option(
                "--from", "origin", metavar=N_("SIDE"), help=N_("The old side; or a supplier, or a connector.")
            ),
            translated.option(
                "--to", "target", metavar=N_("SIDE"), help=N_("The new side; or a supplier, or a connector.")
            ),
            translated.option(
                "--decisions",
                "decided",
                type=translated.File(exists=True),
                metavar=N_("FILE"),
                help=N_("The worksheet of decisions, filled in."),
            ),
        )
    ):
        function = option(function)
    return function
