"""The command `passerelle`: sets the language, then imports click and runs a command."""

from __future__ import annotations

import sys

from passerelle.faces.cli import allocators, cycles, libraries
from passerelle.faces.cli.display_language import find_asked_language, speak
from passerelle.vocabulary import language


def main() -> None:
    """Run the command line and end the process with its exit code."""
    # all before the imports that they are about
    cycles.begin()
    allocators.begin()
    libraries.begin()
    wish = find_asked_language(sys.argv[1:])
    speak(wish or language.read_environment())
    from passerelle.faces.cli.app import run  # noqa: PLC0415  click must find the catalogue when it is imported

    code = run(sys.argv[1:], language_asked=bool(wish))
    cycles.end()
    sys.exit(code)


if __name__ == "__main__":
    main()
