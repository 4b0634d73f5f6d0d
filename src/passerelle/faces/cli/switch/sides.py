"""The two sides of a command about a change of supplier: the options, and the change that they name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from passerelle.faces.cli import translated_click
from passerelle.switching.supplier_change import SupplierChange, WorkspaceReaders, find_change
from passerelle.vocabulary.language import N_

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from passerelle.faces.cli.invocation import Invocation


def read_change(
    invocation: Invocation,
    name: str | None,
    origin: str | None,
    target: str | None,
    decided: Path | None,
    *,
    is_undecided: bool = False,
) -> SupplierChange:
    """Return the change of supplier that was asked for. Raises UsageError when a side is not said."""
    # functions, not values: two suppliers can be compared where there are no settings
    readers = WorkspaceReaders(invocation.path.parent, invocation.load_plugins, invocation.read_settings)
    return find_change(readers, name, origin, target, decided, is_undecided=is_undecided)


def add_side_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the argument and options that name a change of supplier to a command."""
    # in reverse, as a stack of decorators is applied: help shows them in the order below
    for option in reversed(
        (
            translated_click.argument(
                "name", required=False, metavar=N_("[NAME]"), help=N_("A [switch.NAME] of switch.toml.")
            ),
            translated_click.option(
                "--from", "origin", metavar=N_("SIDE"), help=N_("The old side; or a supplier, or a connector.")
            ),
            translated_click.option(
                "--to", "target", metavar=N_("SIDE"), help=N_("The new side; or a supplier, or a connector.")
            ),
            translated_click.option(
                "--decisions",
                "decided",
                type=translated_click.File(exists=True),
                metavar=N_("FILE"),
                help=N_("The worksheet of decisions, filled in."),
            ),
        )
    ):
        function = option(function)
    return function
