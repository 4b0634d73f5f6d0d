"""Wrap exceptions of plugin code: add name and version, drop the message (it may hold personal data)."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from passerelle.vocabulary.errors import FatalError, PasserelleError
from passerelle.vocabulary.fault_names import find_last_place, name_class

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from passerelle.extension.plugin_info import PluginInfo

T = TypeVar("T")


@contextmanager
def wrap_plugin_errors(info: PluginInfo, *, family: type[PasserelleError] = FatalError) -> Iterator[None]:
    """Turn any foreign exception into one of `family`, code `incident.plugin.failed`; ours pass as they are."""
    try:
        yield
    except PasserelleError:
        raise
    # SystemExit too: a plugin must not end the process. KeyboardInterrupt stays the operator's.
    except (Exception, SystemExit) as error:  # noqa: BLE001  a plugin may raise anything
        # `from None`: a chained exception would carry its message, and the values in it, into the log.
        raise family(
            "incident.plugin.failed",
            plugin=info.name,
            version=info.version,
            kind=name_class(error),
            place=find_last_place(error.__traceback__),
        ) from None


def iterate_plugin(
    info: PluginInfo,
    make: Callable[[], Iterator[T]],
    *,
    family: type[PasserelleError] = FatalError,
) -> Iterator[T]:
    """Iterate over what a plugin yields, wrapping what it raises, but not what the consumer of the items raises."""
    with wrap_plugin_errors(info, family=family):
        items = iter(make())
    while True:
        with wrap_plugin_errors(info, family=family):
            try:
                item = next(items)
            except StopIteration:
                return
        # Outside the guard: a fault of whoever consumes the item is not the plugin's.
        yield item


def make_invalid_plugin(info: PluginInfo, defect: str) -> FatalError:
    """Return the error for a plugin that provides something invalid; `defect` is a sentence of ours."""
    return FatalError("incident.plugin.invalid", plugin=info.name, version=info.version, defect=defect)
