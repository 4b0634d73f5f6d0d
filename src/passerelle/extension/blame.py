"""Whatever escapes plugin code gets the plugin's name and version, and loses its words, which may hold values."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from passerelle.vocabulary.errors import FatalError, PasserelleError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import TracebackType

    from passerelle.extension.loading import PluginInfo

T = TypeVar("T")


@contextmanager
def blaming(info: PluginInfo, *, family: type[PasserelleError] = FatalError) -> Iterator[None]:
    """Turn any foreign exception into one of `family`, code `incident.plugin.failed`; ours pass as they are."""
    try:
        yield
    except PasserelleError:
        raise
    except (Exception, SystemExit) as error:  # noqa: BLE001  a plugin may raise anything
        raise _accuse(info, error, family) from None


def blamed(
    info: PluginInfo,
    make: Callable[[], Iterator[T]],
    *,
    family: type[PasserelleError] = FatalError,
) -> Iterator[T]:
    """Go through what a plugin yields, `blaming` it for what it raises, but not for what the reader of it does."""
    with blaming(info, family=family):
        items = iter(make())
    while True:
        with blaming(info, family=family):
            try:
                item = next(items)
            except StopIteration:
                return
        yield item


def broken(info: PluginInfo, defect: str) -> FatalError:
    """Say what is wrong with what a plugin provides."""
    return FatalError("incident.plugin.invalid", plugin=info.name, version=info.version, defect=defect)


def _accuse(info: PluginInfo, error: BaseException, family: type[PasserelleError]) -> PasserelleError:
    return family(
        "incident.plugin.failed",
        plugin=info.name,
        version=info.version,
        kind=type(error).__name__,
        place=_last_place(error.__traceback__),
    )


def _last_place(step: TracebackType | None) -> str:
    place = "?"
    while step is not None:
        place = f"{Path(step.tb_frame.f_code.co_filename).name}:{step.tb_lineno}"
        step = step.tb_next
    return place
