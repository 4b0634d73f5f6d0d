"""`passerelle key`: where the keys are, and a new master key."""

from __future__ import annotations

from passerelle.engine.persons.key_changing import replace_master_key
from passerelle.engine.workspace.key_places import find_key_places
from passerelle.faces.cli import translated_click
from passerelle.faces.cli.exits import Exit
from passerelle.faces.cli.invocation import Invocation, answer_format, name_operator, pass_invocation, why_kept
from passerelle.vocabulary.formatting import format_count, format_labelled
from passerelle.vocabulary.language import N_, _


@translated_click.group(
    "key",
    help=N_("The keys of what is sealed: where they are, and a new master key."),
    examples=(("key where", N_("where key, keyring and state are")),),
)
def command() -> None:
    """Hold the commands below."""


@command.command(
    "where",
    help=N_("Say where key, keyring and state are, and what is inside the state and should not be."),
    examples=(("key where", N_("before a backup is set up")),),
)
@answer_format
@pass_invocation
def show_where(invocation: Invocation) -> Exit:
    """Answer with the places of state, key and keyring."""
    places = find_key_places(invocation.read_settings())
    inside = [path.name for path in places.inside]
    content = {"state": str(places.state), "key": str(places.key), "keyring": str(places.keyring), "inside": inside}
    lines = [
        format_labelled(_("state"), str(places.state)),
        format_labelled(_("key"), str(places.key)),
        format_labelled(_("keyring"), str(places.keyring)),
    ]
    if inside:
        says = _("Inside the state: {names}. A copy of the state opens itself; put them elsewhere and name them.")
        lines.append(says.format(names=", ".join(inside)))
    invocation.answer("key.where", content, lambda: "\n".join(lines))
    return Exit.SETTLED


@command.command(
    "rotate",
    help=N_(
        "Make a new master key, and lock the keyring with it. Nothing is delivered again. Copies of the old key open "
        "nothing that is here any more; save the new key at once. Stop «passerelle listen» before."
    ),
    examples=(("key rotate --why 'the old one was copied'", N_("somebody may have read it")),),
)
@why_kept
@answer_format
@pass_invocation
def replace_key(invocation: Invocation, why: str) -> Exit:
    """Replace the master key."""
    with invocation.open_workspace() as workspace:
        changed = replace_master_key(workspace, why=why, who=name_operator())
    words = _("The master key is new. Parts of the keyring locked with it: {count}. Save key and keyring now, apart.")
    content = {"blocks": changed.blocks, "moved": changed.moved}
    invocation.answer("key.rotate", content, lambda: words.format(count=format_count(changed.blocks)))
    return Exit.SETTLED
