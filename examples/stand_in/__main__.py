"""Start the stand-in: `python -m examples.stand_in --port 0 --state FILE`. Its first line says where it listens."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from .contacts import invent
from .effects import Effects
from .faults import Faults
from .receiver import EXPORT_PREFIX, OLD_PREFIX, PREFIX, Receiver
from .server import Routes, Server
from .supplier import CONTACTS_PATH, TOKEN_PATH, Supplier


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0: any free port")
    parser.add_argument("--state", type=Path, required=True, help="SQLite file that remembers effects")
    parser.add_argument("--seed", type=int, default=2024)
    parser.add_argument("--contacts", type=int, default=120, help="how many contacts the supplier's API holds")
    parser.add_argument("--faults", type=float, default=0.08, help="share of requests that go wrong at first")
    parser.add_argument("--latency-ms", type=float, default=0.0, help="how long each effect takes")
    parser.add_argument("--token-seconds", type=float, default=60.0, help="how long an OAuth2 token lives")
    parser.add_argument("--per-second", type=int, default=5, help="requests a second before 429")
    return parser.parse_args()


def _routes(given: argparse.Namespace) -> Routes:
    """Put both systems together. Their credentials come from the environment, as a flow's do."""
    faults = Faults(given.seed, given.faults)
    supplier = Supplier(
        contacts=invent(given.seed, given.contacts),
        faults=faults,
        client_id=os.environ.get("STAND_IN_CLIENT_ID", "demo"),
        client_secret=os.environ.get("STAND_IN_CLIENT_SECRET", "demo-secret"),
        token_seconds=given.token_seconds,
        per_second=given.per_second,
    )
    receiver = Receiver(
        effects=Effects(given.state),
        faults=faults,
        token=os.environ.get("STAND_IN_TOKEN", "demo-token"),
        latency=given.latency_ms / 1000,
    )
    return {
        ("POST", TOKEN_PATH): supplier.token,
        ("GET", CONTACTS_PATH): supplier.page,
        ("GET", "/_effects"): receiver.show,
        ("GET", EXPORT_PREFIX): receiver.export,
        ("*", PREFIX): receiver.answer,
        ("*", OLD_PREFIX): receiver.old,
    }


def main() -> None:
    """Serve until interrupted."""
    given = _arguments()
    server = Server(given.port, _routes(given))
    print(server.url, flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()


main()
