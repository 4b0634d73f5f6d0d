"""What `run --due` leaves for later, and when it comes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.faces.cli.exits import Exit
from passerelle.vocabulary.formatting import format_labelled, format_moment
from passerelle.vocabulary.language import _

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from passerelle.engine.workspace.assembly import Workspace
    from passerelle.faces.cli.invocation import Invocation


def choose_due(workspace: Workspace, names: Sequence[str]) -> tuple[list[str], Mapping[str, datetime]]:
    """Return which of these flows are due, and when the others will be."""
    from passerelle.engine.schedule.due_flows import find_due  # noqa: PLC0415  who runs by hand does not pay for it

    found = find_due(workspace, names)
    return list(found.due), found.following


def answer_nothing_due(invocation: Invocation, following: Mapping[str, datetime]) -> Exit:
    """Answer that nothing is due, and when something will be; no run took place."""
    content = {
        "flows": [],
        "notices": [],
        "audit_head": "",
        "unsent": [],
        "following": {name: moment.isoformat() for name, moment in following.items()},
        "exit": int(Exit.SETTLED),
    }
    lines = [_("No flow is due."), *(format_labelled(name, format_moment(when)) for name, when in following.items())]
    invocation.answer("run", content, lambda: "\n  ".join(lines))
    return Exit.SETTLED
