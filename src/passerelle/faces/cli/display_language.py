"""The language of this process: our sentences and click's come from the same catalogue."""

from __future__ import annotations

import gettext
import os
from typing import TYPE_CHECKING

from passerelle.vocabulary import language

if TYPE_CHECKING:
    from collections.abc import Sequence

VARIABLE = "PASSERELLE_LANG"


def speak(code: str) -> None:
    """Set the language of this process, its threads and its child processes."""
    # click looks its words up in gettext's default domain, under LANGUAGE, each time it needs one
    os.environ[VARIABLE] = os.environ["LANGUAGE"] = code
    gettext.bindtextdomain(language.DOMAIN, str(language.LOCALES))
    gettext.textdomain(language.DOMAIN)
    language.set_language(code)


def find_asked_language(arguments: Sequence[str]) -> str:
    """Return the language that somebody asked for, by `--lang` or the environment; empty when nobody did."""
    code = os.environ.get(VARIABLE, "")
    for position, word in enumerate(arguments):
        name, equals, value = word.partition("=")
        if name == "--lang":
            code = value if equals else "".join(arguments[position + 1 : position + 2])
    return code if code in language.LANGUAGES else ""
