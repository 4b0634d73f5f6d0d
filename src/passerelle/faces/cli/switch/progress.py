"""Progress of the commands about a change of supplier: by contract, and while files are read."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING

from passerelle.engine.flow_progress import Progress
from passerelle.faces.cli.progress import watch_flows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextmanager
def watch_contracts() -> Iterator[Callable[[str, int, int], None]]:
    """Yield the callback `(contract, rows done now, rows in all)` for steps of work on contracts."""
    done: Counter[str] = Counter()
    with watch_flows() as step:

        def step_contract(about: str, rows: int, total: int) -> None:
            done[about] += rows
            # a bar shows a flow: the family of the contract stands in its place, without its version
            name = about.partition("/")[0]
            step(Progress(name, done[about], 0, done[about], max(total, done[about])))

        yield step_contract


@contextmanager
def watch_reading() -> Iterator[Callable[[str, int, int, int], None]]:
    """Yield the callback `(reader, rows so far, bytes so far, size of the file)` for steps of reading."""
    with watch_flows() as step:
        yield lambda reader, rows, consumed, size: step(
            Progress(reader.partition("/")[0], rows, 0, consumed, max(size, consumed))
        )
