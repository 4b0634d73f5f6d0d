"""Which language people read: one gettext catalogue, French when the locale is French."""

from __future__ import annotations

import gettext
import os
from contextvars import ContextVar
from functools import cache
from pathlib import Path

DOMAIN = "messages"
LOCALES = Path(__file__).parent.parent / "locale"
LANGUAGES = ("fr", "en")

_current: ContextVar[str] = ContextVar("language", default="")


def from_environment() -> str:
    """Read PASSERELLE_LANG, then the locale variables; French unless they name another language."""
    for name in ("PASSERELLE_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        code = os.environ.get(name, "")[:2].lower()
        if code in LANGUAGES:
            return code
        if code.isalpha() and name != "PASSERELLE_LANG":
            return "en"
    return "fr"


def get_current() -> str:
    """Say which language is in use: `fr` or `en`."""
    return _current.get() or from_environment()


def use(language: str) -> None:
    """Choose the language for this thread of execution."""
    _current.set(language)


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    return gettext.translation(DOMAIN, LOCALES, [language], fallback=True)


def _(message: str) -> str:
    """Translate now."""
    return _catalogue(get_current()).gettext(message) if message else ""


def translate_plural(one: str, many: str, count: int) -> str:
    """Translate now, in the form that `count` asks for."""
    return _catalogue(get_current()).ngettext(one, many, count)


def N_(message: str) -> str:  # noqa: N802  gettext's conventional name for "translate later"
    """Mark for translation, translate later."""
    return message
