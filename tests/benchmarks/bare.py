"""The bare loop that delivery is measured against: httpx posts bodies that lie ready, four at a time, and counts.

python bare.py bodies.ndjson http://127.0.0.1:PORT IN_FLIGHT
"""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx


def main(bodies: Path, url: str, in_flight: int) -> None:
    """Post each line."""
    lines = bodies.read_bytes().splitlines()
    headers = {"Content-Type": "application/json", "Idempotency-Key": "0" * 64}
    with httpx.Client(base_url=url, headers=headers) as client, ThreadPoolExecutor(in_flight) as pool:
        taken = sum(pool.map(lambda body: client.post("/visits", content=body).status_code == 201, lines))
    if taken != len(lines):
        raise SystemExit(f"{taken} of {len(lines)} taken")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
