"""`passerelle account`: who may sign in to the workbench. Accounts are made here alone, never in a page."""

from __future__ import annotations

import click

from passerelle.documents.text_table import write_table
from passerelle.faces.cli import translated_click
from passerelle.faces.cli.exits import Exit
from passerelle.faces.cli.invocation import Invocation, answer_format, name_operator, pass_invocation
from passerelle.faces.web.rights import Role
from passerelle.vocabulary.formatting import NOTHING, format_moment
from passerelle.vocabulary.language import N_, _

_name = translated_click.argument(
    "name", metavar=N_("NAME"), help=N_("How the person signs in, and is named in the trail.")
)
_roles = translated_click.option(
    "--role",
    "roles",
    type=click.Choice([role.value for role in Role]),
    multiple=True,
    required=True,
    help=N_("What the person may do; may be repeated."),
)
_flows = translated_click.option(
    "--flow",
    "flows",
    multiple=True,
    metavar=N_("FLOW"),
    help=N_("Only this flow concerns the person; may be repeated."),
)


@translated_click.group(
    "account",
    help=N_(
        'Accounts of the workbench, for «sign_in = "accounts"» in the table [web]. A person is invited with a code, '
        "and chooses a password and the codes of a telephone in the browser."
    ),
    examples=(("account add marie --role trieur --flow visites", N_("invite somebody who corrects one flow")),),
)
def command() -> None:
    """Hold the commands below."""


@command.command(
    "add",
    help=N_(
        "Invite somebody, or have somebody who lost password or telephone begin anew. Shows a code that opens once."
    ),
    examples=(("account add ali --role auditeur", N_("somebody who reads the audit trail")),),
)
@_name
@_roles
@_flows
@answer_format
@pass_invocation
def add(invocation: Invocation, name: str, roles: tuple[str, ...], flows: tuple[str, ...]) -> Exit:
    """Invite somebody."""
    from passerelle.engine.accounts.account_acts import issue_invitation, normalise_name  # noqa: PLC0415  kept out of start-up

    with invocation.open_workspace() as workspace:
        code = issue_invitation(workspace, name, roles=set(roles), flows=flows, who=name_operator())
    words = _("Invited: {name}. Code, for seven days and once: {code}")
    kept = normalise_name(name)
    invocation.answer("account.add", {"name": kept, "code": code}, lambda: words.format(name=kept, code=code))
    return Exit.SETTLED


@command.command(
    "roles",
    help=N_("Give an account other roles and flows in place of those it has."),
    examples=(("account roles marie --role lecteur", N_("somebody who only looks from now on")),),
)
@_name
@_roles
@_flows
@answer_format
@pass_invocation
def change(invocation: Invocation, name: str, roles: tuple[str, ...], flows: tuple[str, ...]) -> Exit:
    """Change what an account may do."""
    from passerelle.engine.accounts.account_acts import replace_roles  # noqa: PLC0415  kept out of start-up

    with invocation.open_workspace() as workspace:
        replace_roles(workspace, name, roles=set(roles), flows=flows, who=name_operator())
    invocation.answer("account.roles", {"roles": sorted(roles)}, lambda: _("The account is changed."))
    return Exit.SETTLED


@command.command(
    "disable",
    help=N_("Close an account; whoever is signed in with it is signed out. «add» opens it again."),
    examples=(("account disable marie", N_("somebody who left")),),
)
@_name
@answer_format
@pass_invocation
def disable_account(invocation: Invocation, name: str) -> Exit:
    """Close an account."""
    from passerelle.engine.accounts.account_acts import disable  # noqa: PLC0415  kept out of start-up

    with invocation.open_workspace() as workspace:
        disable(workspace, name, who=name_operator())
    invocation.answer("account.disable", {}, lambda: _("The account is closed."))
    return Exit.SETTLED


@command.command("list", help=N_("Show the accounts, their roles and state."), examples=(("account list", N_("all")),))
@answer_format
@pass_invocation
def list_accounts(invocation: Invocation) -> Exit:
    """Show the accounts."""
    with invocation.open_workspace() as workspace:
        accounts = workspace.journal.list_accounts()
    contents = [
        {
            "name": one.name,
            "roles": list(one.roles),
            "flows": list(one.flows),
            "open": one.is_open,
            "invited_until": one.invited_until.isoformat() if one.invited_until else None,
            "disabled_at": one.disabled_at.isoformat() if one.disabled_at else None,
        }
        for one in accounts
    ]
    rows = [
        (
            one.name,
            ", ".join(one.roles),
            ", ".join(one.flows) or _("all"),
            _("closed") if one.disabled_at else _("open") if one.is_open else _("invited"),
            format_moment(one.invited_until) if one.invited_until else NOTHING,
        )
        for one in accounts
    ]
    heads = (_("name"), _("roles"), _("flows"), _("state"), _("invited until"))
    text = write_table(heads, rows) if rows else _("There is no account.")
    invocation.answer("account.list", {"accounts": contents}, lambda: text)
    return Exit.SETTLED
