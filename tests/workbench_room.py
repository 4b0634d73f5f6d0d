"""A workbench on a real local server, over a flow of invented contacts of which many carry a code that nobody knows."""

from __future__ import annotations

import re
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from typing import TYPE_CHECKING

import httpx
from old_software import settle_in

from passerelle.engine.runs.running import run_flows
from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.engine.workspace.assembly import open_workspace
from passerelle.extension.plugin_info import PluginInfo
from passerelle.extension.plugins import Plugins
from passerelle.extension.supplier import Connector, Supplier
from passerelle.faces.web.app import Workbench, build_workbench
from passerelle.faces.web.local_server import ADDRESS, bind_local, list_hosts, make_server
from passerelle.faces.web.rights import Role, Visitor
from passerelle.faces.web.run_starting import RunStarter
from passerelle.faces.web.sessions import Doorkeeper
from passerelle.stages.decode.dialects import Csv
from passerelle.stages.translate import Code, Constant, Date, Ref
from passerelle.stages.translate.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from passerelle.engine.workspace.assembly import Workspace

FLOW, OTHER_FLOW = "contacts", "relances"
WRONG, RIGHT = "Visite a dom. (anc.)", "Visite"
_INFO = PluginInfo("atelier", "atelier", "1.0", "")
_PHONE = {"code": "phone", "system": None, "label": None, "original": None}
_SUPPLIER = Supplier(
    id="atelier",
    title="Logiciel d'essai",
    connectors=(
        Connector(
            id="atelier-contacts",
            title="Contacts",
            dialect=Csv(),
            tables=(
                Table(
                    contract="interaction/1",
                    fields={
                        "ref": Ref("Id", system="atelier", entity="interaction"),
                        "person_ref": Ref("Personne", system="atelier", entity="person"),
                        "occurred_on": Date("Date"),
                        "motives": [Code("Motif", table={"Visite": "visit", "Appel": "call"}, closed=True)],
                        "channel": Constant(_PHONE),
                    },
                ),
            ),
        ),
    ),
)
PLUGINS = Plugins((_INFO,), (_SUPPLIER,), {one.id: (_SUPPLIER, one, _INFO) for one in _SUPPLIER.connectors})


def _describe_flow(name: str) -> str:
    return f"""
[flow.{name}]
connector = "atelier-contacts"
purpose = "portability"
source = {{ kind = "folder", path = "entrees-{name}", glob = "*.csv", quiet_seconds = 0 }}
destination = {{ kind = "folder", path = "sorties-{name}" }}
"""


SWITCH = f"""
[side.ancien]
exports = [{{ connector = "atelier-contacts", path = "entrees-{FLOW}/*.csv" }}]
[side.nouveau]
exports = [{{ contract = "interaction/1", path = "autres/*.ndjson" }}]
[switch.bascule]
from = "ancien"
to = "nouveau"
"""
"""A change of supplier, for `switch.toml`."""
SETTINGS = '[passerelle]\nstate = "etat"\n' + _describe_flow(FLOW) + _describe_flow(OTHER_FLOW)


def export_contacts(folder: Path, flow: str, motives: list[str], *, name: str = "contacts.csv") -> None:
    """Export one contact for each motive."""
    lines = ["Id;Personne;Date;Motif"]
    lines += [f"C{nth};P{nth};{1 + nth % 28:02}/10/2026;{motive}" for nth, motive in enumerate(motives)]
    (folder / f"entrees-{flow}").mkdir(exist_ok=True)
    (folder / f"sorties-{flow}").mkdir(exist_ok=True)
    (folder / f"entrees-{flow}" / name).write_text("\n".join(lines) + "\n", "utf-8")


@dataclass
class Bench:
    """A workbench that answers, and the workspace behind it."""

    workspace: Workspace
    doorkeeper: Doorkeeper
    starter: RunStarter
    url: str
    announced: list[str] = field(default_factory=list)

    def make_client(self, **cookies: str) -> httpx.Client:
        """Return a browser without scripts: it keeps cookies, and says where forms come from."""
        return httpx.Client(base_url=self.url, headers={"Origin": self.url}, cookies=cookies, timeout=60)

    def sign_in(self, *roles: Role, flows: frozenset[str] | None = None, name: str = "marie") -> httpx.Client:
        """Return a browser of somebody with these roles."""
        token = self.doorkeeper.open_session(self.doorkeeper.issue_link(Visitor(name, frozenset(roles), flows)))
        return self.make_client(passerelle=token)

    def find_cause(self, flow: str = FLOW) -> int:
        """Return the number of the only cause of a flow."""
        (cause,) = self.workspace.quarantine.list_causes(flow=flow)
        return cause.id


@contextmanager
def open_bench(folder: Path, motives: dict[str, list[str]] | None = None, *, web: str = "") -> Iterator[Bench]:
    """Run the flows over exports with these motives, then serve the workbench until the context ends.

    `web`: what stands in the table of that name. A folder that was served before is opened again.
    """
    path = folder / "passerelle.toml"
    if not path.exists():
        path = settle_in(folder, f"{SETTINGS}\n[web]\n{web}" if web else SETTINGS)
    for flow in (FLOW, OTHER_FLOW):
        export_contacts(folder, flow, (motives or {}).get(flow, []))
    with open_workspace(load_settings(path), plugins=PLUGINS) as workspace:
        run_flows(workspace, [FLOW, OTHER_FLOW])
        bound = bind_local(0)
        port = bound.getsockname()[1]
        keeper = Doorkeeper(workspace.clock, book=workspace.journal)
        bench = Bench(workspace, keeper, RunStarter(workspace), f"http://{ADDRESS}:{port}")
        visitor = Visitor("marie", frozenset({Role.TRIAGER}))
        workbench = Workbench(
            workspace,
            bench.doorkeeper,
            list_hosts(port),
            "fr",
            lambda: bench.announced.append(bench.doorkeeper.issue_link(visitor)),
            bench.starter,
        )
        server = make_server(build_workbench(workbench))
        serving = threading.Thread(target=server.run, kwargs={"sockets": [bound]})
        serving.start()
        # bound is not listening yet: whoever asks at once would find nobody
        while not server.started and serving.is_alive():
            time.sleep(0.01)
        try:
            yield bench
        finally:
            server.should_exit = True
            serving.join()
            bench.starter.wait()
            bound.close()


@dataclass
class PageFormSeen:
    """A form as a browser finds it in a page."""

    action: str
    fields: dict[str, str]


def find_forms(html: str) -> list[PageFormSeen]:
    """Return the forms of a page with what their fields hold."""
    found = []
    for action, inside in re.findall(r'<form[^>]* action="([^"]*)"[^>]*>(.*?)</form>', html, re.DOTALL):
        fields = {}
        for name, options in re.findall(r'<select [^>]*name="([^"]*)"[^>]*>(.*?)</select>', inside, re.DOTALL):
            chosen = re.search(r'value="([^"]*)" selected', options) or re.search(r'value="([^"]*)"', options)
            fields[unescape(name)] = unescape(chosen[1])
        for entry in re.findall(r"<input [^>]*>", inside):
            name, value = re.search(r'name="([^"]*)"', entry), re.search(r'value="([^"]*)"', entry)
            fields[unescape(name[1])] = unescape(value[1]) if value else ""
        found.append(PageFormSeen(unescape(action), fields))
    return found


def find_form(html: str, action: str) -> PageFormSeen:
    """Return the form of a page that acts on an address with this ending."""
    return next(form for form in find_forms(html) if form.action.endswith(action))
