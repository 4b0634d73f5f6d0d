"""The command `passerelle`: choose the language first, then let click speak."""

from __future__ import annotations

import sys

from passerelle.faces.cli import allocators, cycles
from passerelle.faces.cli.speaking import asked, speak
from passerelle.vocabulary import language


def main() -> None:
    """Run the command line and end the process with its exit code."""
    cycles.begin()
    allocators.begin()
    wish = asked(sys.argv[1:])
    speak(wish or language.from_environment())
    from passerelle.faces.cli.app import run  # noqa: PLC0415  click must find the catalogue when it is imported

    code = run(sys.argv[1:], language_asked=bool(wish))
    cycles.end()
    sys.exit(code)


if __name__ == "__main__":
    main()
