"""`passerelle serve`: the workbench in the browser of this machine, until it is told to stop."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from passerelle.faces.cli import translated_click
from passerelle.faces.cli.exits import Exit
from passerelle.faces.cli.invocation import Invocation, name_operator, organisation_option, pass_invocation
from passerelle.faces.cli.showing import show
from passerelle.faces.web.rights import LOCAL_ROLES, Role, Visitor
from passerelle.vocabulary.errors import FatalError
from passerelle.vocabulary.language import N_, _, get_current

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle.engine.workspace.assembly import Workspace


@translated_click.command(
    "serve",
    help=N_(
        "Open the workbench for people who work in a browser: what waits, flows, quarantine, audit trail. It answers "
        'on this machine alone, and shows a link that opens once; with «sign_in = "accounts"» people sign in, through '
        "a web server that speaks TLS. Every act there is the same as that of a command."
    ),
    examples=(
        ("serve", N_("on this machine, port 8485")),
        ("serve --role lecteur", N_("to look, without seeing or correcting a value")),
    ),
)
@translated_click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=8485,
    show_default=True,
    metavar="N",
    help=N_("The port to listen at; 0: any that is free."),
)
@translated_click.option(
    "--role",
    "roles",
    type=click.Choice([role.value for role in Role]),
    multiple=True,
    help=N_("What whoever enters may do; may be repeated. By default operateur, trieur and auditeur."),
)
@translated_click.option(
    "--flow",
    "flows",
    multiple=True,
    metavar=N_("FLOW"),
    help=N_("Only this flow concerns whoever enters; may be repeated."),
)
@organisation_option
@pass_invocation
def command(invocation: Invocation, port: int, roles: tuple[str, ...], flows: tuple[str, ...]) -> Exit:
    """Serve until Ctrl-C or a signal."""
    from passerelle.faces.web.app import Workbench, build_workbench  # noqa: PLC0415  only who serves pays for it
    from passerelle.faces.web.local_server import ADDRESS, bind_local, list_hosts, make_server  # noqa: PLC0415  as above
    from passerelle.faces.web.run_starting import RunStarter  # noqa: PLC0415  as above
    from passerelle.faces.web.sessions import Doorkeeper  # noqa: PLC0415  as above

    with invocation.open_workspace() as workspace:
        web = workspace.settings.web
        named = frozenset(workspace.settings.get_flow(name).name for name in flows) or None
        visitor = Visitor(name_operator(), frozenset(map(Role, roles)) or frozenset(LOCAL_ROLES), named)
        try:
            bound = bind_local(port)
        except OSError:
            raise FatalError("incident.port.taken", port=str(port)) from None
        number, is_secure = bound.getsockname()[1], web.public_url is not None
        doorkeeper = Doorkeeper(workspace.clock, is_secure=is_secure, book=workspace.journal)

        def announce() -> None:
            if web.sign_in == "accounts":
                show(_("Open {address} and sign in.").format(address=web.public_url or f"http://{ADDRESS}:{number}/"))
                return
            link = f"http://{ADDRESS}:{number}/entrer?lien={doorkeeper.issue_link(visitor)}"
            show(_("{link} (opens once, within fifteen minutes)").format(link=link))

        hosts = list_hosts(number) | ({web.host} if web.host else frozenset())
        workbench = Workbench(workspace, doorkeeper, hosts, get_current(), announce, (starter := RunStarter(workspace)))
        try:
            with _serve_beside(workspace):
                announce()
                show(_("The workbench is open. Ctrl-C ends it."))
                make_server(build_workbench(workbench)).run(sockets=[bound])
        finally:
            # the journal stays open until what was started here has ended
            starter.close()
    return Exit.SETTLED


@contextmanager
def _serve_beside(workspace: Workspace) -> Iterator[None]:
    """Serve the live API beside the workbench where the settings say so."""
    if (settings := workspace.settings.api) is None:
        yield
        return
    from passerelle.faces.web.api.local_api import serve_api  # noqa: PLC0415  only who serves it pays for it

    with serve_api(workspace, settings) as address:
        show(_("The API answers at {address}.").format(address=f"{address}/v1"))
        yield
