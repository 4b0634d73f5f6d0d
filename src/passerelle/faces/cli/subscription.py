"""`passerelle subscription`: who is told that something changed on a shelf, and how that went."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from passerelle.documents.text_table import write_table
from passerelle.faces.cli import translated_click
from passerelle.faces.cli.exits import Exit
from passerelle.faces.cli.invocation import Invocation, answer_format, name_operator, pass_invocation, why_kept
from passerelle.vocabulary.formatting import format_count, format_moment
from passerelle.vocabulary.language import N_, _
from passerelle.vocabulary.reasons import explain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle.engine.api.record_pages import RecordPages
    from passerelle.engine.workspace.assembly import Workspace
    from passerelle.stores.subscriptions import Subscription

_NUMBER = translated_click.argument(
    "number", type=click.IntRange(min=1), metavar=N_("NUMBER"), help=N_("The subscription's number.")
)


@translated_click.group(
    "subscription",
    help=N_(
        "Programs that are told when something changed on a shelf: a short signed message, without any value, to an "
        "address of theirs. They read what changed through the API, with their token."
    ),
    examples=(
        (
            'subscription add https://agenda.exemple.fr/passerelle --token 1 --why "agenda du service"',
            N_("tell the holder of token 1"),
        ),
        ("subscription begin 1", N_("ask the receiver whether it wants that, and begin")),
    ),
)
def command() -> None:
    """Hold the commands below."""


@command.command(
    "add",
    help=N_("Make a subscription for the holder of a token; its secret is shown once."),
    examples=(
        (
            'subscription add https://agenda.exemple.fr/passerelle --token 1 --why "agenda du service"',
            N_("all that token 1 reads"),
        ),
    ),
)
@translated_click.argument("url", metavar="URL", help=N_("Where the messages go: https, or this machine."))
@translated_click.option(
    "--token", type=click.IntRange(min=1), required=True, metavar=N_("NUMBER"), help=N_("The token's number.")
)
@translated_click.option(
    "--contract",
    "contract_ids",
    multiple=True,
    metavar=N_("CONTRACT"),
    help=N_("Of which changes are told; may be repeated. By default, of all that the token reads."),
)
@translated_click.option("--purpose", default="", help=N_("For which purpose, where the token serves several."))
@translated_click.option(
    "--with-refs",
    "tells_refs",
    is_flag=True,
    help=N_("Name records by the references that the token reads; otherwise by a pseudonym of the subscription."),
)
@translated_click.option(
    "--allow-private", "allows_private", is_flag=True, help=N_("The address may be in a private network.")
)
@why_kept
@answer_format
@pass_invocation
def add(  # noqa: PLR0913  one option is one argument
    invocation: Invocation,
    *,
    url: str,
    token: int,
    contract_ids: tuple[str, ...],
    purpose: str,
    tells_refs: bool,
    allows_private: bool,
    why: str,
) -> Exit:
    """Make a subscription."""
    from passerelle.engine.api.subscription_acts import (  # noqa: PLC0415  kept out of start-up
        SubscriptionRequest,
        add_subscription,
    )

    asked = SubscriptionRequest(
        token=token,
        url=url,
        contracts=contract_ids,
        purpose=purpose,
        tells_refs=tells_refs,
        allows_private=allows_private,
    )
    with invocation.open_workspace() as workspace:
        number, secret = add_subscription(workspace, asked, why=why, who=name_operator())
    words = _("Subscription {number}; its secret, shown this once: {secret}\n→ passerelle subscription begin {number}")
    content = {"number": number, "secret": secret}
    invocation.answer("subscription.add", content, lambda: words.format(number=number, secret=secret))
    return Exit.SETTLED


@command.command(
    "begin",
    help=N_("Send the receiver a word that it has to send back, and begin if it does; also after a pause."),
    examples=(("subscription begin 1", N_("subscription 1")),),
)
@_NUMBER
@answer_format
@pass_invocation
def begin(invocation: Invocation, *, number: int) -> Exit:
    """Begin a subscription."""
    from passerelle.engine.api.subscription_acts import begin_subscription  # noqa: PLC0415  kept out of start-up

    with _open_pages(invocation) as (workspace, pages):
        begin_subscription(workspace, pages, number, who=name_operator())
    invocation.answer("subscription.begin", {"number": number}, lambda: _("The receiver is told from now on."))
    return Exit.SETTLED


@command.command(
    "pause",
    help=N_("Hold a subscription: what changes waits on the shelf."),
    examples=(("subscription pause 1", N_("subscription 1")),),
)
@_NUMBER
@answer_format
@pass_invocation
def pause(invocation: Invocation, *, number: int) -> Exit:
    """Hold a subscription."""
    from passerelle.engine.api.subscription_acts import pause_subscription  # noqa: PLC0415  kept out of start-up

    with invocation.open_workspace() as workspace:
        pause_subscription(workspace, number, who=name_operator())
    invocation.answer("subscription.pause", {"number": number}, lambda: _("The receiver is told nothing for now."))
    return Exit.SETTLED


@command.command(
    "end",
    help=N_("End a subscription for good."),
    examples=(("subscription end 1", N_("subscription 1")),),
)
@_NUMBER
@answer_format
@pass_invocation
def end(invocation: Invocation, *, number: int) -> Exit:
    """End a subscription."""
    from passerelle.engine.api.subscription_acts import end_subscription  # noqa: PLC0415  kept out of start-up

    with invocation.open_workspace() as workspace:
        end_subscription(workspace, number, who=name_operator())
    invocation.answer("subscription.end", {"number": number}, lambda: _("The subscription has ended."))
    return Exit.SETTLED


@command.command(
    "replay",
    help=N_("Tell a receiver everything anew: each record that is on the shelf, once."),
    examples=(("subscription replay 1", N_("a receiver that lost what it had")),),
)
@_NUMBER
@answer_format
@pass_invocation
def replay(invocation: Invocation, *, number: int) -> Exit:
    """Go back to the beginning."""
    from passerelle.engine.api.subscription_acts import replay_subscription  # noqa: PLC0415  kept out of start-up

    with _open_pages(invocation) as (workspace, pages):
        replay_subscription(workspace, pages, number, who=name_operator())
    invocation.answer("subscription.replay", {"number": number}, lambda: _("The receiver will be told everything."))
    return Exit.SETTLED


@command.command(
    "secret",
    help=N_("Make a new secret, shown once; it and the one before sign until the next change."),
    examples=(("subscription secret 1", N_("subscription 1")),),
)
@_NUMBER
@answer_format
@pass_invocation
def renew(invocation: Invocation, *, number: int) -> Exit:
    """Make a new secret."""
    from passerelle.engine.api.subscription_acts import renew_secret  # noqa: PLC0415  kept out of start-up

    with invocation.open_workspace() as workspace:
        secret = renew_secret(workspace, number, who=name_operator())
    words = _("The new secret, shown this once: {secret}")
    content = {"number": number, "secret": secret}
    invocation.answer("subscription.secret", content, lambda: words.format(secret=secret))
    return Exit.SETTLED


@command.command(
    "send",
    help=N_("Tell the receivers what changed; `run` and `serve` do that by themselves."),
    examples=(("subscription send", N_("now")),),
)
@answer_format
@pass_invocation
def send(invocation: Invocation) -> Exit:
    """Send the receivers what changed."""
    from passerelle.engine.api.event_sending import send_events  # noqa: PLC0415  kept out of start-up

    with _open_pages(invocation) as (workspace, pages):
        report = send_events(workspace, pages)
    words = _("Taken: {sent} events. Messages that come again: {failed}.")
    content = {"sent": report.sent, "failed": report.failed}
    text = words.format(sent=format_count(report.sent), failed=format_count(report.failed))
    invocation.answer("subscription.send", content, lambda: text)
    return Exit.WAITING if report.failed else Exit.SETTLED


@command.command(
    "list",
    help=N_("Show the subscriptions and how each goes."),
    examples=(("subscription list", N_("all")),),
)
@answer_format
@pass_invocation
def list_all(invocation: Invocation) -> Exit:
    """Show the subscriptions."""
    with invocation.open_workspace() as workspace:
        subscriptions = workspace.api.list_subscriptions()
    contents = [
        {
            "number": one.id,
            "token": one.terms.token,
            "contracts": list(one.terms.contracts),
            "purpose": one.terms.purpose,
            "refs": one.terms.tells_refs,
            "state": one.state.value,
            "code": one.code or None,
            "failures": one.failures,
            "next_at": one.next_at.isoformat() if one.next_at else None,
            "taken_at": one.taken_at.isoformat() if one.taken_at else None,
        }
        for one in subscriptions
    ]
    rows = [
        (
            str(one.id),
            str(one.terms.token),
            ", ".join(one.terms.contracts),
            _describe_state(one),
            format_moment(one.taken_at) if one.taken_at else "–",
        )
        for one in subscriptions
    ]
    heads = (_("number"), _("token"), _("contracts"), _("state"), _("last taken"))
    text = write_table(heads, rows) if rows else _("There is no subscription.")
    invocation.answer("subscription.list", {"subscriptions": contents}, lambda: text)
    return Exit.SETTLED


@command.command(
    "attempts",
    help=N_("Show the latest attempts to tell a receiver, and how each ended."),
    examples=(("subscription attempts 1", N_("subscription 1")),),
)
@_NUMBER
@answer_format
@pass_invocation
def attempts(invocation: Invocation, *, number: int) -> Exit:
    """Show the attempts."""
    with invocation.open_workspace() as workspace:
        found = workspace.api.list_attempts(number)
    contents = [
        {"at": one.at.isoformat(), "events": one.events, "outcome": one.outcome, "milliseconds": one.milliseconds}
        for one in found
    ]
    rows = [
        (
            format_moment(one.at),
            format_count(one.events),
            one.outcome if one.outcome.isdecimal() else explain(one.outcome, {})[0],
            format_count(one.milliseconds),
        )
        for one in found
    ]
    heads = (_("moment"), _("events"), _("answer"), _("milliseconds"))
    text = write_table(heads, rows) if rows else _("There was no attempt.")
    invocation.answer("subscription.attempts", {"attempts": contents}, lambda: text)
    return Exit.SETTLED


def _describe_state(subscription: Subscription) -> str:
    states = {"new": _("not begun"), "active": _("active"), "paused": _("paused"), "ended": _("ended")}
    state = states[subscription.state.value]
    return f"{state}: {explain(subscription.code, {})[0]}" if subscription.code else state


@contextmanager
def _open_pages(invocation: Invocation) -> Iterator[tuple[Workspace, RecordPages]]:
    """Open a workspace and what is read of its shelf. Raises UsageError `api.shelf.absent` while there is none."""
    from passerelle.engine.api.record_pages import RecordPages  # noqa: PLC0415  kept out of start-up
    from passerelle.engine.api.shelf_opening import open_shelf  # noqa: PLC0415  as above

    with invocation.open_workspace() as workspace:
        yield workspace, RecordPages(open_shelf(workspace))
