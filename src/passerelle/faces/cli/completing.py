"""Names that the shell proposes while somebody types."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from click.shell_completion import CompletionItem

from passerelle.vocabulary.errors import PasserelleError

if TYPE_CHECKING:
    import click


def complete_flow(ctx: click.Context, _param: click.Parameter, begun: str) -> list[CompletionItem]:
    """Propose the flows of the settings; nothing when the settings cannot be read."""
    from passerelle.engine.settings.workspace_settings import load_settings  # noqa: PLC0415  kept out of start-up

    # while a shell completes, the callback of the program has not run: its options are read here
    path = ctx.find_root().params.get("path") or Path("passerelle.toml")
    try:
        flows = load_settings(path).flows
    except PasserelleError:
        # a message here would be written into the line that somebody is typing
        return []
    return [CompletionItem(name) for name in flows if name.startswith(begun)]
