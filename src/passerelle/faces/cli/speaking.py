"""Which language this process speaks: ours and click's words come from the same catalogue."""

from __future__ import annotations

import gettext
import os
from typing import TYPE_CHECKING

from passerelle.vocabulary import language

if TYPE_CHECKING:
    from collections.abc import Sequence

VARIABLE = "PASSERELLE_LANG"


def speak(code: str) -> None:
    """Speak a language from now on, here, in threads and in child processes.

    click looks its words up in gettext's default domain, under LANGUAGE, each time it needs one.
    """
    os.environ[VARIABLE] = os.environ["LANGUAGE"] = code
    gettext.bindtextdomain(language.DOMAIN, str(language.LOCALES))
    gettext.textdomain(language.DOMAIN)
    language.use(code)


def asked(arguments: Sequence[str]) -> str:
    """Give the language that somebody asked for, by `--lang` or the environment; empty when nobody did."""
    for word, following in zip(arguments, [*arguments[1:], ""], strict=True):
        if word.startswith("--lang"):
            code = word.partition("=")[2] or following
            return code if code in language.LANGUAGES else ""
    code = os.environ.get(VARIABLE, "")
    return code if code in language.LANGUAGES else ""
