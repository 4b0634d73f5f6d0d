"""Workspaces between turns: kept open, one turn in each at a time, nothing remembered that others changed."""

from __future__ import annotations

from contextlib import contextmanager
from types import SimpleNamespace

import pytest

from passerelle.fleet.workspaces import OpenWorkspaces, WorkspaceOpening
from passerelle.vocabulary.turns import Fence, FlowKey


class Openings:
    """Counts what is opened and closed, and what journals are told to forget."""

    def __init__(self, *names: str) -> None:
        self.opened, self.closed, self.dropped = 0, 0, []
        self.by_name = {name: WorkspaceOpening(SimpleNamespace(), self.open) for name in names}

    @contextmanager
    def open(self):
        self.opened += 1
        yield SimpleNamespace(journal=SimpleNamespace(drop_caches=self.dropped.append))
        self.closed += 1


def _fence(number: int, organisation: str = "una-35", flow: str = "visites") -> Fence:
    return Fence(FlowKey(organisation, flow), number, "first")


def test_the_next_turn_has_the_workspace_of_the_one_before():
    openings = Openings("una-35")
    workspaces = OpenWorkspaces(openings.by_name)
    for number in (1, 2, 3):
        with workspaces.lend(_fence(number)):
            pass
    assert (openings.opened, openings.dropped) == (1, [])
    workspaces.close()
    assert openings.closed == 1


def test_two_turns_at_the_same_time_have_a_workspace_each():
    openings = Openings("una-35")
    workspaces = OpenWorkspaces(openings.by_name)
    with workspaces.lend(_fence(1)) as one, workspaces.lend(_fence(1, flow="usagers")) as two:
        assert one is not two
    assert openings.opened == 2


def test_what_is_remembered_of_a_flow_is_dropped_when_another_worker_had_its_turn():
    openings = Openings("una-35")
    workspaces = OpenWorkspaces(openings.by_name)
    for number in (4, 6, 7):
        with workspaces.lend(_fence(number)):
            pass
    assert openings.dropped == ["visites"]


def test_after_an_error_a_workspace_is_closed_and_the_next_turn_opens_another():
    openings = Openings("una-35")
    workspaces = OpenWorkspaces(openings.by_name)
    with pytest.raises(ZeroDivisionError), workspaces.lend(_fence(1)):
        raise ZeroDivisionError
    with workspaces.lend(_fence(2)):
        pass
    assert openings.opened == 2


def test_no_more_stay_open_than_may():
    names = [f"org-{number}" for number in range(5)]
    openings = Openings(*names)
    workspaces = OpenWorkspaces(openings.by_name, idle=2)
    for name in names:
        with workspaces.lend(_fence(1, name)):
            pass
    assert openings.closed == 3
