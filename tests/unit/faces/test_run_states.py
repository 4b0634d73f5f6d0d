"""States of the engine become exit codes of the command line."""

from __future__ import annotations

from passerelle.engine.runs.run_state import RunState
from passerelle.faces.cli.exits import Exit


def test_each_state_of_a_run_is_an_exit_code_of_the_same_name():
    assert {state.name: state.value for state in RunState}.items() <= {code.name: code.value for code in Exit}.items()
