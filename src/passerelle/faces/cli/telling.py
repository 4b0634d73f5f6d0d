"""Informs people of what a command met, and of what stopped it."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from passerelle.vocabulary.errors import PasserelleError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle.faces.cli.invocation import Invocation


@contextmanager
def tell_what_stops(invocation: Invocation) -> Iterator[None]:
    """Report an error of ours to whom the settings name, then let it go up: the settings themselves may be wrong."""
    try:
        yield
    except PasserelleError as error:
        # who mistyped a command reads so at once
        if isinstance(error, UsageError) and sys.stdin is not None and sys.stdin.isatty():
            raise
        from passerelle.engine.clock import SystemClock  # noqa: PLC0415  only what fails pays for it
        from passerelle.engine.incidents.stop_incidents import tell_stop  # noqa: PLC0415  see above
        from passerelle.engine.settings.workspace_settings import load_notify  # noqa: PLC0415  see above

        if settings := load_notify(invocation.path):
            tell_stop(settings, error, SystemClock())
        raise
