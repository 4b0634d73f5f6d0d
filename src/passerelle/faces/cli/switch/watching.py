"""What the commands about a change of supplier share: how far they are, and where their answer goes."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from passerelle.engine.worker import Progress
from passerelle.faces.cli.progress import watching
from passerelle.vocabulary.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@contextmanager
def watch_contracts() -> Iterator[Callable[[str, int, int], None]]:
    """Yield the callback `(contract, rows done now, rows in all)` for steps of work on contracts."""
    done: Counter[str] = Counter()
    with watching() as step:

        def step_contract(about: str, rows: int, total: int) -> None:
            done[about] += rows
            name = about.partition("/")[0]
            step(Progress(name, done[about], 0, done[about], max(total, done[about])))

        yield step_contract


@contextmanager
def watch_reading() -> Iterator[Callable[[str, int, int, int], None]]:
    """Yield the callback `(reader, rows so far, bytes so far, size of the file)` for steps of reading."""
    with watching() as step:
        yield lambda reader, rows, consumed, size: step(
            Progress(reader.partition("/")[0], rows, 0, consumed, max(size, consumed))
        )


def write_answer(output: Path | None, answer: str) -> None:
    """Show an answer, or write it to a file. Raises UsageError when it cannot be written."""
    if output is None:
        click.echo(answer)
        return
    try:
        output.write_text(answer + "\n", encoding="utf-8")
    except OSError:
        raise UsageError("usage.file.unreadable", file=output.name) from None
