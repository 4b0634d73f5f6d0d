"""`passerelle token`: who may read and write through the live API. Tokens are made here alone, each with a reason."""

from __future__ import annotations

import click

from passerelle.documents.text_table import write_table
from passerelle.faces.cli import translated_click
from passerelle.faces.cli.exits import Exit
from passerelle.faces.cli.invocation import Invocation, answer_format, name_operator, pass_invocation, why_kept
from passerelle.vocabulary.formatting import format_moment
from passerelle.vocabulary.language import N_, _

_PURPOSES = ("support", "planning", "billing", "effectivity", "rights", "pay", "portability")
_RECIPIENTS = ("self", "processor", "payer", "authority", "partner")


@translated_click.group(
    "token",
    help=N_(
        "Tokens of the live API: what a program may read and write, for which purposes, until when and why. The token "
        "is shown once, when it is made, and kept nowhere."
    ),
    examples=(
        (
            'token new agenda --contract visit/1 --purpose planning --days 90 --why "agenda du service"',
            N_("a program that reads visits to plan"),
        ),
    ),
)
def command() -> None:
    """Hold the commands below."""


@command.command(
    "new",
    help=N_("Make a token for a program, and show it once."),
    examples=(
        (
            'token new agenda --contract visit/1 --purpose planning --days 90 --why "agenda du service"',
            N_("a program that reads visits to plan"),
        ),
    ),
)
@translated_click.argument(
    "client", metavar=N_("CLIENT"), help=N_("Who holds it: persons may refuse that records go to this name.")
)
@translated_click.option(
    "--contract",
    "contract_ids",
    multiple=True,
    required=True,
    metavar=N_("CONTRACT"),
    help=N_("What it may read; may be repeated."),
)
@translated_click.option(
    "--purpose",
    "purposes",
    type=click.Choice(_PURPOSES),
    multiple=True,
    required=True,
    help=N_("What for; may be repeated, and each request then names one of them."),
)
@translated_click.option(
    "--recipient",
    type=click.Choice(_RECIPIENTS),
    help=N_("What the client is to the organisation; by default whoever may have least for the purpose."),
)
@translated_click.option(
    "--write", "may_write", is_flag=True, help=N_("It may hand records in, and ask what they would be worth.")
)
@translated_click.option("--bulk", "may_bulk", is_flag=True, help=N_("It may read everything as one stream."))
@translated_click.option(
    "--days",
    type=click.IntRange(1, 400),
    required=True,
    metavar=N_("NUMBER"),
    help=N_("How many days it is taken."),
)
@why_kept
@answer_format
@pass_invocation
def make(  # noqa: PLR0913  one option is one argument
    invocation: Invocation,
    *,
    client: str,
    contract_ids: tuple[str, ...],
    purposes: tuple[str, ...],
    recipient: str | None,
    may_write: bool,
    may_bulk: bool,
    days: int,
    why: str,
) -> Exit:
    """Make a token."""
    from passerelle.engine.api.token_acts import TokenRequest, issue_token  # noqa: PLC0415  kept out of start-up

    asked = TokenRequest(
        client=client,
        contracts=contract_ids,
        purposes=purposes,
        recipient=recipient or "",
        may_write=may_write,
        may_bulk=may_bulk,
        days=days,
    )
    with invocation.open_workspace() as workspace:
        number, text = issue_token(workspace, asked, why=why, who=name_operator())
    words = _("Token {number}, shown this once: {token}")
    invocation.answer("token.new", {"number": number, "token": text}, lambda: words.format(number=number, token=text))
    return Exit.SETTLED


@command.command(
    "revoke",
    help=N_("Take a token back: it is refused from now on."),
    examples=(('token revoke 3 --why "fin du contrat"', N_("a program that is no longer used")),),
)
@translated_click.argument("number", type=click.IntRange(min=1), metavar=N_("NUMBER"), help=N_("The token's number."))
@why_kept
@answer_format
@pass_invocation
def revoke(invocation: Invocation, *, number: int, why: str) -> Exit:
    """Take a token back."""
    from passerelle.engine.api.token_acts import end_token  # noqa: PLC0415  kept out of start-up

    with invocation.open_workspace() as workspace:
        end_token(workspace, number, why=why, who=name_operator())
    invocation.answer("token.revoke", {"number": number}, lambda: _("The token is taken back."))
    return Exit.SETTLED


@command.command(
    "list", help=N_("Show the tokens, what each may do, and until when."), examples=(("token list", N_("all")),)
)
@answer_format
@pass_invocation
def list_all(invocation: Invocation) -> Exit:
    """Show the tokens."""
    from passerelle.engine.api.token_acts import list_tokens  # noqa: PLC0415  kept out of start-up

    with invocation.open_workspace() as workspace:
        tokens, now = list_tokens(workspace), workspace.clock.now()
    contents = [
        {
            "number": one.id,
            "client": one.terms.client,
            "contracts": list(one.terms.contracts),
            "purposes": list(one.terms.purposes),
            "recipient": one.terms.recipient,
            "write": one.terms.may_write,
            "bulk": one.terms.may_bulk,
            "made_at": one.made_at.isoformat(),
            "ends_at": one.terms.ends_at.isoformat(),
            "revoked_at": one.ended_at.isoformat() if one.ended_at else None,
            "open": one.is_open(now),
            "who": one.terms.who,
            "why": one.terms.why,
        }
        for one in tokens
    ]
    rows = [
        (
            str(one.id),
            one.terms.client,
            ", ".join(one.terms.contracts),
            ", ".join(one.terms.purposes),
            _("open") if one.is_open(now) else _("closed"),
            format_moment(one.ended_at or one.terms.ends_at),
        )
        for one in tokens
    ]
    heads = (_("number"), _("client"), _("contracts"), _("purposes"), _("state"), _("until"))
    text = write_table(heads, rows) if rows else _("There is no token.")
    invocation.answer("token.list", {"tokens": contents}, lambda: text)
    return Exit.SETTLED
