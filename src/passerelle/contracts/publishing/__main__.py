"""`python -m passerelle.contracts.publishing contracts/`: write the published form of every contract."""

from __future__ import annotations

import sys
from pathlib import Path

from passerelle.contracts.publishing.edition import publish

if __name__ == "__main__":
    publish(Path(sys.argv[1] if len(sys.argv) > 1 else "contracts"))
