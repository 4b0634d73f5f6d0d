"""The command `passerelle`: choose the language first, then let click speak."""

from __future__ import annotations

import gc
import sys

from passerelle.faces.cli.speaking import asked, speak
from passerelle.vocabulary import language

_OBJECTS = 50_000
"""New objects after which Python looks for cycles: imports make very many objects that stay, and hardly any cycle."""


def main() -> None:
    """Run the command line and end the process with its exit code."""
    gc.set_threshold(_OBJECTS, 20)
    wish = asked(sys.argv[1:])
    speak(wish or language.from_environment())
    from passerelle.faces.cli.app import run  # noqa: PLC0415  click must find the catalogue when it is imported

    sys.exit(run(sys.argv[1:], language_asked=bool(wish)))


if __name__ == "__main__":
    main()
