"""The reader's language, and translation by the one gettext catalogue."""

from __future__ import annotations

import gettext
import os
from contextvars import ContextVar
from functools import cache
from pathlib import Path

DOMAIN = "messages"
LOCALES = Path(__file__).parent.parent / "locale"
LANGUAGES = ("fr", "en")

# A context variable, not a global: the web application answers readers of both languages at once.
_current: ContextVar[str] = ContextVar("language", default="")


def read_environment() -> str:
    """Read PASSERELLE_LANG, then the locale variables; French unless they name another language."""
    for name in ("PASSERELLE_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        code = os.environ.get(name, "")[:2].lower()
        if code in LANGUAGES:
            return code
        if code.isalpha() and name != "PASSERELLE_LANG":
            return "en"
    return "fr"


def get_current() -> str:
    """Return the language in use: `fr` or `en`."""
    return _current.get() or read_environment()


def set_language(language: str) -> None:
    """Set the language of this context (thread or task)."""
    _current.set(language)


@cache
def _load_catalogue(language: str) -> gettext.NullTranslations:
    return gettext.translation(DOMAIN, LOCALES, [language], fallback=True)


def _(message: str) -> str:
    """Translate a message now."""
    # gettext answers the empty message with the header of the catalogue.
    return _load_catalogue(get_current()).gettext(message) if message else ""


def translate_plural(one: str, many: str, count: int) -> str:
    """Translate now, in the plural form for `count`."""
    return _load_catalogue(get_current()).ngettext(one, many, count)


def N_(message: str) -> str:  # noqa: N802  gettext's conventional name for "translate later"
    """Mark a message for the catalogue; it is translated where it is shown."""
    return message
