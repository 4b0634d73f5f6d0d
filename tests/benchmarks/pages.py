"""How long pages of the workbench take: several people at once, each page, with so many records in quarantine.

`python tests/benchmarks/pages.py [ROWS [PEOPLE]]`: 100,000 and 20 unless told otherwise. Milliseconds from request to
last byte, browsers and server on the same processors; beside them the bytes of the first page and its files, packed.
"""

from __future__ import annotations

import gzip
import os
import re
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.engine.workspace.assembly import open_workspace
from passerelle.faces.web.app import Workbench, build_workbench
from passerelle.faces.web.local_server import ADDRESS, bind_local, list_hosts, make_server
from passerelle.faces.web.rights import Role, Visitor
from passerelle.faces.web.sessions import Doorkeeper

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
LOOKS = 5
"""Of each person at each page."""
PAGES = (
    "/",
    "/flux",
    "/flux/contacts",
    "/quarantaine",
    "/quarantaine/causes/1",
    "/quarantaine/causes/1/lignes",
    "/quarantaine/lignes/5",
    "/corrections",
    "/passages",
    "/passages/1",
    "/controler",
    "/contrats",
    "/contrats/visit/1",
    "/editeurs",
    "/editeurs/agenda",
    "/registre",
    "/personnes",
    "/audit",
    "/etat",
    "/accessibilite",
)


@contextmanager
def serve(settings: Path, people: int) -> Iterator[list[httpx.Client]]:
    """Serve a workspace, and yield a browser for each person."""
    with open_workspace(load_settings(settings)) as workspace:
        bound = bind_local(0)
        port = bound.getsockname()[1]
        keeper, url = Doorkeeper(workspace.clock), f"http://{ADDRESS}:{port}"
        workbench = Workbench(workspace, keeper, list_hosts(port), "fr", lambda: None)
        server = make_server(build_workbench(workbench))
        serving = threading.Thread(target=server.run, kwargs={"sockets": [bound]})
        serving.start()
        visitor = Visitor("mesure", frozenset({Role.OPERATOR, Role.TRIAGER, Role.AUDITOR}))
        clients = []
        for _person in range(people):
            token = keeper.open_session(keeper.issue_link(visitor))
            clients.append(httpx.Client(base_url=url, cookies={"passerelle": token}, timeout=120))
        try:
            yield clients
        finally:
            for client in clients:
                client.close()
            server.should_exit = True
            serving.join()


def measure_page(clients: list[httpx.Client], path: str) -> list[float]:
    """Return the milliseconds of every look, all people at once."""
    taken: list[float] = []

    def look(client: httpx.Client) -> None:
        for _look in range(LOOKS):
            begun = time.perf_counter()
            answer = client.get(path)
            taken.append((time.perf_counter() - begun) * 1_000)
            answer.raise_for_status()

    clients[0].get(path)  # what is loaded and compiled once
    threads = [threading.Thread(target=look, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(taken)


def count_first_bytes(client: httpx.Client) -> int:
    """Return the bytes of the first page and of all that it loads, packed."""
    page = client.get("/").text
    files = re.findall(r'(?:href|src)="(/static/[^"]+)"', page)
    script = next(iter(Path(ROOT / "src/passerelle/faces/web/static").glob("*.js"))).read_bytes()
    contents = [page.encode(), script, *(client.get(file).content for file in files)]
    return sum(len(gzip.compress(content)) for content in contents)


def main() -> None:
    """Print a line for each page."""
    asked = [int(text) for text in sys.argv[1:3]]
    rows, people = [*asked, *(100_000, 20)[len(asked) :]]
    with tempfile.TemporaryDirectory() as folder:
        os.environ["PASSERELLE_SERVE_DEMO"] = str(Path(folder) / "poste")
        sys.path.insert(0, str(ROOT / "examples"))
        from serve_demo import make_workspace  # noqa: PLC0415  it reads where to write when it is imported

        with serve(make_workspace(rows), people) as clients:
            sys.stdout.write(f"first page, packed: {count_first_bytes(clients[0]):,} bytes\n")
            for path in PAGES:
                alone = measure_page(clients[:1], path)
                together = measure_page(clients, path)
                at_p95 = together[int(len(together) * 0.95) - 1]
                sys.stdout.write(
                    f"{path:32} alone {alone[len(alone) // 2]:7.1f} ms   p95 of {people} {at_p95:7.1f} ms\n"
                )


if __name__ == "__main__":
    main()
