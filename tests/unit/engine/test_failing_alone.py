"""What fails, fails alone: whatever breaks below one flow, the other flow is served as if nothing had happened."""

from __future__ import annotations

import errno
import io
import json
import shutil
from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest
from old_software import PEOPLE, PLUGINS, people, settle_in
from polars.exceptions import PanicException

from passerelle.edges.places import local_folder
from passerelle.engine import log
from passerelle.engine.adapters import flow_adapters as adapters
from passerelle.engine.parcels import parcel_delivery
from passerelle.engine.runs.run_state import RunState
from passerelle.engine.runs.running import run_flows
from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.engine.workspace.assembly import open_workspace
from passerelle.stores.parcels import ParcelState
from passerelle.vocabulary.errors import FatalError, FlowError, ParcelError, SettingsError, TransientError
from passerelle.vocabulary.ports import Arrival

if TYPE_CHECKING:
    from collections.abc import Iterator

FLOW = """
[flow.{name}]
connector = "{connector}"
purpose = "portability"
source = {{ kind = "folder", path = "in-{name}", quiet_seconds = 0 }}
destination = {{ kind = "folder", path = "out-{name}" }}
"""
SECRET = "Madame Untel"
FAULTS = (
    ValueError(SECRET),
    IndexError(SECRET),
    MemoryError(),
    RecursionError(SECRET),
    OSError(errno.EIO, SECRET),
    PanicException(SECRET),
    AssertionError(SECRET),
)


@dataclass
class BrokenSource:
    """A source that raises: before anything arrives, when what arrived is opened, or while it is read."""

    where: str
    error: BaseException

    def iter_arrivals(self, _cursor: str) -> Iterator[Arrival]:
        if self.where == "source":
            raise self.error
        yield Arrival("x.csv", self.open, lambda: None)

    def open(self) -> io.BytesIO:
        if self.where == "open":
            raise self.error
        error = self.error

        class Stream(io.BytesIO):
            def read(self, *_size: int) -> bytes:
                raise error

        return Stream(b"x")


@dataclass
class BrokenDestination:
    """A destination that takes nothing."""

    error: BaseException

    def deliver(self, _delivery):
        raise self.error

    def close(self) -> None:
        """Do nothing."""


@pytest.fixture
def workspace(tmp_path):
    text = "".join(FLOW.format(name=name, connector=PEOPLE) for name in ("mal", "bien"))
    settings = load_settings(settle_in(tmp_path, f'[passerelle]\nstate = "etat"\n{text}'))
    for name in ("mal", "bien"):
        people(tmp_path / f"in-{name}", (1, "Essai", "P1"), (2, "Témoin", "P1"))
    with open_workspace(settings, plugins=PLUGINS) as opened:
        yield opened


@pytest.fixture
def break_flow(monkeypatch):
    """Break the flow «mal» at a place below it, with an exception."""

    def break_at(where: str, error: BaseException) -> None:
        if where in ("source", "open", "read"):
            really = adapters.open_source
            monkeypatch.setattr(
                adapters,
                "open_source",
                lambda entry, *more: (
                    BrokenSource(where, error) if entry.path.name == "in-mal" else really(entry, *more)
                ),
            )
        elif where == "destination":
            really = adapters.open_destination
            monkeypatch.setattr(
                adapters,
                "open_destination",
                lambda entry, *more, **options: (
                    BrokenDestination(error) if entry.path.name == "out-mal" else really(entry, *more, **options)
                ),
            )
        else:
            really = parcel_delivery.prepare_batches

            def prepare(stream, dialect, policy, **options):
                if policy.purpose == "portability" and options.get("drift") and stream.read(3) == b"MAL":
                    raise error
                stream.seek(0)
                return really(stream, dialect, policy, **options)

            monkeypatch.setattr(parcel_delivery, "prepare_batches", prepare)

    return break_at


def _slow() -> TransientError:
    return TransientError("incident.supplier.slow", retry_after=0)


def count_delivered(workspace, flow: str) -> int:
    folder = workspace.settings.path.parent / f"out-{flow}"
    return sum(len(path.read_text("utf-8").splitlines()) for path in folder.glob("*")) if folder.exists() else 0


@pytest.mark.parametrize("error", FAULTS, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("where", ["source", "open", "read", "decode", "destination"])
def test_a_fault_below_a_flow_leaves_the_other_flow_alone_every_night(workspace, break_flow, where, error, capsys):
    (workspace.settings.path.parent / "in-mal" / "personnes.csv").write_text("MAL;x\n1;2\n", "utf-8")
    if where == "destination":
        people(workspace.settings.path.parent / "in-mal", (1, "Essai", "P1"))
    break_flow(where, error)
    log.configure(form="json")
    try:
        first, second = (run_flows(workspace, ["mal", "bien"]) for _night in range(2))
    finally:
        log._current.clear()
    assert [outcome.settled for outcome in (first.outcomes[1], second.outcomes[1])] == [1, 0]
    assert count_delivered(workspace, "bien") == 2
    assert first.outcomes[0].settled == count_delivered(workspace, "mal") == 0
    # what the program did not say itself is never the code that asks somebody to look at the data
    unread = where in ("open", "read") and isinstance(error, OSError)
    assert first.state is (RunState.WAITING if unread else RunState.STOPPED)
    told = capsys.readouterr().err
    assert SECRET not in told
    if not unread:
        (line,) = [
            entry
            for entry in map(json.loads, told.splitlines())
            if entry["event"] in ("parcel_parked", "flow_failed") and entry.get("error")
        ][:1]
        assert line["error"]["class"] == type(error).__name__
        assert line["error"]["places"][-1].startswith("engine/test_failing_alone.py:")


def test_a_parcel_on_which_the_program_failed_is_parked_alone_and_with_its_reason(workspace, break_flow):
    inbox = workspace.settings.path.parent / "in-mal"
    (inbox / "a.csv").write_text("MAL;x\n1;2\n", "utf-8")
    break_flow("decode", PanicException("x"))
    outcome, _other = run_flows(workspace, ["mal", "bien"]).outcomes
    assert (outcome.settled, outcome.parked, outcome.faults) == (1, 1, 1)
    states = {(row.state, row.code) for row in workspace.journal.list_parcels("mal")}
    assert states == {(ParcelState.PARKED, "incident.parcel.fault"), (ParcelState.DONE, "")}
    # the next night it is neither tried nor in anybody's way
    assert run_flows(workspace, ["mal", "bien"]).state is RunState.SETTLED


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (ParcelError("decode.parcel.empty"), RunState.ASIDE),
        (FlowError("incident.access.forbidden"), RunState.SUSPENDED),
        (TransientError("incident.supplier.slow"), RunState.WAITING),
        (OSError(errno.ENOSPC, "x"), RunState.WAITING),
        (FatalError("incident.seal.broken"), RunState.STOPPED),
        (FatalError("incident.plugin.failed"), RunState.STOPPED),
        (FatalError("incident.books.unbalanced"), RunState.STOPPED),
        (FatalError("incident.batch.settled"), RunState.STOPPED),
        (SettingsError("incident.destination.unknown_database"), RunState.STOPPED),
    ],
    ids=lambda value: getattr(value, "code", "") or getattr(value, "name", "") or "OSError",
)
def test_each_of_our_errors_about_one_flow_stops_that_flow_alone(workspace, break_flow, error, state):
    break_flow("destination", error)
    report = run_flows(workspace, ["mal", "bien"])
    assert report.state is state
    assert (report.outcomes[0].settled, report.outcomes[1].settled) == (0, 1)
    assert count_delivered(workspace, "bien") == 2


@pytest.mark.parametrize("code", ["incident.database.full", "incident.disk.full", "incident.journal.corrupt"])
def test_what_no_flow_can_go_on_without_stops_the_run(workspace, break_flow, code):
    break_flow("destination", FatalError(code))
    with pytest.raises(FatalError) as stopped:
        run_flows(workspace, ["mal", "bien"])
    assert stopped.value.code == code
    assert count_delivered(workspace, "bien") == 0


def test_wrong_settings_that_kept_every_flow_from_doing_anything_are_raised(workspace, break_flow):
    break_flow("destination", SettingsError("incident.destination.unknown_database"))
    with pytest.raises(SettingsError):
        run_flows(workspace, ["mal"])


def test_a_person_who_ends_the_run_is_obeyed(workspace, break_flow):
    break_flow("destination", KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        run_flows(workspace, ["mal", "bien"])
    (row,) = workspace.journal.list_parcels("mal")
    assert row.state == ParcelState.OPEN, "the parcel is not to blame"


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS])
def test_a_full_or_read_only_destination_stops_its_flow_alone(workspace, monkeypatch, number):
    really = local_folder.replace_whole

    def write(path, rights):
        if path.parent.name == "out-mal":
            raise OSError(number, "no", str(path))
        return really(path, rights)

    monkeypatch.setattr(local_folder, "replace_whole", write)
    report = run_flows(workspace, ["mal", "bien"])
    assert [outcome.settled for outcome in report.outcomes] == [0, 1]
    assert report.state is (RunState.WAITING if number == errno.ENOSPC else RunState.SUSPENDED)
    assert count_delivered(workspace, "bien") == 2


def test_one_file_that_cannot_be_read_leaves_the_others_their_turn(workspace, monkeypatch):
    people(workspace.settings.path.parent / "in-mal", (3, "Autre", "P1"), name="a.csv")
    really = local_folder.LocalFolder.open

    def read(place, name, state):
        if name == "a.csv":
            raise TransientError("incident.file.unreadable")
        return really(place, name, state)

    monkeypatch.setattr(local_folder.LocalFolder, "open", read)
    (outcome,) = run_flows(workspace, ["mal"]).outcomes
    assert (outcome.settled, outcome.trouble) == (1, "incident.file.unreadable")
    assert (workspace.settings.path.parent / "in-mal" / "a.csv").exists(), "it comes again"


def test_a_flipped_bit_in_one_deposit_parks_that_parcel_and_the_same_bytes_heal_it(workspace, tmp_path, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(adapters, "open_destination", lambda *_a, **_k: BrokenDestination(_slow()))
        export = (tmp_path / "in-mal" / "personnes.csv").read_bytes()
        run_flows(workspace, ["mal"])
    (row,) = workspace.journal.list_parcels("mal")
    deposit = workspace.settings.state / "depot" / row.digest
    flipped = bytearray(deposit.read_bytes())
    flipped[-20] ^= 1
    deposit.write_bytes(flipped)
    report = run_flows(workspace, ["mal", "bien"])
    (row,) = workspace.journal.list_parcels("mal")
    assert (row.state, row.code) == (ParcelState.PARKED, "incident.deposit.broken")
    assert (report.state, report.outcomes[1].settled) == (RunState.ASIDE, 1)
    (tmp_path / "in-mal" / "encore.csv").write_bytes(export)
    assert run_flows(workspace, ["mal", "bien"]).outcomes[0].settled == 1
    assert count_delivered(workspace, "mal") == 2


def test_a_fault_while_tidying_does_not_hide_what_the_flows_did(workspace):
    class UntidyDepot(type(workspace.depot)):
        def sweep(self, _now):
            raise ZeroDivisionError(SECRET)

    depot = UntidyDepot(workspace.settings.state / "depot", workspace.seal)
    report = run_flows(replace(workspace, depot=depot), ["mal", "bien"])
    assert [outcome.settled for outcome in report.outcomes] == [1, 1]
    assert ([notice.code for notice in report.notices], report.state) == (
        ["incident.tidying.failed"],
        RunState.STOPPED,
    )


def test_a_deposit_that_is_gone_parks_its_parcel(workspace, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(adapters, "open_destination", lambda *_a, **_k: BrokenDestination(_slow()))
        run_flows(workspace, ["mal"])
    shutil.rmtree(workspace.settings.state / "depot")
    (workspace.settings.state / "depot").mkdir()
    run_flows(workspace, ["mal", "bien"])
    assert [row.code for row in workspace.journal.list_parcels("mal")] == ["incident.deposit.missing"]
    assert count_delivered(workspace, "bien") == 2


def test_a_screen_that_is_gone_is_no_fault_of_the_parcel(workspace):
    def broken(_progress):
        raise BrokenPipeError

    report = run_flows(workspace, ["mal", "bien"], watch=nullcontext(broken))
    assert ([outcome.settled for outcome in report.outcomes], report.state) == ([1, 1], RunState.SETTLED)
