"""Claims: one process at a time on a flow, and never a dead one."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import event

from passerelle.stores.database import open_database
from passerelle.stores.journal import Journal
from passerelle.vocabulary.errors import TransientError

NIGHT = Path(__file__).with_name("night.py")
FLOW = "visites"


def _is_busy(journal: Journal, flow: str = FLOW) -> bool:
    with contextlib.suppress(TransientError), journal.claim(flow):
        return False
    return True


def test_a_claimed_flow_is_busy_for_everybody_else(journal_url, seal, journal):
    other = open_database(journal_url)
    with journal.claim(FLOW):
        with pytest.raises(TransientError) as caught, Journal(other, seal).claim(FLOW):
            pass
        assert caught.value.code == "incident.flow.busy"
        assert _is_busy(journal)
        assert not _is_busy(journal, "other flow")
    assert not _is_busy(Journal(other, seal))
    other.dispose()


def test_a_claim_is_let_go_of_before_its_connection_is_closed(copied_postgresql_url, seal):
    # the server notices a closed connection a moment later: who comes in between would find the flow busy
    own, other = open_database(copied_postgresql_url), open_database(copied_postgresql_url)
    seen: list[bool] = []
    event.listen(own, "invalidate", lambda *_about: seen.append(_is_busy(Journal(other, seal))))
    with Journal(own, seal).claim(FLOW):
        assert _is_busy(Journal(other, seal))
    assert seen == [False]
    own.dispose()
    other.dispose()


def test_a_claim_is_let_go_of_when_its_work_fails(journal):
    with pytest.raises(ZeroDivisionError), journal.claim(FLOW):
        raise ZeroDivisionError
    assert not _is_busy(journal)


def test_stores_can_be_used_while_a_flow_is_claimed(registered, make):
    with registered.claim(FLOW):
        registered.settle(make.settlement(0, known=[make.known(b"1")]))
    assert len(registered.list_balances()) == 1


def test_a_killed_process_holds_nothing(journal_url, journal, tmp_path):
    command = [sys.executable, str(NIGHT), str(tmp_path / "state"), journal_url, "hold"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "held\n"
        assert _is_busy(journal)
        child.kill()
    for _ in range(100):  # the server needs a moment to notice
        if not _is_busy(journal):
            break
        time.sleep(0.05)
    assert not _is_busy(journal)


def test_no_flow_name_becomes_a_path(tmp_path, seal):
    engine = open_database(tmp_path / "state" / "journal.db")
    with Journal(engine, seal).claim("../../outside"):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["state"]
    engine.dispose()
