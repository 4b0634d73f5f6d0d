"""`python -m passerelle.contracts.publishing contracts/`: write the published form, and keep each new edition.

Nothing is written when an edition that is already published would change, when a version number announces less than
the four questions find, or when a field leaves against the rules. Before the first release, and only then,
`--first-edition` freezes the editions 1.0.0 anew.
"""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from passerelle.contracts.publishing.publication import find_narrowings, publish_honestly


def main(arguments: list[str] | None = None) -> int:
    """Publish; write what prevents it to stderr and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m passerelle.contracts.publishing", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=Path("contracts"))
    parser.add_argument("--first-edition", action="store_true", help="freeze 1.0.0 anew; refused once 1.0 is released")
    options = parser.parse_args(arguments)
    narrower = find_narrowings(options.folder)
    refusals = publish_honestly(options.folder, datetime.now(UTC).date(), refreeze=options.first_edition)
    sys.stderr.writelines(f"{line}\n" for line in refusals)
    if not refusals:
        sys.stdout.writelines(f"{line}\n" for line in narrower)
    return 1 if refusals else 0


if __name__ == "__main__":
    raise SystemExit(main())
