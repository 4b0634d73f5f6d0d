"""Exceptions for a broken world, in four families named after what happens next.

PasserelleError                      code, flow, parcel, batch, details; never a value
├── TransientError   → the batch waits (Retry-After is honoured)
├── ParcelError      → the parcel is parked, the next goes on, the operator is alerted
├── FlowError        → the flow is suspended until somebody acts; other flows go on
└── FatalError       → the process stops; in a run, only the flow that met it, unless it concerns every flow
SettingsError and UsageError are FatalErrors raised before anything runs (exit code 64).

An exception of any other class, raised while a parcel is worked on, is a fault of the program itself: `is_fault`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.vocabulary.reasons import explain

if TYPE_CHECKING:
    from collections.abc import Sequence


_OF_EVERY_FLOW = ("incident.database.", "incident.depot.", "incident.disk.", "incident.journal.", "incident.key.")
"""How codes begin of what no flow can go on without: the journal, the room for it, the depot, the key."""
_PASSING = frozenset({"incident.database.busy"})
"""What stops a process and passes without anybody: the same command succeeds later."""


class PasserelleError(Exception):
    """Base of all our errors. `code` is in `vocabulary.reasons`; `details` fill in its sentence, never with values."""

    def __init__(
        self, code: str, *, flow: str = "", parcel: str = "", batch: int | None = None, **details: str
    ) -> None:
        super().__init__(code)
        self.code = code
        self.flow = flow
        self.parcel = parcel
        self.batch = batch
        self.details = details

    @property
    def words(self) -> dict[str, str]:
        """Return everything that its sentence may name: its details, and the flow and parcel that it is about."""
        about = {"flow": self.flow, "parcel": self.parcel}
        return {name: text for name, text in about.items() if text} | self.details

    def __str__(self) -> str:
        """Return what is wrong and what to do, in the reader's language."""
        sentence, advice = explain(self.code, self.words)
        return f"{sentence} {advice}".strip()


class TransientError(PasserelleError):
    """Nothing is wrong with the data: the batch waits. `retry_after`: seconds that the other side asked for."""

    def __init__(self, code: str, *, retry_after: float | None = None, **details: str) -> None:
        super().__init__(code, **details)  # type: ignore[arg-type]  # details never name a batch
        self.retry_after = retry_after


class ParcelError(PasserelleError):
    """This parcel cannot be read as declared: it is parked and the next one goes on."""


class FlowError(PasserelleError):
    """This flow cannot go on until somebody acts: credentials, rights, settings at the supplier."""


class FatalError(PasserelleError):
    """The process must stop: disk, database, key. In a run, what concerns one flow stops this flow alone."""

    @property
    def concerns_every_flow(self) -> bool:
        """Whether no other flow could go on either."""
        return self.code.startswith(_OF_EVERY_FLOW)

    @property
    def will_pass(self) -> bool:
        """Whether nobody has to act: somebody else holds what is needed, for a while."""
        return self.code in _PASSING


class SettingsError(FatalError):
    """The settings are wrong. Details name the file, the line, the key, and the nearest valid name.

    `problems` are all that is wrong with the file, each a SettingsError of its own; empty when this is the only one.
    """

    def __init__(self, code: str, *, problems: Sequence[SettingsError] = (), **details: str) -> None:
        super().__init__(code, **details)  # type: ignore[arg-type]  # details never name a batch
        self.problems = tuple(problems)


class UsageError(FatalError):
    """An argument of the command does not exist or is not valid.

    `problems` are all that is wrong with a file that people filled in, each a UsageError of its own.
    """

    def __init__(self, code: str, *, problems: Sequence[UsageError] = (), **details: str) -> None:
        super().__init__(code, **details)  # type: ignore[arg-type]  # details never name a batch
        self.problems = tuple(problems)


def is_fault(error: BaseException) -> bool:
    """Whether an exception is a fault of the program or of a library: neither one of ours nor a request to end."""
    # Not `Exception`: a panic of a native library (pyo3) derives from BaseException alone. Nor is
    # `sys.exit` a request: we end by returning, so that only a plugin or a library can have called it.
    return not isinstance(error, PasserelleError | KeyboardInterrupt | GeneratorExit)
