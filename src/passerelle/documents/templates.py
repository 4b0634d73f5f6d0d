"""The one Jinja environment: everything is escaped, names that do not exist are errors, templates are read once."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from passerelle.vocabulary.formatting import format_count, format_day, format_labelled, format_number, show_text

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from jinja2 import Template


@cache
def get_environment() -> Environment:
    """Return the environment. A template is named by its path in the package: `switching/prove/dossier.html.jinja`."""
    made = Environment(
        loader=PackageLoader("passerelle", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        # escaping takes care of markup; what turns the direction of writing, or is not seen, is no markup
        finalize=lambda value: show_text(value) if isinstance(value, str) else value,
    )
    # The same writers of numbers and days as the texts in Python: two would drift apart.
    made.globals.update({write.__name__: write for write in (format_count, format_day, format_labelled, format_number)})
    return made


def get_template(path: str, shared: MutableMapping[str, Any] | None = None) -> Template:
    """Return the template at a path of the package, with names that all its renderings share."""
    return get_environment().get_template(path, globals=shared)
