"""`passerelle listen`: take what suppliers push, until it is told to stop."""

from __future__ import annotations

import click

from passerelle.engine.runs.receiving import Receiver
from passerelle.faces.cli import translated_click
from passerelle.faces.cli.exits import Exit
from passerelle.faces.cli.invocation import Invocation, pass_invocation
from passerelle.faces.cli.showing import show
from passerelle.faces.web.inbox import PREFIX, build_application
from passerelle.vocabulary.errors import FatalError, UsageError
from passerelle.vocabulary.language import N_, _


@translated_click.command(
    "listen",
    help=N_(
        "Take the messages that suppliers push (webhooks). Each is proven by its signature and registered before it is "
        "answered; «passerelle run» works on them. Put a web server that speaks TLS in front of it."
    ),
    examples=(
        ("listen", N_("on this machine only, port 8484")),
        ("listen --address 10.0.0.5 --port 9000", N_("for a web server on another machine")),
    ),
)
@translated_click.option(
    "--address",
    default="127.0.0.1",
    show_default=True,
    metavar="IP",
    help=N_("The address to listen at."),
)
@translated_click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=8484,
    show_default=True,
    metavar="N",
    help=N_("The port to listen at; 0: any that is free."),
)
@pass_invocation
def command(invocation: Invocation, address: str, port: int) -> Exit:
    """Listen until Ctrl-C or a signal."""
    from passerelle.faces.web.server import open_server  # noqa: PLC0415  only who listens pays for it

    with invocation.open_workspace() as workspace:
        receiver = Receiver(workspace)
        if not receiver.flows:
            raise UsageError("usage.inbox.none")
        try:
            server, bound = open_server(build_application(receiver), address, port)
        except OSError:
            raise FatalError("incident.port.taken", port=str(port)) from None
        for flow in receiver.flows:
            show(
                _("{flow}: http://{address}:{port}{path}").format(
                    flow=flow, address=address, port=bound, path=PREFIX + flow
                )
            )
        show(_("Listening. Ctrl-C ends it."))
        server.run()
    return Exit.SETTLED
